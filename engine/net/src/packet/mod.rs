//! What a decoded packet is. Built by [`crate::decode`], completed by the engine, read by observers.

pub(crate) mod checksum;
mod ip;
mod raw;
mod transport;

use std::net::IpAddr;

use saola_event::Timestamp;
use smallvec::SmallVec;

use crate::decode::DecodeEvent;
use crate::tcp::StreamEvent;

pub use ip::{ExtensionHeader, Fragment, Ip, Ipv4, Ipv6};
pub use raw::{LinkType, RawPacket};
pub use transport::{
    IcmpHeader, SctpHeader, TcpFlags, TcpHeader, TcpOptions, TcpTimestamps, Transport, UdpHeader,
};

/// Ethernet addresses and type of the frame a packet came in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Ethernet {
    /// Destination hardware address.
    pub destination: [u8; 6],
    /// Source hardware address.
    pub source: [u8; 6],
    /// EtherType of the frame as sent, before VLAN tags are looked through.
    pub ether_type: u16,
}

/// What checking a header's checksum gave.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Checksum {
    /// Not computed: validation is off, the packet is cut short, or the protocol has none.
    #[default]
    Unchecked,
    /// It agrees.
    Good,
    /// It does not agree; a TCP segment or UDP datagram like this is kept from streams and parsers.
    Bad,
}

/// Checksums of the network and transport headers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Checksums {
    /// IPv4 header.
    pub ip: Checksum,
    /// TCP, UDP, ICMP or ICMPv6.
    pub transport: Checksum,
}

/// Where the bytes of a packet came from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PacketSource {
    /// As captured.
    #[default]
    Wire,
    /// The inner packet of a tunnel, by the kind of tunnel.
    Tunnel(&'static str),
    /// Put together from fragments.
    Defragmented,
}

/// How the stream engine took a TCP segment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum StreamVerdict {
    /// Not TCP, or the session is not followed (midstream pick-up is off, memory cap).
    #[default]
    NotTracked,
    /// Taken in by the session's state machine.
    Accepted,
    /// Refused: outside the window, wrong handshake, bad timestamp. The stream did not see its bytes.
    Rejected,
}

/// One decoded packet. Bytes are borrowed from the capture buffer or from the engine's own rebuilt packet.
#[derive(Clone, Debug)]
pub struct Packet<'a> {
    /// Number of the captured packet, from 1 (`pcap_cnt`). Inner and rebuilt packets carry that of the packet they
    /// came out of.
    pub number: u64,
    /// Capture time.
    pub time: Timestamp,
    /// Bytes on the wire, including the link header.
    pub wire_len: u32,
    /// Link layer that `data` begins with.
    pub link: LinkType,
    /// Link header, where the link has one with hardware addresses.
    pub ethernet: Option<Ethernet>,
    /// VLAN identifiers, outermost first.
    pub vlan: SmallVec<[u16; 3]>,
    /// Network header.
    pub ip: Option<Ip<'a>>,
    /// Transport header.
    pub transport: Transport<'a>,
    /// Bytes after the transport header (after the network header where there is no transport header).
    pub payload: &'a [u8],
    /// All bytes this packet was decoded from, link header included.
    pub data: &'a [u8],
    /// ARP message, when it is one.
    pub arp: Option<Arp>,
    /// Number of tunnels that were opened to get here.
    pub tunnel_depth: u8,
    /// What is wrong with its headers.
    pub anomalies: SmallVec<[DecodeEvent; 2]>,
    /// What the stream engine found odd about it.
    pub stream_events: SmallVec<[StreamEvent; 2]>,
    /// How the stream engine took it.
    pub stream: StreamVerdict,
    /// Checksum results.
    pub checksums: Checksums,
    /// Captured, out of a tunnel, or put together.
    pub source: PacketSource,
}

/// An ARP message for Ethernet and IPv4 (RFC 826).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Arp {
    /// 1 request, 2 reply.
    pub opcode: u16,
    /// Sender hardware address.
    pub sender_mac: [u8; 6],
    /// Sender protocol address.
    pub sender_ip: std::net::Ipv4Addr,
    /// Target hardware address.
    pub target_mac: [u8; 6],
    /// Target protocol address.
    pub target_ip: std::net::Ipv4Addr,
}

impl Packet<'_> {
    /// Source and destination address; `None` without an IP header.
    pub fn addresses(&self) -> Option<(IpAddr, IpAddr)> {
        self.ip.as_ref().map(|ip| (ip.src(), ip.dst()))
    }

    /// Source and destination port; `None` for transports without ports.
    pub fn ports(&self) -> Option<(u16, u16)> {
        self.transport.ports()
    }

    /// IP protocol number of the transport, looking behind IPv6 extension headers.
    pub fn protocol(&self) -> Option<u8> {
        self.ip.as_ref().map(Ip::protocol)
    }

    /// Whether the packet was put together from fragments or came out of a tunnel.
    pub fn is_rebuilt(&self) -> bool {
        self.source != PacketSource::Wire
    }

    /// Whether the packet is an IP fragment as captured (its payload is not a transport header).
    pub fn is_fragment(&self) -> bool {
        self.ip.as_ref().is_some_and(|ip| ip.fragment().is_some())
    }
}
