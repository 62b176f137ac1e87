//! One entry and its form in the file.
//!
//! A line: length of the JSON text (8 hex digits), its CRC-32 (8 hex digits), the JSON text, a line end. Length and CRC
//! tell a torn write from an edit; the hash in the text is the chain. Everything in the line is covered: a changed byte
//! anywhere makes the line unreadable or breaks the chain.

use std::fmt;
use std::sync::Arc;

use saola_event::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use sha2::{Digest as _, Sha256};

use super::verify::Fault;

/// A SHA-256, written in lower-case hex.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Hash(pub [u8; 32]);

/// What the first entry has in place of the hash before it.
pub const GENESIS: Hash = Hash([0; 32]);

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Hash {
    /// From 64 lower-case hex digits.
    pub fn from_hex(text: &str) -> Option<Self> {
        let digit = |byte: u8| match byte {
            b'0'..=b'9' => Some(byte - b'0'),
            b'a'..=b'f' => Some(byte - b'a' + 10),
            _ => None,
        };
        let mut hash = [0; 32];
        let (pairs, rest) = text.as_bytes().as_chunks::<2>();
        if pairs.len() != hash.len() || !rest.is_empty() {
            return None;
        }
        for (byte, [high, low]) in hash.iter_mut().zip(pairs) {
            *byte = digit(*high)? << 4 | digit(*low)?;
        }
        Some(Self(hash))
    }
}

/// An entry to be written.
#[derive(Clone, Debug)]
pub struct Draft {
    /// When it was decided.
    pub time: Timestamp,
    /// Who.
    pub actor: Arc<str>,
    /// What kind of change.
    pub kind: String,
    /// The change.
    pub body: Box<RawValue>,
}

/// An entry of the journal.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Its number, from 1 without gaps.
    pub seq: u64,
    /// When it was decided.
    pub time: Timestamp,
    /// Who.
    pub actor: Arc<str>,
    /// What kind of change.
    pub kind: String,
    /// The change.
    pub body: Box<RawValue>,
    /// Hash of the entry before.
    pub prev: Hash,
    /// Hash of this one.
    pub hash: Hash,
}

/// Largest JSON text of an entry, in bytes.
pub(super) const MAX_ENTRY_BYTES: usize = 16 * 1024 * 1024;
/// Length and CRC with the blanks after them.
const HEADER_BYTES: usize = 18;
/// `,"hash":"` + 64 digits + `"}`.
const SEAL_BYTES: usize = 9 + 64 + 2;

#[derive(Serialize)]
struct Sealed<'a> {
    seq: u64,
    time: Timestamp,
    actor: &'a str,
    kind: &'a str,
    body: &'a RawValue,
    prev: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    seq: u64,
    time: Timestamp,
    actor: Arc<str>,
    kind: String,
    body: Box<RawValue>,
    prev: String,
    hash: String,
}

/// Adds the line of an entry to `out` and gives its hash.
pub(super) fn encode(seq: u64, prev: Hash, draft: &Draft, out: &mut Vec<u8>) -> Hash {
    let Draft {
        time,
        actor,
        kind,
        body,
    } = draft;
    let sealed = Sealed {
        seq,
        time: *time,
        actor,
        kind,
        body,
        prev: prev.to_string(),
    };
    let mut text = serde_json::to_vec(&sealed).expect("texts, numbers and JSON make JSON");
    // The hash covers everything before it; it takes the place of the closing brace.
    text.pop();
    let hash = Hash(Sha256::digest(&text).into());
    text.extend_from_slice(format!(",\"hash\":\"{hash}\"}}").as_bytes());
    out.extend_from_slice(header(&text).as_bytes());
    out.extend_from_slice(&text);
    out.push(b'\n');
    hash
}

fn header(text: &[u8]) -> String {
    format!("{:08x} {:08x} ", text.len(), crc32fast::hash(text))
}

