//! All that a view's rules ask of one field, found in one pass over a value.

use rustc_hash::FxHashMap;

use super::grams::Inner;
use super::lower::{AtomId, PlanTest, TestId};
use super::trie::Trie;
use crate::detection::text::{Shape, fold_into};
use crate::detection::{Piece, TextPattern};

/// A needle that was found leads to an atom, at once or after a test of the whole value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Use {
    atom: AtomId,
    check: Option<TestId>,
}

/// Needles of one kind with their uses.
#[derive(Debug, Default)]
struct Needles {
    ids: FxHashMap<String, u32>,
    texts: Vec<String>,
    uses: Vec<Vec<Use>>,
}

impl Needles {
    fn add(&mut self, text: &str, used: Use) {
        let next = self.texts.len() as u32;
        let id = *self.ids.entry(text.to_owned()).or_insert(next);
        if id == next {
            self.texts.push(text.to_owned());
            self.uses.push(Vec::new());
        }
        if let Some(uses) = self.uses.get_mut(id as usize)
            && !uses.contains(&used)
        {
            uses.push(used);
        }
    }
}

/// Collects what is asked of a field.
#[derive(Debug, Default)]
pub(super) struct FieldBuilder {
    whole: Needles,
    start: Needles,
    end: Needles,
    inner: Needles,
}

/// The compiled form.
#[derive(Debug, Default)]
pub(super) struct FieldMatcher {
    whole: FxHashMap<Box<str>, u32>,
    /// A bit per length of whole texts, the last for all lengths from 127.
    whole_lengths: u128,
    whole_uses: Box<[Vec<Use>]>,
    start: Trie,
    start_uses: Box<[Vec<Use>]>,
    end: Trie,
    end_uses: Box<[Vec<Use>]>,
    inner: Inner,
    inner_uses: Box<[Vec<Use>]>,
    /// Whether the text of a number or of a boolean can have anything in it that is sought.
    reads_numbers: bool,
}

impl FieldBuilder {
    /// Enters a test under a text that every match needs.
    pub(super) fn add(&mut self, atom: AtomId, id: TestId, test: &PlanTest) {
        match test {
            PlanTest::Text(pattern) => self.add_text(atom, id, pattern),
            PlanTest::Regex(regex) => {
                for text in regex.required() {
                    self.inner.add(
                        text,
                        Use {
                            atom,
                            check: Some(id),
                        },
                    );
                }
            }
            PlanTest::Cidr(_) | PlanTest::Number(_) | PlanTest::FieldRef(_) => {}
        }
    }

    fn add_text(&mut self, atom: AtomId, id: TestId, pattern: &TextPattern) {
        // Tables hold folded text; a test with case is checked on the value itself.
        let folded = |text: &str| crate::detection::text::fold(text).into_owned();
        let used = Use {
            atom,
            check: pattern.cased().then_some(id),
        };
        match pattern.shape() {
            Shape::Whole(text) => self.whole.add(&folded(text), used),
            Shape::Start(text) => self.start.add(&folded(text), used),
            Shape::End(text) => self.end.add(&folded(text), used),
            Shape::Anywhere(text) => self.inner.add(&folded(text), used),
            Shape::Any | Shape::Mixed => {
                let check = Some(id);
                let longest = pattern.longest_text();
                let used = Use { atom, check };
                match (pattern.pieces().first(), pattern.pieces().last()) {
                    (Some(Piece::Text(text)), _) if text.len() >= 4 => self.start.add(&folded(text), used),
                    (_, Some(Piece::Text(text))) if text.len() >= 4 => self.end.add(&folded(text), used),
                    _ => self.inner.add(&folded(longest), used),
                }
            }
        }
    }

    pub(super) fn build(self) -> FieldMatcher {
        let mut matcher = FieldMatcher::default();
        for (id, text) in self.whole.texts.iter().enumerate() {
            matcher.whole.insert(text.as_str().into(), id as u32);
            matcher.whole_lengths |= length_bit(text);
        }
        for (id, text) in self.start.texts.iter().enumerate() {
            matcher.start.insert(text.bytes(), id as u32);
        }
        for (id, text) in self.end.texts.iter().enumerate() {
            matcher.end.insert(text.bytes().rev(), id as u32);
        }
        let inner = self
            .inner
            .texts
            .iter()
            .map(|text| text.as_bytes().into())
            .collect();
        matcher.inner = Inner::new(inner);
        matcher.reads_numbers = [&self.whole, &self.start, &self.end, &self.inner]
            .iter()
            .any(|needles| needles.texts.iter().any(|text| in_a_number(text)));
        matcher.whole_uses = self.whole.uses.into();
        matcher.start_uses = self.start.uses.into();
        matcher.end_uses = self.end.uses.into();
        matcher.inner_uses = self.inner.uses.into();
        matcher
    }
}

/// Where the atoms of a value go: each once.
pub(super) struct Hits<'s> {
    /// A bit per atom, set while the value's atoms are collected; the caller clears what `atoms` lists.
    pub(super) bits: &'s mut [u64],
    /// The atoms found.
    pub(super) atoms: &'s mut Vec<AtomId>,
}

