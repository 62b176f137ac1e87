//! Transport headers: TCP (RFC 9293), UDP (RFC 768), ICMP (RFC 792), ICMPv6 (RFC 4443), SCTP (RFC 9260).

/// A decoded transport header.
#[derive(Clone, Copy, Debug)]
pub enum Transport<'a> {
    /// TCP.
    Tcp(TcpHeader<'a>),
    /// UDP.
    Udp(UdpHeader<'a>),
    /// ICMP for IPv4.
    Icmp4(IcmpHeader<'a>),
    /// ICMP for IPv6.
    Icmp6(IcmpHeader<'a>),
    /// SCTP common header.
    Sctp(SctpHeader),
    /// An IP protocol without a decoder here, or whose header is malformed.
    Other(u8),
    /// No IP packet, or a fragment.
    None,
}

/// The nine flags of a TCP header.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct TcpFlags(pub u16);

/// TCP header.
#[derive(Clone, Copy, Debug)]
pub struct TcpHeader<'a> {
    /// The header's bytes with its options.
    pub header: &'a [u8],
    /// Source port.
    pub src_port: u16,
    /// Destination port.
    pub dst_port: u16,
    /// Sequence number.
    pub seq: u32,
    /// Acknowledgement number.
    pub ack: u32,
    /// Flags.
    pub flags: TcpFlags,
    /// Window as sent, not scaled.
    pub window: u16,
    /// Urgent pointer.
    pub urgent: u16,
    /// The options' bytes.
    pub options: &'a [u8],
    /// The options that the stream engine and rules read.
    pub parsed: TcpOptions<'a>,
}

/// TCP options that matter here.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TcpOptions<'a> {
    /// Maximum segment size.
    pub mss: Option<u16>,
    /// Window scale shift, as sent (RFC 7323: more than 14 counts as 14).
    pub window_scale: Option<u8>,
    /// Timestamps.
    pub timestamps: Option<TcpTimestamps>,
    /// SACK permitted.
    pub sack_permitted: bool,
    /// SACK blocks, eight bytes each.
    pub sack: Option<&'a [u8]>,
    /// Fast Open cookie (RFC 7413), empty for a request.
    pub fast_open: Option<&'a [u8]>,
    /// MD5 signature (RFC 2385) is there.
    pub md5: bool,
    /// Authentication option (RFC 5925) is there.
    pub authentication: bool,
}

/// Timestamps option (RFC 7323).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TcpTimestamps {
    /// TSval.
    pub value: u32,
    /// TSecr.
    pub echo: u32,
}

/// UDP header.
#[derive(Clone, Copy, Debug)]
pub struct UdpHeader<'a> {
    /// The header's 8 bytes.
    pub header: &'a [u8],
    /// Source port.
    pub src_port: u16,
    /// Destination port.
    pub dst_port: u16,
    /// Length, as the header says.
    pub len: u16,
}

/// ICMP or ICMPv6 header.
#[derive(Clone, Copy, Debug)]
pub struct IcmpHeader<'a> {
    /// The whole message from the type on.
    pub message: &'a [u8],
    /// Type.
    pub kind: u8,
    /// Code.
    pub code: u8,
    /// The four bytes after the checksum.
    pub rest: [u8; 4],
}

/// SCTP common header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SctpHeader {
    /// Source port.
    pub src_port: u16,
    /// Destination port.
    pub dst_port: u16,
    /// Verification tag.
    pub tag: u32,
}

impl TcpFlags {
    /// No more data from the sender.
    pub const FIN: u16 = 0x01;
    /// Synchronise sequence numbers.
    pub const SYN: u16 = 0x02;
    /// Reset the connection.
    pub const RST: u16 = 0x04;
    /// Push.
    pub const PSH: u16 = 0x08;
    /// The acknowledgement number counts.
    pub const ACK: u16 = 0x10;
    /// The urgent pointer counts.
    pub const URG: u16 = 0x20;
    /// ECN echo.
    pub const ECE: u16 = 0x40;
    /// Congestion window reduced.
    pub const CWR: u16 = 0x80;

    /// Whether all flags of `mask` are set.
    pub const fn has(self, mask: u16) -> bool {
        self.0 & mask == mask
    }

    /// Whether any flag of `mask` is set.
    pub const fn any(self, mask: u16) -> bool {
        self.0 & mask != 0
    }

    /// The low eight flags.
    pub const fn byte(self) -> u8 {
        self.0 as u8
    }
}

impl std::fmt::Debug for TcpFlags {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        const LETTERS: [(u16, char); 8] = [
            (TcpFlags::CWR, 'C'),
            (TcpFlags::ECE, 'E'),
            (TcpFlags::URG, 'U'),
            (TcpFlags::ACK, 'A'),
            (TcpFlags::PSH, 'P'),
            (TcpFlags::RST, 'R'),
            (TcpFlags::SYN, 'S'),
            (TcpFlags::FIN, 'F'),
        ];
        let set = LETTERS.iter().filter(|(flag, _)| self.has(*flag));
        set.map(|(_, letter)| letter).collect::<String>().fmt(f)
    }
}

impl Transport<'_> {
    /// Source and destination port, where the transport has ports.
    pub fn ports(&self) -> Option<(u16, u16)> {
        match self {
            Self::Tcp(tcp) => Some((tcp.src_port, tcp.dst_port)),
            Self::Udp(udp) => Some((udp.src_port, udp.dst_port)),
            Self::Sctp(sctp) => Some((sctp.src_port, sctp.dst_port)),
            Self::Icmp4(_) | Self::Icmp6(_) | Self::Other(_) | Self::None => None,
        }
    }

    /// The TCP header.
    pub fn tcp(&self) -> Option<&TcpHeader<'_>> {
        match self {
            Self::Tcp(tcp) => Some(tcp),
            _ => None,
        }
    }

    /// The ICMP or ICMPv6 header.
    pub fn icmp(&self) -> Option<&IcmpHeader<'_>> {
        match self {
            Self::Icmp4(icmp) | Self::Icmp6(icmp) => Some(icmp),
            _ => None,
        }
    }
}

impl IcmpHeader<'_> {
    /// Identifier of echo messages (bytes 4 and 5).
    pub fn id(&self) -> u16 {
        let [high, low, ..] = self.rest;
        u16::from_be_bytes([high, low])
    }

    /// Sequence number of echo messages (bytes 6 and 7).
    pub fn seq(&self) -> u16 {
        let [.., high, low] = self.rest;
        u16::from_be_bytes([high, low])
    }
}