/// What was read at the beginning of some bytes.
pub(super) enum Read {
    /// An entry, and how many bytes its line has.
    Entry(Box<Entry>, usize),
    /// Nothing is left.
    End,
    /// The bytes end within a line.
    Torn,
    /// A whole line, or what looks like one, that is not what was written.
    Bad(Fault),
}

/// Reads the entry at the beginning of `bytes`. The chain is the caller's to check.
pub(super) fn decode(bytes: &[u8]) -> Read {
    if bytes.is_empty() {
        return Read::End;
    }
    let Some((head, rest)) = bytes.split_at_checked(HEADER_BYTES) else {
        return Read::Torn;
    };
    let Some(length) = length_in(head) else {
        return Read::Bad(Fault::Header);
    };
    let Some((text, rest)) = rest.split_at_checked(length) else {
        return Read::Torn;
    };
    if header(text).as_bytes() != head {
        return Read::Bad(Fault::Checksum);
    }
    match rest.first() {
        None => return Read::Torn,
        Some(b'\n') => {}
        Some(_) => return Read::Bad(Fault::Header),
    }
    match entry_in(text) {
        Ok(entry) => Read::Entry(Box::new(entry), HEADER_BYTES + length + 1),
        Err(fault) => Read::Bad(fault),
    }
}

fn length_in(head: &[u8]) -> Option<usize> {
    let digits = std::str::from_utf8(head.get(..8)?).ok()?;
    let length = usize::from_str_radix(digits, 16).ok()?;
    (length <= MAX_ENTRY_BYTES && head.get(8) == Some(&b' ')).then_some(length)
}

fn entry_in(text: &[u8]) -> Result<Entry, Fault> {
    let line: Line = serde_json::from_slice(text).map_err(|_| Fault::Content)?;
    let sealed = text
        .len()
        .checked_sub(SEAL_BYTES)
        .and_then(|end| text.split_at_checked(end));
    let (covered, seal) = sealed.ok_or(Fault::Content)?;
    let hash = Hash(Sha256::digest(covered).into());
    if seal != format!(",\"hash\":\"{hash}\"}}").as_bytes() || line.hash != hash.to_string() {
        return Err(Fault::Hash);
    }
    let Line {
        seq,
        time,
        actor,
        kind,
        body,
        prev,
        ..
    } = line;
    let prev = Hash::from_hex(&prev).ok_or(Fault::Content)?;
    Ok(Entry {
        seq,
        time,
        actor,
        kind,
        body,
        prev,
        hash,
    })
}

/// Bytes of the longest line.
pub(super) const MAX_LINE_BYTES: usize = HEADER_BYTES + MAX_ENTRY_BYTES + 1;

#[cfg(test)]
mod tests {
    use super::*;

    fn line() -> Vec<u8> {
        let mut out = Vec::new();
        let body = RawValue::from_string(r#"{"a":"é","n":18446744073709551615}"#.to_owned()).unwrap();
        let draft = Draft {
            time: Timestamp::EPOCH,
            actor: "an".into(),
            kind: "noted".to_owned(),
            body,
        };
        encode(7, GENESIS, &draft, &mut out);
        out
    }

    #[test]
    fn written_and_read_back() {
        let line = line();
        let Read::Entry(entry, length) = decode(&line) else {
            panic!("an entry")
        };
        assert_eq!(
            (entry.seq, &*entry.actor, entry.prev, length),
            (7, "an", GENESIS, line.len())
        );
        assert_eq!(entry.body.get(), r#"{"a":"é","n":18446744073709551615}"#);
        assert_eq!(Hash::from_hex(&entry.hash.to_string()), Some(entry.hash));
    }

    #[test]
    fn every_flipped_bit_is_noticed() {
        let line = line();
        for at in 0..line.len() * 8 {
            let mut flipped = line.clone();
            flipped[at / 8] ^= 1 << (at % 8);
            assert!(!matches!(decode(&flipped), Read::Entry(..)), "bit {at}");
        }
    }

    #[test]
    fn every_prefix_is_torn() {
        let line = line();
        for end in 1..line.len() {
            assert!(matches!(decode(&line[..end]), Read::Torn), "{end}");
        }
    }
}