impl Hits<'_> {
    pub(super) fn has(&self, atom: AtomId) -> bool {
        self.bits[atom as usize / 64] >> (atom % 64) & 1 == 1
    }

    pub(super) fn add(&mut self, atom: AtomId) {
        if !self.has(atom) {
            self.bits[atom as usize / 64] |= 1 << (atom % 64);
            self.atoms.push(atom);
        }
    }
}

impl FieldMatcher {
    /// Whether no value can match anything.
    pub(super) fn is_empty(&self) -> bool {
        self.whole.is_empty() && self.start.is_empty() && self.end.is_empty() && self.inner.is_empty()
    }

    /// Whether values have to be read from end to end, so that remembering them pays.
    pub(super) fn scans(&self) -> bool {
        !self.inner.is_empty()
    }

    /// Whether values that are numbers or booleans can match anything.
    pub(super) fn reads_numbers(&self) -> bool {
        self.reads_numbers
    }

    /// Whether a first look at a text shows that nothing sought is in it. Cheaper than [`FieldMatcher::find`], which is
    /// still right when this says no.
    #[inline]
    pub(super) fn is_quiet(&self, text: &str) -> bool {
        let anchored = !(self.whole.is_empty() && self.start.is_empty() && self.end.is_empty());
        !anchored && text.is_ascii() && self.inner.is_quiet(text.as_bytes())
    }

    /// Adds the atoms that a value makes true. `buffer` is for its folded form, made only when it is needed.
    pub(super) fn find(&self, text: &str, buffer: &mut String, tests: &[PlanTest], hits: &mut Hits<'_>) {
        let ascii = text.is_ascii();
        let mut value = Subject {
            text,
            folded: false,
            buffer,
            tests,
        };
        if ascii {
            if self.whole_lengths & length_bit(text) != 0 {
                let id = self.whole.get(value.folded()).copied();
                value.apply(id.and_then(|id| self.whole_uses.get(id as usize)), hits);
            }
            self.parts(text.as_bytes(), &mut value, hits);
        } else {
            // Rare: the tables are asked with a folded copy of their own.
            let folded = value.folded().to_owned();
            let id = self.whole.get(folded.as_str()).copied();
            value.apply(id.and_then(|id| self.whole_uses.get(id as usize)), hits);
            self.parts(folded.as_bytes(), &mut value, hits);
        }
    }

    fn parts(&self, bytes: &[u8], value: &mut Subject<'_>, hits: &mut Hits<'_>) {
        if !self.start.is_empty() {
            let lower = bytes.iter().map(u8::to_ascii_lowercase);
            self.start
                .walk(lower, |id| value.apply(self.start_uses.get(id as usize), hits));
        }
        if !self.end.is_empty() {
            let lower = bytes.iter().rev().map(u8::to_ascii_lowercase);
            self.end
                .walk(lower, |id| value.apply(self.end_uses.get(id as usize), hits));
        }
        if bytes.len() >= self.inner.shortest() {
            self.inner
                .scan(bytes, |id| value.apply(self.inner_uses.get(id as usize), hits));
        }
    }
}

/// Whether a (folded) text can be part of a number or boolean written out.
fn in_a_number(text: &str) -> bool {
    let written = |b: u8| b.is_ascii_digit() || b"+-.einfatrulsn".contains(&b);
    text.bytes().all(written)
}

/// The bit of a text's length; folding ASCII keeps it.
fn length_bit(text: &str) -> u128 {
    1 << text.len().min(127)
}

struct Subject<'v> {
    text: &'v str,
    folded: bool,
    buffer: &'v mut String,
    tests: &'v [PlanTest],
}

impl Subject<'_> {
    fn folded(&mut self) -> &str {
        if !self.folded {
            fold_into(self.text, self.buffer);
            self.folded = true;
        }
        self.buffer
    }

    fn apply(&mut self, uses: Option<&Vec<Use>>, hits: &mut Hits<'_>) {
        for used in uses.into_iter().flatten() {
            if !hits.has(used.atom) && used.check.is_none_or(|test| self.passes(test)) {
                hits.add(used.atom);
            }
        }
    }

    fn passes(&mut self, test: TestId) -> bool {
        let (text, tests) = (self.text, self.tests);
        let folded = self.folded();
        match tests.get(test as usize) {
            Some(PlanTest::Regex(regex)) => regex.can_match(folded) && regex.matches(text),
            Some(test) => test.matches_text(text, folded),
            None => false,
        }
    }
}

impl PlanTest {
    /// Whether a single value's text passes; numbers and field references have no text and do not.
    pub(super) fn matches_text(&self, text: &str, folded: &str) -> bool {
        match self {
            Self::Text(pattern) => pattern.matches(if pattern.cased() { text } else { folded }),
            Self::Regex(regex) => regex.matches(text),
            Self::Cidr(cidr) => cidr.matches(text),
            Self::Number(_) | Self::FieldRef(_) => false,
        }
    }
}
