//! A reader of classic pcap files, small enough for tests. Saola's own is in collectors/packet.

use saola_net::{LinkType, RawPacket, Timestamp};

/// A packet with its place in the file.
#[derive(Clone, Debug)]
pub(crate) struct Recorded {
    pub(crate) time: Timestamp,
    pub(crate) wire_len: u32,
    pub(crate) data: Vec<u8>,
}

/// All packets of a file and their link type.
pub(crate) fn read(bytes: &[u8]) -> (LinkType, Vec<Recorded>) {
    let magic = u32::from_le_bytes(bytes[..4].try_into().unwrap());
    let big = matches!(magic, 0xd4c3_b2a1 | 0x4d3c_b2a1);
    let nanos = matches!(magic, 0xa1b2_3c4d | 0x4d3c_b2a1);
    let number = |at: usize| {
        let four: [u8; 4] = bytes[at..at + 4].try_into().unwrap();
        if big {
            u32::from_be_bytes(four)
        } else {
            u32::from_le_bytes(four)
        }
    };
    let mut packets = Vec::new();
    let mut at = 24;
    while at + 16 <= bytes.len() {
        let (secs, fraction) = (number(at), number(at + 4));
        let (captured, wire_len) = (number(at + 8) as usize, number(at + 12));
        let Some(data) = bytes.get(at + 16..at + 16 + captured) else {
            break;
        };
        let micros = if nanos { fraction / 1000 } else { fraction };
        packets.push(Recorded {
            time: Timestamp::from_secs_micros(secs.into(), micros),
            wire_len,
            data: data.to_vec(),
        });
        at += 16 + captured;
    }
    (LinkType::from_number(number(20) as u16), packets)
}

/// The packets as an engine takes them, numbered from 1.
pub(crate) fn raw(link: LinkType, packets: &[Recorded]) -> impl Iterator<Item = RawPacket<'_>> {
    packets.iter().zip(1..).map(move |(packet, number)| RawPacket {
        number,
        time: packet.time,
        link,
        wire_len: packet.wire_len,
        vlan: None,
        data: &packet.data,
    })
}
