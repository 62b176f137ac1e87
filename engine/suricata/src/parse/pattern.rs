//! The bytes of a `content`: text with `|hex|` parts and backslash escapes.

/// Decodes a pattern. The error says what is wrong with it.
pub(crate) fn decode(text: &str) -> Result<Vec<u8>, &'static str> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut hex = false;
    let mut high: Option<u8> = None;
    let mut letters = text.bytes();
    while let Some(letter) = letters.next() {
        if hex {
            match letter {
                b'|' if high.is_some() => return Err("odd number of hex digits between `|`"),
                b'|' => hex = false,
                b' ' => {}
                _ => {
                    let digit = (letter as char)
                        .to_digit(16)
                        .ok_or("not a hex digit between `|`")? as u8;
                    match high.take() {
                        Some(high) => bytes.push(high << 4 | digit),
                        None => high = Some(digit),
                    }
                }
            }
            continue;
        }
        match letter {
            b'|' => hex = true,
            b'\\' => bytes.push(escaped(letters.next())?),
            b'"' => return Err("a `\"` must be written `\\\"` or `|22|`"),
            _ => bytes.push(letter),
        }
    }
    match (hex, bytes.is_empty()) {
        (true, _) => Err("`|` is not closed"),
        (_, true) => Err("the pattern is empty"),
        _ => Ok(bytes),
    }
}

/// Only the characters that have a meaning of their own may be escaped.
fn escaped(letter: Option<u8>) -> Result<u8, &'static str> {
    match letter {
        Some(letter @ (b';' | b'\\' | b'"' | b':' | b'|')) => Ok(letter),
        Some(_) => Err(
            "only `\\;`, `\\\\`, `\\\"`, `\\:` and `\\|` are escapes; write a backslash as `\\\\` or `|5C|`",
        ),
        None => Err("ends in a backslash"),
    }
}

/// The pattern as a rule would write it: printable ASCII as it is, everything else in hex.
pub(crate) fn encode(bytes: &[u8]) -> String {
    use std::fmt::Write;
    let mut text = String::with_capacity(bytes.len());
    let mut hex = false;
    for byte in bytes {
        let plain = (b' '..=b'~').contains(byte) && !b"|\"\\;:".contains(byte);
        if plain == hex {
            text.push('|');
            hex = !plain;
        } else if hex {
            text.push(' ');
        }
        if plain {
            text.push(*byte as char);
        } else if write!(text, "{byte:02X}").is_err() {
            // Writing to a String cannot fail; the arm exists because `write!` returns a Result.
            break;
        }
    }
    if hex {
        text.push('|');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decodes_text_hex_and_escapes() {
        assert_eq!(decode(r"a|42 43|\;\\").unwrap(), b"aBC;\\");
        assert_eq!(decode("|0d0A|").unwrap(), b"\r\n");
        assert_eq!(decode("").unwrap_err(), "the pattern is empty");
        assert!(decode("|4|").unwrap_err().contains("odd"));
        assert!(decode("|4g|").unwrap_err().contains("hex digit"));
        assert!(decode("|41").unwrap_err().contains("not closed"));
        assert!(decode(r"a\n").unwrap_err().contains("escapes"));
        assert!(decode(r"a\").unwrap_err().contains("backslash"));
    }

    #[test]
    fn printed_patterns_read_back() {
        for pattern in [&b"plain"[..], b"\x00\x01a;", b"|\"", b"a\xffb", b"\n"] {
            assert_eq!(decode(&encode(pattern)).unwrap(), pattern, "{}", encode(pattern));
        }
        let all: Vec<u8> = (0..=255).collect();
        assert_eq!(decode(&encode(&all)).unwrap(), all);
    }
}
