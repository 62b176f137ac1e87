//! What is known of one flow.

use std::net::IpAddr;

use saola_event::Timestamp;
use smallvec::SmallVec;

use crate::app::AppLayer;
use crate::tcp::TcpSession;

/// Which way a packet goes. The server is who received the flow's first packet (or, picked up midstream, who looks
/// like it).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Direction {
    /// From the client.
    ToServer,
    /// From the server.
    ToClient,
}

/// A place in the capture: the packet that caused something.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment {
    /// Number of the packet, from 1.
    pub packet_number: u64,
    /// Its capture time.
    pub time: Timestamp,
}

/// Packets and bytes of one direction.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FlowCounters {
    /// Packets.
    pub packets: u64,
    /// Bytes on the wire, link header included.
    pub bytes: u64,
}

/// How far a flow came, as EVE names it in `flow.state`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FlowState {
    /// Packets of one direction only, or a TCP handshake that is not done.
    #[default]
    New,
    /// Both directions spoke; for TCP, the handshake is done.
    Established,
    /// TCP that ended by FIN or RST.
    Closed,
    /// No longer inspected (rule action or encrypted traffic), still counted.
    Bypassed,
}

/// Why a flow ended, as EVE names it in `flow.reason`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EndReason {
    /// No packet for the time limit of its state.
    Timeout,
    /// Thrown out because the table is full.
    Forced,
    /// The engine was told to finish.
    Shutdown,
    /// A new connection on the same ports.
    TcpReuse,
}

/// ICMP type and code of the first packet, and of the first answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct IcmpPair {
    /// Type and code of the first packet.
    pub request: (u8, u8),
    /// Type and code of the first packet of the other direction.
    pub response: Option<(u8, u8)>,
}

/// Hardware addresses seen on a flow, each once, in order; bounded.
type MacList = SmallVec<[[u8; 6]; 1]>;

/// What rules remember of a flow, as records show it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FlowNotes {
    /// `metadata`: bits, counters, caught texts.
    pub metadata: serde_json::Map<String, serde_json::Value>,
    /// `traffic`: labels out of bits that are named `traffic/label/…` and `traffic/id/…`.
    pub traffic: serde_json::Map<String, serde_json::Value>,
}

/// One flow.
#[derive(Debug)]
pub struct Flow {
    /// Stable number made of the ends and the first packet's number (never a running counter), below 2⁵³ so that
    /// JavaScript reads it exactly.
    pub id: u64,
    /// Address and port of the client (port 0 where there are none).
    pub client: (IpAddr, u16),
    /// Address and port of the server.
    pub server: (IpAddr, u16),
    /// IP protocol.
    pub protocol: u8,
    /// VLAN identifiers, outermost first.
    pub vlan: SmallVec<[u16; 3]>,
    /// Type and code, when the flow is ICMP or ICMPv6.
    pub icmp: Option<IcmpPair>,
    /// Time of the first packet.
    pub start: Timestamp,
    /// Time of the last packet.
    pub last: Timestamp,
    /// Number of the first packet.
    pub first_packet: u64,
    /// From client to server.
    pub to_server: FlowCounters,
    /// From server to client.
    pub to_client: FlowCounters,
    /// How far it came.
    pub state: FlowState,
    /// TCP session, when the stream engine follows it.
    pub tcp: Option<Box<TcpSession>>,
    /// Application layer.
    pub app: AppLayer,
    /// A rule alerted on it.
    pub alerted: bool,
    /// A rule with `pass` matched it: no more alerts.
    pub passed: bool,
    /// The packet at hand is to be recorded (a rule's `tag`).
    pub tagged: bool,
    /// What rules remember of it, as records show it.
    pub notes: Option<Box<FlowNotes>>,
    /// ICMP errors that quoted a packet of this flow.
    pub icmp_errors: u32,
    /// Hardware addresses of the client's side.
    pub client_macs: MacList,
    /// Hardware addresses of the server's side.
    pub server_macs: MacList,
    /// Lowest and highest TTL (hop limit) seen from the client, then from the server.
    pub ttl: [Option<(u8, u8)>; 2],
}

impl Direction {
    /// Both, the client's first.
    pub const BOTH: [Self; 2] = [Self::ToServer, Self::ToClient];

    /// 0 to the server, 1 to the client: for arrays of two.
    pub const fn index(self) -> usize {
        self as usize
    }

    /// The other way.
    pub const fn opposite(self) -> Self {
        match self {
            Self::ToServer => Self::ToClient,
            Self::ToClient => Self::ToServer,
        }
    }

    /// Name as EVE writes it in `direction`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::ToServer => "to_server",
            Self::ToClient => "to_client",
        }
    }
}

impl FlowState {
    /// Name as EVE writes it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Established => "established",
            Self::Closed => "closed",
            Self::Bypassed => "bypassed",
        }
    }
}

impl EndReason {
    /// Name as EVE writes it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Timeout => "timeout",
            Self::Forced => "forced",
            Self::Shutdown => "shutdown",
            Self::TcpReuse => "tcp_reuse",
        }
    }
}

impl Flow {
    /// Counters of a direction.
    pub fn counters(&self, direction: Direction) -> FlowCounters {
        match direction {
            Direction::ToServer => self.to_server,
            Direction::ToClient => self.to_client,
        }
    }

    /// Address and port that packets of this direction come from.
    pub fn source(&self, direction: Direction) -> (IpAddr, u16) {
        match direction {
            Direction::ToServer => self.client,
            Direction::ToClient => self.server,
        }
    }

    /// Turns the flow round: who was taken for the client is the server.
    pub(crate) fn reverse(&mut self) {
        std::mem::swap(&mut self.client, &mut self.server);
        std::mem::swap(&mut self.to_server, &mut self.to_client);
        std::mem::swap(&mut self.client_macs, &mut self.server_macs);
        self.ttl.reverse();
        if let Some(session) = &mut self.tcp {
            session.reverse();
        }
    }

    /// Whether both directions sent packets.
    pub fn is_answered(&self) -> bool {
        self.to_server.packets > 0 && self.to_client.packets > 0
    }
}
