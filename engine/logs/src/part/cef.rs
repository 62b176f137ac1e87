//! ArcSight's Common Event Format: `CEF:0|vendor|product|version|id|name|severity|key=value key=value …`.
//!
//! Values are not quoted and may hold blanks; the next key ends them. In the header `\|` and `\\` are escapes, in the
//! extension `\=`, `\\`, `\n`, `\r`. Senders also write `CEF: 0|`, `CEF:CEF:0|`, or leave the mark out.

use std::borrow::Cow;

/// The parts before the extension.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Header<'r> {
    pub(crate) vendor: &'r str,
    pub(crate) product: &'r str,
    pub(crate) version: &'r str,
    pub(crate) id: &'r str,
    pub(crate) name: &'r str,
    pub(crate) severity: &'r str,
    pub(crate) extension: &'r str,
}

/// Reads the header, wherever in the text it begins.
pub(crate) fn header(text: &str) -> Option<Header<'_>> {
    let rest = match memchr::memmem::find(text.as_bytes(), b"CEF:") {
        Some(at) => text.get(at + 4..)?.trim_start_matches("CEF:").trim_start(),
        None => text.trim_start(),
    };
    let (version, mut rest) = rest.split_once('|')?;
    if !matches!(version, "0" | "1" | "0.1") {
        return None;
    }
    let mut parts = [""; 6];
    for part in &mut parts {
        let end = unescaped_bar(rest)?;
        *part = rest.get(..end)?;
        rest = rest.get(end + 1..)?;
    }
    let [vendor, product, version, id, name, severity] = parts;
    Some(Header {
        vendor,
        product,
        version,
        id,
        name,
        severity,
        extension: rest,
    })
}

fn unescaped_bar(text: &str) -> Option<usize> {
    let mut escaped = false;
    text.bytes().position(|b| {
        let bar = b == b'|' && !escaped;
        escaped = b == b'\\' && !escaped;
        bar
    })
}

/// The extension's pairs.
pub(crate) struct Extension<'r>(&'r str);

const MAX_PAIRS: usize = 1024;

/// Reads the extension.
pub(crate) fn extension(text: &str) -> impl Iterator<Item = (&str, Cow<'_, str>)> {
    Extension(text.trim()).take(MAX_PAIRS)
}

impl<'r> Iterator for Extension<'r> {
    type Item = (&'r str, Cow<'r, str>);

    fn next(&mut self) -> Option<Self::Item> {
        let assign = next_assign(self.0, 0)?;
        let key = key_before(self.0, assign)?;
        let start = assign + 1;
        // The value ends before the key of the next pair.
        let mut from = start;
        let end = loop {
            let Some(next) = next_assign(self.0, from) else {
                break self.0.len();
            };
            match key_before(self.0, next) {
                Some(next_key) if next - next_key.len() > start => break next - next_key.len(),
                Some(next_key) if next - next_key.len() == start => break start,
                _ => from = next + 1,
            }
        };
        let value = self.0.get(start..end)?.trim_end();
        self.0 = self.0.get(end..).unwrap_or_default();
        Some((key, unescaped(value)))
    }
}

/// The next `=` that no backslash escapes.
fn next_assign(text: &str, from: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    memchr::memchr_iter(b'=', bytes.get(from..)?)
        .map(|at| at + from)
        .find(|at| at.checked_sub(1).and_then(|before| bytes.get(before)) != Some(&b'\\'))
}

/// The key that ends at `at`: a run of key characters behind a blank or at the start.
fn key_before(text: &str, at: usize) -> Option<&str> {
    let before = text.get(..at)?;
    let length = before
        .bytes()
        .rev()
        .take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'-' | b'[' | b']'))
        .count();
    let start = at - length;
    let stands_alone = start == 0
        || before
            .as_bytes()
            .get(start - 1)
            .is_some_and(u8::is_ascii_whitespace);
    (length > 0 && stands_alone)
        .then(|| before.get(start..))
        .flatten()
}

fn unescaped(value: &str) -> Cow<'_, str> {
    if !value.contains('\\') {
        return Cow::Borrowed(value);
    }
    let mut text = String::with_capacity(value.len());
    let mut chars = value.chars().peekable();
    while let Some(c) = chars.next() {
        let plain = match (c, chars.peek()) {
            ('\\', Some(&next @ ('=' | '\\' | '|'))) => next,
            ('\\', Some('n')) if !value.contains(":\\") => '\n',
            ('\\', Some('r')) if !value.contains(":\\") => '\r',
            _ => {
                text.push(c);
                continue;
            }
        };
        text.push(plain);
        chars.next();
    }
    Cow::Owned(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers() {
        let header =
            header(r"<134>Nov 22 07:30:00 fw CEF: 0|Ven\|dor|Prod|1.0|77|A name|5|src=10.0.0.7").unwrap();
        assert_eq!(
            (header.vendor, header.id, header.severity, header.extension),
            (r"Ven\|dor", "77", "5", "src=10.0.0.7")
        );
        for text in ["", "CEF:", "CEF:0|a|b|c", "CEF:9|a|b|c|d|e|f|g", "x|a|b|c|d|e|f|"] {
            assert_eq!(super::header(text), None, "{text}");
        }
    }

    #[test]
    fn extensions() {
        let read = |text: &str| -> String {
            extension(text)
                .map(|(key, value)| format!("{key}<{value}>"))
                .collect::<Vec<_>>()
                .concat()
        };
        for (text, expected) in [
            (
                "src=10.0.0.7 msg=two words here dst=10.0.0.8",
                "src<10.0.0.7>msg<two words here>dst<10.0.0.8>",
            ),
            (
                r"request=http://x/?a\=1&b\=2 act=x",
                "request<http://x/?a=1&b=2>act<x>",
            ),
            (
                "request=http://x/?a=1&b=2 act=x",
                "request<http://x/?a=1&b=2>act<x>",
            ),
            ("duser= suser=an", "duser<>suser<an>"),
            ("prose first a=1", "a<1>"),
            (
                r"fname=C:\\Tệp.exe rt=Nov 22 2026 07:30:00",
                r"fname<C:\Tệp.exe>rt<Nov 22 2026 07:30:00>",
            ),
            ("", ""),
            ("=", ""),
        ] {
            assert_eq!(read(text), expected, "{text}");
        }
    }
}
