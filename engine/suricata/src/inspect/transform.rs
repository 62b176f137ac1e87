//! Transforms: what a sticky buffer is turned into before its content is looked at.

use std::borrow::Cow;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use sha2::Digest as _;

/// Bytes that one transform may make: URL-decoding and its like shrink, `pcrexform` and `dotprefix` hardly grow.
const MAX_OUTPUT_BYTES: usize = 1 << 20;

/// Which base64 texts are taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Base64Mode {
    /// Letters outside the alphabet are skipped (RFC 2045 section 6.8).
    Rfc2045,
    /// Decoding stops at the first letter outside the alphabet.
    Rfc4648,
    /// The whole text must be correct.
    Strict,
}

/// One transform.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Transform {
    /// A dot before the buffer.
    DotPrefix,
    /// ASCII letters to lower case.
    ToLowercase,
    /// ASCII letters to upper case.
    ToUppercase,
    /// Blanks, tabs and line ends removed.
    StripWhitespace,
    /// Runs of blanks to one.
    CompressWhitespace,
    /// `%41` and `+`.
    UrlDecode,
    /// Exclusive or with a repeated key.
    Xor(Arc<[u8]>),
    /// Exclusive or with a key that stands in the buffer itself: its length and place; decoding begins at `offset`.
    XorExtract {
        /// First byte to decode.
        offset: usize,
        /// Bytes of the key.
        length: usize,
        /// Where the key stands.
        key_at: usize,
    },
    /// Base64 to bytes.
    FromBase64 {
        /// At most so many bytes of text.
        bytes: Option<usize>,
        /// Where the text begins.
        offset: usize,
        /// How strict.
        mode: Base64Mode,
    },
    /// A part of the buffer; negative places count from the end.
    Subslice {
        /// First byte.
        offset: i64,
        /// How many bytes; negative: up to so many from the end.
        length: Option<i64>,
        /// Take what there is when the buffer is too short.
        truncate: bool,
    },
    /// The first group of a pattern, or nothing.
    Pcre(Arc<str>),
    /// MD5 as 16 bytes.
    Md5,
    /// SHA-1 as 20 bytes.
    Sha1,
    /// SHA-256 as 32 bytes.
    Sha256,
    /// Names of headers to lower case.
    HeaderLowercase,
    /// Lines of HTTP/2 pseudo headers removed.
    StripPseudoHeaders,
    /// gzip (RFC 1952) undone, up to so many bytes.
    Gunzip(usize),
    /// zlib (RFC 1950) undone, up to so many bytes.
    ZlibInflate(usize),
}

/// Applies transforms in order. `None` when a strict one refuses the buffer.
pub fn apply<'b>(transforms: &[Transform], bytes: &'b [u8]) -> Option<Cow<'b, [u8]>> {
    transforms
        .iter()
        .try_fold(Cow::Borrowed(bytes), |bytes, transform| {
            let mut out = transform.run(&bytes)?;
            out.truncate(MAX_OUTPUT_BYTES);
            Some(Cow::Owned(out))
        })
}

impl Transform {
    /// Whether the transform keeps every byte where it is, but for letter case: then a caseless fast pattern on the
    /// untouched buffer would do. Only used to describe the transform; all are prefiltered on their output.
    pub const fn keeps_length(&self) -> bool {
        matches!(
            self,
            Self::ToLowercase | Self::ToUppercase | Self::Xor(_) | Self::HeaderLowercase
        )
    }

