//! ICMP (RFC 792) and ICMPv6 (RFC 4443): types, codes, and the packet that an error quotes.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::{DecodeEvent, Decoder, be16, be32};
use crate::packet::{IcmpHeader, Transport};

/// The ends of the packet that an ICMP error is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Quoted {
    pub(crate) src: (IpAddr, u16),
    pub(crate) dst: (IpAddr, u16),
    pub(crate) protocol: u8,
}

impl<'a> Decoder<'a, '_> {
    pub(super) fn icmp4(&mut self, data: &'a [u8]) {
        let Some(icmp) = header(data) else {
            self.packet.transport = Transport::Other(1);
            return self.event(DecodeEvent::Icmpv4PktTooSmall);
        };
        self.packet.transport = Transport::Icmp4(icmp);
        self.packet.payload = data.get(8..).unwrap_or_default();
        // Highest code of each type that is assigned (IANA "ICMP Parameters").
        let highest = match icmp.kind {
            0 | 4 | 6 | 8 | 10 | 13..=18 | 30 => 0,
            3 => 15,
            5 => 3,
            9 => 16,
            11 => 1,
            12 => 2,
            40 => 5,
            _ => return self.event(DecodeEvent::Icmpv4UnknownType),
        };
        if icmp.code > highest {
            self.event(DecodeEvent::Icmpv4UnknownCode);
        }
        if matches!(icmp.kind, 3 | 4 | 11 | 12) {
            self.quoted_ipv4(self.packet.payload);
        }
    }

    fn quoted_ipv4(&mut self, quoted: &[u8]) {
        match quoted.first().map(|byte| byte >> 4) {
            _ if quoted.len() < 20 => {
                if !quoted.is_empty() {
                    self.event(DecodeEvent::Icmpv4Ipv4TruncPkt);
                }
            }
            Some(4) => {}
            _ => self.event(DecodeEvent::Icmpv4Ipv4UnknownVer),
        }
    }

    pub(super) fn icmp6(&mut self, data: &'a [u8]) {
        let Some(icmp) = header(data) else {
            self.packet.transport = Transport::Other(58);
            return self.event(DecodeEvent::Icmpv6PktTooSmall);
        };
        self.packet.transport = Transport::Icmp6(icmp);
        self.packet.payload = data.get(8..).unwrap_or_default();
        let highest = match icmp.kind {
            1 => 7,
            2 | 128 | 129 | 133..=136 | 143 | 151..=153 => 0,
            3 => 1,
            4 => 3,
            130..=132 => {
                if let Some(ip) = &self.packet.ip
                    && ip.ttl() != 1
                {
                    self.event(DecodeEvent::Icmpv6MldMessageWithInvalidHl);
                }
                0
            }
            137..=142 | 144..=150 | 154..=161 => 255,
            5..=99 | 102..=126 | 162..=199 => return self.event(DecodeEvent::Icmpv6UnassignedType),
            100 | 101 | 200 | 201 => return self.event(DecodeEvent::Icmpv6ExperimentationType),
            _ => return self.event(DecodeEvent::Icmpv6UnknownType),
        };
        if icmp.code > highest {
            self.event(DecodeEvent::Icmpv6UnknownCode);
        }
        if icmp.kind < 128 {
            let quoted = self.packet.payload;
            match quoted.first().map(|byte| byte >> 4) {
                _ if quoted.len() < 40 => self.event(DecodeEvent::Icmpv6Ipv6TruncPkt),
                Some(6) => {}
                _ => self.event(DecodeEvent::Icmpv6Ipv6UnknownVersion),
            }
        }
    }
}

fn header(data: &[u8]) -> Option<IcmpHeader<'_>> {
    let [kind, code, _, _, rest @ ..] = data.first_chunk::<8>()?;
    Some(IcmpHeader {
        message: data,
        kind: *kind,
        code: *code,
        rest: *rest,
    })
}

/// The ends of the packet that an ICMP or ICMPv6 error quotes; `None` when it quotes too little.
pub(crate) fn quoted_packet(quoted: &[u8]) -> Option<Quoted> {
    let (src, dst, protocol, transport) = match quoted.first()? >> 4 {
        4 => {
            let header_len = usize::from(quoted.first()? & 0x0f) * 4;
            let src = IpAddr::V4(Ipv4Addr::from_bits(be32(quoted.get(12..16)?, 0)));
            let dst = IpAddr::V4(Ipv4Addr::from_bits(be32(quoted.get(16..20)?, 0)));
            (src, dst, *quoted.get(9)?, quoted.get(header_len.max(20)..)?)
        }
        6 => {
            let address = |at: usize| quoted.get(at..)?.first_chunk::<16>().copied().map(Ipv6Addr::from);
            let (src, dst) = (IpAddr::V6(address(8)?), IpAddr::V6(address(24)?));
            (src, dst, *quoted.get(6)?, quoted.get(40..)?)
        }
        _ => return None,
    };
    let ports = match protocol {
        6 | 17 | 132 => (be16(transport.get(..4)?, 0), be16(transport, 2)),
        _ => return None,
    };
    Some(Quoted {
        src: (src, ports.0),
        dst: (dst, ports.1),
        protocol,
    })
}
