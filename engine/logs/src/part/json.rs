//! A JSON reader that borrows: one pass over the text, texts without escapes point into it.
//!
//! It takes what devices write rather than what RFC 8259 allows: a backslash before a character that needs none is
//! kept, control characters inside texts are taken, and an object that is cut off gives the fields that were whole.
//! Depth is bounded; what lies deeper is kept as text. Measured against `serde_json` with a borrowing visitor by
//! `examples/parse_speed.rs`; this reader exists because that one has to copy every text with an escape twice, refuses
//! the loose forms, and has no way to give back what it had read before a fault.

use std::borrow::Cow;

use memchr::memchr2;
use saola_event::{Fields, Value};

/// Objects and lists within each other; what lies deeper is kept as unread text.
const MAX_DEPTH: u32 = 48;

/// What was read of an object.
pub(crate) struct Object<'a> {
    /// Its fields, in order.
    pub(crate) fields: Fields<'a>,
    /// Whether the closing brace was reached without a fault.
    pub(crate) complete: bool,
}

/// Reads the object at the start of a text. `None` when there is none, or when not one field of it can be read.
pub(crate) fn object(text: &str) -> Option<Object<'_>> {
    let mut reader = Reader { text, at: 0 };
    reader.blanks();
    reader.take(b'{')?;
    let mut fields = Fields::with_capacity(32);
    let complete = reader.members(&mut fields, MAX_DEPTH).is_some();
    if fields.is_empty() && !complete {
        return None;
    }
    Some(Object { fields, complete })
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Reader<'a> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn take(&mut self, byte: u8) -> Option<()> {
        if self.peek()? != byte {
            return None;
        }
        self.at += 1;
        Some(())
    }

    fn blanks(&mut self) {
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
            self.blanks();
            self.take(b':')?;
            self.blanks();
            let value = self.value(depth)?;
            fields.push(name, value);
            self.blanks();
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

    fn number(&mut self) -> Option<Value<'a>> {
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
    fn string(&mut self) -> Option<Cow<'a, str>> {
        let start = self.at;
        let rest = self.text.as_bytes().get(start..)?;
        let end = start + memchr2(b'"', b'\\', rest)?;
        let plain = self.text.get(start..end)?;
        self.at = end + 1;
        match self.text.as_bytes().get(end) {
            Some(b'"') => Some(Cow::Borrowed(plain)),
            _ => self.escaped(plain).map(Cow::Owned),
        }
    }

    /// The rest of a text from its first escape on; the backslash has been taken.
    fn escaped(&mut self, plain: &'a str) -> Option<String> {
        let mut text = String::with_capacity(plain.len() + 64);
        text.push_str(plain);
        loop {
            self.escape(&mut text)?;
            let rest = self.text.as_bytes().get(self.at..)?;
            let end = self.at + memchr2(b'"', b'\\', rest)?;
            text.push_str(self.text.get(self.at..end)?);
            self.at = end + 1;
            if self.text.as_bytes().get(end) == Some(&b'"') {
                return Some(text);
            }
        }
    }

    fn escape(&mut self, text: &mut String) -> Option<()> {
        let plain = match self.peek()? {
            byte @ (b'"' | b'\\' | b'/') => char::from(byte),
            b'n' => '\n',
            b't' => '\t',
            b'r' => '\r',
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'u' => {
                if let Some(unit) = self.code_unit() {
                    text.push(self.with_low_half(unit));
                    return Some(());
                }
                '\\'
            }
            _ => '\\',
        };
        text.push(plain);
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
        let low = (0xd800..0xdc00).contains(&high).then(|| {
            self.take(b'\\')?;
            (self.peek() == Some(b'u')).then(|| self.code_unit()).flatten()
        });
        let units = std::iter::once(high).chain(low.flatten());
        match char::decode_utf16(units).next() {
            Some(Ok(character)) => character,
            _ => {
                self.at = before;
                char::REPLACEMENT_CHARACTER
            }
        }
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
        object(text).map_or("none".to_owned(), |object| {
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
            let read = object(text).unwrap();
            assert!(read.complete, "{text}");
            assert_eq!(serde_json::to_value(&read.fields).unwrap(), expected, "{text}");
        }
    }

    #[test]
    fn borrows_what_has_no_escape() {
        let read = object(r#"{"plain":"text","escaped":"a\nb"}"#).unwrap();
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
        let read = object(&deep).unwrap();
        assert!(read.complete);
        assert!(serde_json::to_string(&read.fields).unwrap().len() > 19_900);
    }
}
