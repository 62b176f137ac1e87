//! Texts with wildcards: reading them from rules, folding case, matching.

use std::borrow::Cow;

use memchr::memmem;

/// The dashes that `windash` takes for one another: hyphen, slash, en dash, em dash, horizontal bar.
pub const DASHES: [char; 5] = ['-', '/', '\u{2013}', '\u{2014}', '\u{2015}'];

/// A part of a pattern.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Piece {
    /// This text.
    Text(String),
    /// `*`: any run of characters, newlines included.
    AnyRun,
    /// `?`: exactly one character.
    AnyOne,
    /// Any of [`DASHES`].
    Dash,
}

/// A text with wildcards that must match a whole value. Without case it is held folded and is matched against folded
/// text.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TextPattern {
    pieces: Vec<Piece>,
    cased: bool,
}

/// What a pattern comes down to, for choosing the cheapest way to find it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape<'p> {
    /// Any value.
    Any,
    /// This text.
    Whole(&'p str),
    /// Begins with it.
    Start(&'p str),
    /// Ends with it.
    End(&'p str),
    /// Has it anywhere.
    Anywhere(&'p str),
    /// Anything else.
    Mixed,
}

/// Simple case folding, one character to one character: `ſ` is `s`, the Kelvin sign is `k`, `ς` is `σ`; characters whose
/// lower case is longer than one character stay.
pub fn fold_char(c: char) -> char {
    if c.is_ascii() {
        return c.to_ascii_lowercase();
    }
    match c {
        'ſ' => 's',
        'ς' => 'σ',
        _ => {
            let mut lower = c.to_lowercase();
            match (lower.next(), lower.next()) {
                (Some(one), None) => one,
                _ => c,
            }
        }
    }
}

/// The folded text; borrows when there is nothing to fold.
pub fn fold(text: &str) -> Cow<'_, str> {
    if text.chars().all(|c| fold_char(c) == c) {
        Cow::Borrowed(text)
    } else {
        Cow::Owned(text.chars().map(fold_char).collect())
    }
}

/// Writes the folded text into a buffer that is used again and again.
pub(crate) fn fold_into(text: &str, buffer: &mut String) {
    buffer.clear();
    if text.is_ascii() {
        buffer.push_str(text);
        buffer.make_ascii_lowercase();
    } else {
        buffer.extend(text.chars().map(fold_char));
    }
}

/// Reads a rule's text: `*` and `?` are wildcards, `\*` and `\?` are not, `\\` is one backslash, and a backslash before
/// anything else is itself.
pub fn parse_wildcards(text: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut literal = String::new();
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\\' => literal.push(
                chars
                    .next_if(|next| matches!(next, '*' | '?' | '\\'))
                    .unwrap_or('\\'),
            ),
            '*' | '?' => {
                if !literal.is_empty() {
                    pieces.push(Piece::Text(std::mem::take(&mut literal)));
                }
                pieces.push(if c == '*' { Piece::AnyRun } else { Piece::AnyOne });
            }
            _ => literal.push(c),
        }
    }
    if !literal.is_empty() {
        pieces.push(Piece::Text(literal));
    }
    pieces
}

impl TextPattern {
    /// A pattern of the given pieces; neighbouring texts and runs are joined, and folded unless `cased`.
    pub fn new(pieces: impl IntoIterator<Item = Piece>, cased: bool) -> Self {
        let mut joined: Vec<Piece> = Vec::new();
        for piece in pieces {
            match (joined.last_mut(), piece) {
                (_, Piece::Text(text)) if text.is_empty() => {}
                (Some(Piece::AnyRun), Piece::AnyRun) => {}
                (Some(Piece::Text(before)), Piece::Text(text)) => before.push_str(&text),
                (_, piece) => joined.push(piece),
            }
        }
        if !cased {
            for piece in &mut joined {
                if let Piece::Text(text) = piece {
                    *text = fold(text).into_owned();
                }
            }
        }
        Self {
            pieces: joined,
            cased,
        }
    }

    /// The pieces, neighbours joined.
    pub fn pieces(&self) -> &[Piece] {
        &self.pieces
    }

