//! Bytes of a record as text.
//!
//! UTF-8 is borrowed. UTF-16 with a byte order mark (Windows) is decoded. Anything else is read as UTF-8 with the
//! replacement character for what is none; the raw record keeps the bytes.

use std::borrow::Cow;

/// The text of a record without its byte order mark and without the line end a sender left on.
pub(crate) fn text(bytes: &[u8]) -> Cow<'_, str> {
    match bytes {
        [0xff, 0xfe, rest @ ..] => Cow::Owned(utf16(rest, u16::from_le_bytes)),
        [0xfe, 0xff, rest @ ..] => Cow::Owned(utf16(rest, u16::from_be_bytes)),
        // Not `from_utf8_lossy` at once: its checking is three times slower, and nearly every record is UTF-8.
        _ => match std::str::from_utf8(bytes) {
            Ok(text) => Cow::Borrowed(trimmed(text)),
            Err(_) => Cow::Owned(trimmed(&String::from_utf8_lossy(bytes)).to_owned()),
        },
    }
}

fn trimmed(text: &str) -> &str {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    text.trim_end_matches(['\r', '\n', '\0'])
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> String {
    let units = bytes
        .chunks_exact(2)
        .filter_map(|pair| <[u8; 2]>::try_from(pair).ok())
        .map(unit);
    let text: String = char::decode_utf16(units)
        .map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER))
        .collect();
    trimmed(&text).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts() {
        assert!(matches!(
            text("Đăng nhập\r\n".as_bytes()),
            Cow::Borrowed("Đăng nhập")
        ));
        assert_eq!(text(b"\xef\xbb\xbf{}\0"), "{}");
        assert_eq!(text(b"a\xffb"), "a\u{fffd}b");
        assert_eq!(text(b"\xff\xfea\0b\0\n\0"), "ab");
        assert_eq!(text(b"\xfe\xff\0a\0b\0"), "ab");
        assert_eq!(text(b""), "");
    }
}
