//! The steps of one buffer, with backtracking.
//!
//! Each step may stand at several places; a relative step after it may fit only one of them. So a step that leads
//! nowhere is tried at its next place as long as the step after it is relative: otherwise the rest does not depend on
//! where it stood. The number of tries on one buffer is bounded; running out is "no match" and is counted.

use smallvec::SmallVec;

use super::bytes::resolve;
use super::transform::{Base64Mode, decode_base64};
use crate::rule::{Base64Decode, Content, Step};

/// Bounds of one inspection.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Steps that may be tried on one buffer (`detect.inspection-recursion-limit` is the key people know).
    pub tries: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self { tries: 3000 }
    }
}

/// Where a step of the rule matched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Found {
    /// Index of the step.
    pub step: usize,
    /// First byte within the buffer.
    pub start: usize,
    /// One past the last.
    pub end: usize,
}

/// What came of inspecting a buffer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// All steps hold; the places of contents and patterns.
    Match(SmallVec<[Found; 4]>),
    /// They do not.
    NoMatch,
    /// The limit was reached before it could be told.
    Limit,
}

impl Outcome {
    /// Whether all steps hold.
    pub const fn is_match(&self) -> bool {
        matches!(self, Self::Match(_))
    }
}

/// Whether the steps from here on hold, and if not, whether another place of the step before may help.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Yes,
    No,
    /// What failed does not depend on where earlier steps stood.
    Never,
}

struct Matcher<'r, 'b, 's> {
    steps: &'r [Step],
    bytes: &'b [u8],
    slots: &'s mut [u64],
    tries: u32,
    exhausted: bool,
    found: SmallVec<[Found; 4]>,
}

/// Runs the steps over a buffer. `slots` are the rule's variables; they live on into the rule's next buffer.
pub fn match_steps(steps: &[Step], bytes: &[u8], slots: &mut [u64], limits: Limits) -> Outcome {
    let mut matcher = Matcher {
        steps,
        bytes,
        slots,
        tries: limits.tries,
        exhausted: false,
        found: SmallVec::new(),
    };
    match matcher.run(0, 0) {
        Verdict::Yes => Outcome::Match(matcher.found),
        _ if matcher.exhausted => Outcome::Limit,
        _ => Outcome::NoMatch,
    }
}