    fn run(&self, bytes: &[u8]) -> Option<Vec<u8>> {
        Some(match self {
            Self::DotPrefix => [b".", bytes].concat(),
            Self::ToLowercase => bytes.to_ascii_lowercase(),
            Self::ToUppercase => bytes.to_ascii_uppercase(),
            Self::StripWhitespace => bytes.iter().copied().filter(|byte| !is_space(*byte)).collect(),
            Self::CompressWhitespace => compress(bytes),
            Self::UrlDecode => url_decode(bytes),
            Self::Xor(key) => xor(bytes, key),
            Self::XorExtract {
                offset,
                length,
                key_at,
            } => {
                let key = bytes.get(*key_at..key_at.checked_add(*length)?)?;
                xor(bytes.get(*offset..)?, key)
            }
            Self::FromBase64 {
                bytes: limit,
                offset,
                mode,
            } => {
                let text = bytes.get(*offset..)?;
                let text = text.get(..limit.unwrap_or(text.len()).min(text.len()))?;
                decode_base64(text, *mode)?
            }
            Self::Subslice {
                offset,
                length,
                truncate,
            } => subslice(bytes, *offset, *length, *truncate)?.to_vec(),
            Self::Pcre(pattern) => first_group(pattern, bytes)?,
            Self::Md5 => md5::Md5::digest(bytes).to_vec(),
            Self::Sha1 => sha1::Sha1::digest(bytes).to_vec(),
            Self::Sha256 => sha2::Sha256::digest(bytes).to_vec(),
            Self::HeaderLowercase => header_lowercase(bytes),
            Self::StripPseudoHeaders => strip_pseudo_headers(bytes),
            Self::Gunzip(limit) => inflate(flate2::bufread::GzDecoder::new(bytes), *limit)?,
            Self::ZlibInflate(limit) => inflate(flate2::bufread::ZlibDecoder::new(bytes), *limit)?,
        })
    }
}

/// What can be decompressed, up to a limit; `None` when that is nothing.
fn inflate(reader: impl std::io::Read, limit: usize) -> Option<Vec<u8>> {
    use std::io::Read as _;
    let mut out = Vec::new();
    // Damaged or cut off: what came before the fault is looked at.
    reader.take(limit as u64).read_to_end(&mut out).ok();
    (!out.is_empty()).then_some(out)
}

/// The blanks of C's `isspace`.
const fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | 0x0b | 0x0c)
}

fn compress(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    let mut after_space = false;
    for byte in bytes {
        let space = is_space(*byte);
        if !(space && after_space) {
            out.push(*byte);
        }
        after_space = space;
    }
    out
}

fn url_decode(bytes: &[u8]) -> Vec<u8> {
    let hex = |byte: Option<&u8>| {
        byte.and_then(|byte| (*byte as char).to_digit(16))
            .map(|digit| digit as u8)
    };
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        at += 1;
        match (byte, hex(bytes.get(at)), hex(bytes.get(at + 1))) {
            (b'%', Some(high), Some(low)) => {
                out.push(high << 4 | low);
                at += 2;
            }
            (b'+', ..) => out.push(b' '),
            _ => out.push(*byte),
        }
    }
    out
}

fn xor(bytes: &[u8], key: &[u8]) -> Vec<u8> {
    bytes
        .iter()
        .zip(key.iter().cycle())
        .map(|(byte, key)| byte ^ key)
        .collect()
}

const LENIENT: GeneralPurposeConfig = GeneralPurposeConfig::new()
    .with_decode_allow_trailing_bits(true)
    .with_decode_padding_mode(DecodePaddingMode::Indifferent);

/// Decodes as much as the mode allows. `None` when nothing comes of it.
pub(crate) fn decode_base64(text: &[u8], mode: Base64Mode) -> Option<Vec<u8>> {
    let engine = GeneralPurpose::new(&base64::alphabet::STANDARD, LENIENT);
    let in_alphabet = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/');
    let letters: Vec<u8> = match mode {
        Base64Mode::Strict => {
            return base64::engine::general_purpose::STANDARD
                .decode(text)
                .ok()
                .filter(|bytes| !bytes.is_empty());
        }
        Base64Mode::Rfc2045 => text
            .iter()
            .copied()
            .take_while(|byte| *byte != b'=')
            .filter(in_alphabet)
            .collect(),
        Base64Mode::Rfc4648 => text.iter().copied().take_while(in_alphabet).collect(),
    };
    // A lone letter at the end carries six bits of nothing.
    let usable = if letters.len() % 4 == 1 {
        letters.len() - 1
    } else {
        letters.len()
    };
    engine
        .decode(letters.get(..usable)?)
        .ok()
        .filter(|bytes| !bytes.is_empty())
}

