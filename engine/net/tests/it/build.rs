//! Packets made by hand.

use std::net::Ipv4Addr;

use saola_net::Timestamp;

use crate::capture::Recorded;

pub(crate) const CLIENT: Ipv4Addr = Ipv4Addr::new(10, 0, 0, 1);
pub(crate) const SERVER: Ipv4Addr = Ipv4Addr::new(10, 0, 0, 2);
pub(crate) const FIN: u8 = 1;
pub(crate) const SYN: u8 = 2;
pub(crate) const RST: u8 = 4;
pub(crate) const ACK: u8 = 16;

/// One TCP segment in the making.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Segment<'a> {
    pub(crate) from: (Ipv4Addr, u16),
    pub(crate) to: (Ipv4Addr, u16),
    pub(crate) seq: u32,
    pub(crate) ack: u32,
    pub(crate) flags: u8,
    pub(crate) payload: &'a [u8],
}

/// A connection from the client's side; gives segments of both directions.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Connection {
    pub(crate) client_port: u16,
    pub(crate) client_isn: u32,
    pub(crate) server_isn: u32,
}

impl Connection {
    pub(crate) fn new(client_port: u16) -> Self {
        Self {
            client_port,
            // Near the end of the sequence space, so that every test wraps round.
            client_isn: u32::MAX - 100,
            server_isn: 7_000,
        }
    }

    /// A segment from the client: `offset` is the place of its payload in the client's stream.
    pub(crate) fn to_server(self, offset: u32, acked: u32, flags: u8, payload: &[u8]) -> Segment<'_> {
        Segment {
            from: (CLIENT, self.client_port),
            to: (SERVER, 80),
            seq: self.client_isn.wrapping_add(1).wrapping_add(offset),
            ack: self.server_isn.wrapping_add(1).wrapping_add(acked),
            flags,
            payload,
        }
    }

    /// A segment from the server.
    pub(crate) fn to_client(self, offset: u32, acked: u32, flags: u8, payload: &[u8]) -> Segment<'_> {
        Segment {
            from: (SERVER, 80),
            to: (CLIENT, self.client_port),
            seq: self.server_isn.wrapping_add(1).wrapping_add(offset),
            ack: self.client_isn.wrapping_add(1).wrapping_add(acked),
            flags,
            payload,
        }
    }

    /// The three packets that open it.
    pub(crate) fn handshake(&self) -> [Vec<u8>; 3] {
        let mut syn = self.to_server(0, 0, SYN, &[]);
        syn.seq = self.client_isn;
        syn.ack = 0;
        let mut syn_ack = self.to_client(0, 0, SYN | ACK, &[]);
        syn_ack.seq = self.server_isn;
        let ack = self.to_server(0, 0, ACK, &[]);
        [syn, syn_ack, ack].map(|segment| segment.ip())
    }
}

impl Segment<'_> {
    /// The segment as an IPv4 packet with right checksums.
    pub(crate) fn ip(&self) -> Vec<u8> {
        let mut tcp = Vec::new();
        tcp.extend(self.from.1.to_be_bytes());
        tcp.extend(self.to.1.to_be_bytes());
        tcp.extend(self.seq.to_be_bytes());
        let ack = if self.flags & ACK == 0 { 0 } else { self.ack };
        tcp.extend(ack.to_be_bytes());
        tcp.extend([0x50, self.flags]);
        tcp.extend(60_000_u16.to_be_bytes());
        tcp.extend([0; 4]);
        tcp.extend(self.payload);
        let mut pseudo = Vec::new();
        pseudo.extend(self.from.0.octets());
        pseudo.extend(self.to.0.octets());
        pseudo.extend([0, 6]);
        pseudo.extend((tcp.len() as u16).to_be_bytes());
        pseudo.extend(&tcp);
        let sum = checksum(&pseudo);
        tcp[16..18].copy_from_slice(&sum.to_be_bytes());
        ipv4(self.from.0, self.to.0, 6, 1, 0x4000, &tcp)
    }
}

/// An IPv4 packet; `place` holds flags and fragment offset as on the wire.
pub(crate) fn ipv4(
    src: Ipv4Addr,
    dst: Ipv4Addr,
    protocol: u8,
    id: u16,
    place: u16,
    payload: &[u8],
) -> Vec<u8> {
    let mut ip = vec![0x45, 0];
    ip.extend((20 + payload.len() as u16).to_be_bytes());
    ip.extend(id.to_be_bytes());
    ip.extend(place.to_be_bytes());
    ip.extend([64, protocol, 0, 0]);
    ip.extend(src.octets());
    ip.extend(dst.octets());
    let sum = checksum(&ip);
    ip[10..12].copy_from_slice(&sum.to_be_bytes());
    ip.extend(payload);
    ip
}

/// A UDP datagram without a checksum.
pub(crate) fn udp(src_port: u16, dst_port: u16, payload: &[u8]) -> Vec<u8> {
    let mut udp = Vec::new();
    udp.extend(src_port.to_be_bytes());
    udp.extend(dst_port.to_be_bytes());
    udp.extend((8 + payload.len() as u16).to_be_bytes());
    udp.extend([0, 0]);
    udp.extend(payload);
    udp
}

/// Packets a millisecond apart.
pub(crate) fn recorded(packets: impl IntoIterator<Item = Vec<u8>>) -> Vec<Recorded> {
    let times = (0_i64..).map(|step| Timestamp::from_micros(1_700_000_000_000_000 + step * 1000));
    let packets = packets.into_iter().zip(times);
    packets
        .map(|(data, time)| Recorded {
            time,
            wire_len: data.len() as u32,
            data,
        })
        .collect()
}

fn checksum(bytes: &[u8]) -> u16 {
    let words = bytes
        .chunks(2)
        .map(|pair| u32::from(pair[0]) << 8 | u32::from(*pair.get(1).unwrap_or(&0)));
    let mut sum: u32 = words.sum();
    while sum > 0xffff {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    !(sum as u16)
}
