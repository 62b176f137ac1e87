//! Many texts sought in one pass over a value, by short grams.
//!
//! Why not an Aho-Corasick automaton: over the 9,000 texts that SigmaHQ asks of `CommandLine` its tables are tens of
//! megabytes, every byte is a dependent load from them, and they take long to build. Here each needle is entered under
//! one of its grams of four bytes, the one that fewest others have; a value is read four bytes at a time at every place
//! (or at every `stride`-th, when all needles are long enough to be entered under that many neighbouring grams), each
//! gram is looked up in a bitmap that stays in the first-level cache, and only a set bit leads to a table and a
//! comparison. Shorter needles are entered under pairs or single
//! bytes.
//!
//! Grams are taken with bit 0x20 set in every byte, which folds ASCII case without touching the value (and takes a few
//! other bytes for one another: comparisons settle that). The cost is bounded by value length × [`CROWD`] comparisons
//! as long as needles differ enough to be spread, which their authors, not senders of events, decide.

use rustc_hash::FxHashMap;

/// Longest gram in bytes.
const GRAM: usize = 4;
/// Widest step between the places looked at.
const MAX_STRIDE: usize = 8;
/// Beyond so many needles under one gram another gram is preferred, whatever it costs.
const CROWD: u32 = 24;
/// Folds ASCII letters, four at once.
const FOLD: u32 = 0x2020_2020;

/// A needle under a gram: which, and how far the gram is from its start.
#[derive(Clone, Copy, Debug)]
struct Entry {
    needle: u32,
    offset: u32,
}

/// Grams of one length.
#[derive(Debug)]
struct Level {
    /// Bytes of a gram.
    length: usize,
    stride: usize,
    bitmap: Bitmap,
    /// For each gram, which part of `entries` is its.
    buckets: FxHashMap<u32, (u32, u32)>,
    entries: Box<[Entry]>,
}

/// Words of a bitmap for few and for many grams. Fixed sizes let the compiler leave out bounds checks.
const SMALL: usize = 256;
const LARGE: usize = 1024;

#[derive(Debug)]
enum Bitmap {
    Small(Box<[u64; SMALL]>),
    Large(Box<[u64; LARGE]>),
}

/// Everything sought inside a field's values. Needles are folded.
#[derive(Debug, Default)]
pub(super) struct Inner {
    needles: Vec<Box<[u8]>>,
    levels: Vec<Level>,
    shortest: usize,
}

/// Entries with their grams, in no order.
type Entries = Vec<(u32, Entry)>;

/// How often grams were seen, by a hash of theirs: grams that share one count together, which is good enough for choosing
/// rare ones and many times faster than exact counting.
struct Tally {
    counts: Vec<u16>,
    shift: u32,
}

impl Tally {
    fn for_grams(expected: usize) -> Self {
        let size = (expected * 2).next_power_of_two().clamp(256, 1 << 16);
        Self {
            counts: vec![0; size],
            shift: 32 - size.trailing_zeros(),
        }
    }

    fn place(&self, gram: u32) -> usize {
        (gram.wrapping_mul(0x9e37_79b1) >> self.shift) as usize
    }

    fn add(&mut self, gram: u32) {
        let place = self.place(gram);
        if let Some(count) = self.counts.get_mut(place) {
            *count = count.saturating_add(1);
        }
    }

    fn count(&self, gram: u32) -> u32 {
        self.counts.get(self.place(gram)).copied().unwrap_or(0).into()
    }
}

/// The gram of the first `length` bytes, of which there must be so many.
fn gram(bytes: &[u8], length: usize) -> Option<u32> {
    let mut quad = [0; GRAM];
    for (to, from) in quad.iter_mut().zip(bytes.get(..length)?) {
        *to = *from;
    }
    Some((u32::from_le_bytes(quad) | FOLD) & mask(length))
}

const fn mask(length: usize) -> u32 {
    u32::MAX >> (32 - 8 * length as u32)
}

/// Which bit of a bitmap of `WORDS` words a gram has.
fn bit<const WORDS: usize>(gram: u32) -> usize {
    (gram.wrapping_mul(0x9e37_79b1) >> (26 - WORDS.trailing_zeros())) as usize
}

fn set<const WORDS: usize>(grams: impl Iterator<Item = u32>) -> [u64; WORDS] {
    let mut words = [0; WORDS];
    for gram in grams {
        let bit = bit::<WORDS>(gram);
        words[bit / 64 % WORDS] |= 1 << (bit % 64);
    }
    words
}

