//! IPv6 (RFC 8200): the fixed header and what comes after the extension headers.

use std::net::Ipv6Addr;

use smallvec::SmallVec;

use super::ipv4::protocol;
use super::{DecodeEvent, Decoder, Layer, be16, be32};
use crate::packet::{Ip, Ipv6, Transport};

/// No next header (RFC 8200 section 4.7).
const NONE: u8 = 59;

impl<'a> Decoder<'a, '_> {
    pub(super) fn ipv6(&mut self, data: &'a [u8]) {
        let ip = match parse(data) {
            Ok(ip) => ip,
            Err(event) => return self.event(event),
        };
        let (body, next_header) = (ip.body, ip.next_header);
        self.packet.payload = body;
        self.packet.ip = Some(Ip::V6(ip));
        let Some((protocol, payload)) = self.ipv6_extensions(next_header, body) else {
            return;
        };
        let is_fragment = self.finish_ipv6(protocol, payload);
        self.packet.payload = payload;
        if !is_fragment {
            self.ipv6_payload(protocol, payload);
        }
    }

    /// Notes what the extension headers led to; says whether the packet is a fragment.
    fn finish_ipv6(&mut self, protocol: u8, payload: &'a [u8]) -> bool {
        let Some(Ip::V6(ip)) = &mut self.packet.ip else {
            return false;
        };
        ip.protocol = protocol;
        ip.payload = payload;
        ip.fragment.is_some()
    }

    fn ipv6_payload(&mut self, number: u8, payload: &'a [u8]) {
        match number {
            protocol::ICMPV6 => self.icmp6(payload),
            protocol::IPV4 => self.ip_in_ipv6(
                4,
                payload,
                DecodeEvent::Ipv6Ipv4InIpv6TooSmall,
                DecodeEvent::Ipv6Ipv4InIpv6WrongVersion,
            ),
            protocol::IPV6 => self.ip_in_ipv6(
                6,
                payload,
                DecodeEvent::Ipv6Ipv6InIpv6TooSmall,
                DecodeEvent::Ipv6Ipv6InIpv6WrongVersion,
            ),
            protocol::ICMP => {
                self.packet.transport = Transport::Other(protocol::ICMP);
                self.event(DecodeEvent::Ipv6WithIcmpv4);
            }
            NONE => {
                self.packet.transport = Transport::Other(NONE);
                if !payload.is_empty() {
                    self.event(DecodeEvent::Ipv6DataAfterNoneHeader);
                }
            }
            protocol::TCP | protocol::UDP | protocol::SCTP | protocol::GRE | protocol::ESP => {
                self.transport(number, payload);
            }
            other => {
                self.packet.transport = Transport::Other(other);
                self.event(DecodeEvent::Ipv6UnknownNextHeader);
            }
        }
    }

    fn ip_in_ipv6(&mut self, version: u8, payload: &'a [u8], small: DecodeEvent, wrong: DecodeEvent) {
        let (number, shortest, kind) = match version {
            4 => (protocol::IPV4, 20, "ipv4-in-ipv6"),
            _ => (protocol::IPV6, 40, "ipv6-in-ipv6"),
        };
        self.packet.transport = Transport::Other(number);
        match payload.first() {
            _ if payload.len() < shortest => self.event(small),
            Some(first) if first >> 4 != version => self.event(wrong),
            _ => self.carry(Layer::Ip, payload, kind),
        }
    }
}

fn parse(data: &[u8]) -> Result<Ipv6<'_>, DecodeEvent> {
    let (header, rest) = data.split_at_checked(40).ok_or(DecodeEvent::Ipv6PktTooSmall)?;
    let first = be32(header, 0);
    if first >> 28 != 6 {
        return Err(DecodeEvent::Ipv6WrongIpVersion);
    }
    let payload_len = be16(header, 4);
    let body = rest
        .get(..usize::from(payload_len))
        .ok_or(DecodeEvent::Ipv6TruncPkt)?;
    let &[_, _, _, _, _, _, next_header, hop_limit, ..] = header else {
        return Err(DecodeEvent::Ipv6PktTooSmall);
    };
    let address = |at: usize| {
        let bytes = header.get(at..).and_then(<[u8]>::first_chunk::<16>);
        Ipv6Addr::from(bytes.copied().unwrap_or_default())
    };
    Ok(Ipv6 {
        header,
        src: address(8),
        dst: address(24),
        traffic_class: (first >> 20) as u8,
        flow_label: first & 0x000f_ffff,
        payload_len,
        hop_limit,
        next_header,
        extensions: SmallVec::new(),
        fragment: None,
        protocol: next_header,
        body,
        payload: body,
    })
}
