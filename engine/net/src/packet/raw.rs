//! A packet as a capture hands it over.

use saola_event::Timestamp;

/// One captured packet with what the capture says about it.
#[derive(Clone, Copy, Debug)]
pub struct RawPacket<'a> {
    /// Number within the capture, from 1.
    pub number: u64,
    /// Capture time.
    pub time: Timestamp,
    /// What the first byte of `data` belongs to.
    pub link: LinkType,
    /// Bytes on the wire; `data` is shorter when the capture cut it.
    pub wire_len: u32,
    /// VLAN identifier that the kernel took out of the frame before handing it over.
    pub vlan: Option<u16>,
    /// The captured bytes.
    pub data: &'a [u8],
}

/// Link layer of a capture, by the numbers of the LINKTYPE registry (<https://www.tcpdump.org/linktypes.html>).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LinkType {
    /// 0: BSD loopback, four bytes of address family in the byte order of the capturing machine.
    Null,
    /// 1: Ethernet.
    Ethernet,
    /// 9 and 50: PPP, with or without HDLC framing.
    Ppp,
    /// 101 (and 12, 14): IP without a link header.
    Raw,
    /// 104: Cisco HDLC.
    CiscoHdlc,
    /// 108: OpenBSD loopback, the address family in network order.
    Loop,
    /// 113: Linux cooked capture, version 1.
    LinuxSll,
    /// 228: IPv4 without a link header.
    Ipv4,
    /// 229: IPv6 without a link header.
    Ipv6,
    /// 276: Linux cooked capture, version 2.
    LinuxSll2,
    /// Anything else: packets are counted and not decoded.
    Other(u16),
}

impl LinkType {
    /// From the number that capture files carry.
    pub const fn from_number(number: u16) -> Self {
        match number {
            0 => Self::Null,
            1 => Self::Ethernet,
            9 | 50 => Self::Ppp,
            12 | 14 | 101 => Self::Raw,
            104 => Self::CiscoHdlc,
            108 => Self::Loop,
            113 => Self::LinuxSll,
            228 => Self::Ipv4,
            229 => Self::Ipv6,
            276 => Self::LinuxSll2,
            other => Self::Other(other),
        }
    }
}
