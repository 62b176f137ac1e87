//! How long a body is and how it is coded, from what the header fields say (RFC 9112 section 6) and what peers make of it.

use super::coding::{Coding, parse_codings};
use super::headers::Headers;

/// What all `Content-Length` fields of a message say together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct ContentLength {
    /// The first number.
    pub(super) first: u64,
    /// The largest number.
    pub(super) largest: u64,
    /// More than one number was given.
    pub(super) several: bool,
    /// Something besides digits was there.
    pub(super) invalid: bool,
}

/// Reads every number in every `Content-Length` field; `None` without one.
pub(super) fn content_length(headers: &Headers) -> Option<ContentLength> {
    let mut found: Option<ContentLength> = None;
    let mut invalid = false;
    for value in headers.loose_values("content-length") {
        invalid |= !value.iter().all(u8::is_ascii_digit);
        for digits in value
            .split(|byte| !byte.is_ascii_digit())
            .filter(|digits| !digits.is_empty())
        {
            let number = digits.iter().fold(0_u64, |number, digit| {
                number.saturating_mul(10).saturating_add(u64::from(digit - b'0'))
            });
            let length = found.get_or_insert(ContentLength {
                first: number,
                largest: number,
                several: false,
                invalid: false,
            });
            length.several |= length.first != number || invalid && value.contains(&b',');
            length.largest = length.largest.max(number);
        }
    }
    if let Some(length) = &mut found {
        length.invalid = invalid;
    }
    found
}

/// What `Transfer-Encoding` says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct TransferCoding {
    /// `chunked` stands somewhere in it, however disguised.
    pub(super) chunked: bool,
    /// It says something else, too.
    pub(super) odd: bool,
}

/// Reads the `Transfer-Encoding` fields.
pub(super) fn transfer_coding(headers: &Headers) -> TransferCoding {
    let mut coding = TransferCoding::default();
    for value in headers.loose_values("transfer-encoding") {
        let letters: Vec<u8> = value
            .iter()
            .filter(|byte| byte.is_ascii_alphanumeric())
            .map(u8::to_ascii_lowercase)
            .collect();
        coding.chunked |= letters.windows(7).any(|part| part == b"chunked");
        coding.odd |= !value.eq_ignore_ascii_case(b"chunked");
    }
    coding
}

/// Content codings in the order they were applied, and whether an unknown one is named.
pub(super) fn content_codings(headers: &Headers) -> (Vec<Coding>, bool) {
    let mut codings = Vec::new();
    let mut unknown = false;
    for value in headers.loose_values("content-encoding") {
        unknown |= parse_codings(value, &mut codings);
    }
    (codings, unknown)
}

/// The value of a parameter such as `filename` in `attachment; filename="a.txt"`; quotes removed.
pub(super) fn parameter<'a>(value: &'a [u8], name: &str) -> Option<&'a [u8]> {
    let mut rest = value;
    loop {
        let at = rest.iter().position(|byte| *byte == b';')?;
        rest = rest.get(at + 1..).unwrap_or_default().trim_ascii_start();
        let (key, after) = rest.split_at_checked(name.len())?;
        if !key.eq_ignore_ascii_case(name.as_bytes()) {
            continue;
        }
        let Some(after) = after.trim_ascii_start().strip_prefix(b"=") else {
            continue;
        };
        let after = after.trim_ascii_start();
        return Some(match after.strip_prefix(b"\"") {
            Some(quoted) => quoted.split(|byte| *byte == b'"').next().unwrap_or_default(),
            None => after
                .split(|byte| matches!(byte, b';' | b'\r' | b'\n'))
                .next()
                .unwrap_or_default()
                .trim_ascii_end(),
        });
    }
}

/// First, last and total of a `Content-Range: bytes 0-67/68`; the total is `None` when it is `*`.
pub(super) fn content_range(value: &[u8]) -> Option<(u64, u64, Option<u64>)> {
    let text = std::str::from_utf8(value).ok()?.trim();
    let (range, total) = text.strip_prefix("bytes")?.trim_start().split_once('/')?;
    let (first, last) = range.split_once('-')?;
    let (first, last) = (first.trim().parse().ok()?, last.trim().parse().ok()?);
    let total = match total.trim() {
        "*" => None,
        total => Some(total.parse().ok()?),
    };
    (first <= last).then_some((first, last, total))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(text: &str) -> Headers {
        Headers::parse(text.as_bytes().to_vec())
    }

    #[test]
    fn content_lengths() {
        for (text, expected) in [
            ("Content-Length: 68\r\n", Some((68, 68, false, false))),
            (
                "Content-Length: 68\r\nContent-Length: 136\r\n",
                Some((68, 136, true, true)),
            ),
            ("Content-length: 34\r\n 68\r\n", Some((34, 68, true, true))),
            ("Content-length: (68) 34\r\n", Some((68, 68, true, true))),
            ("Content-length: 68;\r\n", Some((68, 68, false, true))),
            (
                "Content-length: 99999999999999999999999\r\n",
                Some((u64::MAX, u64::MAX, false, false)),
            ),
            ("Content-length: x\r\n", None),
            ("Host: x\r\n", None),
        ] {
            let found = content_length(&headers(text)).map(|l| (l.first, l.largest, l.several, l.invalid));
            assert_eq!(found, expected, "{text:?}");
        }
    }

    #[test]
    fn transfer_codings() {
        for (text, chunked) in [
            ("Transfer-Encoding: chunked\r\n", true),
            ("Transfer-Encoding: xchunked\r\n", true),
            ("Transfer-Encoding: chu\0nked\r\n", true),
            (
                "Transfer-Encoding: lalala\r\nTransfer-Encoding: chunked\r\n",
                true,
            ),
            ("Transfer-Encoding: gzip\r\n", false),
            ("Host: chunked\r\n", false),
        ] {
            assert_eq!(transfer_coding(&headers(text)).chunked, chunked, "{text:?}");
        }
    }

    #[test]
    fn parameters() {
        for (value, expected) in [
            ("attachment; filename=\"a b.txt\"", Some("a b.txt")),
            ("attachment; filename=a.txt; size=3", Some("a.txt")),
            ("form-data; name=\"x\"; FileName = \"y\"", Some("y")),
            ("attachment; filename=\"open", Some("open")),
            ("attachment", None),
            ("attachment; file", None),
        ] {
            let found = parameter(value.as_bytes(), "filename");
            assert_eq!(found, expected.map(str::as_bytes), "{value}");
        }
    }

    #[test]
    fn ranges() {
        assert_eq!(
            content_range(b"bytes 500-1000/146515"),
            Some((500, 1000, Some(146_515)))
        );
        assert_eq!(content_range(b"bytes 0-1/*"), Some((0, 1, None)));
        for wrong in ["bytes 5-1/9", "bytes */9", "items 0-1/2", "bytes 0-1"] {
            assert_eq!(content_range(wrong.as_bytes()), None, "{wrong}");
        }
    }
}
