//! Bytes from the wire as text for records.

/// The bytes as text: valid UTF-8 stays, other bytes and control characters become `\xNN`, so that nothing is lost and
/// nothing in a record can drive a terminal.
pub fn text(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        for character in chunk.valid().chars() {
            if character.is_control() && !matches!(character, '\n' | '\r' | '\t') {
                let mut buffer = [0; 4];
                hex(&mut out, character.encode_utf8(&mut buffer).as_bytes());
            } else {
                out.push(character);
            }
        }
        hex(&mut out, chunk.invalid());
    }
    out
}

fn hex(out: &mut String, bytes: &[u8]) {
    use std::fmt::Write as _;
    for byte in bytes {
        // Writing to a String cannot fail.
        write!(out, "\\x{byte:02x}").ok();
    }
}

/// Lower-case hexadecimal without separators.
pub fn hex_string(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes
        .iter()
        .fold(String::with_capacity(bytes.len() * 2), |mut out, byte| {
            write!(out, "{byte:02x}").ok();
            out
        })
}

/// Lower-case hexadecimal, bytes separated by colons.
pub fn hex_colons(bytes: &[u8]) -> String {
    let pairs: Vec<String> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    pairs.join(":")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_text_and_escapes_the_rest() {
        for (bytes, expected) in [
            (&b"plain"[..], "plain"),
            ("tiếng Việt".as_bytes(), "tiếng Việt"),
            (b"a\xffb", "a\\xffb"),
            (b"\x1b[2J", "\\x1b[2J"),
            (b"a\0", "a\\x00"),
            (b"line\r\n\tnext", "line\r\n\tnext"),
        ] {
            assert_eq!(text(bytes), expected);
        }
        assert_eq!(hex_string(&[1, 0xab]), "01ab");
        assert_eq!(hex_colons(&[1, 0xab]), "01:ab");
    }
}
