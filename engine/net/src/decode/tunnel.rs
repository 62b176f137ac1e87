//! Tunnels: GRE (RFC 2784, RFC 2890, RFC 2637), ERSPAN, VXLAN (RFC 7348), GENEVE (RFC 8926), Teredo (RFC 4380),
//! NSH (RFC 8300).

use super::link::ether_type;
use super::{DecodeEvent, Decoder, Layer, be16, be32};

/// GRE flags.
const CHECKSUM: u16 = 0x8000;
const ROUTING: u16 = 0x4000;
const KEY: u16 = 0x2000;
const SEQUENCE: u16 = 0x1000;
const STRICT_SOURCE: u16 = 0x0800;
const RECURSION: u16 = 0x0700;
const ACKNOWLEDGEMENT: u16 = 0x0080;

impl<'a> Decoder<'a, '_> {
    pub(super) fn gre(&mut self, data: &'a [u8]) {
        let Some((header, rest)) = data.split_first_chunk::<4>() else {
            return self.event(DecodeEvent::GrePktTooSmall);
        };
        let (flags, protocol) = (be16(header, 0), be16(header, 2));
        let payload = match flags & 7 {
            0 => gre_v0(flags, rest),
            1 => gre_v1(flags, protocol, rest),
            _ => Err(DecodeEvent::GreWrongVersion),
        };
        match payload {
            Ok(payload) => self.gre_payload(flags, protocol, payload),
            Err(event) => self.event(event),
        }
    }

    fn gre_payload(&mut self, flags: u16, protocol: u16, payload: &'a [u8]) {
        match protocol {
            ether_type::IPV4 | ether_type::IPV6 => self.carry(Layer::Ip, payload, "gre tunnel"),
            ether_type::PPP => self.carry(Layer::Ppp, payload, "gre tunnel"),
            ether_type::BRIDGE => self.carry(Layer::Ethernet, payload, "gre tunnel"),
            ether_type::MPLS | ether_type::MPLS_MULTICAST => self.carry(Layer::Mpls, payload, "gre tunnel"),
            ether_type::ARP => self.carry(Layer::Arp, payload, "gre tunnel"),
            ether_type::VLAN => self.vlan_in_gre(payload),
            // Type I has neither sequence number nor header of its own.
            ether_type::ERSPAN if flags & SEQUENCE == 0 => self.carry(Layer::Ethernet, payload, "gre tunnel"),
            ether_type::ERSPAN => self.erspan(payload),
            _ => {}
        }
    }

    fn vlan_in_gre(&mut self, payload: &'a [u8]) {
        match payload.split_first_chunk::<4>() {
            Some((header, rest)) => self.gre_payload(0, be16(header, 2), rest),
            None => self.event(DecodeEvent::VlanHeaderTooSmall),
        }
    }

    /// ERSPAN type II: eight bytes, then Ethernet.
    fn erspan(&mut self, data: &'a [u8]) {
        let Some((header, rest)) = data.split_first_chunk::<8>() else {
            return self.event(DecodeEvent::ErspanHeaderTooSmall);
        };
        let first = be16(header, 0);
        if first >> 12 != 1 {
            return self.event(DecodeEvent::ErspanUnsupportedVersion);
        }
        let vlan = first & 0x0fff;
        if vlan != 0 {
            if self.packet.vlan.len() >= 3 {
                return self.event(DecodeEvent::ErspanTooManyVlanLayers);
            }
            self.packet.vlan.push(vlan);
        }
        self.carry(Layer::Ethernet, rest, "gre tunnel");
    }

    pub(super) fn vxlan(&mut self, data: &'a [u8]) {
        let Some((header, rest)) = data.split_first_chunk::<8>() else {
            return;
        };
        let [flags, r1, r2, r3, .., r4] = *header;
        let is_valid = flags & 0x08 != 0;
        let is_strict = flags == 0x08 && [r1, r2, r3, r4] == [0; 4];
        if !is_valid || !(is_strict || self.config.vxlan_lenient) {
            return;
        }
        if known_type(be16(rest, 12)) {
            self.carry(Layer::Ethernet, rest, "vxlan encapsulation");
        } else {
            self.event(DecodeEvent::VxlanUnknownPayloadType);
        }
    }

    pub(super) fn geneve(&mut self, data: &'a [u8]) {
        let Some((header, rest)) = data.split_first_chunk::<8>() else {
            return;
        };
        let [first, flags, _, _, _, _, _, reserved] = *header;
        // Version 0, no reserved bits.
        let is_geneve = first < 0x40 && flags.trailing_zeros() >= 6 && reserved == 0;
        let Some(payload) = rest.get(usize::from(first & 0x3f) * 4..).filter(|_| is_geneve) else {
            return;
        };
        match be16(header, 2) {
            ether_type::BRIDGE => self.carry(Layer::Ethernet, payload, "geneve encapsulation"),
            ether_type::IPV4 | ether_type::IPV6 => self.carry(Layer::Ip, payload, "geneve encapsulation"),
            ether_type::ARP => self.carry(Layer::Arp, payload, "geneve encapsulation"),
            _ => self.event(DecodeEvent::GeneveUnknownPayloadType),
        }
    }

    /// Teredo: optional authentication and origin, then an IPv6 packet that fills the datagram.
    pub(super) fn teredo(&mut self, data: &'a [u8]) {
        let mut rest = data;
        if let [0, 1, id_len, auth_len, after @ ..] = rest {
            let skipped = usize::from(*id_len) + usize::from(*auth_len) + 9;
            rest = after.get(skipped..).unwrap_or_default();
        }
        if let [0, 0, _, _, _, _, _, _, after @ ..] = rest {
            rest = after;
        }
        let fills = usize::from(be16(rest, 4)) + 40 == rest.len();
        if rest.len() >= 40 && rest.first().is_some_and(|byte| byte >> 4 == 6) && fills {
            self.carry(Layer::Ip, rest, "ipv6 tunnel");
        }
    }

    pub(super) fn nsh(&mut self, data: &'a [u8]) {
        let Some(header) = data.first_chunk::<8>() else {
            return self.event(DecodeEvent::NshHeaderTooSmall);
        };
        let first = be32(header, 0);
        let len = ((first >> 16) & 0x3f) as usize * 4;
        let (kind, next) = ((first >> 8) & 0x0f, first & 0xff);
        if first >> 30 != 0 {
            return self.event(DecodeEvent::NshUnsupportedVersion);
        }
        match kind {
            1 if len != 24 => return self.event(DecodeEvent::NshBadHeaderLength),
            2 if len < 8 => return self.event(DecodeEvent::NshBadHeaderLength),
            1 | 2 => {}
            0 | 15 => return self.event(DecodeEvent::NshReservedType),
            _ => return self.event(DecodeEvent::NshUnsupportedType),
        }
        let Some(payload) = data.get(len..) else {
            return self.event(DecodeEvent::NshBadHeaderLength);
        };
        match next {
            1 => self.ipv4(payload),
            2 => self.ipv6(payload),
            3 => self.ethernet(payload),
            5 => self.mpls(payload),
            _ => self.event(DecodeEvent::NshUnknownPayload),
        }
    }
}

