//! Which content of a rule goes into the multi-pattern automaton.
//!
//! The rule's own choice wins. Otherwise the strongest: every byte counts by how rare it is, a byte seen before in the
//! pattern counts little, longer wins a tie. A negated content says nothing about bytes that are there.

use crate::rule::{Buffer, BufferTest, Content, FastPattern, Rule, Step, Value};

/// The chosen pattern: which test it belongs to, its bytes in lower case, and where it must have ended, where the rule
/// says so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Chosen {
    pub(crate) test: usize,
    pub(crate) bytes: Vec<u8>,
    pub(crate) ends_by: Option<usize>,
}

/// Bytes of a pattern that the automaton takes: the rest is left to the full check.
const MAX_BYTES: usize = 64;

/// Chooses among the tests that `eligible` takes.
pub(crate) fn choose(rule: &Rule, eligible: impl Fn(&BufferTest) -> bool) -> Option<Chosen> {
    let mut best: Option<(bool, u32, usize, Chosen)> = None;
    for (test, buffer_test) in rule.tests.iter().enumerate().filter(|(_, test)| eligible(test)) {
        for content in buffer_test.steps.iter().filter_map(usable) {
            let bytes = part(content);
            let weight = strength(&bytes) * buffer_weight(buffer_test.buffer);
            let rank = (content.fast_pattern.is_some(), weight, bytes.len());
            let better = best
                .as_ref()
                .is_none_or(|(named, strength, length, _)| rank > (*named, *strength, *length));
            if better {
                let ends_by = ends_by(content);
                best = Some((rank.0, rank.1, rank.2, Chosen { test, bytes, ends_by }));
            }
        }
    }
    best.map(|(.., chosen)| chosen)
}

/// Where a content must have ended, counted from the buffer's start: by its depth, or because it is the start.
fn ends_by(content: &Content) -> Option<usize> {
    let fixed = |value: Option<Value>| match value {
        Some(Value::Fixed(number)) => usize::try_from(number).ok(),
        _ => None,
    };
    if content.starts_with {
        return Some(content.pattern.bytes.len());
    }
    let offset = if content.offset.is_some() {
        fixed(content.offset)?
    } else {
        0
    };
    fixed(content.depth)?.checked_add(offset)
}

fn usable(step: &Step) -> Option<&Content> {
    match step {
        Step::Content(content) if !content.negated => Some(content),
        _ => None,
    }
}

/// The bytes of a content that serve, lower case; of a long pattern the strongest stretch.
fn part(content: &Content) -> Vec<u8> {
    let bytes = &content.pattern.bytes;
    let bytes = match content.fast_pattern {
        Some(FastPattern::Chop(from, length)) => {
            let from = usize::from(from);
            bytes.get(from..from + usize::from(length)).unwrap_or(bytes)
        }
        _ => bytes,
    };
    let stretch = if bytes.len() > MAX_BYTES {
        bytes
            .windows(MAX_BYTES)
            .max_by_key(|window| strength(window))
            .unwrap_or(bytes)
    } else {
        bytes
    };
    stretch.to_ascii_lowercase()
}

/// Letters and digits count 3, other printable bytes and the common binary ones 4, the rest 6, repeats 1.
fn strength(bytes: &[u8]) -> u32 {
    let mut seen = [false; 256];
    let mut sum = 0;
    for byte in bytes {
        let Some(seen) = seen.get_mut(usize::from(*byte)) else {
            continue;
        };
        sum += match byte {
            _ if *seen => 1,
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => 3,
            b' '..=b'~' | 0 | 1 | 0xff => 4,
            _ => 6,
        };
        *seen = true;
    }
    sum
}

/// Buffers that hold the same few words in all traffic filter badly.
const fn buffer_weight(buffer: Buffer) -> u32 {
    match buffer {
        Buffer::HttpMethod | Buffer::HttpStatCode | Buffer::HttpStatMsg | Buffer::HttpProtocol => 1,
        Buffer::HttpHeaderNames | Buffer::HttpContentType | Buffer::HttpAccept | Buffer::HttpConnection => 2,
        _ => 4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::load::{RuleConfig, RuleSet, RuleText};

    fn chosen(options: &str) -> Option<String> {
        let text = format!("alert tcp any any -> any any ({options} sid:1;)");
        let texts = [RuleText {
            path: "t",
            text: &text,
        }];
        let (set, diagnostics) = RuleSet::load(&texts, &RuleConfig::default());
        assert!(diagnostics.is_empty(), "{diagnostics:?}");
        choose(&set.rules[0], |_| true).map(|chosen| String::from_utf8(chosen.bytes).unwrap())
    }

    #[test]
    fn own_choice_then_strength() {
        assert_eq!(
            chosen("content:\"aaaaaa\"; content:\"Qx_7\";").as_deref(),
            Some("qx_7")
        );
        assert_eq!(
            chosen("content:\"ab\"; fast_pattern; content:\"Qx_7\";").as_deref(),
            Some("ab")
        );
        assert_eq!(
            chosen("content:\"abcdef\"; fast_pattern:2,3;").as_deref(),
            Some("cde")
        );
        assert_eq!(chosen("content:!\"abcdef\";"), None);
        assert_eq!(chosen("dsize:>3;"), None);
    }

    #[test]
    fn places_say_where_a_pattern_has_ended() {
        let place = |options: &str| {
            let text = format!("alert tcp any any -> any any ({options} sid:1;)");
            let texts = [RuleText {
                path: "t",
                text: &text,
            }];
            let (set, _) = RuleSet::load(&texts, &RuleConfig::default());
            choose(&set.rules[0], |_| true).unwrap().ends_by
        };
        assert_eq!(place("content:\"abcd\"; depth:10;"), Some(10));
        assert_eq!(place("content:\"abcd\"; offset:4; depth:10;"), Some(14));
        assert_eq!(place("content:\"abcd\"; startswith;"), Some(4));
        assert_eq!(place("content:\"abcd\"; offset:4;"), None);
        assert_eq!(
            place("content:\"|01|\"; byte_extract:1,0,n; content:\"abcdef\"; depth:n;"),
            None
        );
        assert_eq!(place("content:\"abcd\";"), None);
    }

    #[test]
    fn long_patterns_are_cut_to_their_best_stretch() {
        let chosen = chosen(&format!("content:\"{}{}\";", "a".repeat(100), "0123456789xyz")).unwrap();
        assert!(chosen.len() == MAX_BYTES && chosen.ends_with("0123456789xyz"));
    }
}
