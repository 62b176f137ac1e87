//! Content-Transfer-Encodings (RFC 2045 section 6), line by line.

/// How a part's content is encoded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Encoding {
    /// 7bit, 8bit, binary.
    #[default]
    Plain,
    Base64,
    QuotedPrintable,
}

/// Undoes one part's encoding.
#[derive(Debug, Default)]
pub(super) struct LineDecoder {
    encoding: Encoding,
    /// Base64: bits that make no whole byte yet.
    bits: u32,
    count: u32,
    /// Base64: padding was seen.
    ended: bool,
    /// A line end that belongs to the content unless a boundary follows.
    line_end: bool,
    /// Something that is none of the encoding.
    pub(super) invalid: bool,
}

impl Encoding {
    /// From the value of the field.
    pub(super) fn from_value(value: &[u8]) -> Self {
        if value.trim_ascii().eq_ignore_ascii_case(b"base64") {
            Self::Base64
        } else if value.trim_ascii().eq_ignore_ascii_case(b"quoted-printable") {
            Self::QuotedPrintable
        } else {
            Self::Plain
        }
    }
}

fn sextet(byte: u8) -> Option<u32> {
    Some(match byte {
        b'A'..=b'Z' => u32::from(byte - b'A'),
        b'a'..=b'z' => u32::from(byte - b'a') + 26,
        b'0'..=b'9' => u32::from(byte - b'0') + 52,
        b'+' => 62,
        b'/' => 63,
        _ => return None,
    })
}

impl LineDecoder {
    pub(super) fn new(encoding: Encoding) -> Self {
        Self {
            encoding,
            ..Self::default()
        }
    }

    /// Decodes a line (without its end) onto `out`.
    pub(super) fn line(&mut self, line: &[u8], out: &mut Vec<u8>) {
        match self.encoding {
            Encoding::Base64 => self.base64(line, out),
            Encoding::QuotedPrintable => self.quoted_printable(line, out),
            Encoding::Plain => {
                self.end_previous(out);
                out.extend_from_slice(line);
                self.line_end = true;
            }
        }
    }

    fn end_previous(&mut self, out: &mut Vec<u8>) {
        if std::mem::take(&mut self.line_end) {
            out.extend_from_slice(b"\r\n");
        }
    }

    fn base64(&mut self, line: &[u8], out: &mut Vec<u8>) {
        for byte in line {
            match (sextet(*byte), byte) {
                (Some(value), _) => {
                    self.ended = false;
                    self.bits = self.bits << 6 | value;
                    self.count += 6;
                    if self.count >= 8 {
                        self.count -= 8;
                        out.push((self.bits >> self.count) as u8);
                        self.bits &= (1 << self.count) - 1;
                    }
                }
                (None, b'=') => {
                    self.ended = true;
                    self.bits = 0;
                    self.count = 0;
                }
                (None, b' ' | b'\t' | b'\r') => {}
                (None, _) => self.invalid = true,
            }
        }
    }

    fn quoted_printable(&mut self, line: &[u8], out: &mut Vec<u8>) {
        self.end_previous(out);
        let mut rest = line.trim_ascii_end();
        self.line_end = true;
        while let [first, tail @ ..] = rest {
            rest = tail;
            if *first != b'=' {
                out.push(*first);
                continue;
            }
            match tail {
                [] => self.line_end = false,
                [high, low, after @ ..] => {
                    let digits = char::from(*high).to_digit(16).zip(char::from(*low).to_digit(16));
                    if let Some((high, low)) = digits {
                        out.push((high << 4 | low) as u8);
                        rest = after;
                    } else {
                        self.invalid = true;
                        out.push(b'=');
                    }
                }
                [_] => {
                    self.invalid = true;
                    out.push(b'=');
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decode(encoding: Encoding, lines: &[&str]) -> (String, bool) {
        let mut decoder = LineDecoder::new(encoding);
        let mut out = Vec::new();
        for line in lines {
            decoder.line(line.as_bytes(), &mut out);
        }
        (String::from_utf8(out).unwrap(), decoder.invalid)
    }

    #[test]
    fn encodings() {
        for (encoding, lines, text, invalid) in [
            (Encoding::Plain, &["a", "", "b"][..], "a\r\n\r\nb", false),
            (Encoding::Base64, &["aGVs", "bG8="], "hello", false),
            (Encoding::Base64, &["aGV", "sbG", "8"], "hello", false),
            (Encoding::Base64, &["aGV!sbG8="], "hello", true),
            (
                Encoding::QuotedPrintable,
                &["a=", "b=3Dc  ", "d"],
                "ab=c\r\nd",
                false,
            ),
            (Encoding::QuotedPrintable, &["=zz", "x=4"], "=zz\r\nx=4", true),
        ] {
            assert_eq!(decode(encoding, lines), (text.to_owned(), invalid), "{lines:?}");
        }
    }

    #[test]
    fn names_of_encodings() {
        assert_eq!(Encoding::from_value(b" Base64 "), Encoding::Base64);
        assert_eq!(Encoding::from_value(b"8bit"), Encoding::Plain);
    }
}