/// EtherTypes that a tunnelled frame is expected to have.
fn known_type(kind: u16) -> bool {
    use ether_type::*;
    matches!(
        kind,
        ARP | VLAN | QINQ | QINQ_OLD | IPV4 | IPV6 | PPPOE_DISCOVERY | PPPOE_SESSION | BRIDGE
    )
}

fn gre_v0(flags: u16, rest: &[u8]) -> Result<&[u8], DecodeEvent> {
    if flags & RECURSION != 0 {
        return Err(DecodeEvent::GreVersion0Recur);
    }
    if flags & 0x00f8 != 0 {
        return Err(DecodeEvent::GreVersion0Flags);
    }
    let optional = [
        (flags & (CHECKSUM | ROUTING) != 0, 4),
        (flags & KEY != 0, 4),
        (flags & SEQUENCE != 0, 4),
    ];
    let len = optional
        .iter()
        .filter(|(is_there, _)| *is_there)
        .map(|(_, len)| len)
        .sum();
    let rest = rest.get(len..).ok_or(DecodeEvent::GreVersion0HdrTooBig)?;
    if flags & ROUTING == 0 {
        return Ok(rest);
    }
    skip_source_routes(rest).ok_or(DecodeEvent::GreVersion0MalformedSreHdr)
}

/// Source route entries (RFC 1701): family, offset, length, route; one with family and length 0 ends them.
fn skip_source_routes(mut rest: &[u8]) -> Option<&[u8]> {
    loop {
        let (entry, after) = rest.split_first_chunk::<4>()?;
        let [f0, f1, _, len] = *entry;
        if (f0, f1, len) == (0, 0, 0) {
            return Some(after);
        }
        rest = after.get(usize::from(len)..)?;
    }
}

/// Version 1 is PPTP's (RFC 2637).
fn gre_v1(flags: u16, protocol: u16, rest: &[u8]) -> Result<&[u8], DecodeEvent> {
    let refused = [
        (flags & CHECKSUM != 0, DecodeEvent::GreVersion1Chksum),
        (flags & ROUTING != 0, DecodeEvent::GreVersion1Route),
        (flags & STRICT_SOURCE != 0, DecodeEvent::GreVersion1Ssr),
        (flags & RECURSION != 0, DecodeEvent::GreVersion1Recur),
        (flags & 0x0078 != 0, DecodeEvent::GreVersion1Flags),
        (protocol != ether_type::PPP, DecodeEvent::GreVersion1WrongProtocol),
        (flags & KEY == 0, DecodeEvent::GreVersion1NoKey),
    ];
    if let Some((_, event)) = refused.into_iter().find(|(is_set, _)| *is_set) {
        return Err(event);
    }
    let optional = [true, flags & SEQUENCE != 0, flags & ACKNOWLEDGEMENT != 0];
    let len = optional.iter().filter(|is_there| **is_there).count() * 4;
    rest.get(len..).ok_or(DecodeEvent::GreVersion1HdrTooBig)
}
