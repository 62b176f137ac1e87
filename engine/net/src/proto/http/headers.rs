//! A header block: from the lines a peer sent to fields that can be asked by name.
//!
//! Browsers and servers forgive much (folded lines, bare CR or LF, NUL and control bytes, spaces before the colon), and an
//! attacker only needs one of them to forgive. So a block is read in the most forgiving way, each oddity is noted, and
//! *hidden* fields (a field inside the continuation of another one) are kept apart: they are no headers, but a peer that
//! does not fold would have obeyed them, so the body reader uses them as hints.

use std::borrow::Cow;
use std::ops::Range;

use memchr::memchr;

/// A block with more fields than this is cut; RFC 9110 leaves the limit to the receiver (section 5.4).
pub const MAX_FIELDS: usize = 1024;

/// What was odd about a header block.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HeaderOddities {
    /// A value went over more than one line (obsolete line folding, RFC 9112 section 5.2).
    pub folded: bool,
    /// A line without a colon.
    pub no_colon: bool,
    /// A name that holds something else than token characters.
    pub invalid_name: bool,
    /// More than [`MAX_FIELDS`] fields: the rest was left out.
    pub too_many: bool,
    /// A name that came more than once.
    pub repeated: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Field {
    name: Range<u32>,
    value: Range<u32>,
}

/// A parsed header block.
///
/// `raw` are the bytes as sent. The normalised text (`Name: value` lines with CRLF, folds joined, surrounding blanks
/// removed, repeated names joined by a comma, cookies left out) is what `http.header` looks at.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Headers {
    /// The block as it was on the wire, with the empty line that ended it.
    pub raw: Vec<u8>,
    /// What was odd about it.
    pub oddities: HeaderOddities,
    text: Vec<u8>,
    visible: usize,
    fields: Vec<Field>,
    hidden: Vec<(Vec<u8>, Vec<u8>)>,
}

/// Field names that `http.header` leaves out because they have buffers of their own.
fn is_cookie(name: &[u8]) -> bool {
    name.eq_ignore_ascii_case(b"cookie") || name.eq_ignore_ascii_case(b"set-cookie")
}

/// Characters a field name may have (RFC 9110 section 5.6.2).
pub(super) fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

/// Blanks in the widest sense in which some peer skips them: also NUL, vertical tab, form feed and DEL.
pub(super) fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r' | b'\n' | 0 | 0x0b | 0x0c | 0x7f)
}

/// Without leading and trailing blanks (see [`is_blank`]).
pub(super) fn trim(mut bytes: &[u8]) -> &[u8] {
    while let [first, rest @ ..] = bytes
        && is_blank(*first)
    {
        bytes = rest;
    }
    while let [rest @ .., last] = bytes
        && is_blank(*last)
    {
        bytes = rest;
    }
    bytes
}

/// Whether a line could be a header field: token characters (blanks and controls allowed around), then a colon.
pub(super) fn looks_like_field(line: &[u8]) -> bool {
    let Some(colon) = memchr(b':', line) else {
        return false;
    };
    let name = trim(line.split_at(colon).0);
    !name.is_empty()
        && name.len() <= 64
        && name
            .iter()
            .all(|byte| is_token(*byte) || is_blank(*byte) || *byte >= 0x80)
        && name.iter().any(u8::is_ascii_alphabetic)
}

/// Name and value of a line, blanks around them removed. `None` without a colon.
fn split_field(line: &[u8]) -> Option<(&[u8], &[u8])> {
    let (name, value) = line.split_at(memchr(b':', line)?);
    Some((trim(name), trim(value.get(1..).unwrap_or_default())))
}

fn without_nul(name: &[u8]) -> Cow<'_, [u8]> {
    if name.contains(&0) {
        Cow::Owned(name.iter().copied().filter(|byte| *byte != 0).collect())
    } else {
        Cow::Borrowed(name)
    }
}

/// One field before it is written into the text. Borrowed from the block unless a fold or a repeat made it grow.
struct Draft<'a> {
    name: Cow<'a, [u8]>,
    value: Cow<'a, [u8]>,
}

