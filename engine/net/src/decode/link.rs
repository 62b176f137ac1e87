//! Link layers: Ethernet and VLAN tags (IEEE 802.3, 802.1Q), Linux cooked capture, loopback, Cisco HDLC, ARP (RFC 826).

use std::net::Ipv4Addr;

use super::{DecodeEvent, Decoder, be16, be32};
use crate::packet::{Arp, Ethernet, LinkType};

/// EtherTypes (IANA "IEEE 802 Numbers").
pub(super) mod ether_type {
    pub(in crate::decode) const IPV4: u16 = 0x0800;
    pub(in crate::decode) const ARP: u16 = 0x0806;
    pub(in crate::decode) const BRIDGE: u16 = 0x6558;
    pub(in crate::decode) const VLAN: u16 = 0x8100;
    pub(in crate::decode) const PPP: u16 = 0x880b;
    pub(in crate::decode) const MPLS: u16 = 0x8847;
    pub(in crate::decode) const MPLS_MULTICAST: u16 = 0x8848;
    pub(in crate::decode) const PPPOE_DISCOVERY: u16 = 0x8863;
    pub(in crate::decode) const PPPOE_SESSION: u16 = 0x8864;
    pub(in crate::decode) const IPV6: u16 = 0x86dd;
    pub(in crate::decode) const QINQ: u16 = 0x88a8;
    pub(in crate::decode) const ERSPAN: u16 = 0x88be;
    pub(in crate::decode) const FABRIC_PATH: u16 = 0x8903;
    pub(in crate::decode) const VNTAG: u16 = 0x8926;
    pub(in crate::decode) const NSH: u16 = 0x894f;
    pub(in crate::decode) const QINQ_OLD: u16 = 0x9100;
    /// Below this, the field is a length (IEEE 802.3).
    pub(in crate::decode) const FIRST: u16 = 0x0600;
}

/// VLAN tags that are looked through.
const MAX_VLANS: usize = 3;