impl Matcher<'_, '_, '_> {
    /// Step `index` with the last match ending at `position`.
    fn run(&mut self, index: usize, position: usize) -> Verdict {
        let steps = self.steps;
        let Some(step) = steps.get(index) else {
            return Verdict::Yes;
        };
        let Some(tries) = self.tries.checked_sub(1) else {
            self.exhausted = true;
            return Verdict::No;
        };
        self.tries = tries;
        match step {
            Step::Content(content) => self.content(index, position, content),
            Step::Pcre(pcre) => self.pcre(index, position, pcre),
            Step::ByteTest(test) => {
                let holds = test.holds(self.bytes, position, self.slots);
                self.go_on(holds, index, position)
            }
            Step::ByteJump(jump) => match jump.target(self.bytes, position, self.slots) {
                Some(target) => self.run(index + 1, target),
                None => self.failure(index),
            },
            Step::ByteExtract(extract) => match extract.value(self.bytes, position) {
                Some((value, end)) => self.store(index, extract.slot, value, end),
                None => self.failure(index),
            },
            Step::ByteMath(math) => match math.value(self.bytes, position, self.slots) {
                Some((value, end)) => self.store(index, math.slot, value, end),
                None => self.failure(index),
            },
            Step::DataAt(at) => {
                let (wanted, size) = (resolve(at.at, self.slots), self.bytes.len() as i64);
                // `isdataat:1,relative` asks for one more byte after the match, `isdataat:100` for byte 100.
                let there = if at.relative {
                    (position as i64).saturating_add(wanted) <= size
                } else {
                    wanted < size
                };
                self.go_on(there != at.negated, index, position)
            }
            Step::Base64Decode(decode) => {
                let holds = self.base64(decode, position);
                self.go_on(holds, index, position)
            }
            Step::Size(test) => {
                let holds = test.holds(self.bytes.len() as u64);
                self.go_on(holds, index, position)
            }
            // Numbers are no bytes: detection compares them without coming here.
            Step::Custom(test) if test.holds(self.bytes) => self.run(index + 1, position),
            Step::Custom(_) => Verdict::Never,
            Step::Number(..) | Step::Bits { .. } => Verdict::Never,
            Step::Entropy(test) => {
                let holds = test.holds(self.bytes);
                self.go_on(holds, index, position)
            }
            Step::HashList(list) => {
                let holds = list.hashes.contains(self.bytes) != list.negated;
                self.go_on(holds, index, position)
            }
            // Asked by detection once all else holds.
            Step::Dataset(_) | Step::Reputation(_) => self.run(index + 1, position),
            // The buffer is there: `absent` alone fails, `or_else` lets the other steps decide.
            Step::Absent { or_else } => self.go_on(*or_else, index, position),
        }
    }

    fn go_on(&mut self, holds: bool, index: usize, position: usize) -> Verdict {
        if holds {
            self.run(index + 1, position)
        } else {
            self.failure(index)
        }
    }

    /// Step `index` failed by itself. With variables in play any earlier place may matter.
    fn failure(&self, index: usize) -> Verdict {
        let relative = self.steps.get(index).is_some_and(Step::is_relative);
        if relative || !self.slots.is_empty() {
            Verdict::No
        } else {
            Verdict::Never
        }
    }

    fn store(&mut self, index: usize, slot: u8, value: u64, end: usize) -> Verdict {
        if let Some(place) = self.slots.get_mut(usize::from(slot)) {
            *place = value;
        }
        self.run(index + 1, end)
    }

    /// Whether anything after step `index` depends on where that step stood.
    fn place_matters(&self, index: usize) -> bool {
        for step in self.steps.get(index + 1..).unwrap_or_default() {
            if step.is_relative() {
                return true;
            }
            if step.moves() {
                return false;
            }
        }
        false
    }

    fn content(&mut self, index: usize, position: usize, content: &Content) -> Verdict {
        let Some((mut from, until)) = self.window(content, position) else {
            // An empty window holds no pattern: a negated content is content with that.
            return self.go_on(content.negated, index, position);
        };
        let length = content.pattern.bytes.len();
        loop {
            let Some(start) = self.place(content, from, until) else {
                return self.go_on(content.negated, index, position);
            };
            if content.negated {
                return self.failure(index);
            }
            let depth = self.found.len();
            self.found.push(Found {
                step: index,
                start,
                end: start + length,
            });
            let verdict = self.run(index + 1, start + length);
            if verdict == Verdict::Yes {
                return verdict;
            }
            self.found.truncate(depth);
            if verdict == Verdict::Never || self.exhausted {
                return verdict;
            }
            if !self.place_matters(index) {
                return Verdict::No;
            }
            from = start + 1;
        }
    }

    /// The next place of a content within its window.
    fn place(&self, content: &Content, from: usize, until: usize) -> Option<usize> {
        let size = self.bytes.len();
        let stands_at = |at: usize| {
            content
                .pattern
                .is_prefix_of(self.bytes.get(at..until).unwrap_or_default())
        };
        // Anchored at an end, only one place can do.
        if content.ends_with {
            let at = size.checked_sub(content.pattern.bytes.len())?;
            let anchored = !content.starts_with || at == 0;
            return (at >= from && until == size && anchored && stands_at(at)).then_some(at);
        }
        if content.starts_with {
            return (from == 0 && stands_at(0)).then_some(0);
        }
        content.pattern.find(self.bytes, from, until)
    }

    /// Bytes where the pattern may begin and must end; `None` when nothing can be there.
    fn window(&self, content: &Content, position: usize) -> Option<(usize, usize)> {
        let size = self.bytes.len() as i64;
        let (mut from, mut until) = (0_i64, size);
        if content.distance.is_some() || content.within.is_some() {
            let distance = content
                .distance
                .map_or(0, |distance| resolve(distance, self.slots));
            from = (position as i64).saturating_add(distance);
            if let Some(within) = content.within {
                until = until.min(from.saturating_add(resolve(within, self.slots)));
            }
            from = from.max(0);
        }
        if let Some(offset) = content.offset {
            from = from.max(resolve(offset, self.slots));
        }
        if let Some(depth) = content.depth {
            let offset = content.offset.map_or(0, |offset| resolve(offset, self.slots));
            until = until.min(offset.saturating_add(resolve(depth, self.slots)));
        }
        let (from, until) = (usize::try_from(from).ok()?, usize::try_from(until).ok()?);
        (from.checked_add(content.pattern.bytes.len())? <= until).then_some((from, until))
    }

    fn pcre(&mut self, index: usize, position: usize, pcre: &crate::pcre::Pcre) -> Verdict {
        let mut from = if pcre.is_relative() { position } else { 0 };
        loop {
            let found = self.bytes.get(from..).and_then(|rest| pcre.find(rest));
            let Some((start, end)) = found else {
                return self.go_on(pcre.is_negated(), index, position);
            };
            if pcre.is_negated() {
                return self.failure(index);
            }
            let depth = self.found.len();
            let (start, end) = (from + start, from + end);
            self.found.push(Found {
                step: index,
                start,
                end,
            });
            let verdict = self.run(index + 1, end);
            if verdict == Verdict::Yes {
                return verdict;
            }
            self.found.truncate(depth);
            if verdict == Verdict::Never {
                return verdict;
            }
            let Some(tries) = self.tries.checked_sub(1) else {
                self.exhausted = true;
                return Verdict::No;
            };
            self.tries = tries;
            if !self.place_matters(index) || start >= self.bytes.len() {
                return Verdict::No;
            }
            from = start + 1;
        }
    }

    fn base64(&mut self, decode: &Base64Decode, position: usize) -> bool {
        let begin = if decode.relative { position } else { 0 } + decode.offset as usize;
        let Some(text) = self.bytes.get(begin..) else {
            return false;
        };
        let limit = decode
            .bytes
            .map_or(text.len(), |bytes| (bytes as usize).min(text.len()));
        let decoded = text
            .get(..limit)
            .and_then(|text| decode_base64(text, Base64Mode::Rfc2045));
        let Some(decoded) = decoded else { return false };
        let limits = Limits { tries: self.tries };
        match_steps(&decode.inner, &decoded, self.slots, limits).is_match()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::load::{RuleConfig, RuleSet, RuleText};
    use crate::rule::{DataAt, Pattern, Value};
    use proptest::prelude::*;

    /// Every assignment of places is tried: slow, and plainly what the language means.
    fn reference(steps: &[Step], bytes: &[u8], position: i64) -> bool {
        let Some((step, rest)) = steps.split_first() else {
            return true;
        };
        match step {
            Step::Content(content) => {
                let places: Vec<i64> = (0..=bytes.len() as i64)
                    .filter(|start| stands(content, bytes, *start, position))
                    .collect();
                let length = content.pattern.bytes.len() as i64;
                if content.negated {
                    places.is_empty() && reference(rest, bytes, position)
                } else {
                    places.iter().any(|start| reference(rest, bytes, start + length))
                }
            }
            Step::DataAt(at) => {
                let Value::Fixed(wanted) = at.at else { return false };
                let there = if at.relative {
                    position + wanted <= bytes.len() as i64
                } else {
                    wanted < bytes.len() as i64
                };
                there != at.negated && reference(rest, bytes, position)
            }
            _ => unreachable!("not generated"),
        }
    }

    fn fixed(value: Option<Value>) -> Option<i64> {
        match value {
            Some(Value::Fixed(value)) => Some(value),
            _ => None,
        }
    }

    fn stands(content: &Content, bytes: &[u8], start: i64, position: i64) -> bool {
        let length = content.pattern.bytes.len() as i64;
        let end = start + length;
        let Some(found) = bytes.get(start as usize..end as usize) else {
            return false;
        };
        let equal = if content.pattern.nocase {
            found.eq_ignore_ascii_case(&content.pattern.bytes)
        } else {
            *found == *content.pattern.bytes
        };
        let offset = fixed(content.offset).unwrap_or(0);
        let relative = content.distance.is_some() || content.within.is_some();
        let from = position + fixed(content.distance).unwrap_or(0);
        equal
            && start >= offset
            && fixed(content.depth).is_none_or(|depth| end <= offset + depth)
            && (!relative || start >= from)
            && fixed(content.within).is_none_or(|within| end <= from + within)
            && (!content.starts_with || start == 0)
            && (!content.ends_with || end == bytes.len() as i64)
    }

    fn content() -> impl Strategy<Value = Step> {
        let pattern = prop::collection::vec(prop::sample::select(&b"abA"[..]), 1..3);
        let number = |range: std::ops::Range<i64>| prop::option::weighted(0.4, range);
        let flags = (
            any::<bool>(),
            prop::bool::weighted(0.2),
            prop::bool::weighted(0.1),
            prop::bool::weighted(0.1),
        );
        (
            pattern,
            flags,
            number(0..6),
            number(2..9),
            number(-4..6),
            number(2..8),
        )
            .prop_map(
                |(pattern, (nocase, negated, starts_with, ends_with), offset, depth, distance, within)| {
                    // The language does not let startswith go with a place.
                    let keep = |value: Option<i64>| value.filter(|_| !starts_with).map(Value::Fixed);
                    Step::Content(Content {
                        pattern: Pattern::new(&pattern, nocase),
                        negated,
                        offset: keep(offset),
                        depth: keep(depth),
                        distance: keep(distance),
                        within: keep(within),
                        starts_with,
                        ends_with,
                        fast_pattern: None,
                    })
                },
            )
    }

    fn step() -> impl Strategy<Value = Step> {
        let at = (0..8_i64, any::<bool>(), any::<bool>()).prop_map(|(at, negated, relative)| {
            Step::DataAt(DataAt {
                at: Value::Fixed(at),
                negated,
                relative,
            })
        });
        prop_oneof![5 => content(), 1 => at]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4000))]
        #[test]
        fn agrees_with_trying_everything(steps in prop::collection::vec(step(), 1..5), text in "[abAB]{0,12}") {
            let outcome = match_steps(&steps, text.as_bytes(), &mut [], Limits { tries: 1_000_000 });
            prop_assert_eq!(outcome.is_match(), reference(&steps, text.as_bytes(), 0), "{:?}", steps);
        }
    }

    #[test]
    fn tries_are_bounded_and_the_limit_is_told() {
        let options: String = ["content:\"a\"; distance:0; "; 12].concat();
        let text = format!("alert tcp any any -> any any ({options} content:\"z\"; distance:0; sid:1;)");
        let (set, _) = RuleSet::load(
            &[RuleText {
                path: "t",
                text: &text,
            }],
            &RuleConfig::default(),
        );
        let steps = &set.rules[0].tests[0].steps;
        let outcome = match_steps(steps, &[b'a'; 400], &mut [], Limits::default());
        assert_eq!(outcome, Outcome::Limit);
    }

    #[test]
    fn a_failure_that_no_place_can_mend_ends_the_search() {
        let text =
            "alert tcp any any -> any any (content:\"a\"; content:\"a\"; distance:0; content:\"z\"; sid:1;)";
        let (set, _) = RuleSet::load(&[RuleText { path: "t", text }], &RuleConfig::default());
        let steps = &set.rules[0].tests[0].steps;
        // With 3 tries left only one path can be walked: it must be enough to say no.
        assert_eq!(
            match_steps(steps, &[b'a'; 400], &mut [], Limits { tries: 3 }),
            Outcome::NoMatch
        );
    }
}
