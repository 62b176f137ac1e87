//! Connectionless DCE/RPC over UDP (C706 section 12.5): version 4.

use super::Call;
use crate::app::{AppContext, Parser, Probe};
use crate::flow::Direction;
use crate::proto::reader::Reader;

/// Bytes of the header.
const HEADER: usize = 80;
/// Calls that wait for their answer.
const MAX_OPEN: usize = 256;
/// There are more fragments (flags 1), and this is the last.
const FRAGMENT: u8 = 4;
const LAST: u8 = 2;

struct Header {
    kind: u8,
    flags: u8,
    interface: u128,
    activity: u128,
    version: u16,
    sequence: u32,
    opnum: u16,
    length: u16,
}

fn header(bytes: &[u8]) -> Option<Header> {
    let mut reader = Reader::new(bytes.get(..HEADER)?);
    let (4, kind) = (reader.u8()?, reader.u8()?) else {
        return None;
    };
    let (flags, flags2) = (reader.u8()?, reader.u8()?);
    let little = reader.u8()? & 0x10 != 0;
    reader.take(3)?;
    // Bits that C706 reserves in the second octet of flags.
    if kind > 10 || flags2 & 0xfc != 0 {
        return None;
    }
    let mut uuid = || {
        let (low, mid, high, rest) = if little {
            (reader.le32()?, reader.le16()?, reader.le16()?, reader.be64()?)
        } else {
            (reader.be32()?, reader.be16()?, reader.be16()?, reader.be64()?)
        };
        Some(u128::from(low) << 96 | u128::from(mid) << 80 | u128::from(high) << 64 | u128::from(rest))
    };
    let (_object, interface, activity) = (uuid()?, uuid()?, uuid()?);
    let wide = |reader: &mut Reader<'_>| if little { reader.le32() } else { reader.be32() };
    let _boot = wide(&mut reader)?;
    let version = wide(&mut reader)?;
    let sequence = wide(&mut reader)?;
    let narrow = |reader: &mut Reader<'_>| if little { reader.le16() } else { reader.be16() };
    let opnum = narrow(&mut reader)?;
    reader.take(4)?;
    let length = narrow(&mut reader)?;
    Some(Header {
        kind,
        flags,
        interface,
        activity,
        version: (version & 0xffff) as u16,
        sequence,
        opnum,
        length,
    })
}

/// Looks at a datagram.
pub(super) fn probe(_: Direction, bytes: &[u8]) -> Probe {
    match header(bytes) {
        Some(header) if usize::from(header.length) <= bytes.len() - HEADER => Probe::Yes,
        _ => Probe::No,
    }
}

/// The state of one flow.
#[derive(Debug, Default)]
pub(super) struct DatagramParser;

impl Parser for DatagramParser {
    fn data(&mut self, direction: Direction, bytes: &[u8], cx: &mut AppContext<'_>) {
        let Some(header) = header(bytes) else { return };
        let stub = bytes.get(HEADER..).unwrap_or_default();
        let stub = stub.get(..usize::from(header.length)).unwrap_or(stub);
        let moment = cx.moment();
        let same = |tx: &&mut crate::app::Transaction| {
            !tx.is_complete()
                && tx
                    .record::<Call>()
                    .is_some_and(|call| call.activity == Some(header.activity) && call.id == header.sequence)
        };
        let id = cx.transactions.iter_mut().rev().find(same).map(|tx| tx.id);
        let id = match id {
            Some(id) => id,
            None if cx.transactions.len() < MAX_OPEN => {
                let call = Call::connectionless(header.sequence, header.activity);
                let tx = cx.transactions.open_record(call, moment);
                tx.updated = [false; 2];
                tx.id
            }
            None => return,
        };
        let Some(tx) = cx.transactions.find(id) else {
            return;
        };
        tx.touch(direction, moment);
        let last = header.flags & FRAGMENT == 0 || header.flags & LAST != 0;
        if let Some(call) = tx.record_mut::<Call>() {
            let of = (header.interface, header.version, header.opnum);
            call.datagram(header.kind, of, stub, direction, last);
        }
        if last {
            tx.finish(direction);
        }
    }

    fn gap(&mut self, _direction: Direction, _missing: u64, _cx: &mut AppContext<'_>) {}

    fn end(&mut self, _direction: Direction, _cx: &mut AppContext<'_>) {}
}
