//! UTF-16 in little-endian order, as Windows protocols send names.

/// The text as UTF-8; what is no UTF-16 becomes replacement characters, a zero at the end goes.
pub(crate) fn utf16(bytes: &[u8]) -> Vec<u8> {
    let units = bytes.chunks_exact(2).map(|pair| match pair {
        [low, high] => u16::from_le_bytes([*low, *high]),
        _ => 0,
    });
    let text: String = char::decode_utf16(units)
        .map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER))
        .collect();
    text.trim_end_matches('\0').as_bytes().to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        assert_eq!(utf16(b"a\0\x61\x1e\0\0"), "aṡ".as_bytes());
        assert_eq!(utf16(b"a"), b"");
    }
}
