//! Regular expressions: compiled under a size limit, with the texts that every match must have in it.
//!
//! The `regex` crate is linear in the value's length for every pattern, so no rule can hang the engine; what it does not
//! support (look-around, back-references) is refused with that reason. The required texts let the plan run an
//! expression only on values that can match.

use memchr::memmem::Finder;
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
/// The shortest that is of use for ruling a value out.
const MIN_NEEDED: usize = 2;

/// A regular expression of a rule.
#[derive(Clone, Debug)]
pub struct RegexTest {
    /// The expression with its flags in front.
    pub source: String,
    regex: Regex,
    required: Vec<String>,
    /// For each part of the expression that is a text or a choice of texts, those (folded) texts: a match has one of each.
    needs: Vec<Vec<Finder<'static>>>,
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
        let parts = regex_syntax::parse(&source).map_or_else(|_| Vec::new(), |hir| needed_texts(&hir));
        let needs = parts.iter().map(|texts| {
            let finders = texts.iter().map(|text| Finder::new(text).into_owned());
            finders.collect()
        });
        Ok(Self {
            needs: needs.collect(),
            required: best(parts).unwrap_or_default(),
            source,
            regex,
        })
    }

    /// Whether it matches anywhere in the text.
    pub fn matches(&self, text: &str) -> bool {
        self.regex.is_match(text)
    }

    /// Whether a text whose folded form this is can match at all. Seeking a few texts costs a small part of what the
    /// expression does, and settles most values.
    pub(crate) fn can_match(&self, folded: &str) -> bool {
        let has = |text: &Finder<'_>| text.find(folded.as_bytes()).is_some();
        self.needs.iter().all(|texts| texts.iter().any(has))
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

/// For each part of an expression that is a text or a choice of texts, those texts, folded: a match has one of each.
fn needed_texts(hir: &Hir) -> Vec<Vec<String>> {
    let mut parts = Vec::new();
    add_needed(hir, &mut parts);
    parts
}

fn add_needed(hir: &Hir, parts: &mut Vec<Vec<String>>) {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => {}
        HirKind::Literal(_) | HirKind::Class(_) => add_text(text_of(hir).unwrap_or_default(), parts),
        HirKind::Capture(capture) => add_needed(&capture.sub, parts),
        HirKind::Repetition(repetition) if repetition.min > 0 => add_needed(&repetition.sub, parts),
        HirKind::Repetition(_) => {}
        HirKind::Alternation(branches) => {
            let each: Option<Vec<_>> = branches.iter().map(|branch| best(needed_texts(branch))).collect();
            let all = each.unwrap_or_default().concat();
            if !all.is_empty() && all.len() <= MAX_TEXTS {
                parts.push(all);
            }
        }
        HirKind::Concat(inner) => add_concat(inner, parts),
    }
}

fn add_concat(inner: &[Hir], parts: &mut Vec<Vec<String>>) {
    let mut run = String::new();
    for part in inner {
        if let Some(text) = text_of(part) {
            run.push_str(&text);
        } else if !matches!(part.kind(), HirKind::Look(_)) {
            add_text(std::mem::take(&mut run), parts);
            add_needed(part, parts);
        }
    }
    add_text(run, parts);
}

fn add_text(text: String, parts: &mut Vec<Vec<String>>) {
    if text.len() >= MIN_NEEDED {
        parts.push(vec![text]);
    }
}

/// The part whose shortest text is longest, if that is long enough to look values up by.
fn best(parts: Vec<Vec<String>>) -> Option<Vec<String>> {
    let shortest = |texts: &Vec<String>| texts.iter().map(String::len).min().unwrap_or(0);
    let best = parts.into_iter().max_by_key(shortest)?;
    (shortest(&best) >= MIN_TEXT).then_some(best)
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
    fn values_without_a_needed_text_are_ruled_out() {
        let can = |pattern, folded| RegexTest::compile(pattern, "").unwrap().can_match(folded);
        let trace = r"^C:\\ntdll\.dll\+[a-z]{4}\|UNKNOWN\(";
        assert!(can(trace, r"c:\ntdll.dll+abcd|unknown(00)"));
        assert!(!can(trace, r"c:\ntdll.dll+abcd|kernel32.dll"));
        let either = "(?i)set.*&&.*(environment|invoke)";
        assert!(can(either, "set a && invoke"));
        assert!(!can(either, "set a & invoke"));
        assert!(!can(either, "set a && inv"));
        assert!(can("(abc)?x*", ""));
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