fn subslice(bytes: &[u8], offset: i64, length: Option<i64>, truncate: bool) -> Option<&[u8]> {
    let size = bytes.len() as i64;
    let clamp = |place: i64| {
        if (0..=size).contains(&place) {
            Some(place)
        } else if truncate {
            Some(place.clamp(0, size))
        } else {
            None
        }
    };
    let begin = clamp(if offset < 0 {
        size.checked_add(offset)?
    } else {
        offset
    })?;
    let end = match length {
        None => size,
        Some(length) if length < 0 => clamp(size.checked_add(length)?)?,
        Some(length) => clamp(begin.checked_add(length)?)?,
    };
    bytes.get(usize::try_from(begin).ok()?..usize::try_from(end).ok()?)
}

/// Patterns of `pcrexform` are few; they are compiled per use site by the rule loader and kept by the thread.
fn first_group(pattern: &str, bytes: &[u8]) -> Option<Vec<u8>> {
    use std::cell::RefCell;

    use rustc_hash::FxHashMap;

    thread_local! {
        static COMPILED: RefCell<FxHashMap<String, Option<regex::bytes::Regex>>> = RefCell::default();
    }
    COMPILED.with_borrow_mut(|compiled| {
        let regex = compiled
            .entry(pattern.to_owned())
            .or_insert_with(|| compile_group(pattern).ok());
        let captures = regex.as_ref()?.captures(bytes)?;
        captures.get(1).map(|group| group.as_bytes().to_vec())
    })
}

/// Compiles a pattern of `pcrexform`.
pub(crate) fn compile_group(pattern: &str) -> Result<regex::bytes::Regex, regex::Error> {
    regex::bytes::RegexBuilder::new(pattern)
        .unicode(false)
        .size_limit(1 << 20)
        .build()
}

fn header_lowercase(bytes: &[u8]) -> Vec<u8> {
    let mut in_name = true;
    bytes
        .iter()
        .map(|byte| {
            match byte {
                b'\n' => in_name = true,
                b':' => in_name = false,
                _ => {}
            }
            if in_name { byte.to_ascii_lowercase() } else { *byte }
        })
        .collect()
}

