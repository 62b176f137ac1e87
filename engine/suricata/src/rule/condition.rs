//! Tests of a packet, its headers and its flow.

use std::sync::Arc;

use smallvec::SmallVec;

use super::{App, HostBit, NumberTest, Stage};
use saola_net::Direction;

/// What a bit keyword does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BitOp {
    /// Test that it is set.
    IsSet,
    /// Test that it is not set.
    IsNotSet,
    /// Set it.
    Set,
    /// Unset it.
    Unset,
    /// Turn it round.
    Toggle,
}

/// `flow`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FlowTest {
    /// `to_server`, `from_client` or `to_client`, `from_server`.
    pub direction: Option<Direction>,
    /// `established` (true), `not_established` (false).
    pub established: Option<bool>,
    /// `stateless`: any state, even without a flow.
    pub stateless: bool,
    /// `only_stream`.
    pub only_stream: bool,
    /// `no_stream`.
    pub no_stream: bool,
    /// `only_frag` (true), `no_frag` (false).
    pub fragment: Option<bool>,
    /// The keyword was there: the rule asks for a flow.
    pub present: bool,
}

/// A number that a flow counter is compared or changed with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Operand {
    /// Written in the rule.
    Fixed(u32),
    /// Another counter.
    Counter(u32),
}

/// What `flowint` does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FlowintOp {
    /// `isset`.
    IsSet,
    /// `isnotset`.
    IsNotSet,
    /// `=`: set.
    Assign(Operand),
    /// `+`
    Add(Operand),
    /// `-`
    Subtract(Operand),
    /// `<`
    Less(Operand),
    /// `<=`
    LessOrEqual(Operand),
    /// `>`
    Greater(Operand),
    /// `>=`
    GreaterOrEqual(Operand),
    /// `==`
    Equal(Operand),
    /// `!=`
    NotEqual(Operand),
}

/// How `flags` and `fragbits` compare bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FlagsTest {
    /// Bits that count.
    pub bits: u16,
    /// Bits that are not looked at.
    pub ignored: u16,
    /// How.
    pub mode: FlagsMode,
}

/// Modifier of `flags` and `fragbits`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FlagsMode {
    /// Exactly these.
    Exact,
    /// `+`: these and perhaps others.
    All,
    /// `*`: any of these.
    Any,
    /// `!`: not all of these.
    Not,
}

impl FlagsTest {
    /// Whether the bits pass.
    pub const fn holds(&self, value: u16) -> bool {
        let value = value & !self.ignored;
        match self.mode {
            FlagsMode::Exact => value == self.bits,
            FlagsMode::All => value & self.bits == self.bits,
            FlagsMode::Any => value & self.bits != 0,
            FlagsMode::Not => value & self.bits != self.bits,
        }
    }
}

/// Which side of a stream `stream_size` counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StreamSide {
    /// Bytes to the server.
    Client,
    /// Bytes to the client.
    Server,
    /// Both together must pass.
    Both,
    /// Either passes.
    Either,
}

/// Which VLAN tag is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VlanLayer {
    /// From outside (0, 1, 2) or from inside (-1 …).
    Index(i8),
    /// Any of them.
    Any,
    /// All of them.
    All,
}

/// Which counter of a flow is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FlowSide {
    /// To the server.
    ToServer,
    /// To the client.
    ToClient,
    /// Any of the two.
    Either,
}

/// Which finding of the flow's protocol `app-layer-protocol` asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProtocolSide {
    /// The flow's, as it stands.
    Flow,
    /// That of one direction's bytes.
    Direction(Direction),
    /// The one before the flow changed to another.
    Original,
}

