//! The record layer (RFC 8446 section 5.1, RFC 5246 section 6.2): records out of the stream.
//!
//! Handshake, alert and heartbeat records are put together; the payload of application data is passed over unkept.

/// Largest payload of a record: 2^14 and what ciphers may add (RFC 5246 section 6.2.3).
const MAX_PAYLOAD: usize = (1 << 14) + 2048;

const HEADER_BYTES: usize = 5;

/// Content types.
pub(super) mod content {
    pub(in crate::proto::tls) const CHANGE_CIPHER_SPEC: u8 = 20;
    pub(in crate::proto::tls) const ALERT: u8 = 21;
    pub(in crate::proto::tls) const HANDSHAKE: u8 = 22;
    pub(in crate::proto::tls) const APPLICATION_DATA: u8 = 23;
    pub(in crate::proto::tls) const HEARTBEAT: u8 = 24;
}

/// One record. Of application data only the first bytes are there.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Record {
    pub(super) kind: u8,
    pub(super) version: u16,
    /// Payload length that the header names.
    pub(super) length: usize,
    pub(super) payload: Vec<u8>,
}

/// What the next bytes gave.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Step {
    Record(Record),
    /// More bytes are needed.
    More,
    /// No record begins here: name of the event.
    Broken(&'static str),
}

/// Records of one direction.
#[derive(Debug, Default)]
pub(super) struct RecordReader {
    held: Vec<u8>,
    /// Bytes of application data that are still to be passed over.
    skip: usize,
}

/// Whether a version of the record layer exists: SSL 3.0 to TLS 1.3 (also its drafts).
pub(super) const fn known_version(version: u16) -> bool {
    matches!(version >> 8, 0x03 | 0x7f) && version != 0x03ff
}

impl RecordReader {
    /// Takes bytes in; then [`Self::next`] gives the records.
    pub(super) fn feed(&mut self, bytes: &[u8]) {
        let skipped = self.skip.min(bytes.len());
        self.skip -= skipped;
        self.held
            .extend_from_slice(bytes.get(skipped..).unwrap_or_default());
    }

    pub(super) fn next(&mut self) -> Step {
        let Some(([kind, major, minor, high, low], rest)) = self.held.split_first_chunk::<HEADER_BYTES>()
        else {
            return Step::More;
        };
        let (kind, version) = (*kind, u16::from_be_bytes([*major, *minor]));
        let length = usize::from(u16::from_be_bytes([*high, *low]));
        if !(content::CHANGE_CIPHER_SPEC..=content::HEARTBEAT).contains(&kind) {
            return Step::Broken("invalid_record_type");
        }
        if !known_version(version) {
            return Step::Broken("invalid_record_version");
        }
        if length > MAX_PAYLOAD {
            return Step::Broken("invalid_record_length");
        }
        if kind == content::APPLICATION_DATA {
            let here = rest.len().min(length);
            self.skip = length - here;
            self.held.drain(..HEADER_BYTES + here);
            return Step::Record(Record {
                kind,
                version,
                length,
                payload: Vec::new(),
            });
        }
        if rest.len() < length {
            return Step::More;
        }
        let record: Vec<u8> = self.held.drain(..HEADER_BYTES + length).collect();
        Step::Record(Record {
            kind,
            version,
            length,
            payload: record.get(HEADER_BYTES..).unwrap_or_default().to_vec(),
        })
    }

    /// The bytes not yet taken as records.
    pub(super) fn held(&self) -> &[u8] {
        &self.held
    }

    /// Drops `count` held bytes from the front.
    pub(super) fn discard(&mut self, count: usize) {
        self.held.drain(..count.min(self.held.len()));
    }

    /// Bytes were missed: `true` when they lay within application data, so that the next record is still found.
    pub(super) fn gap(&mut self, missing: u64) -> bool {
        self.held.clear();
        let inside = usize::try_from(missing).is_ok_and(|missing| missing <= self.skip);
        self.skip -= usize::try_from(missing).unwrap_or(usize::MAX).min(self.skip);
        inside
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(bytes: &[u8], step: usize) -> Vec<(u8, usize)> {
        let mut reader = RecordReader::default();
        let mut kinds = Vec::new();
        for piece in bytes.chunks(step) {
            reader.feed(piece);
            while let Step::Record(record) = reader.next() {
                kinds.push((record.kind, record.payload.len()));
            }
        }
        kinds
    }

    #[test]
    fn records_whatever_the_pieces() {
        let mut bytes = b"\x16\x03\x01\0\x03abc\x17\x03\x03\x01\0".to_vec();
        bytes.extend_from_slice(&[9; 256]);
        bytes.extend_from_slice(b"\x15\x03\x03\0\x02\x01\0");
        for step in [1, 4, 100, 1000] {
            assert_eq!(kinds(&bytes, step), [(22, 3), (23, 0), (21, 2)], "by {step}");
        }
    }

    #[test]
    fn what_is_no_record_is_named() {
        for (bytes, event) in [
            (&b"\x19\x03\x01\0\0"[..], "invalid_record_type"),
            (b"\x16\x09\x01\0\0", "invalid_record_version"),
            (b"\x16\x03\x01\xff\xff", "invalid_record_length"),
        ] {
            let mut reader = RecordReader::default();
            reader.feed(bytes);
            assert_eq!(reader.next(), Step::Broken(event));
        }
    }

    #[test]
    fn holes_within_application_data_are_passed_over() {
        let mut reader = RecordReader::default();
        reader.feed(b"\x17\x03\x03\x00\x64abc");
        assert!(matches!(reader.next(), Step::Record(_)));
        assert!(reader.gap(97));
        reader.feed(b"\x15\x03\x03\0\x02\x01\0");
        assert!(matches!(reader.next(), Step::Record(_)));
        assert!(!reader.gap(1));
    }
}
