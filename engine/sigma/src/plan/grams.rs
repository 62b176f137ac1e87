//! Many texts sought in one pass over a value, by four-byte grams.
//!
//! Why not an Aho-Corasick automaton: over the 9,000 texts that SigmaHQ asks of `CommandLine` its tables are tens of
//! megabytes, every byte is a dependent load from them, and they take long to build. Here each needle is entered under
//! one of its grams, the one that fewest others have; a value is read four bytes at a time at every place (or at every
//! `stride`-th, when all needles are long enough to be entered under that many neighbouring grams), each gram is
//! looked up in a bitmap that stays in the first-level cache, and only a set bit leads to a table and a comparison.
//! The cost is bounded by value length × [`CROWD`] comparisons.

use rustc_hash::FxHashMap;

/// Length of a gram in bytes.
const GRAM: usize = 4;
/// Widest step between the places looked at.
const MAX_STRIDE: usize = 8;
/// Beyond so many needles under one gram another gram is preferred, whatever it costs.
const CROWD: usize = 24;

/// A needle under a gram: which, and how far the gram is from its start.
#[derive(Clone, Copy, Debug)]
struct Entry {
    needle: u32,
    offset: u32,
}

/// Needles of four bytes and more.
#[derive(Debug)]
pub(super) struct Grams {
    stride: usize,
    shift: u32,
    bitmap: Box<[u64]>,
    buckets: FxHashMap<u32, Box<[Entry]>>,
}

/// Needles of one to three bytes.
#[derive(Debug)]
pub(super) struct Shorts {
    singles: Vec<(u8, u32)>,
    bitmap: Box<[u64]>,
    pairs: FxHashMap<u16, Vec<u32>>,
}

/// Everything sought inside a field's values.
#[derive(Debug, Default)]
pub(super) struct Inner {
    needles: Vec<Box<[u8]>>,
    grams: Option<Grams>,
    shorts: Option<Shorts>,
    shortest: usize,
}

fn gram(bytes: [u8; GRAM]) -> u32 {
    u32::from_le_bytes(bytes)
}

fn grams_of(bytes: &[u8]) -> impl Iterator<Item = u32> + '_ {
    bytes
        .windows(GRAM)
        .filter_map(|window| window.try_into().ok().map(gram))
}

fn hash(gram: u32, shift: u32) -> usize {
    (gram.wrapping_mul(0x9e37_79b1) >> shift) as usize
}

impl Inner {
    pub(super) fn new(needles: Vec<Box<[u8]>>) -> Self {
        let shortest = needles.iter().map(|needle| needle.len()).min().unwrap_or(0);
        let grams = Grams::new(&needles);
        let shorts = Shorts::new(&needles);
        Self {
            needles,
            grams,
            shorts,
            shortest,
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.needles.is_empty()
    }

    /// Length of the shortest needle: shorter values cannot match.
    pub(super) fn shortest(&self) -> usize {
        self.shortest
    }

    /// Calls `found` with every needle in the value, possibly more than once.
    pub(super) fn scan(&self, value: &[u8], mut found: impl FnMut(u32)) {
        if let Some(grams) = &self.grams {
            grams.scan(value, |entry, at| {
                if self.stands(entry, value, at) {
                    found(entry.needle);
                }
            });
        }
        if let Some(shorts) = &self.shorts {
            shorts.scan(value, |needle, at| {
                if self.stands(Entry { needle, offset: 0 }, value, at) {
                    found(needle);
                }
            });
        }
    }

    fn stands(&self, entry: Entry, value: &[u8], at: usize) -> bool {
        let needle = self.needles.get(entry.needle as usize);
        let place = at
            .checked_sub(entry.offset as usize)
            .and_then(|start| value.get(start..));
        matches!((needle, place), (Some(needle), Some(place)) if place.starts_with(needle))
    }
}

impl Grams {
    fn new(needles: &[Box<[u8]>]) -> Option<Self> {
        let long = || {
            needles
                .iter()
                .enumerate()
                .filter(|(_, needle)| needle.len() >= GRAM)
        };
        let shortest = long().map(|(_, needle)| needle.len()).min()?;
        let stride = (shortest - GRAM + 1).min(MAX_STRIDE);
        let mut commonness: FxHashMap<u32, u32> = FxHashMap::default();
        for (_, needle) in long() {
            for gram in grams_of(needle) {
                *commonness.entry(gram).or_default() += 1;
            }
        }
        let mut buckets: FxHashMap<u32, Vec<Entry>> = FxHashMap::default();
        for (index, needle) in long() {
            let start = best_window(needle, stride, &commonness, &buckets);
            for offset in start..start + stride {
                let Some(gram) = needle.get(offset..).and_then(|rest| grams_of(rest).next()) else {
                    continue;
                };
                buckets.entry(gram).or_default().push(Entry {
                    needle: index as u32,
                    offset: offset as u32,
                });
            }
        }
        Some(Self::of_buckets(stride, buckets))
    }