/// A test of packet or flow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Condition {
    /// `dsize`: payload bytes.
    PayloadSize(NumberTest),
    /// `flags`, `tcp.flags`.
    TcpFlags(FlagsTest),
    /// `seq`, `tcp.seq`.
    TcpSeq(u32),
    /// `ack`, `tcp.ack`.
    TcpAck(u32),
    /// `window`, `tcp.window`.
    TcpWindow {
        /// The value.
        value: u16,
        /// Must differ.
        negated: bool,
    },
    /// `tcp.mss`.
    TcpMss(NumberTest),
    /// `ttl`.
    Ttl(NumberTest),
    /// `tos`.
    Tos(NumberTest),
    /// `id`.
    IpId(NumberTest),
    /// `fragbits`.
    FragBits(FlagsTest),
    /// `fragoffset`, in units of eight bytes as the header has it.
    FragOffset(NumberTest),
    /// `ipopts`: option number, or any.
    IpOption(Option<u8>),
    /// `ip_proto`.
    IpProtocol(NumberTest),
    /// `sameip`.
    SameIp,
    /// `itype`.
    IcmpType(NumberTest),
    /// `icode`.
    IcmpCode(NumberTest),
    /// `icmp_id`.
    IcmpId(u16),
    /// `icmp_seq`.
    IcmpSeq(u16),
    /// `icmpv6.mtu`.
    IcmpMtu(NumberTest),
    /// `ip_proto` lists and `tcpv4-csum` and its like: whether a checksum is valid.
    Checksum {
        /// The header: `ipv4`, `tcpv4`, `tcpv6`, `udpv4`, `udpv6`, `icmpv4`, `icmpv6`.
        layer: &'static str,
        /// Must be valid, or must not.
        valid: bool,
    },
    /// `stream_size`.
    StreamSize {
        /// Whose bytes.
        side: StreamSide,
        /// How many.
        test: NumberTest,
    },
    /// `flow.age` in seconds.
    FlowAge(NumberTest),
    /// `flow.pkts` and its forms.
    FlowPackets {
        /// Which way.
        side: FlowSide,
        /// How many.
        test: NumberTest,
    },
    /// `flow.bytes` and its forms.
    FlowBytes {
        /// Which way.
        side: FlowSide,
        /// How many.
        test: NumberTest,
    },
    /// `flow.elephant` and `vlan.layers` are numbers of the packet or flow; this is `vlan.layers`.
    VlanLayers(NumberTest),
    /// `vlan.id`.
    VlanId {
        /// Which tag.
        layer: VlanLayer,
        /// Its number.
        test: NumberTest,
    },
    /// `app-layer-protocol`.
    AppLayerProtocol {
        /// The protocol; `None` stands for `failed`.
        app: Option<App>,
        /// `unknown` was asked for.
        unknown: bool,
        /// Must differ.
        negated: bool,
        /// Protocols that carry it do not count.
        exact: bool,
        /// Whose finding counts.
        side: ProtocolSide,
    },
    /// `app-layer-event`: name with its protocol, as `http.invalid_uri`.
    AppLayerEvent(Arc<str>),
    /// `decode-event`, or an `ipv4.…` event of the decoder.
    DecodeEvent(Arc<str>),
    /// `stream-event`.
    StreamEvent(Arc<str>),
    /// `flowbits` test: any of these bits.
    Flowbits {
        /// Set or not set.
        op: BitOp,
        /// The bits; `|` in the rule.
        bits: SmallVec<[u32; 2]>,
    },
    /// `flowint` test.
    Flowint {
        /// The counter.
        counter: u32,
        /// The test.
        op: FlowintOp,
    },
    /// `xbits` or `hostbits` test, decided at the merge.
    HostBit(HostBit),
    /// `tls.version`, `ssl_version`: versions, any of which passes; negated ones must not be it.
    TlsVersion {
        /// Wire values (0x0303) of which one must be it, unless there are none.
        versions: SmallVec<[u16; 2]>,
        /// Those that must not be it.
        refused: SmallVec<[u16; 2]>,
    },
    /// `ssl_state`.
    TlsState {
        /// States, any of which passes.
        states: SmallVec<[TlsState; 2]>,
        /// Must be none of them.
        negated: bool,
    },
    /// `tls_cert_notbefore`, `tls_cert_notafter`: an end of the server certificate's validity lies between two times.
    TlsCertificateTime {
        /// The beginning (false: the end) of its validity.
        begins: bool,
        /// Seconds since 1970, both ends inclusive.
        from: i64,
        /// Last second.
        until: i64,
    },
    /// A rule hook, `http1:request_line` in the header: the transaction has reached a stage.
    Hook {
        /// Which side.
        direction: Direction,
        /// How far.
        stage: Stage,
        /// Every look at this stage counts, not only the first.
        repeats: bool,
    },
    /// `tls_cert_expired` (true) and `tls_cert_valid` (false).
    TlsCertificateExpired(bool),
}

/// A state that `ssl_state` knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TlsState {
    /// The client has spoken.
    ClientHello,
    /// The server has answered.
    ServerHello,
    /// The client's key.
    ClientKeyExchange,
    /// The server's key.
    ServerKeyExchange,
    /// Anything else.
    Unknown,
}