impl Headers {
    /// Reads a whole block (without the start line). Never fails: what cannot be a field is noted and left out.
    pub fn parse(raw: Vec<u8>) -> Self {
        let mut headers = Self::default();
        let lines = headers.logical_lines(&raw);
        let mut drafts: Vec<Draft<'_>> = Vec::with_capacity(lines.len());
        for line in &lines {
            headers.draft(&mut drafts, line);
        }
        headers.text.reserve(raw.len());
        headers.write(&drafts);
        drop(drafts);
        drop(lines);
        headers.raw = raw;
        headers
    }

    /// Lines with their continuations joined. CR alone ends a line too: some peers see it so.
    fn logical_lines<'a>(&mut self, raw: &'a [u8]) -> Vec<Cow<'a, [u8]>> {
        let mut logical: Vec<Cow<'a, [u8]>> = Vec::with_capacity(16);
        for line in raw.split(|byte| *byte == b'\n' || *byte == b'\r') {
            if line.iter().all(|byte| is_blank(*byte)) {
                continue;
            }
            let continues = line.first().is_some_and(|first| is_blank(*first));
            if continues && let Some(previous) = logical.last_mut() {
                self.fold(previous.to_mut(), line);
            } else if logical.len() >= MAX_FIELDS {
                self.oddities.too_many = true;
                break;
            } else {
                logical.push(Cow::Borrowed(line));
            }
        }
        logical
    }

    fn fold(&mut self, previous: &mut Vec<u8>, line: &[u8]) {
        self.oddities.folded = true;
        let line = trim(line);
        if looks_like_field(line)
            && let Some((name, value)) = split_field(line)
            && self.hidden.len() < MAX_FIELDS
        {
            self.hidden.push((name.to_vec(), value.to_vec()));
        }
        previous.push(b' ');
        previous.extend_from_slice(line);
    }

    fn draft<'a>(&mut self, drafts: &mut Vec<Draft<'a>>, line: &'a [u8]) {
        let Some((name, value)) = split_field(line) else {
            self.oddities.no_colon = true;
            return;
        };
        if name.is_empty() || !name.iter().all(|byte| is_token(*byte)) {
            self.oddities.invalid_name = true;
        }
        let name = without_nul(name);
        if let Some(earlier) = drafts
            .iter_mut()
            .find(|draft| !name.is_empty() && draft.name.eq_ignore_ascii_case(&name))
        {
            self.oddities.repeated = true;
            let joined = earlier.value.to_mut();
            joined.extend_from_slice(b", ");
            joined.extend_from_slice(value);
            return;
        }
        drafts.push(Draft {
            name,
            value: Cow::Borrowed(value),
        });
    }

    /// Visible fields first, cookies behind them: so the text that `http.header` sees is one slice.
    fn write(&mut self, drafts: &[Draft<'_>]) {
        self.fields = vec![
            Field {
                name: 0..0,
                value: 0..0
            };
            drafts.len()
        ];
        for cookies in [false, true] {
            for (index, draft) in drafts.iter().enumerate() {
                if is_cookie(&draft.name) == cookies {
                    let field = self.append(draft);
                    if let Some(slot) = self.fields.get_mut(index) {
                        *slot = field;
                    }
                }
            }
            if !cookies {
                self.visible = self.text.len();
            }
        }
    }

    fn append(&mut self, draft: &Draft<'_>) -> Field {
        let name = self.text.len() as u32;
        self.text.extend_from_slice(&draft.name);
        let name_end = self.text.len() as u32;
        self.text.extend_from_slice(b": ");
        let value = self.text.len() as u32;
        self.text.extend_from_slice(&draft.value);
        let value_end = self.text.len() as u32;
        self.text.extend_from_slice(b"\r\n");
        Field {
            name: name..name_end,
            value: value..value_end,
        }
    }

    fn slice(&self, range: &Range<u32>) -> &[u8] {
        self.text
            .get(range.start as usize..range.end as usize)
            .unwrap_or_default()
    }

    /// The normalised block without cookies: what `http.header` looks at.
    pub fn normalised(&self) -> &[u8] {
        self.text.get(..self.visible).unwrap_or_default()
    }

    /// Names and values in the order they were sent. Repeated names are one field.
    pub fn iter(&self) -> impl Iterator<Item = (&[u8], &[u8])> {
        self.fields
            .iter()
            .map(|field| (self.slice(&field.name), self.slice(&field.value)))
    }

    /// The value of a field, its name compared without case. Values of repeated fields are joined by `, `.
    pub fn value(&self, name: &str) -> Option<&[u8]> {
        self.iter()
            .find(|(field, _)| field.eq_ignore_ascii_case(name.as_bytes()))
            .map(|(_, value)| value)
    }

    /// Values that any peer might take for the field: also of hidden ones and of names with junk around the letters.
    pub(super) fn loose_values<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a [u8]> {
        self.iter()
            .chain(
                self.hidden
                    .iter()
                    .map(|(name, value)| (name.as_slice(), value.as_slice())),
            )
            .filter(move |(field, _)| {
                field.eq_ignore_ascii_case(name.as_bytes())
                    || field
                        .iter()
                        .filter(|byte| is_token(**byte))
                        .map(u8::to_ascii_lowercase)
                        .eq(name.bytes())
            })
            .map(|(_, value)| value)
    }

    /// How many fields there are.
    pub fn len(&self) -> usize {
        self.fields.len()
    }

    /// Whether there is no field at all.
    pub fn is_empty(&self) -> bool {
        self.fields.is_empty()
    }

    /// The names as `http.header_names` shows them: CRLF, each name with CRLF, CRLF.
    pub fn names(&self) -> Vec<u8> {
        let mut names = b"\r\n".to_vec();
        for (name, _) in self.iter() {
            names.extend_from_slice(name);
            names.extend_from_slice(b"\r\n");
        }
        names.extend_from_slice(b"\r\n");
        names
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn block(text: &str) -> Headers {
        Headers::parse(text.as_bytes().to_vec())
    }

    fn text(headers: &Headers) -> String {
        String::from_utf8_lossy(headers.normalised()).into_owned()
    }

    #[test]
    fn normalises_blanks_and_keeps_cookies_apart() {
        let headers = block("Host:  a.example \r\nCookie: k=v\r\nAccept:*/*\r\n\r\n");
        assert_eq!(text(&headers), "Host: a.example\r\nAccept: */*\r\n");
        assert_eq!(headers.value("cookie"), Some(b"k=v".as_slice()));
        assert_eq!(headers.names(), b"\r\nHost\r\nCookie\r\nAccept\r\n\r\n");
    }

    #[test]
    fn joins_repeated_and_folded_fields() {
        let headers = block("A: 1\r\nB: x\r\n  y\r\na: 2\r\n\r\n");
        assert_eq!(text(&headers), "A: 1, 2\r\nB: x y\r\n");
        assert!(headers.oddities.folded && headers.oddities.repeated);
    }

    #[test]
    fn every_way_to_write_a_field_is_read() {
        for line in [
            "Transfer-Encoding: chunked\r\n",
            "Transfer-Encoding : chunked\r\n",
            "Transfer-Encoding\t: chunked\r\n",
            "Transfer-Encoding\r\n : chunked\r\n",
            "Transfer-Encoding\r\n \r\n :\r\n chunked\r\n",
            "Transfer-Encoding\0:chunked\r\n",
            "Transfer\0-Encoding:chunked\r\n",
            "Transfer-Encoding\x0b:chunked\r\n",
            "X: y\rTransfer-Encoding: chunked\r\n",
            "X: y\nTransfer-Encoding: chunked\n",
            "X: y\r\n Transfer-Encoding: chunked\r\n",
            "\0Transfer-Encoding: chunked\r\n",
        ] {
            let headers = block(line);
            let found = headers
                .loose_values("transfer-encoding")
                .any(|value| value.windows(7).any(|part| part == b"chunked"));
            assert!(found, "{line:?}: {headers:?}");
        }
    }

    #[test]
    fn oddities_are_noted() {
        assert!(block("no colon here\r\n").oddities.no_colon);
        assert!(block(": empty\r\n").oddities.invalid_name);
        assert!(block("Foo Bar: x\r\n").oddities.invalid_name);
        assert_eq!(block("Ok: 1\r\n").oddities, HeaderOddities::default());
    }

    #[test]
    fn a_million_fields_are_bounded() {
        let headers = block(&"a: b\r\n".repeat(1_000_000));
        assert!(headers.oddities.too_many);
        assert!(headers.len() <= MAX_FIELDS);
    }
}
