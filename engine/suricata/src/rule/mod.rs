//! A rule as data: what the parser makes of the text and the compiler makes automata of.

mod app;
mod buffer;
mod condition;
pub(crate) mod dataset;
mod effect;
mod header;
mod number;
mod range_set;
mod step;
mod tag;
mod threshold;

use std::sync::Arc;

pub use app::App;
pub(crate) use buffer::Side;
pub use buffer::{Buffer, Stage};
pub use condition::{
    BitOp, Condition, FlagsMode, FlagsTest, FlowSide, FlowTest, FlowintOp, Operand, ProtocolSide, StreamSide,
    TlsState, VlanLayer,
};
pub use dataset::{Dataset, DatasetTest, ReputationTest, SetKind, SetOp};
pub use effect::{BitTrack, Effect, HostBit, HostBitStore};
pub use header::{AddressSet, Header, PortSet};
pub(crate) use number::number as parse_number;
pub use number::{Comparison, NumberTest};
pub(crate) use range_set::{Bound, RangeSet};
pub use step::{
    Base64Decode, ByteExtract, ByteJump, ByteMath, ByteOrder, ByteTest, Content, CustomTest, DataAt,
    EntropyTest, FastPattern, HashList, MathOp, NumberText, Pattern, Slot, Step, TestOp, Value, Which,
};
pub use tag::{Tag, TagScope, TagUnit};
pub use threshold::{Threshold, ThresholdKind, Track, UniqueOn};

use saola_net::Direction;

use crate::inspect::transform::Transform;
use crate::pcre::Pcre;

/// `gid:sid:rev`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RuleId {
    /// Generator, 1 unless the rule says otherwise.
    pub gid: u32,
    /// Signature.
    pub sid: u32,
    /// Revision.
    pub rev: u32,
}

/// What a rule does when it matches. Saola watches and does not block: the blocking actions alert.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Action {
    /// Ends inspection of the flow or packet without an alert.
    Pass,
    /// Alerts; inline it would drop.
    Drop,
    /// Alerts; inline it would answer with a reset.
    Reject,
    /// Alerts.
    Alert,
    /// Changes how the transaction is logged, without an alert.
    Config,
}

/// The order in which actions take effect when several rules match (`action-order`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ActionOrder([Action; 4]);

impl Default for ActionOrder {
    fn default() -> Self {
        Self([Action::Pass, Action::Drop, Action::Reject, Action::Alert])
    }
}

impl ActionOrder {
    /// Puts an action at a place, from 0; what stood there takes the action's old place.
    pub fn set(&mut self, at: usize, action: Action) {
        let old = self.0.iter().position(|known| *known == action);
        if let Some(old) = old.filter(|_| at < self.0.len()) {
            self.0.swap(at, old);
        }
    }

    /// Smaller takes effect first.
    pub(crate) fn rank(self, action: Action) -> usize {
        let at = self.0.iter().position(|known| *known == action);
        at.unwrap_or(self.0.len())
    }
}

/// The protocol of a rule's header.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RuleProtocol {
    /// Any IP packet.
    Ip,
    /// Only IPv4 or only IPv6.
    IpVersion(u8),
    /// TCP, stream and packets as the keywords decide.
    Tcp,
    /// TCP, single packets only.
    TcpPacket,
    /// TCP, the reassembled stream only.
    TcpStream,
    /// UDP.
    Udp,
    /// ICMP and ICMPv6.
    Icmp,
    /// SCTP.
    Sctp,
    /// Any packet, even one without a valid IP header: for decoder events.
    PacketHeader,
    /// A flow of this application protocol.
    App(App),
}

/// Steps that look at one buffer, with the transforms that are applied to it first.
#[derive(Clone, Debug)]
pub struct BufferTest {
    /// What is looked at.
    pub buffer: Buffer,
    /// Which side's buffer, where the rule says so (`file.data: to_client`); otherwise the buffer's own or the packet's.
    pub way: Option<Direction>,
    /// Applied to the buffer first, in order.
    pub transforms: Arc<[Transform]>,
    /// What must hold, in order.
    pub steps: Vec<Step>,
}

/// One value of `metadata`, such as `signature_severity Major`.
pub type MetadataPair = (Arc<str>, Arc<str>);

/// Who the `target` keyword says is the victim.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// The packet's source.
    Source,
    /// The packet's destination.
    Destination,
}

impl BufferTest {
    /// The side whose buffer is meant, where that does not depend on the packet.
    pub(crate) fn direction(&self) -> Option<Direction> {
        self.way.or_else(|| self.buffer.direction())
    }
}

/// A rule that can be compiled.
#[derive(Clone, Debug)]
pub struct Rule {
    /// Its numbers.
    pub id: RuleId,
    /// The text it comes from, as the caller named it.
    pub path: Arc<str>,
    /// Its line there.
    pub line: u32,
    /// What it does.
    pub action: Action,
    /// The protocol it is about.
    pub protocol: RuleProtocol,
    /// Addresses and ports.
    pub header: Header,
    /// `msg`.
    pub message: Arc<str>,
    /// `classtype`, empty without one.
    pub class: Arc<str>,
    /// The class's description.
    pub category: Arc<str>,
    /// 1 (worst) to 255.
    pub priority: u8,
    /// `metadata` in order.
    pub metadata: Arc<[MetadataPair]>,
    /// `reference` as `system,id`, resolved to an address where the system is known.
    pub references: Arc<[Arc<str>]>,
    /// `target`.
    pub target: Option<Target>,
    /// `flow`.
    pub flow: FlowTest,
    /// Tests of packet and flow, in the rule's order.
    pub conditions: Vec<Condition>,
    /// Tests of buffers, in the order the buffers first appear.
    pub tests: Vec<BufferTest>,
    /// What happens to the flow's and hosts' memory when the rule matches.
    pub effects: Vec<Effect>,
    /// `threshold` or `detection_filter`.
    pub threshold: Option<Threshold>,
    /// `noalert`, `flowbits:noalert` and their like: effects only.
    pub silent: bool,
    /// `alert` in a pass rule: it lets pass and says so.
    pub announces: bool,
    /// How many variables byte_extract and byte_math of this rule fill.
    pub slots: u8,
    /// `tag`: packets after the alert that are recorded.
    pub tags: Vec<Tag>,
    /// `frame`: the protocol and the kind of frame that the rule looks at.
    pub frame: Option<(App, Arc<str>)>,
    /// `=>`: one match over the request and the response of a transaction.
    pub two_sided: bool,
    /// Protocols that keywords without a buffer ask for (`ssl_version`: TLS).
    pub apps: Arc<[App]>,
}

impl Rule {
    /// All patterns that use pcre, for compiling them early.
    pub fn pcres(&self) -> impl Iterator<Item = &Pcre> {
        self.tests
            .iter()
            .flat_map(|test| &test.steps)
            .filter_map(|step| match step {
                Step::Pcre(pcre) => Some(pcre),
                _ => None,
            })
    }

    /// Whether a pattern keeps what its groups catch.
    pub(crate) fn catches(&self) -> bool {
        self.pcres().any(Pcre::catches)
    }

    /// Values of a metadata key.
    pub fn metadata_values<'a>(&'a self, key: &'a str) -> impl Iterator<Item = &'a str> {
        self.metadata
            .iter()
            .filter(move |(name, _)| name.eq_ignore_ascii_case(key))
            .map(|(_, value)| &**value)
    }
}
