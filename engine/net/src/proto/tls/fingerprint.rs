//! Fingerprints of hellos: JA3, JA3S and JA4 (of clients; the others of that family have a licence of their own).

use md5::Digest as _;

use super::hello::{ClientHello, ServerHello};
use crate::proto::hex_string;

/// A JA3 or JA3S fingerprint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ja3 {
    /// The fields it is made of.
    pub string: String,
    /// MD5 of them, lower-case hexadecimal.
    pub hash: String,
}

/// Values that clients add to keep servers tolerant (RFC 8701): no part of a fingerprint.
const fn is_grease(value: u16) -> bool {
    value & 0x0f0f == 0x0a0a && value >> 8 == value & 0xff
}

fn dashed<T: std::fmt::Display + Copy>(values: impl Iterator<Item = T>) -> String {
    let texts: Vec<String> = values.map(|value| value.to_string()).collect();
    texts.join("-")
}

fn without_grease(values: &[u16]) -> impl Iterator<Item = u16> {
    values.iter().copied().filter(|value| !is_grease(*value))
}

fn with_hash(string: String) -> Ja3 {
    let hash = hex_string(&md5::Md5::digest(string.as_bytes()));
    Ja3 { string, hash }
}

/// JA3 of a client: version, suites, extensions, groups, point formats.
pub(super) fn ja3(hello: &ClientHello) -> Ja3 {
    with_hash(format!(
        "{},{},{},{},{}",
        hello.version,
        dashed(without_grease(&hello.ciphers)),
        dashed(without_grease(&hello.extensions)),
        dashed(without_grease(&hello.groups)),
        dashed(hello.point_formats.iter().copied()),
    ))
}

/// JA3S of a server: version, suite, extensions.
pub(super) fn ja3s(hello: &ServerHello) -> Ja3 {
    with_hash(format!(
        "{},{},{}",
        hello.version,
        hello.cipher,
        dashed(without_grease(&hello.extensions))
    ))
}

/// JA4 of a client; `transport` is `t` over TCP, `q` in QUIC.
pub fn ja4(hello: &ClientHello, transport: char) -> String {
    let ciphers: Vec<u16> = without_grease(&hello.ciphers).collect();
    let extensions: Vec<u16> = without_grease(&hello.extensions).collect();
    let destination = if hello.extensions.contains(&0) { 'd' } else { 'i' };
    format!(
        "{transport}{}{destination}{:02}{:02}{}_{}_{}",
        version(hello),
        ciphers.len().min(99),
        extensions.len().min(99),
        alpn(hello),
        suites_hash(ciphers),
        extensions_hash(extensions, &hello.signature_algorithms),
    )
}

fn version(hello: &ClientHello) -> &'static str {
    let offered = without_grease(&hello.supported_versions).max();
    match offered.unwrap_or(hello.version) {
        0x0304 => "13",
        0x0303 => "12",
        0x0302 => "11",
        0x0301 => "10",
        0x0300 => "s3",
        0x0002 => "s2",
        _ => "00",
    }
}

/// First and last character of the first protocol offered.
fn alpn(hello: &ClientHello) -> String {
    let Some(first) = hello.alpns.first() else {
        return "00".to_owned();
    };
    match (first.first(), first.last()) {
        (Some(a), Some(b)) if a.is_ascii_alphanumeric() && b.is_ascii_alphanumeric() => {
            format!("{}{}", char::from(*a), char::from(*b))
        }
        (Some(a), Some(b)) => format!("{:x}{:x}", a >> 4, b & 0x0f),
        _ => "00".to_owned(),
    }
}

fn hexes(values: &[u16]) -> String {
    let texts: Vec<String> = values.iter().map(|value| format!("{value:04x}")).collect();
    texts.join(",")
}

fn short_hash(text: &str) -> String {
    let mut hash = hex_string(&sha2::Sha256::digest(text.as_bytes()));
    hash.truncate(12);
    hash
}

const NO_HASH: &str = "000000000000";

fn suites_hash(mut ciphers: Vec<u16>) -> String {
    ciphers.sort_unstable();
    if ciphers.is_empty() {
        return NO_HASH.to_owned();
    }
    short_hash(&hexes(&ciphers))
}

/// Extensions sorted, without server name and ALPN; signature algorithms as they stand.
fn extensions_hash(mut extensions: Vec<u16>, algorithms: &[u16]) -> String {
    extensions.retain(|kind| !matches!(kind, 0x0000 | 0x0010));
    extensions.sort_unstable();
    let algorithms: Vec<u16> = without_grease(algorithms).collect();
    if extensions.is_empty() {
        return NO_HASH.to_owned();
    }
    let mut text = hexes(&extensions);
    if !algorithms.is_empty() {
        text.push('_');
        text.push_str(&hexes(&algorithms));
    }
    short_hash(&text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grease_is_left_out() {
        assert!(is_grease(0x0a0a) && is_grease(0xfafa));
        assert!(!is_grease(0x1301) && !is_grease(0x0a1a));
    }

    #[test]
    fn ja3_string_and_hash() {
        let hello = ClientHello {
            version: 771,
            ciphers: vec![4865, 4867, 0x2a2a],
            extensions: vec![0, 43, 13, 10, 40],
            groups: vec![23],
            ..ClientHello::default()
        };
        let found = ja3(&hello);
        assert_eq!(found.string, "771,4865-4867,0-43-13-10-40,23,");
        assert_eq!(found.hash, "786468211b4d23f9b725987b0de9d090");
    }

    #[test]
    fn ja4_follows_its_published_example() {
        // The example of the technical description of JA4 (FoxIO, BSD 3-clause for JA4 of TLS clients).
        let hello = ClientHello {
            version: 0x0303,
            ciphers: vec![
                0x1301, 0x1302, 0x1303, 0xc02b, 0xc02f, 0xc02c, 0xc030, 0xcca9, 0xcca8, 0xc013, 0xc014,
                0x009c, 0x009d, 0x002f, 0x0035,
            ],
            extensions: vec![
                0x001b, 0x0000, 0x0033, 0x0010, 0x4469, 0x0017, 0x002d, 0x000d, 0x0005, 0x0023, 0x0012,
                0x002b, 0xff01, 0x000b, 0x000a, 0x0015,
            ],
            signature_algorithms: vec![0x0403, 0x0804, 0x0401, 0x0503, 0x0805, 0x0501, 0x0806, 0x0601],
            alpns: vec![b"h2".to_vec()],
            supported_versions: vec![0x0304],
            ..ClientHello::default()
        };
        assert_eq!(ja4(&hello, 't'), "t13d1516h2_8daaf6152771_e5627efa2ab1");
    }

    #[test]
    fn ja4_of_almost_nothing() {
        let hello = ClientHello {
            version: 0x0301,
            alpns: vec![b"\xab\xcd".to_vec()],
            ..ClientHello::default()
        };
        assert_eq!(ja4(&hello, 't'), "t10i0000ad_000000000000_000000000000");
    }
}