impl<'a> Decoder<'a, '_> {
    pub(super) fn link(&mut self, link: LinkType, data: &'a [u8]) {
        match link {
            LinkType::Ethernet => self.ethernet(data),
            LinkType::Raw | LinkType::Ipv4 | LinkType::Ipv6 => self.ip_by_version(data),
            LinkType::LinuxSll => self.sll(data),
            LinkType::LinuxSll2 => self.sll2(data),
            LinkType::Null | LinkType::Loop => self.loopback(link, data),
            LinkType::Ppp => self.ppp(data),
            LinkType::CiscoHdlc => self.cisco_hdlc(data),
            LinkType::Other(_) => {}
        }
    }

    pub(super) fn ethernet(&mut self, data: &'a [u8]) {
        let Some((header, rest)) = data.split_first_chunk::<14>() else {
            self.event(DecodeEvent::EthernetPktTooSmall);
            return;
        };
        let [d0, d1, d2, d3, d4, d5, s0, s1, s2, s3, s4, s5, t0, t1] = *header;
        let ether_type = u16::from_be_bytes([t0, t1]);
        self.packet.ethernet = Some(Ethernet {
            destination: [d0, d1, d2, d3, d4, d5],
            source: [s0, s1, s2, s3, s4, s5],
            ether_type,
        });
        self.network(ether_type, rest);
    }

    /// What an EtherType announces.
    pub(super) fn network(&mut self, ether_type: u16, data: &'a [u8]) {
        if !self.enter_layer() {
            return;
        }
        match ether_type {
            ether_type::IPV4 => self.ipv4(data),
            ether_type::IPV6 => self.ipv6(data),
            ether_type::VLAN | ether_type::QINQ | ether_type::QINQ_OLD => self.vlan(data),
            ether_type::ARP => self.arp(data),
            ether_type::MPLS | ether_type::MPLS_MULTICAST => self.mpls(data),
            ether_type::PPPOE_SESSION => self.pppoe_session(data),
            ether_type::PPPOE_DISCOVERY => self.pppoe_discovery(data),
            ether_type::PPP => self.ppp(data),
            ether_type::BRIDGE => self.ethernet(data),
            ether_type::FABRIC_PATH => self.ethernet(data.get(2..).unwrap_or_default()),
            ether_type::VNTAG => self.vntag(data),
            ether_type::NSH => self.nsh(data),
            length if length < ether_type::FIRST => {}
            _ => self.event(DecodeEvent::EthernetUnknownEthertype),
        }
    }

    fn vlan(&mut self, data: &'a [u8]) {
        let Some((header, rest)) = data.split_first_chunk::<4>() else {
            self.event(DecodeEvent::VlanHeaderTooSmall);
            return;
        };
        if self.packet.vlan.len() >= MAX_VLANS {
            self.event(DecodeEvent::VlanTooManyLayers);
            return;
        }
        self.packet.vlan.push(be16(header, 0) & 0x0fff);
        let before = self.packet.anomalies.len();
        self.network(be16(header, 2), rest);
        let last = self.packet.anomalies.get_mut(before..).and_then(<[_]>::last_mut);
        if let Some(event @ DecodeEvent::EthernetUnknownEthertype) = last {
            *event = DecodeEvent::VlanUnknownType;
        }
    }

    fn vntag(&mut self, data: &'a [u8]) {
        match data.split_first_chunk::<6>() {
            Some((header, rest)) => self.network(be16(header, 4), rest),
            None => self.event(DecodeEvent::VntagHeaderTooSmall),
        }
    }

    fn sll(&mut self, data: &'a [u8]) {
        match data.split_first_chunk::<16>() {
            Some((header, rest)) => self.network(be16(header, 14), rest),
            None => self.event(DecodeEvent::SllPktTooSmall),
        }
    }

    fn sll2(&mut self, data: &'a [u8]) {
        match data.split_first_chunk::<20>() {
            Some((header, rest)) => self.network(be16(header, 0), rest),
            None => self.event(DecodeEvent::Sll2PktTooSmall),
        }
    }

    fn loopback(&mut self, link: LinkType, data: &'a [u8]) {
        let Some((header, rest)) = data.split_first_chunk::<4>() else {
            self.event(DecodeEvent::LtnullPktTooSmall);
            return;
        };
        let big = u32::from_be_bytes(*header);
        // Written in the byte order of the machine that captured: the small one of both readings is it.
        let family = if link == LinkType::Loop {
            big
        } else {
            big.min(big.swap_bytes())
        };
        match family {
            2 => self.ipv4(rest),
            // AF_INET6 of Linux, NetBSD, FreeBSD, macOS.
            10 | 24 | 28 | 30 => self.ipv6(rest),
            _ => self.event(DecodeEvent::LtnullUnsupportedType),
        }
    }

    fn cisco_hdlc(&mut self, data: &'a [u8]) {
        match data.split_first_chunk::<4>() {
            Some((header, rest)) => self.network(be16(header, 2), rest),
            None => self.event(DecodeEvent::ChdlcPktTooSmall),
        }
    }

    pub(super) fn arp(&mut self, data: &'a [u8]) {
        let Some((header, body)) = data.split_first_chunk::<8>() else {
            self.event(DecodeEvent::ArpPktTooSmall);
            return;
        };
        let [.., hardware_len, protocol_len, _, _] = *header;
        let wrong = [
            (be16(header, 0) != 1, DecodeEvent::ArpUnsupportedHardware),
            (
                be16(header, 2) != ether_type::IPV4,
                DecodeEvent::ArpUnsupportedProtocol,
            ),
            (hardware_len != 6, DecodeEvent::ArpInvalidHardwareSize),
            (protocol_len != 4, DecodeEvent::ArpInvalidProtocolSize),
        ];
        if let Some((_, event)) = wrong.into_iter().find(|(is_wrong, _)| *is_wrong) {
            self.event(event);
            return;
        }
        let Some((body, _)) = body.split_first_chunk::<20>() else {
            self.event(DecodeEvent::ArpPktTooSmall);
            return;
        };
        let opcode = be16(header, 6);
        if !matches!(opcode, 1..=4 | 8 | 9) {
            self.event(DecodeEvent::ArpUnsupportedOpcode);
        }
        let mac = |at: usize| {
            body.get(at..)
                .and_then(<[u8]>::first_chunk)
                .copied()
                .unwrap_or_default()
        };
        self.packet.arp = Some(Arp {
            opcode,
            sender_mac: mac(0),
            sender_ip: Ipv4Addr::from_bits(be32(body, 6)),
            target_mac: mac(10),
            target_ip: Ipv4Addr::from_bits(be32(body, 16)),
        });
    }
}
