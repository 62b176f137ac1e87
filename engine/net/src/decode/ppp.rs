//! PPP (RFC 1661, RFC 1662) and PPPoE (RFC 2516).

use super::{DecodeEvent, Decoder, be16};

/// PPP protocol numbers (IANA "PPP Numbers").
const IPV4: u16 = 0x0021;
const COMPRESSED_TCP: u16 = 0x002d;
const UNCOMPRESSED_TCP: u16 = 0x002f;
const IPV6: u16 = 0x0057;
const MPLS: u16 = 0x0281;

/// Protocols of PPP that carry no IP packets: known, not decoded.
const CONTROL: [u16; 22] = [
    0x0023, 0x0025, 0x0027, 0x0029, 0x002b, 0x0031, 0x0033, 0x0035, 0x0037, 0x0201, 0x0231, 0x0233, 0x8021,
    0x8023, 0x8025, 0x8027, 0x8029, 0x8031, 0x8057, 0xc021, 0xc023, 0xc223,
];

impl<'a> Decoder<'a, '_> {
    /// A PPP frame, with or without the address and control bytes, its protocol field whole or compressed to one byte.
    pub(super) fn ppp(&mut self, data: &'a [u8]) {
        let data = match data {
            [0xff, 0x03, rest @ ..] => rest,
            _ => data,
        };
        let (protocol, rest) = match data {
            // The low bit ends the field (RFC 1661 section 2): an odd first byte is a compressed one.
            [short, rest @ ..] if short & 1 == 1 => (u16::from(*short), rest),
            [high, low, rest @ ..] => (u16::from_be_bytes([*high, *low]), rest),
            _ => return self.event(DecodeEvent::PppPktTooSmall),
        };
        self.ppp_payload(protocol, rest);
    }

    fn ppp_payload(&mut self, protocol: u16, data: &'a [u8]) {
        match protocol {
            IPV4 if data.len() < 20 => self.event(DecodeEvent::PppIp4PktTooSmall),
            IPV4 => self.ipv4(data),
            IPV6 if data.len() < 40 => self.event(DecodeEvent::PppIp6PktTooSmall),
            IPV6 => self.ipv6(data),
            UNCOMPRESSED_TCP if data.len() < 20 => self.event(DecodeEvent::PppVjuPktTooSmall),
            UNCOMPRESSED_TCP => self.ipv4(data),
            MPLS => self.mpls(data),
            COMPRESSED_TCP => self.event(DecodeEvent::PppUnsupProto),
            known if CONTROL.contains(&known) => self.event(DecodeEvent::PppUnsupProto),
            _ => self.event(DecodeEvent::PppWrongType),
        }
    }

    pub(super) fn pppoe_session(&mut self, data: &'a [u8]) {
        let Some((header, rest)) = data.split_first_chunk::<6>() else {
            self.event(DecodeEvent::PppoePktTooSmall);
            return;
        };
        let [_, code, ..] = *header;
        if code != 0 {
            self.event(DecodeEvent::PppoeWrongCode);
            return;
        }
        let len = usize::from(be16(header, 4));
        let Some(frame) = rest.get(..len) else {
            self.event(DecodeEvent::PppoePktTooSmall);
            return;
        };
        // Link control is PPPoE's everyday business and no fault.
        let before = self.packet.anomalies.len();
        self.ppp(frame);
        let is_control = be16(frame, 0) >= 0x8000;
        if is_control && self.packet.anomalies.get(before) == Some(&DecodeEvent::PppUnsupProto) {
            self.packet.anomalies.truncate(before);
        }
    }

    pub(super) fn pppoe_discovery(&mut self, data: &'a [u8]) {
        let Some((header, rest)) = data.split_first_chunk::<6>() else {
            self.event(DecodeEvent::PppoePktTooSmall);
            return;
        };
        let [_, code, ..] = *header;
        // PADI, PADO, PADR, PADS, PADT.
        if !matches!(code, 0x09 | 0x07 | 0x19 | 0x65 | 0xa7) {
            self.event(DecodeEvent::PppoeWrongCode);
            return;
        }
        let Some(mut tags) = rest.get(..usize::from(be16(header, 4))) else {
            self.event(DecodeEvent::PppoePktTooSmall);
            return;
        };
        while let Some((tag, after)) = tags.split_first_chunk::<4>() {
            let Some(next) = after.get(usize::from(be16(tag, 2))..) else {
                self.event(DecodeEvent::PppoeMalformedTags);
                return;
            };
            tags = next;
        }
    }
}
