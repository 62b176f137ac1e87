//! Headers of a packet as buffers.

use std::borrow::Cow;

use saola_net::packet::{Ip, Packet, Transport};

use crate::detect::conditions::Scene;
use crate::rule::Buffer;

/// ICMP types whose header is eight bytes and is followed by data: echo, errors, timestamps.
const ICMP_WITH_DATA: [u8; 7] = [0, 3, 4, 5, 8, 11, 12];

/// `ip.src`, `ip.dst`: the address, of the packet or, when a flow ends, of the flow.
pub(in crate::detect) fn address(buffer: Buffer, scene: &Scene<'_, '_>) -> Option<Vec<u8>> {
    if !matches!(buffer, Buffer::IpSource | Buffer::IpDestination) {
        return None;
    }
    let of_flow = || {
        let flow = scene.flow?;
        Some((
            flow.source(scene.direction).0,
            flow.source(scene.direction.opposite()).0,
        ))
    };
    let (source, destination) = scene.packet.and_then(Packet::addresses).or_else(of_flow)?;
    let address = if buffer == Buffer::IpSource {
        source
    } else {
        destination
    };
    Some(match address {
        std::net::IpAddr::V4(address) => address.octets().to_vec(),
        std::net::IpAddr::V6(address) => address.octets().to_vec(),
    })
}

/// The bytes of a packet's header; `None` when it has no such header.
pub(in crate::detect) fn packet_buffer<'p>(packet: &Packet<'p>, buffer: Buffer) -> Option<Cow<'p, [u8]>> {
    match (buffer, &packet.ip, &packet.transport) {
        (Buffer::Ipv4Header, Some(Ip::V4(ip)), _) => Some(Cow::Borrowed(ip.header)),
        (Buffer::Ipv6Header, Some(Ip::V6(ip)), _) if ip.extensions.is_empty() => {
            Some(Cow::Borrowed(ip.header))
        }
        (Buffer::Ipv6Header, Some(Ip::V6(ip)), _) => {
            let extensions = ip.extensions.iter().map(|extension| extension.bytes);
            let parts: Vec<&[u8]> = std::iter::once(ip.header).chain(extensions).collect();
            Some(Cow::Owned(parts.concat()))
        }
        (Buffer::TcpHeader, _, Transport::Tcp(tcp)) => Some(Cow::Borrowed(tcp.header)),
        (Buffer::UdpHeader, _, Transport::Udp(udp)) => Some(Cow::Borrowed(udp.header)),
        (Buffer::Icmpv4Header, _, Transport::Icmp4(icmp)) => {
            let end = if ICMP_WITH_DATA.contains(&icmp.kind) {
                8
            } else {
                icmp.message.len()
            };
            icmp.message.get(..end).map(Cow::Borrowed)
        }
        (Buffer::Icmpv6Header, _, Transport::Icmp6(icmp)) => icmp.message.get(..8).map(Cow::Borrowed),
        _ => None,
    }
}