    fn of_buckets(stride: usize, buckets: FxHashMap<u32, Vec<Entry>>) -> Self {
        let bits = (buckets.len() * 32).next_power_of_two().clamp(1 << 10, 1 << 18);
        let shift = 32 - bits.trailing_zeros();
        let mut bitmap = vec![0_u64; bits / 64];
        for gram in buckets.keys() {
            let bit = hash(*gram, shift);
            bitmap[bit / 64] |= 1 << (bit % 64);
        }
        let buckets = buckets
            .into_iter()
            .map(|(gram, list)| (gram, list.into()))
            .collect();
        Self {
            stride,
            shift,
            bitmap: bitmap.into(),
            buckets,
        }
    }

    fn scan(&self, value: &[u8], mut hit: impl FnMut(Entry, usize)) {
        let mut at = 0;
        while let Some(bytes) = value.get(at..at + GRAM) {
            let Ok(bytes) = bytes.try_into() else { return };
            let gram = gram(bytes);
            let bit = hash(gram, self.shift);
            if self.bitmap[bit / 64] >> (bit % 64) & 1 == 1
                && let Some(entries) = self.buckets.get(&gram)
            {
                entries.iter().for_each(|entry| hit(*entry, at));
            }
            at += self.stride;
        }
    }
}

/// Where the `stride` neighbouring grams begin that a needle is entered under: those that fewest needles have.
fn best_window(
    needle: &[u8],
    stride: usize,
    commonness: &FxHashMap<u32, u32>,
    buckets: &FxHashMap<u32, Vec<Entry>>,
) -> usize {
    let costs: Vec<u32> = grams_of(needle)
        .map(|gram| {
            let crowd = buckets.get(&gram).map_or(0, Vec::len);
            let penalty = if crowd >= CROWD { 1 << 20 } else { 0 };
            commonness.get(&gram).copied().unwrap_or(0) + penalty
        })
        .collect();
    let sums = costs.windows(stride).map(|window| window.iter().copied().max());
    sums.enumerate()
        .min_by_key(|(_, cost)| *cost)
        .map_or(0, |(start, _)| start)
}

impl Shorts {
    fn new(needles: &[Box<[u8]>]) -> Option<Self> {
        let mut shorts = Self {
            singles: Vec::new(),
            bitmap: vec![0; 1024].into(),
            pairs: FxHashMap::default(),
        };
        for (index, needle) in needles.iter().enumerate() {
            match **needle {
                [byte] => shorts.singles.push((byte, index as u32)),
                [first, second] | [first, second, _] => {
                    let pair = u16::from_le_bytes([first, second]);
                    shorts.bitmap[usize::from(pair / 64)] |= 1 << (pair % 64);
                    shorts.pairs.entry(pair).or_default().push(index as u32);
                }
                _ => {}
            }
        }
        (!shorts.singles.is_empty() || !shorts.pairs.is_empty()).then_some(shorts)
    }

    fn scan(&self, value: &[u8], mut hit: impl FnMut(u32, usize)) {
        for (byte, needle) in &self.singles {
            if let Some(at) = memchr::memchr(*byte, value) {
                hit(*needle, at);
            }
        }
        if self.pairs.is_empty() {
            return;
        }
        for (at, pair) in value.windows(2).enumerate() {
            let &[first, second] = pair else { continue };
            let pair = u16::from_le_bytes([first, second]);
            if self.bitmap[usize::from(pair / 64)] >> (pair % 64) & 1 == 1 {
                for needle in self.pairs.get(&pair).into_iter().flatten() {
                    hit(*needle, at);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(needles: &[&str], value: &str) -> Vec<u32> {
        let inner = Inner::new(needles.iter().map(|needle| needle.as_bytes().into()).collect());
        let mut found = Vec::new();
        inner.scan(value.as_bytes(), |needle| found.push(needle));
        found.sort_unstable();
        found.dedup();
        found
    }

    #[test]
    fn every_length_is_found_everywhere() {
        let needles = ["x", "yz", "abc", "defg", "hijklmnop", "qrstuvwxyz0123456789"];
        for (index, needle) in needles.iter().enumerate() {
            for before in 0..20 {
                let value = format!("{}{needle}", "#".repeat(before));
                assert!(found(&needles, &value).contains(&(index as u32)), "{value}");
                assert!(found(&[needle], &format!("{value}##")) == [0], "{value}");
            }
            let short = needle.get(..needle.len() - 1).unwrap();
            assert!(!found(&[needle], short).contains(&0));
        }
    }

    #[test]
    fn needles_that_share_all_grams_are_told_apart() {
        let needles: Vec<String> = (0..200).map(|i| format!("powershell{i:03}")).collect();
        let refs: Vec<&str> = needles.iter().map(String::as_str).collect();
        assert_eq!(found(&refs, "run powershell137 now"), [137]);
        assert_eq!(found(&["aaaa", "aaaaa"], "baaaab"), [0]);
    }
}
