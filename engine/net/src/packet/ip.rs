//! Network headers: IPv4 (RFC 791) and IPv6 with its extension headers (RFC 8200).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use smallvec::SmallVec;

/// A decoded network header.
#[derive(Clone, Debug)]
pub enum Ip<'a> {
    /// IPv4.
    V4(Ipv4<'a>),
    /// IPv6.
    V6(Ipv6<'a>),
}

/// IPv4 header.
#[derive(Clone, Copy, Debug)]
pub struct Ipv4<'a> {
    /// The header's bytes with its options.
    pub header: &'a [u8],
    /// Source address.
    pub src: Ipv4Addr,
    /// Destination address.
    pub dst: Ipv4Addr,
    /// Type of service.
    pub tos: u8,
    /// Total length, as the header says.
    pub total_len: u16,
    /// Identification.
    pub id: u16,
    /// "Reserved" flag (should be 0).
    pub reserved_flag: bool,
    /// "Do not fragment" flag.
    pub dont_fragment: bool,
    /// Fragment offset and flag; `None` for a whole packet.
    pub fragment: Option<Fragment>,
    /// Time to live.
    pub ttl: u8,
    /// Protocol of the payload.
    pub protocol: u8,
    /// Options (RFC 791 section 3.1), empty when there are none.
    pub options: &'a [u8],
    /// Bytes after the header, up to the total length.
    pub payload: &'a [u8],
}

/// IPv6 header with its chain of extension headers.
#[derive(Clone, Debug)]
pub struct Ipv6<'a> {
    /// The fixed header's 40 bytes.
    pub header: &'a [u8],
    /// Source address.
    pub src: Ipv6Addr,
    /// Destination address.
    pub dst: Ipv6Addr,
    /// Traffic class.
    pub traffic_class: u8,
    /// Flow label.
    pub flow_label: u32,
    /// Payload length, as the header says.
    pub payload_len: u16,
    /// Hop limit.
    pub hop_limit: u8,
    /// First next-header value.
    pub next_header: u8,
    /// Extension headers in order.
    pub extensions: SmallVec<[ExtensionHeader<'a>; 2]>,
    /// Fragment header; `None` for a whole packet. An atomic fragment (offset 0, no more) is a whole packet.
    pub fragment: Option<Fragment>,
    /// Protocol after the extension headers.
    pub protocol: u8,
    /// Bytes after the fixed header, extension headers included, up to the payload length.
    pub body: &'a [u8],
    /// Bytes after the extension headers.
    pub payload: &'a [u8],
}

/// One IPv6 extension header.
#[derive(Clone, Copy, Debug)]
pub struct ExtensionHeader<'a> {
    /// Its own header number (0 hop-by-hop, 43 routing, 44 fragment, 51 authentication, 60 destination …).
    pub kind: u8,
    /// Its bytes.
    pub bytes: &'a [u8],
}

/// Place of a fragment within its packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fragment {
    /// Identification shared by all fragments of a packet.
    pub id: u32,
    /// Offset of the payload, in bytes.
    pub offset: u16,
    /// More fragments follow.
    pub more: bool,
}

impl Ip<'_> {
    /// Source address.
    pub fn src(&self) -> IpAddr {
        match self {
            Self::V4(ip) => IpAddr::V4(ip.src),
            Self::V6(ip) => IpAddr::V6(ip.src),
        }
    }

    /// Destination address.
    pub fn dst(&self) -> IpAddr {
        match self {
            Self::V4(ip) => IpAddr::V4(ip.dst),
            Self::V6(ip) => IpAddr::V6(ip.dst),
        }
    }

    /// Time to live or hop limit.
    pub fn ttl(&self) -> u8 {
        match self {
            Self::V4(ip) => ip.ttl,
            Self::V6(ip) => ip.hop_limit,
        }
    }

    /// Type of service or traffic class.
    pub fn tos(&self) -> u8 {
        match self {
            Self::V4(ip) => ip.tos,
            Self::V6(ip) => ip.traffic_class,
        }
    }

    /// Identification: of the IPv4 header, or of the IPv6 fragment header (0 without one).
    pub fn id(&self) -> u32 {
        match self {
            Self::V4(ip) => u32::from(ip.id),
            Self::V6(ip) => ip.fragment.map_or(0, |fragment| fragment.id),
        }
    }

    /// Protocol of the payload, behind extension headers.
    pub fn protocol(&self) -> u8 {
        match self {
            Self::V4(ip) => ip.protocol,
            Self::V6(ip) => ip.protocol,
        }
    }

    /// Place among fragments; `None` for a whole packet.
    pub fn fragment(&self) -> Option<Fragment> {
        match self {
            Self::V4(ip) => ip.fragment,
            Self::V6(ip) => ip.fragment,
        }
    }

    /// 4 or 6.
    pub fn version(&self) -> u8 {
        match self {
            Self::V4(_) => 4,
            Self::V6(_) => 6,
        }
    }
}

impl<'a> Ip<'a> {
    /// The header's bytes (IPv6: the fixed header only).
    pub fn header(&self) -> &'a [u8] {
        match self {
            Self::V4(ip) => ip.header,
            Self::V6(ip) => ip.header,
        }
    }

    /// Bytes that the transport header starts.
    pub fn payload(&self) -> &'a [u8] {
        match self {
            Self::V4(ip) => ip.payload,
            Self::V6(ip) => ip.payload,
        }
    }
}
