//! Headers of a packet as buffers.

use saola_net::packet::{Ip, Packet, Transport};

use crate::rule::Buffer;

/// The bytes of a packet's header; `None` when it has no such header.
pub(in crate::detect) fn packet_buffer<'p>(packet: &Packet<'p>, buffer: Buffer) -> Option<&'p [u8]> {
    match (buffer, &packet.ip, &packet.transport) {
        (Buffer::Ipv4Header, Some(Ip::V4(ip)), _) => Some(ip.header),
        (Buffer::Ipv6Header, Some(Ip::V6(ip)), _) => Some(ip.header),
        (Buffer::TcpHeader, _, Transport::Tcp(tcp)) => Some(tcp.header),
        (Buffer::UdpHeader, _, Transport::Udp(udp)) => Some(udp.header),
        // The ICMP header is the first eight bytes of the message.
        (Buffer::Icmpv4Header, _, Transport::Icmp4(icmp)) | (Buffer::Icmpv6Header, _, Transport::Icmp6(icmp)) => {
            icmp.message.get(..8)
        }
        _ => None,
    }
}
