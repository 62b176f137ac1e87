//! What makes two packets belong to the same flow.

use std::hash::{Hash, Hasher};
use std::net::IpAddr;

use crate::packet::{Packet, Transport};

/// The two ends in an order that does not depend on the direction, the protocol, VLANs and tunnel depth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FlowKey {
    low: u128,
    high: u128,
    ports: u32,
    vlan: u64,
    kind: u32,
}

/// The key of a packet's flow, and the ends as the packet has them.
#[derive(Clone, Copy, Debug)]
pub struct KeyedEnds {
    /// Key for the table.
    pub key: FlowKey,
    /// Address and port of the sender.
    pub src: (IpAddr, u16),
    /// Address and port of the receiver.
    pub dst: (IpAddr, u16),
    /// IP protocol.
    pub protocol: u8,
}

/// Encrypted payloads (RFC 4303): all there is to see of a VPN.
const ESP: u8 = 50;

impl FlowKey {
    /// The key of two ends. `vlan` holds at most three identifiers; `depth` tells inner flows of tunnels from outer.
    pub fn new(a: (IpAddr, u16), b: (IpAddr, u16), protocol: u8, vlan: &[u16], depth: u8) -> Self {
        let version: u8 = if a.0.is_ipv4() { 4 } else { 6 };
        let (a, b) = ((number(a.0), a.1), (number(b.0), b.1));
        let (low, high) = if a <= b { (a, b) } else { (b, a) };
        Self {
            low: low.0,
            high: high.0,
            ports: u32::from(low.1) << 16 | u32::from(high.1),
            vlan: vlan
                .iter()
                .take(3)
                .fold(0, |all, id| all << 16 | u64::from(*id) | 0x1000),
            kind: u32::from(depth) << 16 | u32::from(version) << 8 | u32::from(protocol),
        }
    }

    /// The key of a packet's flow; `None` for packets without IP, for fragments as captured, for tunnels
    /// and for transports that have no flows.
    pub fn of(packet: &Packet<'_>, use_vlan: bool, use_depth: bool) -> Option<KeyedEnds> {
        let (src, dst) = packet.addresses()?;
        let protocol = packet.protocol()?;
        let (src_port, dst_port) = match packet.transport {
            Transport::Icmp4(icmp) => icmp_pair(icmp.kind, icmp4_counterpart(icmp.kind)),
            Transport::Icmp6(icmp) => icmp_pair(icmp.kind, icmp6_counterpart(icmp.kind)),
            // A tunnel's packets are seen twice; the flows are those of the packets inside. What has no transport header that
            // could be read has no flow.
            Transport::None => return None,
            Transport::Other(other) if other != ESP => return None,
            _ => packet.ports().unwrap_or((0, 0)),
        };
        let vlan = if use_vlan { packet.vlan.as_slice() } else { &[] };
        let depth = if use_depth { packet.tunnel_depth } else { 0 };
        let (src, dst) = ((src, src_port), (dst, dst_port));
        let key = Self::new(src, dst, protocol, vlan, depth);
        Some(KeyedEnds {
            key,
            src,
            dst,
            protocol,
        })
    }
}

impl Hash for FlowKey {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u128(self.low);
        state.write_u128(self.high);
        state.write_u64(u64::from(self.ports) << 32 | u64::from(self.kind));
        state.write_u64(self.vlan);
    }
}

fn number(ip: IpAddr) -> u128 {
    match ip {
        IpAddr::V4(ip) => u128::from(ip.to_bits()),
        IpAddr::V6(ip) => ip.to_bits(),
    }
}

/// Stands in for ports: a question's type and its answer's, so that both come to the same flow.
fn icmp_pair(kind: u8, counterpart: Option<u8>) -> (u16, u16) {
    (u16::from(kind), counterpart.map_or(u16::from(kind), u16::from))
}

/// The type that answers an ICMP type, for those that come in pairs (RFC 792, RFC 950, RFC 1256).
pub(crate) fn icmp4_counterpart(kind: u8) -> Option<u8> {
    Some(match kind {
        0 => 8,
        8 => 0,
        9 => 10,
        10 => 9,
        13 => 14,
        14 => 13,
        15 => 16,
        16 => 15,
        17 => 18,
        18 => 17,
        _ => return None,
    })
}

/// The type that answers an ICMPv6 type (RFC 4443, RFC 4861, RFC 2710).
pub(crate) fn icmp6_counterpart(kind: u8) -> Option<u8> {
    Some(match kind {
        128 => 129,
        129 => 128,
        130 => 131,
        131 => 130,
        133 => 134,
        134 => 133,
        135 => 136,
        136 => 135,
        139 => 140,
        140 => 139,
        144 => 145,
        145 => 144,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn end(ip: &str, port: u16) -> (IpAddr, u16) {
        (ip.parse().unwrap(), port)
    }

    #[test]
    fn both_directions_have_one_key() {
        let (a, b) = (end("10.0.0.1", 5000), end("10.0.0.2", 80));
        assert_eq!(FlowKey::new(a, b, 6, &[], 0), FlowKey::new(b, a, 6, &[], 0));
        assert_ne!(FlowKey::new(a, b, 6, &[], 0), FlowKey::new(a, b, 17, &[], 0));
        assert_ne!(FlowKey::new(a, b, 6, &[], 0), FlowKey::new(a, b, 6, &[7], 0));
        assert_ne!(FlowKey::new(a, b, 6, &[0], 0), FlowKey::new(a, b, 6, &[], 0));
        assert_ne!(FlowKey::new(a, b, 6, &[], 0), FlowKey::new(a, b, 6, &[], 1));
    }

    #[test]
    fn ports_stay_with_their_addresses() {
        let key = FlowKey::new(end("10.0.0.1", 1), end("10.0.0.2", 2), 6, &[], 0);
        assert_ne!(
            key,
            FlowKey::new(end("10.0.0.1", 2), end("10.0.0.2", 1), 6, &[], 0)
        );
        let same = FlowKey::new(end("10.0.0.1", 1), end("10.0.0.1", 2), 6, &[], 0);
        assert_eq!(
            same,
            FlowKey::new(end("10.0.0.1", 2), end("10.0.0.1", 1), 6, &[], 0)
        );
    }
}
