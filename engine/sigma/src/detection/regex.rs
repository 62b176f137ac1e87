//! Regular expressions: compiled under a size limit, with the texts that every match must have in it.
//!
//! The `regex` crate is linear in the value's length for every pattern, so no rule can hang the engine; what it does not
//! support (look-around, back-references) is refused with that reason. The required texts let the plan run an
//! expression only on values that can match.

use regex::{Regex, RegexBuilder};
use regex_syntax::hir::{Class, Hir, HirKind};

use super::text::fold_char;

/// Largest compiled program of one expression.
const SIZE_LIMIT: usize = 4 << 20;
/// Most memory one expression's lazy automaton may use while it runs.
const CACHE_LIMIT: usize = 1 << 20;
/// Most texts of which one is required, and the shortest that is of use.
const MAX_TEXTS: usize = 32;
const MIN_TEXT: usize = 3;

/// A regular expression of a rule.
#[derive(Clone, Debug)]
pub struct RegexTest {
    /// The expression with its flags in front.
    pub source: String,
    regex: Regex,
    required: Vec<String>,
}

impl RegexTest {
    /// Compiles an expression with the flags `i`, `m`, `s` given; the error is the reason.
    pub fn compile(pattern: &str, flags: &str) -> Result<Self, String> {
        let source = if flags.is_empty() {
            pattern.to_owned()
        } else {
            format!("(?{flags}){pattern}")
        };
        let regex = RegexBuilder::new(&source)
            .size_limit(SIZE_LIMIT)
            .dfa_size_limit(CACHE_LIMIT)
            .build()
            .map_err(|error| reason(&error))?;
        let required = regex_syntax::parse(&source)
            .ok()
            .and_then(|hir| required_texts(&hir))
            .unwrap_or_default();
        Ok(Self {
            source,
            regex,
            required,
        })
    }

    /// Whether it matches anywhere in the text.
    pub fn matches(&self, text: &str) -> bool {
        self.regex.is_match(text)
    }

    /// Where it matches first.
    pub fn find(&self, text: &str) -> Option<(usize, usize)> {
        self.regex.find(text).map(|hit| (hit.start(), hit.end()))
    }

    /// Folded texts of which at least one is in the folded text of every match; none when nothing is known.
    pub fn required(&self) -> &[String] {
        &self.required
    }
}

fn reason(error: &regex::Error) -> String {
    match error {
        regex::Error::CompiledTooBig(_) => {
            "the regular expression is too big when compiled: shorten its repetitions".into()
        }
        regex::Error::Syntax(text) => {
            let last = text.lines().last().unwrap_or_default();
            let detail = last.strip_prefix("error: ").unwrap_or(last);
            format!("the regular expression is not understood: {detail}")
        }
        other => format!("the regular expression is not understood: {other}"),
    }
}

/// The required texts of the best part of an expression: the part whose shortest text is longest.
fn required_texts(hir: &Hir) -> Option<Vec<String>> {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => None,
        HirKind::Literal(_) | HirKind::Class(_) => text_of(hir).and_then(|text| long_enough(vec![text])),
        HirKind::Capture(capture) => required_texts(&capture.sub),
        HirKind::Repetition(repetition) if repetition.min > 0 => required_texts(&repetition.sub),
        HirKind::Repetition(_) => None,
        HirKind::Alternation(branches) => {
            let mut all = Vec::new();
            for branch in branches {
                all.extend(required_texts(branch)?);
                if all.len() > MAX_TEXTS {
                    return None;
                }
            }
            long_enough(all)
        }
        HirKind::Concat(parts) => best_of_concat(parts),
    }
}

fn best_of_concat(parts: &[Hir]) -> Option<Vec<String>> {
    let mut found: Vec<Vec<String>> = Vec::new();
    let mut run = String::new();
    for part in parts {
        if let Some(text) = text_of(part) {
            run.push_str(&text);
            continue;
        }
        if matches!(part.kind(), HirKind::Look(_)) {
            continue;
        }
        found.extend(long_enough(vec![std::mem::take(&mut run)]));
        found.extend(required_texts(part));
    }
    found.extend(long_enough(vec![run]));
    found
        .into_iter()
        .max_by_key(|texts| texts.iter().map(String::len).min())
}

fn long_enough(texts: Vec<String>) -> Option<Vec<String>> {
    let fits = !texts.is_empty() && texts.iter().all(|text| text.len() >= MIN_TEXT);
    fits.then_some(texts)
}

/// The folded text that a part always is: a literal, or a class whose characters all fold to the same one.
fn text_of(hir: &Hir) -> Option<String> {
    match hir.kind() {
        HirKind::Literal(literal) => {
            let text = std::str::from_utf8(&literal.0).ok()?;
            Some(text.chars().map(fold_char).collect())
        }
        HirKind::Class(Class::Unicode(class)) => {
            let mut chars = class
                .ranges()
                .iter()
                .flat_map(|range| (range.start()..=range.end()).take(4));
            let first = fold_char(chars.next()?);
            let small = class.ranges().len() <= 4;
            (small && chars.all(|c| fold_char(c) == first)).then(|| first.to_string())
        }
        HirKind::Capture(capture) => text_of(&capture.sub),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn required(pattern: &str) -> Vec<String> {
        RegexTest::compile(pattern, "").unwrap().required().to_vec()
    }

    #[test]
    fn required_texts_are_in_every_match() {
        assert_eq!(required(r"\d+PowerShell\s"), ["powershell"]);
        assert_eq!(required(r"(?i)kernel\w"), ["kernel"]);
        assert_eq!(required(r"(foo1|bar22)x*"), ["foo1", "bar22"]);
        assert_eq!(required(r"ab.*\\cmd\.exe$"), [r"\cmd.exe"]);
        assert!(required(r"(foo1|b)").is_empty());
        assert!(required(r"(foo1)?").is_empty());
        assert!(required(r"[a-z]{9}").is_empty());
        assert!(required(r"[a-d]xy").is_empty());
        assert_eq!(required(r"x(?:abc){2,}"), ["abc"]);
    }

    #[test]
    fn refused_with_the_reason() {
        let reason = |pattern| RegexTest::compile(pattern, "").unwrap_err();
        assert!(reason("(?=a)b").contains("look-around"), "{}", reason("(?=a)b"));
        assert!(
            reason(r"(a)\1").contains("backreferences"),
            "{}",
            reason(r"(a)\1")
        );
        assert!(reason("a{1000}{1000}").contains("too big"));
        assert!(reason("a(").contains("unclosed"));
    }

    #[test]
    fn known_slow_patterns_are_linear() {
        let text = "a".repeat(100_000) + "!";
        for (pattern, wanted) in [
            (r"(a+)+$", false),
            (r"(a|aa)+$", false),
            (r"(.*)*x", false),
            (r"^(([a-z])+.)+[A-Z]([a-z])+$", false),
            (r"^(a|a?)+!$", true),
        ] {
            assert_eq!(
                RegexTest::compile(pattern, "").unwrap().matches(&text),
                wanted,
                "{pattern}"
            );
        }
    }

    #[test]
    fn flags() {
        assert!(RegexTest::compile("a.c", "is").unwrap().matches("A\nC"));
        assert!(!RegexTest::compile("a.c", "").unwrap().matches("a\nc"));
        assert!(RegexTest::compile("^b$", "m").unwrap().matches("a\nb\nc"));
    }
}
