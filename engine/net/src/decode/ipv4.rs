//! IPv4 (RFC 791) and what its protocol field announces.

use std::net::Ipv4Addr;

use super::{DecodeEvent, Decoder, Layer, be16, be32};
use crate::packet::{Fragment, Ip, Ipv4, Transport};

/// IP protocol numbers (IANA "Protocol Numbers").
pub(super) mod protocol {
    pub(in crate::decode) const ICMP: u8 = 1;
    pub(in crate::decode) const IPV4: u8 = 4;
    pub(in crate::decode) const TCP: u8 = 6;
    pub(in crate::decode) const UDP: u8 = 17;
    pub(in crate::decode) const IPV6: u8 = 41;
    pub(in crate::decode) const GRE: u8 = 47;
    pub(in crate::decode) const ESP: u8 = 50;
    pub(in crate::decode) const ICMPV6: u8 = 58;
    pub(in crate::decode) const SCTP: u8 = 132;
}

impl<'a> Decoder<'a, '_> {
    pub(super) fn ipv4(&mut self, data: &'a [u8]) {
        match parse(data) {
            Ok(ip) => self.ipv4_payload(ip),
            Err(event) => self.event(event),
        }
    }

    fn ipv4_payload(&mut self, ip: Ipv4<'a>) {
        self.packet.ip = Some(Ip::V4(ip));
        self.packet.payload = ip.payload;
        if !ip.options.is_empty() {
            self.ipv4_options(ip.options);
        }
        if ip.fragment.is_some() {
            return;
        }
        let payload = ip.payload;
        match ip.protocol {
            protocol::IPV4 => {
                self.packet.transport = Transport::Other(protocol::IPV4);
                self.carry(Layer::Ip, payload, "ipv4 tunnel");
            }
            protocol::IPV6 => {
                self.packet.transport = Transport::Other(protocol::IPV6);
                self.carry(Layer::Ip, payload, "ipv6 tunnel");
            }
            protocol::ICMP => self.icmp4(payload),
            protocol::ICMPV6 => {
                self.packet.transport = Transport::Other(protocol::ICMPV6);
                self.event(DecodeEvent::Ipv4WithIcmpv6);
            }
            other => self.transport(other, payload),
        }
    }

    /// Transports that IPv4 and IPv6 share.
    pub(super) fn transport(&mut self, number: u8, payload: &'a [u8]) {
        self.packet.transport = Transport::Other(number);
        match number {
            protocol::TCP => self.tcp(payload),
            protocol::UDP => self.udp(payload),
            protocol::SCTP => self.sctp(payload),
            protocol::GRE => self.gre(payload),
            protocol::ESP if payload.len() < 8 => self.event(DecodeEvent::EspPktTooSmall),
            _ => {}
        }
    }
}

/// Reads the header. A packet that is shorter than its header says is not read on: its end is missing.
fn parse(data: &[u8]) -> Result<Ipv4<'_>, DecodeEvent> {
    let fixed = data.first_chunk::<20>().ok_or(DecodeEvent::Ipv4PktTooSmall)?;
    let [version_and_len, tos, _, _, _, _, _, _, ttl, protocol, ..] = *fixed;
    if version_and_len >> 4 != 4 {
        return Err(DecodeEvent::Ipv4WrongIpVersion);
    }
    let header_len = usize::from(version_and_len & 0x0f) * 4;
    if header_len < 20 {
        return Err(DecodeEvent::Ipv4HlenTooSmall);
    }
    let total_len = be16(fixed, 2);
    if usize::from(total_len) < header_len {
        return Err(DecodeEvent::Ipv4IplenSmallerThanHlen);
    }
    let whole = data
        .get(..usize::from(total_len))
        .ok_or(DecodeEvent::Ipv4TruncPkt)?;
    let (header, payload) = whole
        .split_at_checked(header_len)
        .ok_or(DecodeEvent::Ipv4TruncPkt)?;
    let place = be16(fixed, 6);
    let (offset, more) = ((place & 0x1fff) * 8, place & 0x2000 != 0);
    let id = be16(fixed, 4);
    Ok(Ipv4 {
        header,
        src: Ipv4Addr::from_bits(be32(fixed, 12)),
        dst: Ipv4Addr::from_bits(be32(fixed, 16)),
        tos,
        total_len,
        id,
        reserved_flag: place & 0x8000 != 0,
        dont_fragment: place & 0x4000 != 0,
        fragment: (offset > 0 || more).then_some(Fragment {
            id: u32::from(id),
            offset,
            more,
        }),
        ttl,
        protocol,
        options: header.get(20..).unwrap_or_default(),
        payload,
    })
}
