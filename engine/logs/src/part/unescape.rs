//! Escapes of JSON texts, taken off into a text that grows.

use super::json::stop;

/// Where unescaped text goes.
pub(crate) trait Sink {
    /// Adds a character.
    fn push(&mut self, character: char);
    /// Adds a text.
    fn push_str(&mut self, text: &str);
}

impl Sink for String {
    fn push(&mut self, character: char) {
        Self::push(self, character);
    }

    fn push_str(&mut self, text: &str) {
        Self::push_str(self, text);
    }
}

/// Reads from behind a first backslash to the closing quote, and says how many bytes that was, the quote included.
/// `None` when there is no closing quote.
pub(super) fn rest(text: &str, sink: &mut impl Sink) -> Option<usize> {
    let mut reader = Reader { text, at: 0 };
    loop {
        reader.escape(sink)?;
        let rest = text.as_bytes().get(reader.at..)?;
        let end = reader.at + stop(rest)?;
        if end > reader.at {
            sink.push_str(text.get(reader.at..end)?);
        }
        reader.at = end + 1;
        if text.as_bytes().get(end) == Some(&b'"') {
            return Some(reader.at);
        }
    }
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl Reader<'_> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn escape(&mut self, sink: &mut impl Sink) -> Option<()> {
        let plain = match self.peek()? {
            byte @ (b'"' | b'\\' | b'/') => char::from(byte),
            b'n' => '\n',
            b't' => '\t',
            b'r' => '\r',
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'u' => {
                if let Some(unit) = self.code_unit() {
                    sink.push(self.with_low_half(unit));
                    return Some(());
                }
                '\\'
            }
            _ => '\\',
        };
        sink.push(plain);
        if plain != '\\' || self.peek() == Some(b'\\') {
            self.at += 1;
        }
        Some(())
    }

    /// `uXXXX`, taken whole or not at all.
    fn code_unit(&mut self) -> Option<u16> {
        let digits = self.text.get(self.at + 1..self.at + 5)?;
        if !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
            return None;
        }
        let unit = u16::from_str_radix(digits, 16).ok()?;
        self.at += 5;
        Some(unit)
    }

    /// Joins a high surrogate with the low one that must follow; halves alone become the replacement character.
    fn with_low_half(&mut self, high: u16) -> char {
        let before = self.at;
        let low = (0xd800..0xdc00).contains(&high).then(|| self.low_half());
        let units = std::iter::once(high).chain(low.flatten());
        match char::decode_utf16(units).next() {
            Some(Ok(character)) => character,
            _ => {
                self.at = before;
                char::REPLACEMENT_CHARACTER
            }
        }
    }

    fn low_half(&mut self) -> Option<u16> {
        if self.text.as_bytes().get(self.at..self.at + 2)? != b"\\u" {
            return None;
        }
        self.at += 1;
        self.code_unit()
    }
}