    /// Whether case matters.
    pub fn cased(&self) -> bool {
        self.cased
    }

    /// What it comes down to.
    pub fn shape(&self) -> Shape<'_> {
        use Piece::{AnyRun, Text};
        match self.pieces.as_slice() {
            [] => Shape::Whole(""),
            [AnyRun] => Shape::Any,
            [Text(text)] => Shape::Whole(text),
            [Text(text), AnyRun] => Shape::Start(text),
            [AnyRun, Text(text)] => Shape::End(text),
            [AnyRun, Text(text), AnyRun] => Shape::Anywhere(text),
            _ => Shape::Mixed,
        }
    }

    /// The longest text that every match has in it, in bytes; empty when there is none.
    pub fn longest_text(&self) -> &str {
        let texts = self.pieces.iter().map(|piece| match piece {
            Piece::Text(text) => text.as_str(),
            _ => "",
        });
        texts.max_by_key(|text| text.len()).unwrap_or("")
    }

    /// Whether the whole text matches. The text must be folded unless the pattern is [cased](Self::cased).
    pub fn matches(&self, text: &str) -> bool {
        match self.shape() {
            Shape::Any => true,
            Shape::Whole(part) => text == part,
            Shape::Start(part) => text.starts_with(part),
            Shape::End(part) => text.ends_with(part),
            Shape::Anywhere(part) => memmem::find(text.as_bytes(), part.as_bytes()).is_some(),
            Shape::Mixed => self.find(text).is_some(),
        }
    }

    /// Where it matches, without what leading and trailing `*` stand for. The text must be folded unless cased.
    ///
    /// Leftmost segments are taken greedily, which is right for `*`: a later start can only leave less room. The cost
    /// is at most text × pattern.
    pub fn find(&self, text: &str) -> Option<(usize, usize)> {
        let mut segments: Vec<&[Piece]> = self.pieces.split(|piece| *piece == Piece::AnyRun).collect();
        let last = segments.pop()?;
        let Some((first, middle)) = segments.split_first() else {
            return (segment_at(last, text, 0)? == text.len()).then_some((0, text.len()));
        };
        let mut at = segment_at(first, text, 0)?;
        let mut start = (!first.is_empty()).then_some(0);
        for segment in middle {
            let (begin, end) = segment_from(segment, text, at)?;
            start.get_or_insert(begin);
            at = end;
        }
        if last.is_empty() {
            return Some((start.unwrap_or(0), at));
        }
        let begin = from_end(text, segment_chars(last))?;
        let fits = begin >= at && segment_at(last, text, begin)? == text.len();
        fits.then(|| (start.unwrap_or(begin), text.len()))
    }
}

/// The end of a segment that begins exactly at `at`.
fn segment_at(segment: &[Piece], text: &str, at: usize) -> Option<usize> {
    segment.iter().try_fold(at, |at, piece| {
        let rest = text.get(at..)?;
        match piece {
            Piece::Text(part) => rest.starts_with(part.as_str()).then(|| at + part.len()),
            Piece::AnyOne => rest.chars().next().map(|c| at + c.len_utf8()),
            Piece::Dash => rest
                .chars()
                .next()
                .filter(|c| DASHES.contains(c))
                .map(|c| at + c.len_utf8()),
            Piece::AnyRun => None,
        }
    })
}

/// The first place at or after `from` where a segment matches.
fn segment_from(segment: &[Piece], text: &str, from: usize) -> Option<(usize, usize)> {
    let rest = text.get(from..)?;
    if let [Piece::Text(first), tail @ ..] = segment {
        return memmem::find_iter(rest.as_bytes(), first.as_bytes()).find_map(|hit| {
            let begin = from + hit;
            segment_at(tail, text, begin + first.len()).map(|end| (begin, end))
        });
    }
    let ends = rest
        .char_indices()
        .map(|(offset, _)| from + offset)
        .chain([text.len()]);
    ends.into_iter()
        .find_map(|begin| segment_at(segment, text, begin).map(|end| (begin, end)))
}

