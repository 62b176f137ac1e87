//! Domain names in a message (RFC 1035 section 4.1.4), with compression, under limits.

/// Longest name that is kept, in bytes of its text form. Names above 255 bytes are against RFC 1035 already.
pub const MAX_NAME_BYTES: usize = 1025;

/// Compression pointers followed in one name.
const MAX_POINTERS: usize = 255;

/// Labels of one name.
const MAX_LABELS: usize = 255;

/// A name as text: labels joined by dots, no dot at the end.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Name {
    /// Its bytes; anything may stand in a label.
    pub value: Vec<u8>,
    /// It was longer than [`MAX_NAME_BYTES`].
    pub truncated: bool,
    /// Compression pointers ran in a circle (or too many stood one behind another).
    pub looped: bool,
    /// More labels than a name may have.
    pub too_many_labels: bool,
}

/// Reads the name at `at` of `message`; returns it and the offset behind it. `None` when it is cut off.
pub(super) fn parse(message: &[u8], at: usize) -> Option<(Name, usize)> {
    let mut name = Name::default();
    let mut position = at;
    let mut behind = None;
    let mut pointers = 0;
    let mut labels = 0;
    loop {
        let length = *message.get(position)?;
        match length {
            0 => return Some((name, behind.unwrap_or(position + 1))),
            0xc0..=0xff => {
                let low = *message.get(position + 1)?;
                behind = behind.or(Some(position + 2));
                position = usize::from(u16::from_be_bytes([length & 0x3f, low]));
                pointers += 1;
                if pointers > MAX_POINTERS {
                    name.looped = true;
                    return behind.map(|behind| (name, behind));
                }
            }
            1..=0x3f => {
                let start = position + 1;
                let label = message.get(start..start + usize::from(length))?;
                position = start + usize::from(length);
                labels += 1;
                if labels > MAX_LABELS {
                    name.too_many_labels = true;
                    continue;
                }
                name.push(label);
            }
            _ => return None,
        }
    }
}

impl Name {
    fn push(&mut self, label: &[u8]) {
        if self.truncated {
            return;
        }
        if !self.value.is_empty() {
            self.value.push(b'.');
        }
        self.value.extend_from_slice(label);
        if self.value.len() > MAX_NAME_BYTES {
            self.value.truncate(MAX_NAME_BYTES);
            self.truncated = true;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_compressed_and_root_names() {
        let message = b"\x03www\x07example\0\xc0\x04\x01a\xc0\x00\0";
        for (at, name, behind) in [
            (0, "www.example", 13),
            (13, "example", 15),
            (15, "a.www.example", 19),
            (19, "", 20),
        ] {
            let (found, end) = parse(message, at).unwrap();
            assert_eq!(
                (found.value.as_slice(), end),
                (name.as_bytes(), behind),
                "at {at}"
            );
        }
    }

    #[test]
    fn cut_and_reserved_labels_are_refused() {
        for message in [&b""[..], b"\x03ww", b"\xc0", b"\x40a\0", b"\x80\0", b"\x01a"] {
            assert_eq!(parse(message, 0), None, "{message:?}");
        }
    }

    #[test]
    fn circles_end() {
        let (name, end) = parse(b"\xc0\x00", 0).unwrap();
        assert!(name.looped);
        assert_eq!(end, 2);
        let (name, _) = parse(b"\x01a\xc0\x00", 0).unwrap();
        assert!(name.looped && name.value.len() <= MAX_NAME_BYTES);
    }

    #[test]
    fn long_names_are_cut() {
        let mut message = Vec::new();
        for _ in 0..40 {
            message.push(60);
            message.extend_from_slice(&[b'x'; 60]);
        }
        message.push(0);
        let (name, end) = parse(&message, 0).unwrap();
        assert!(name.truncated);
        assert_eq!((name.value.len(), end), (MAX_NAME_BYTES, message.len()));
    }
}
