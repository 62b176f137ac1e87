//! A JSON reader that borrows: one pass over the text, texts without escapes point into it, texts with escapes into an
//! [`Arena`] when the caller has one.
//!
//! It takes what devices write rather than what RFC 8259 allows: a backslash before a character that needs none is
//! kept, control characters inside texts are taken, and an object that is cut off gives the fields that were whole.
//! Depth is bounded; what lies deeper is kept as text. Measured against `serde_json` with a borrowing visitor by
//! `examples/parse_speed.rs`; this reader exists because that one has to copy every text with an escape twice, refuses
//! the loose forms, and has no way to give back what it had read before a fault. A reader with an index of all
//! punctuation (simd-json's way) wants to write into the record, which others still have to see as it was.

use std::borrow::Cow;

use memchr::memchr2;
use saola_event::{Fields, Value};

use super::unescape;
use crate::Arena;

/// Objects and lists within each other; what lies deeper is kept as unread text.
const MAX_DEPTH: u32 = 48;
/// Bytes of a text looked at eight by eight before the wide search is called, whose start costs more than that.
const NEAR: usize = 48;

/// What was read of an object.
pub(crate) struct Object<'a> {
    /// Its fields, in order.
    pub(crate) fields: Fields<'a>,
    /// Whether the closing brace was reached without a fault.
    pub(crate) complete: bool,
}

/// Reads the object at the start of a text. `None` when there is none, or when not one field of it can be read.
pub(crate) fn object<'a>(text: &'a str, arena: Option<&'a Arena>) -> Option<Object<'a>> {
    let mut reader = Reader { text, at: 0, arena };
    reader.blanks();
    reader.take(b'{')?;
    let mut fields = Fields::with_capacity(40);
    let complete = reader.members(&mut fields, MAX_DEPTH).is_some();
    if fields.is_empty() && !complete {
        return None;
    }
    Some(Object { fields, complete })
}

/// Where the next quote or backslash is.
#[inline]
pub(super) fn stop(bytes: &[u8]) -> Option<usize> {
    let (words, rest) = bytes.get(..NEAR.min(bytes.len()))?.as_chunks::<8>();
    for (index, word) in words.iter().enumerate() {
        let stops = stops_in(u64::from_le_bytes(*word));
        if stops != 0 {
            return Some(index * 8 + stops.trailing_zeros() as usize / 8);
        }
    }
    let near = words.len() * 8;
    if bytes.len() <= NEAR {
        let at = rest.iter().position(|byte| matches!(byte, b'"' | b'\\'))?;
        return Some(near + at);
    }
    Some(near + memchr2(b'"', b'\\', bytes.get(near..)?)?)
}

/// The high bit of each of eight bytes that is a quote or a backslash. The lowest is exact; above it there may be false ones.
#[inline]
const fn stops_in(word: u64) -> u64 {
    const ONES: u64 = 0x0101_0101_0101_0101;
    let quotes = word ^ (ONES * b'"' as u64);
    let slashes = word ^ (ONES * b'\\' as u64);
    ((quotes.wrapping_sub(ONES) & !quotes) | (slashes.wrapping_sub(ONES) & !slashes)) & (ONES << 7)
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    arena: Option<&'a Arena>,
}

