//! Frames: records of one origin behind a length and a checksum.
//!
//! `length u32, crc32 u32, payload`; the payload is source, agency and parser once, then the records: peer, arrival,
//! number, bytes. Numbers are little-endian.

use std::net::{IpAddr, Ipv6Addr};
use std::sync::Arc;

use saola_collect::{RawRecord, Timestamp};

/// Length and checksum.
pub(crate) const HEAD: usize = 8;
/// No frame is longer: a length beyond it is damage.
pub(crate) const MAX_PAYLOAD: usize = 256 << 20;
/// A run of records is cut into frames of about this size.
const WANTED_PAYLOAD: usize = 1 << 20;

/// Adds the frames of some records.
pub(crate) fn encode(records: &[RawRecord], out: &mut Vec<u8>) {
    let mut rest = records;
    while let Some(first) = rest.first() {
        let mut bytes = 0;
        let run = rest.iter().take_while(|record| {
            let fits = bytes < WANTED_PAYLOAD;
            bytes += record.bytes.len();
            fits && same_origin(first, record)
        });
        let (run, others) = rest.split_at_checked(run.count()).unwrap_or((rest, &[]));
        frame(first, run, out);
        rest = others;
    }
}

fn same_origin(one: &RawRecord, other: &RawRecord) -> bool {
    one.source == other.source && one.agency == other.agency && one.parser == other.parser
}

fn frame(first: &RawRecord, run: &[RawRecord], out: &mut Vec<u8>) {
    let head = out.len();
    out.extend([0; HEAD]);
    let start = out.len();
    put(out, first.source.as_bytes());
    put(out, first.agency.as_bytes());
    out.push(u8::from(first.parser.is_some()));
    put(out, first.parser.as_deref().unwrap_or_default().as_bytes());
    out.extend((run.len() as u32).to_le_bytes());
    for record in run {
        // All addresses as IPv6; an IPv4 address comes back as one.
        let peer = record.peer.map(|peer| match peer {
            IpAddr::V4(address) => address.to_ipv6_mapped(),
            IpAddr::V6(address) => address,
        });
        out.push(u8::from(peer.is_some()));
        out.extend(peer.unwrap_or(Ipv6Addr::UNSPECIFIED).octets());
        out.extend(record.received_at.as_micros().to_le_bytes());
        out.extend(record.seq.to_le_bytes());
        put(out, &record.bytes);
    }
    let payload = out.get(start..).unwrap_or_default();
    let (length, sum) = (payload.len() as u32, crc32fast::hash(payload));
    let filled = [length.to_le_bytes(), sum.to_le_bytes()].concat();
    if let Some(place) = out.get_mut(head..start) {
        place.copy_from_slice(&filled);
    }
}

fn put(out: &mut Vec<u8>, bytes: &[u8]) {
    out.extend((bytes.len() as u32).to_le_bytes());
    out.extend_from_slice(bytes);
}

/// Length and checksum of a frame; `None` when no frame has such a length.
pub(crate) fn head(bytes: [u8; HEAD]) -> Option<(usize, u32)> {
    let (length, sum) = bytes.split_first_chunk::<4>()?;
    let length = u32::from_le_bytes(*length) as usize;
    let sum = u32::from_le_bytes(*sum.first_chunk::<4>()?);
    (length <= MAX_PAYLOAD).then_some((length, sum))
}

/// The records of a payload; `None` when it is damaged.
pub(crate) fn decode(payload: &[u8], sum: u32) -> Option<Vec<RawRecord>> {
    if crc32fast::hash(payload) != sum {
        return None;
    }
    let mut bytes = payload;
    let source: Arc<str> = text(&mut bytes)?.into();
    let agency: Arc<str> = text(&mut bytes)?.into();
    let has_parser = array::<1>(&mut bytes)? == [1];
    let parser: Arc<str> = text(&mut bytes)?.into();
    let count = u32::from_le_bytes(array(&mut bytes)?) as usize;
    let mut records = Vec::with_capacity(count.min(payload.len() / 37));
    for _ in 0..count {
        let has_peer = array::<1>(&mut bytes)? == [1];
        let peer = IpAddr::from(array::<16>(&mut bytes)?).to_canonical();
        let received_at = Timestamp::from_micros(i64::from_le_bytes(array(&mut bytes)?));
        let seq = u64::from_le_bytes(array(&mut bytes)?);
        records.push(RawRecord {
            source: Arc::clone(&source),
            agency: Arc::clone(&agency),
            parser: has_parser.then(|| Arc::clone(&parser)),
            peer: has_peer.then_some(peer),
            received_at,
            seq,
            bytes: slice(&mut bytes)?.to_vec(),
        });
    }
    Some(records)
}

fn text<'b>(bytes: &mut &'b [u8]) -> Option<&'b str> {
    std::str::from_utf8(slice(bytes)?).ok()
}

fn slice<'b>(bytes: &mut &'b [u8]) -> Option<&'b [u8]> {
    let length = u32::from_le_bytes(array(bytes)?) as usize;
    let (part, rest) = bytes.split_at_checked(length)?;
    *bytes = rest;
    Some(part)
}

fn array<const N: usize>(bytes: &mut &[u8]) -> Option<[u8; N]> {
    let (part, rest) = bytes.split_first_chunk::<N>()?;
    *bytes = rest;
    Some(*part)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn record(source: &str, parser: Option<&str>, seq: u64, bytes: Vec<u8>) -> RawRecord {
        RawRecord {
            source: source.into(),
            agency: "stttt".into(),
            parser: parser.map(Into::into),
            peer: seq.is_multiple_of(2).then(|| "10.0.0.1".parse().unwrap()),
            received_at: Timestamp::from_micros(-7),
            seq,
            bytes,
        }
    }

    fn read(mut bytes: &[u8]) -> Option<Vec<RawRecord>> {
        let mut records = Vec::new();
        while !bytes.is_empty() {
            let (length, sum) = head(array(&mut bytes)?)?;
            let (payload, rest) = bytes.split_at_checked(length)?;
            records.extend(decode(payload, sum)?);
            bytes = rest;
        }
        Some(records)
    }

    #[test]
    fn what_goes_in_comes_out_and_damage_is_seen() {
        let records = vec![
            record("a", None, 0, b"xin ch\xc3\xa0o".to_vec()),
            record("a", None, 1, vec![0, 255, 10]),
            record("b", Some("sshd"), 2, Vec::new()),
            record("a", Some(""), 3, vec![b'x'; 3 << 20]),
            record("a", Some(""), 4, vec![b'y'; 10]),
        ];
        let mut bytes = Vec::new();
        encode(&records, &mut bytes);
        assert_eq!(format!("{:?}", read(&bytes).unwrap()), format!("{records:?}"));
        for at in (0..bytes.len()).step_by(bytes.len() / 50) {
            let mut damaged = bytes.clone();
            damaged[at] ^= 1;
            assert!(read(&damaged).is_none(), "flipped at {at}");
        }
    }

    proptest! {
        #[test]
        fn noise_is_damage(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            prop_assert!(decode(&bytes, !crc32fast::hash(&bytes)).is_none());
            decode(&bytes, crc32fast::hash(&bytes));
        }
    }
}