fn strip_pseudo_headers(bytes: &[u8]) -> Vec<u8> {
    bytes
        .split_inclusive(|byte| *byte == b'\n')
        .filter(|line| !line.starts_with(b":"))
        .flatten()
        .copied()
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(transform: Transform, bytes: &[u8]) -> Option<Vec<u8>> {
        apply(&[transform], bytes).map(Cow::into_owned)
    }

    fn base64(bytes: Option<usize>, offset: usize, mode: Base64Mode) -> Transform {
        Transform::FromBase64 { bytes, offset, mode }
    }

    fn slice(offset: i64, length: Option<i64>, truncate: bool) -> Transform {
        Transform::Subslice {
            offset,
            length,
            truncate,
        }
    }

    #[test]
    fn texts() {
        assert_eq!(run(Transform::DotPrefix, b"a.b").unwrap(), b".a.b");
        assert_eq!(run(Transform::ToUppercase, b"aB1").unwrap(), b"AB1");
        assert_eq!(run(Transform::ToLowercase, b"aB1").unwrap(), b"ab1");
        assert_eq!(run(Transform::StripWhitespace, b" a\tb\r\n").unwrap(), b"ab");
        assert_eq!(run(Transform::CompressWhitespace, b"a \t b").unwrap(), b"a b");
        assert_eq!(run(Transform::UrlDecode, b"a%41+%4g%").unwrap(), b"aA %4g%");
        assert_eq!(
            run(Transform::HeaderLowercase, b"Ab: Cd\r\nEf: Gh\r\n").unwrap(),
            b"ab: Cd\r\nef: Gh\r\n"
        );
        assert_eq!(
            run(Transform::StripPseudoHeaders, b":path: x\r\na: b\r\n").unwrap(),
            b"a: b\r\n"
        );
        assert_eq!(run(Transform::Pcre("a(.)c".into()), b"xabc").unwrap(), b"b");
        assert_eq!(run(Transform::Pcre("a(.)c".into()), b"x"), None);
    }

    #[test]
    fn codes() {
        assert_eq!(
            run(Transform::Xor([1, 2].as_slice().into()), b"\x01\x02\x03").unwrap(),
            b"\0\0\x02"
        );
        let extract = Transform::XorExtract {
            offset: 1,
            length: 1,
            key_at: 0,
        };
        assert_eq!(run(extract.clone(), b"\x01\x02").unwrap(), b"\x03");
        assert_eq!(run(extract, b""), None);
        assert_eq!(
            run(base64(None, 0, Base64Mode::Strict), b"VGVzdA==").unwrap(),
            b"Test"
        );
        assert_eq!(run(base64(None, 0, Base64Mode::Strict), b"VGVzdA="), None);
        assert_eq!(
            run(base64(None, 0, Base64Mode::Rfc4648), b"VGVz dA==").unwrap(),
            b"Tes"
        );
        assert_eq!(
            run(base64(None, 1, Base64Mode::Rfc2045), b" VGVz dA==").unwrap(),
            b"Test"
        );
        assert_eq!(
            run(base64(Some(4), 0, Base64Mode::Rfc2045), b"VGVzdA==").unwrap(),
            b"Tes"
        );
        assert_eq!(run(Transform::Md5, b"").unwrap()[..2], [0xd4, 0x1d]);
        assert_eq!(run(Transform::Sha1, b"").unwrap()[..2], [0xda, 0x39]);
        assert_eq!(run(Transform::Sha256, b"").unwrap()[..2], [0xe3, 0xb0]);
    }

    #[test]
    fn compressed_bytes() {
        use std::io::Write as _;
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        gzip.write_all(b"plain text").unwrap();
        let gzip = gzip.finish().unwrap();
        assert_eq!(run(Transform::Gunzip(1024), &gzip).unwrap(), b"plain text");
        assert_eq!(run(Transform::Gunzip(5), &gzip).unwrap(), b"plain");
        assert_eq!(run(Transform::Gunzip(5), b"no gzip"), None);
        let mut zlib = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::default());
        zlib.write_all(b"plain text").unwrap();
        let zlib = zlib.finish().unwrap();
        assert_eq!(run(Transform::ZlibInflate(1024), &zlib).unwrap(), b"plain text");
    }

    #[test]
    fn slices() {
        assert_eq!(run(slice(2, None, false), b"abcd").unwrap(), b"cd");
        assert_eq!(run(slice(1, Some(2), false), b"abcd").unwrap(), b"bc");
        assert_eq!(run(slice(-3, Some(2), false), b"abcd").unwrap(), b"bc");
        assert_eq!(run(slice(0, Some(-1), false), b"abcd").unwrap(), b"abc");
        assert_eq!(run(slice(0, Some(9), false), b"abcd"), None);
        assert_eq!(run(slice(0, Some(9), true), b"abcd").unwrap(), b"abcd");
        assert_eq!(run(slice(3, Some(-3), false), b"abcd"), None);
    }

    #[test]
    fn chains_run_in_order() {
        let chain = [
            Transform::StripWhitespace,
            Transform::ToLowercase,
            Transform::DotPrefix,
        ];
        assert_eq!(apply(&chain, b" A B").unwrap().as_ref(), b".ab");
        assert!(matches!(apply(&[], b"x"), Some(Cow::Borrowed(b"x"))));
    }
}