impl<'a> Reader<'a> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    #[inline]
    fn take(&mut self, byte: u8) -> Option<()> {
        if self.peek()? != byte {
            return None;
        }
        self.at += 1;
        Some(())
    }

    #[inline]
    fn blanks(&mut self) {
        if self.peek().is_some_and(|byte| byte > b' ') {
            return;
        }
        while let Some(b' ' | b'\t' | b'\r' | b'\n') = self.peek() {
            self.at += 1;
        }
    }

    /// The members of an object whose brace has been taken. `None` at a fault; what was read is in `fields`.
    fn members(&mut self, fields: &mut Fields<'a>, depth: u32) -> Option<()> {
        self.blanks();
        if self.take(b'}').is_some() {
            return Some(());
        }
        loop {
            self.blanks();
            self.take(b'"')?;
            let name = self.string()?;
            self.divider()?;
            let value = self.value(depth)?;
            fields.push(name, value);
            // Nearly always `,` or `}` follows at once.
            if !matches!(self.peek()?, b',' | b'}') {
                self.blanks();
            }
            match self.peek()? {
                b',' => self.at += 1,
                b'}' => {
                    self.at += 1;
                    return Some(());
                }
                _ => return None,
            }
        }
    }

    /// The colon, and blanks around it.
    #[inline]
    fn divider(&mut self) -> Option<()> {
        if self.peek()? != b':' {
            self.blanks();
        }
        self.take(b':')?;
        if self.peek()? <= b' ' {
            self.blanks();
        }
        Some(())
    }

    #[inline]
    fn value(&mut self, depth: u32) -> Option<Value<'a>> {
        match self.peek()? {
            b'"' => {
                self.at += 1;
                self.string().map(Value::Text)
            }
            b'{' | b'[' if depth == 0 => self.skipped().map(|text| Value::Text(Cow::Borrowed(text))),
            b'{' => {
                self.at += 1;
                let mut inner = Fields::new();
                self.members(&mut inner, depth - 1)?;
                Some(Value::Map(inner))
            }
            b'[' => {
                self.at += 1;
                self.items(depth - 1).map(Value::List)
            }
            b't' => self.word("true", Value::Bool(true)),
            b'f' => self.word("false", Value::Bool(false)),
            b'n' => self.word("null", Value::Null),
            _ => self.number(),
        }
    }

    fn items(&mut self, depth: u32) -> Option<Vec<Value<'a>>> {
        let mut items = Vec::new();
        self.blanks();
        if self.take(b']').is_some() {
            return Some(items);
        }
        loop {
            self.blanks();
            items.push(self.value(depth)?);
            self.blanks();
            match self.peek()? {
                b',' => self.at += 1,
                b']' => {
                    self.at += 1;
                    return Some(items);
                }
                _ => return None,
            }
        }
    }

    fn word(&mut self, word: &str, value: Value<'a>) -> Option<Value<'a>> {
        self.rest().strip_prefix(word)?;
        self.at += word.len();
        Some(value)
    }

    /// Whole numbers of few digits, which are nearly all, without a second look at the text.
    fn number(&mut self) -> Option<Value<'a>> {
        const SAFE_DIGITS: usize = 18;
        let rest = self.rest().as_bytes();
        let (negative, digits) = match rest {
            [b'-', digits @ ..] => (true, digits),
            digits => (false, digits),
        };
        let mut sum = 0_i64;
        let mut count = 0;
        for byte in digits
            .iter()
            .take(SAFE_DIGITS)
            .take_while(|byte| byte.is_ascii_digit())
        {
            sum = sum * 10 + i64::from(byte - b'0');
            count += 1;
        }
        match digits.get(count) {
            Some(b'0'..=b'9' | b'.' | b'e' | b'E' | b'+' | b'-') => self.long_number(),
            _ if count == 0 => self.long_number(),
            _ => {
                self.at += usize::from(negative) + count;
                Some(Value::Int(if negative { -sum } else { sum }))
            }
        }
    }

    fn long_number(&mut self) -> Option<Value<'a>> {
        let start = self.at;
        let mut whole = true;
        while let Some(byte) = self.peek() {
            match byte {
                b'0'..=b'9' => {}
                b'-' if self.at == start => {}
                b'.' | b'e' | b'E' | b'+' | b'-' => whole = false,
                _ => break,
            }
            self.at += 1;
        }
        let text = self.text.get(start..self.at)?;
        if whole {
            if let Ok(number) = text.parse::<i64>() {
                return Some(Value::Int(number));
            }
            if let Ok(number) = text.parse::<u64>() {
                return Some(Value::Uint(number));
            }
        }
        text.parse()
            .ok()
            .filter(|n: &f64| n.is_finite())
            .map(Value::Float)
    }

    /// A text whose opening quote has been taken.
    #[inline]
    fn string(&mut self) -> Option<Cow<'a, str>> {
        let start = self.at;
        let end = start + stop(self.text.as_bytes().get(start..)?)?;
        let plain = self.text.get(start..end)?;
        self.at = end + 1;
        match self.text.as_bytes().get(end) {
            Some(b'"') => Some(Cow::Borrowed(plain)),
            _ => self.escaped(plain),
        }
    }

    /// The rest of a text from its first escape on; the backslash has been taken.
    fn escaped(&mut self, plain: &str) -> Option<Cow<'a, str>> {
        let rest = self.text.get(self.at..)?;
        let (text, read) = match self.arena {
            Some(arena) => {
                let mut text = arena.text(plain, rest.len());
                let read = unescape::rest(rest, &mut text)?;
                (Cow::Borrowed(text.finish()), read)
            }
            None => {
                let mut text = String::with_capacity(plain.len() + 64);
                text.push_str(plain);
                let read = unescape::rest(rest, &mut text)?;
                (Cow::Owned(text), read)
            }
        };
        self.at += read;
        Some(text)
    }

    /// Passes over an object or list without reading it and without recursion.
    fn skipped(&mut self) -> Option<&'a str> {
        let start = self.at;
        let mut open = 0_usize;
        while let Some(byte) = self.peek() {
            self.at += 1;
            match byte {
                b'"' => {
                    self.string()?;
                }
                b'{' | b'[' => open += 1,
                b'}' | b']' => open -= 1,
                _ => {}
            }
            if open == 0 {
                return self.text.get(start..self.at);
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> String {
        object(text, None).map_or("none".to_owned(), |object| {
            let json = serde_json::to_string(&object.fields).unwrap();
            format!("{json}{}", if object.complete { "" } else { " cut" })
        })
    }

    #[test]
    fn reads_what_serde_json_reads() {
        for text in [
            r#"{}"#,
            r#"{"a":1,"b":-2,"c":18446744073709551615,"d":1.5,"e":1e3,"f":true,"g":false,"h":null}"#,
            r#"{"text":"a\"b\\c\/d\n\t\r\b\f\u0041\u1ec7\ud83d\ude00","đường":"Tệp tin"}"#,
            r#"{"list":[1,[2,[]],{"x":[{}]}],"map":{"y":{"z":""}}}"#,
            "{ \"a\" :\t1 ,\r\n\"b\" : [ 1 , 2 ] }",
        ] {
            let expected: serde_json::Value = serde_json::from_str(text).unwrap();
            let read = object(text, None).unwrap();
            assert!(read.complete, "{text}");
            assert_eq!(serde_json::to_value(&read.fields).unwrap(), expected, "{text}");
        }
    }

    #[test]
    fn borrows_what_has_no_escape() {
        let read = object(r#"{"plain":"text","escaped":"a\nb"}"#, None).unwrap();
        assert!(matches!(
            read.fields.find("plain"),
            Some(Value::Text(Cow::Borrowed("text")))
        ));
        assert!(matches!(
            read.fields.find("escaped"),
            Some(Value::Text(Cow::Owned(_)))
        ));
    }

    #[test]
    fn an_arena_holds_what_had_escapes() {
        let arena = Arena::default();
        let read = object(r#"{"a":"C:\\Windows\\System32\\ßx","b":"\u1ec7"}"#, Some(&arena)).unwrap();
        assert!(matches!(
            read.fields.find("a"),
            Some(Value::Text(Cow::Borrowed(r"C:\Windows\System32\ßx")))
        ));
        assert_eq!(read.fields.text("b"), Some("\u{1ec7}"));
    }

    #[test]
    fn stops_are_found_at_every_distance() {
        for length in 0..120 {
            let plain = "#!\u{a2}".repeat(length);
            for byte in ['"', '\\'] {
                let text = format!("{plain}{byte}\"\\");
                assert_eq!(stop(text.as_bytes()), Some(plain.len()), "{text}");
            }
            assert_eq!(stop(plain.as_bytes()), None);
        }
    }

    #[test]
    fn loose_forms_are_taken() {
        assert_eq!(read(r#"{"path":"C:\Windows\x"}"#), r#"{"path":"C:\\Windows\\x"}"#);
        assert_eq!(read("{\"a\":\"x\ny\"}"), r#"{"a":"x\ny"}"#);
        assert_eq!(
            read(r#"{"a":"\ud83dx","b":"\udc00","c":"\u12"}"#),
            "{\"a\":\"\u{fffd}x\",\"b\":\"\u{fffd}\",\"c\":\"\\\\u12\"}"
        );
        assert_eq!(read(r#"{"a":1} tail"#), r#"{"a":1}"#);
    }

    #[test]
    fn a_cut_object_gives_what_was_whole() {
        assert_eq!(read(r#"{"a":1,"b":"tex"#), r#"{"a":1} cut"#);
        assert_eq!(read(r#"{"a":1,"b":{"c":2"#), r#"{"a":1} cut"#);
        for text in [
            "",
            "{",
            "[1]",
            r#"{"a"#,
            r#"{"a":"#,
            "{a:1}",
            "{'a':1}",
            r#"{"a":+}"#,
            r#"{"a":--1}"#,
        ] {
            assert_eq!(read(text), "none", "{text}");
        }
    }

    #[test]
    fn depth_is_bounded_and_nothing_is_lost_by_it() {
        let deep = format!(r#"{{"a":{}{}}}"#, "[".repeat(10_000), "]".repeat(10_000));
        let read = object(&deep, None).unwrap();
        assert!(read.complete);
        assert!(serde_json::to_string(&read.fields).unwrap().len() > 19_900);
    }
}