fn segment_chars(segment: &[Piece]) -> usize {
    let chars = segment.iter().map(|piece| match piece {
        Piece::Text(text) => text.chars().count(),
        _ => 1,
    });
    chars.sum()
}

/// Where the last `chars` characters of a text begin.
fn from_end(text: &str, chars: usize) -> Option<usize> {
    match chars {
        0 => Some(text.len()),
        _ => text.char_indices().rev().nth(chars - 1).map(|(at, _)| at),
    }
}

/// Offsets of a folded text mapped back to the text it was folded from.
pub(crate) fn unfold_span(text: &str, (start, end): (usize, usize)) -> (usize, usize) {
    if text.is_ascii() {
        return (start, end);
    }
    let (mut folded, mut span) = (0, (text.len(), text.len()));
    for (at, c) in text.char_indices() {
        if folded <= start {
            span.0 = at;
        }
        if folded >= end {
            span.1 = at;
            break;
        }
        folded += fold_char(c).len_utf8();
    }
    if start == folded {
        span.0 = text.len();
    }
    span
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(pattern: &str, text: &str) -> bool {
        TextPattern::new(parse_wildcards(pattern), false).matches(&fold(text))
    }

    #[test]
    fn wildcards_and_escapes() {
        for (pattern, text, wanted) in [
            ("abc", "ABC", true),
            ("abc", "abcd", false),
            ("a*c", "a\nb\nc", true),
            ("a?c", "a\nc", true),
            ("a?c", "ac", false),
            ("a?c", "aĐc", true),
            (r"a\*c", "a*c", true),
            (r"a\*c", "abc", false),
            (r"a\?c", "a?c", true),
            (r"a\\c", r"a\c", true),
            (r"a\c", r"a\c", true),
            (r"a\\*c", r"a\bbbc", true),
            (r"a\\*c", r"abbbc", false),
            (r"a\\\*c", r"a\*c", true),
            (r"a\\\*c", r"a\bc", false),
            (r"a\\\c", r"a\\c", true),
            (r"a\\\\c", r"a\\c", true),
            (r"a\", r"a\", true),
            ("", "", true),
            ("", "a", false),
            ("*", "", true),
            ("?", "", false),
            ("*a*b*", "xxbxaxb", true),
            ("*a*b*", "bxxa", false),
            ("a*ab", "ab", false),
            ("a*ab", "aab", true),
            ("*?b?", "abc", true),
            ("*?b?", "bc", false),
            ("??*", "a", false),
            ("*??", "ab", true),
            ("đĂng*", "ĐĂNG nhập", true),
        ] {
            assert_eq!(matches(pattern, text), wanted, "{pattern:?} on {text:?}");
        }
    }

    #[test]
    fn case_stays_when_asked() {
        let pattern = TextPattern::new(parse_wildcards("aB*"), true);
        assert!(pattern.matches("aBc"));
        assert!(!pattern.matches("abc"));
    }

    #[test]
    fn shapes() {
        let shape = |text: &str| format!("{:?}", TextPattern::new(parse_wildcards(text), false).shape());
        assert_eq!(shape("*Ab*"), "Anywhere(\"ab\")");
        assert_eq!(shape("ab**"), "Start(\"ab\")");
        assert_eq!(shape("**"), "Any");
        assert_eq!(shape(""), "Whole(\"\")");
        assert_eq!(shape("*a?"), "Mixed");
    }

    #[test]
    fn spans_survive_folding() {
        // The Kelvin sign is three bytes, its folding one.
        let text = "\u{212A}\u{212A}abc";
        let folded = fold(text).into_owned();
        assert_eq!(folded, "kkabc");
        let pattern = TextPattern::new(parse_wildcards("*abc*"), false);
        let (start, end) = unfold_span(text, pattern.find(&folded).unwrap());
        assert_eq!(text.get(start..end), Some("abc"));
    }

    #[test]
    fn a_hostile_pattern_on_a_long_text_ends() {
        let pattern = TextPattern::new(parse_wildcards(&"*a".repeat(2_000)), false);
        assert!(!pattern.matches(&"a".repeat(1_999)));
        assert!(pattern.matches(&"a".repeat(1 << 20)));
    }
}
