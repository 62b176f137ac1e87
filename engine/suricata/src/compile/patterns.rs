//! The multi-pattern automaton of one buffer and group.
//!
//! All patterns are matched without regard to letter case; a hit only makes a rule a candidate, so that case-sensitive
//! contents cost nothing but a few candidates more. Equal patterns of many rules are one pattern.

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};
use daachorse::DoubleArrayAhoCorasick;
use rustc_hash::FxHashMap;

/// What a prefilter must do; small, so that another automaton can take its place.
pub(crate) trait MultiPattern: Send + Sync + std::fmt::Debug {
    /// Calls `hit` with the number of every pattern that stands in the bytes (lower case), perhaps more than once.
    fn scan(&self, folded: &[u8], hit: &mut dyn FnMut(u32));
    /// Bytes of memory it takes.
    fn memory(&self) -> usize;
}

impl MultiPattern for AhoCorasick {
    fn scan(&self, folded: &[u8], hit: &mut dyn FnMut(u32)) {
        for found in self.find_overlapping_iter(folded) {
            hit(found.pattern().as_u32());
        }
    }

    fn memory(&self) -> usize {
        self.memory_usage()
    }
}

/// For large sets: two arrays instead of a table of states, twice the speed of a compact automaton at a like size.
struct DoubleArray(DoubleArrayAhoCorasick<u32>);

impl std::fmt::Debug for DoubleArray {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "DoubleArray({} bytes)", self.0.heap_bytes())
    }
}

impl MultiPattern for DoubleArray {
    fn scan(&self, folded: &[u8], hit: &mut dyn FnMut(u32)) {
        for found in self.0.find_overlapping_iter(folded) {
            hit(found.value());
        }
    }

    fn memory(&self) -> usize {
        self.0.heap_bytes()
    }
}

/// Patterns beyond which a full DFA takes too much memory for its speed (see the project's dependency notes).
const MAX_DFA_PATTERNS: usize = 300;

/// Patterns of one buffer with the rules they stand for.
#[derive(Debug)]
pub(crate) struct PatternSet {
    automaton: Box<dyn MultiPattern>,
    /// Rules of each pattern, in rule order.
    rules: Vec<Box<[u32]>>,
}

/// Collects patterns before they are compiled.
#[derive(Debug, Default)]
pub(crate) struct PatternSetBuilder(FxHashMap<Vec<u8>, Vec<u32>>);

impl PatternSetBuilder {
    pub(crate) fn add(&mut self, pattern: Vec<u8>, rule: u32) {
        self.0.entry(pattern).or_default().push(rule);
    }

    /// Builds the automaton; `None` without patterns. When it would be too large, the error holds the rules.
    pub(crate) fn build(self) -> Result<Option<PatternSet>, Vec<u32>> {
        if self.0.is_empty() {
            return Ok(None);
        }
        let mut entries: Vec<_> = self.0.into_iter().collect();
        // A map's order is not stable: the automaton must not depend on it.
        entries.sort_unstable();
        let patterns = entries.iter().map(|(pattern, _)| pattern.as_slice());
        let Some(automaton) = automaton(patterns) else {
            return Err(entries.into_iter().flat_map(|(_, rules)| rules).collect());
        };
        let rules = entries
            .into_iter()
            .map(|(_, mut rules)| {
                rules.sort_unstable();
                rules.dedup();
                rules.into_boxed_slice()
            })
            .collect();
        Ok(Some(PatternSet { automaton, rules }))
    }
}

/// The automaton for so many patterns; `None` when it would be too large.
fn automaton<'a>(patterns: impl ExactSizeIterator<Item = &'a [u8]>) -> Option<Box<dyn MultiPattern>> {
    if patterns.len() > MAX_DFA_PATTERNS {
        let values = (0_u32..).zip(patterns).map(|(number, pattern)| (pattern, number));
        return Some(Box::new(DoubleArray(
            DoubleArrayAhoCorasick::with_values(values).ok()?,
        )));
    }
    let built = AhoCorasick::builder()
        .kind(Some(AhoCorasickKind::DFA))
        .match_kind(MatchKind::Standard)
        .build(patterns);
    Some(Box::new(built.ok()?))
}

/// Marks of patterns seen in one scan; kept by the thread so that no scan allocates.
#[derive(Debug, Default)]
pub(crate) struct ScanMarks {
    seen: Vec<u64>,
    hits: Vec<u32>,
    /// The bytes at hand in lower case.
    folded: Vec<u8>,
}

impl PatternSet {
    /// Appends the rules whose pattern stands in the bytes; may repeat rules of several patterns.
    pub(crate) fn candidates(&self, bytes: &[u8], marks: &mut ScanMarks, out: &mut Vec<u32>) {
        marks
            .seen
            .resize(self.rules.len().div_ceil(64).max(marks.seen.len()), 0);
        let ScanMarks { seen, hits, folded } = marks;
        folded.clear();
        folded.extend(bytes.iter().map(u8::to_ascii_lowercase));
        self.automaton.scan(folded, &mut |pattern| {
            let bit = 1_u64 << (pattern % 64);
            if let Some(word) = seen.get_mut(pattern as usize / 64)
                && *word & bit == 0
            {
                *word |= bit;
                hits.push(pattern);
            }
        });
        for pattern in hits.drain(..) {
            if let Some(word) = seen.get_mut(pattern as usize / 64) {
                *word = 0;
            }
            out.extend(
                self.rules
                    .get(pattern as usize)
                    .into_iter()
                    .flat_map(|rules| rules.iter()),
            );
        }
    }

    pub(crate) fn patterns(&self) -> usize {
        self.rules.len()
    }

    pub(crate) fn memory(&self) -> usize {
        self.automaton.memory()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn candidates(patterns: &[(&str, u32)], bytes: &[u8]) -> Vec<u32> {
        let mut builder = PatternSetBuilder::default();
        for (pattern, rule) in patterns {
            builder.add(pattern.as_bytes().to_vec(), *rule);
        }
        let set = builder.build().unwrap().unwrap();
        let (mut marks, mut out) = (ScanMarks::default(), Vec::new());
        // Twice: the first scan must leave no marks behind.
        set.candidates(bytes, &mut marks, &mut out);
        out.clear();
        set.candidates(bytes, &mut marks, &mut out);
        out.sort_unstable();
        out
    }

    #[test]
    fn overlapping_and_caseless() {
        let patterns = [("abc", 1), ("bcd", 2), ("bc", 3), ("xyz", 4), ("abc", 5)];
        assert_eq!(candidates(&patterns, b"-ABCd-abc"), [1, 2, 3, 5]);
        assert!(candidates(&patterns, b"").is_empty());
    }

    #[test]
    fn no_patterns_no_automaton() {
        assert!(PatternSetBuilder::default().build().unwrap().is_none());
    }

    #[test]
    fn large_sets_take_the_compact_automaton() {
        let many: Vec<(String, u32)> = (0..2000).map(|number| (format!("p{number}q"), number)).collect();
        let borrowed: Vec<_> = many
            .iter()
            .map(|(pattern, rule)| (pattern.as_str(), *rule))
            .collect();
        assert_eq!(candidates(&borrowed, b"..p1777q.."), [1777]);
    }
}
