//! Encodings that are applied to a rule's value before it is searched.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::modifier::Utf16;

/// The bytes of a text in UTF-16.
pub(crate) fn utf16(text: &str, order: Utf16) -> Vec<u8> {
    let mark = if order == Utf16::Marked {
        vec![0xff, 0xfe]
    } else {
        Vec::new()
    };
    let bytes = text.encode_utf16().flat_map(|unit| match order {
        Utf16::Big => unit.to_be_bytes(),
        Utf16::Little | Utf16::Marked => unit.to_le_bytes(),
    });
    mark.into_iter().chain(bytes).collect()
}

/// Base64 of the whole value.
pub(crate) fn base64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

/// The three forms that the value's bytes take inside a longer base64 text, by their position modulo three. What depends
/// on neighbouring bytes is cut off: after `shift` unknown bytes the first 0, 2 or 3 characters, at the end whatever
/// shares a character with the byte that follows.
pub(crate) fn base64_offsets(bytes: &[u8]) -> [String; 3] {
    [0, 1, 2].map(|shift| {
        let padded: Vec<u8> = std::iter::repeat_n(b' ', shift)
            .chain(bytes.iter().copied())
            .collect();
        let whole = STANDARD.encode(&padded);
        let start = [0, 2, 3][shift];
        let cut = [0, 3, 2][padded.len() % 3];
        let end = whole.len().saturating_sub(cut);
        whole.get(start.min(end)..end).unwrap_or_default().to_owned()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets_are_found_wherever_the_value_stands() {
        let value = b"http://example";
        let forms = base64_offsets(value);
        for (shift, form) in forms.iter().enumerate() {
            for tail in 0..3 {
                let mut bytes = vec![b'#'; shift + 3];
                bytes.extend_from_slice(value);
                bytes.extend(vec![b'~'; tail]);
                assert!(
                    base64(&bytes).contains(form.as_str()),
                    "shift {shift} tail {tail}"
                );
            }
        }
        assert_eq!(base64_offsets(b"foo"), ["Zm9v", "Zvb", "mb2"].map(str::to_owned));
    }

    #[test]
    fn utf16_byte_orders() {
        assert_eq!(utf16("a", Utf16::Little), [0x61, 0]);
        assert_eq!(utf16("a", Utf16::Big), [0, 0x61]);
        assert_eq!(utf16("a", Utf16::Marked), [0xff, 0xfe, 0x61, 0]);
    }
}