/// One pass over a value: calls `hit` where a gram's bit is set, until it says that this is enough.
#[inline]
fn pass<const WORDS: usize, const LENGTH: usize>(
    bitmap: &[u64; WORDS],
    stride: usize,
    value: &[u8],
    hit: &mut impl FnMut(u32, usize) -> bool,
) -> bool {
    let mut at = 0;
    let mut rest = value;
    while let Some(&quad) = rest.first_chunk::<GRAM>() {
        let gram = (u32::from_le_bytes(quad) | FOLD) & mask(LENGTH);
        let bit = bit::<WORDS>(gram);
        if bitmap[bit / 64 % WORDS] >> (bit % 64) & 1 == 1 && hit(gram, at) {
            return true;
        }
        at += stride;
        rest = rest.get(stride..).unwrap_or_default();
    }
    if LENGTH == GRAM {
        return false;
    }
    // The last bytes, of which there are too few to read four at once.
    while let Some(gram) = value.get(at..).and_then(|rest| gram(rest, LENGTH)) {
        if hit(gram, at) {
            return true;
        }
        at += stride;
    }
    false
}

impl Inner {
    pub(super) fn new(needles: Vec<Box<[u8]>>) -> Self {
        let shortest = needles.iter().map(|needle| needle.len()).min().unwrap_or(0);
        let mut levels: Vec<Level> = [1, 2]
            .into_iter()
            .filter_map(|length| Level::short(&needles, length))
            .collect();
        levels.extend(Level::long(&needles));
        Self {
            needles,
            levels,
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

    /// Calls `found` with every needle in the value, possibly more than once. ASCII letters of the value may be of
    /// either case; everything else must be folded.
    pub(super) fn scan(&self, value: &[u8], mut found: impl FnMut(u32)) {
        for level in &self.levels {
            level.scan(value, &mut |gram, at| {
                self.settle(level, gram, at, value, &mut found);
                false
            });
        }
    }

    /// Whether no gram of any needle is in the value, so that no needle is.
    #[inline]
    pub(super) fn is_quiet(&self, value: &[u8]) -> bool {
        value.len() < self.shortest
            || !self
                .levels
                .iter()
                .any(|level| level.scan(value, &mut |_, _| true))
    }

    /// Compares the needles under a gram whose bit was set. Out of line: most bits are clear.
    #[cold]
    #[inline(never)]
    fn settle(&self, level: &Level, gram: u32, at: usize, value: &[u8], found: &mut dyn FnMut(u32)) {
        let bucket = level.buckets.get(&gram);
        let entries = bucket.and_then(|(start, end)| level.entries.get(*start as usize..*end as usize));
        for entry in entries.into_iter().flatten() {
            if self.stands(*entry, value, at) {
                found(entry.needle);
            }
        }
    }

    fn stands(&self, entry: Entry, value: &[u8], at: usize) -> bool {
        let Some(needle) = self.needles.get(entry.needle as usize) else {
            return false;
        };
        let start = at.checked_sub(entry.offset as usize);
        let place = start.and_then(|start| value.get(start..start + needle.len()));
        place.is_some_and(|place| place.eq_ignore_ascii_case(needle))
    }
}

impl Level {
    /// Needles too short for a long gram: single bytes, or two and three bytes by the rarest pair in them.
    fn short(needles: &[Box<[u8]>], length: usize) -> Option<Self> {
        let longest = if length == 1 { 1 } else { GRAM - 1 };
        let own = || {
            let numbered = needles.iter().enumerate();
            numbered.filter(|(_, needle)| (length..=longest).contains(&needle.len()))
        };
        let grams = own().map(|(_, needle)| needle.len()).sum();
        let mut commonness = Tally::for_grams(grams);
        for (_, needle) in own() {
            grams_of(needle, length).for_each(|gram| commonness.add(gram));
        }
        let mut entries = Entries::new();
        for (index, needle) in own() {
            let rarest = grams_of(needle, length)
                .enumerate()
                .min_by_key(|(_, gram)| commonness.count(*gram));
            let (offset, gram) = rarest?;
            entries.push((
                gram,
                Entry {
                    needle: index as u32,
                    offset: offset as u32,
                },
            ));
        }
        (!entries.is_empty()).then(|| Self::of_entries(length, 1, entries))
    }

    /// Needles of [`GRAM`] bytes and more.
    fn long(needles: &[Box<[u8]>]) -> Option<Self> {
        let long = || {
            needles
                .iter()
                .enumerate()
                .filter(|(_, needle)| needle.len() >= GRAM)
        };
        let shortest = long().map(|(_, needle)| needle.len()).min()?;
        let stride = (shortest - GRAM + 1).min(MAX_STRIDE);
        let grams = long().map(|(_, needle)| needle.len()).sum();
        let (mut commonness, mut crowds) = (Tally::for_grams(grams), Tally::for_grams(grams));
        for (_, needle) in long() {
            grams_of(needle, GRAM).for_each(|gram| commonness.add(gram));
        }
        let (mut entries, mut costs) = (Entries::with_capacity(long().count() * stride), Vec::new());
        for (index, needle) in long() {
            costs.clear();
            costs.extend(grams_of(needle, GRAM).map(|gram| {
                let penalty = if crowds.count(gram) >= CROWD { 1 << 20 } else { 0 };
                commonness.count(gram) + penalty
            }));
            let start = best_window(&costs, stride);
            for (offset, gram) in grams_of(needle, GRAM).enumerate().skip(start).take(stride) {
                crowds.add(gram);
                entries.push((
                    gram,
                    Entry {
                        needle: index as u32,
                        offset: offset as u32,
                    },
                ));
            }
        }
        Some(Self::of_entries(GRAM, stride, entries))
    }

    fn of_entries(length: usize, stride: usize, mut entries: Entries) -> Self {
        entries.sort_by_key(|(gram, _)| *gram);
        let mut buckets = FxHashMap::with_capacity_and_hasher(entries.len(), rustc_hash::FxBuildHasher);
        let mut start = 0;
        for bucket in entries.chunk_by(|(a, _), (b, _)| a == b) {
            let end = start + bucket.len() as u32;
            if let Some((gram, _)) = bucket.first() {
                buckets.insert(*gram, (start, end));
            }
            start = end;
        }
        let grams = buckets.keys().copied();
        let bitmap = if buckets.len() * 16 <= SMALL * 64 {
            Bitmap::Small(Box::new(set(grams)))
        } else {
            Bitmap::Large(Box::new(set(grams)))
        };
        Self {
            length,
            stride,
            bitmap,
            buckets,
            entries: entries.into_iter().map(|(_, entry)| entry).collect(),
        }
    }

    /// Whether `hit` said that this is enough.
    fn scan(&self, value: &[u8], hit: &mut impl FnMut(u32, usize) -> bool) -> bool {
        match &self.bitmap {
            Bitmap::Small(bitmap) => self.sized(bitmap, value, hit),
            Bitmap::Large(bitmap) => self.sized(bitmap, value, hit),
        }
    }

    fn sized<const WORDS: usize>(
        &self,
        bitmap: &[u64; WORDS],
        value: &[u8],
        hit: &mut impl FnMut(u32, usize) -> bool,
    ) -> bool {
        match self.length {
            1 => pass::<WORDS, 1>(bitmap, self.stride, value, hit),
            2 => pass::<WORDS, 2>(bitmap, self.stride, value, hit),
            _ => pass::<WORDS, GRAM>(bitmap, self.stride, value, hit),
        }
    }
}

fn grams_of(bytes: &[u8], length: usize) -> impl Iterator<Item = u32> + '_ {
    bytes
        .windows(length)
        .filter_map(move |window| gram(window, length))
}

/// Where the `stride` neighbouring grams begin that a needle is entered under: those that fewest needles have.
fn best_window(costs: &[u32], stride: usize) -> usize {
    let worst = costs.windows(stride).map(|window| window.iter().copied().max());
    worst
        .enumerate()
        .min_by_key(|(_, cost)| *cost)
        .map_or(0, |(start, _)| start)
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
                let value = format!("{}{}", "#".repeat(before), needle.to_uppercase());
                assert!(found(&needles, &value).contains(&(index as u32)), "{value}");
                assert_eq!(found(&[needle], &format!("{value}##")), [0], "{value}");
            }
            let short = needle.get(..needle.len() - 1).unwrap();
            assert!(!found(&[needle], short).contains(&0));
        }
    }

    #[test]
    fn needles_that_share_all_grams_are_told_apart() {
        let needles: Vec<String> = (0..200).map(|i| format!("powershell{i:03}")).collect();
        let refs: Vec<&str> = needles.iter().map(String::as_str).collect();
        assert_eq!(found(&refs, "run PowerShell137 now"), [137]);
        assert_eq!(found(&["aaaa", "aaaaa"], "baaaab"), [0]);
    }

    #[test]
    fn bytes_that_fold_alike_by_the_bit_are_told_apart() {
        assert_eq!(found(&["[ab]", "{ab}"], "[AB]"), [0]);
        assert_eq!(found(&["@", "`"], "@"), [0]);
    }
}
