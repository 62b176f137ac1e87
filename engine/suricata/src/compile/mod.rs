//! Rules sorted into groups before the first packet comes, with one automaton per buffer and group.
//!
//! A rule is of one class: it looks at transactions, at the stream, at packets' payload, at packets and flows only, or
//! (no more than addresses) at a flow's first packet in each direction. A packet asks the group of its transport and
//! direction; a transaction that of its protocol and direction. Candidates come out of the automaton and of the list of
//! rules without a pattern, and are checked in full in rule order.

mod fast_pattern;
mod header_index;
mod patterns;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use rustc_hash::FxHashMap;
use saola_net::Direction;

use crate::config::GlobalThresholds;
use crate::inspect::transform::Transform;
use crate::load::RuleSet;
use crate::rule::{
    Action, App, BitOp, Buffer, BufferTest, Condition, Content, Effect, Rule, RuleProtocol, Stage, Step,
};
pub(crate) use header_index::HeaderIndex;
use patterns::PatternSetBuilder;
pub(crate) use patterns::{PatternSet, ScanMarks};

/// What a rule has to be shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Class {
    /// Addresses and ports only: the first packet of a flow in each direction.
    IpOnly,
    /// Headers, flow state, events: every packet.
    Packet,
    /// The flow's protocol and nothing more: once per flow.
    Protocol,
    /// Payload of packets (`packets`), of the stream (`stream`), or both.
    Payload { packets: bool, stream: bool },
    /// Frames.
    Frame,
    /// Transactions.
    Transaction,
}

/// A rule with what was worked out for it.
#[derive(Debug)]
pub(crate) struct CompiledRule {
    pub(crate) rule: Rule,
    pub(crate) class: Class,
    counters: RuleCounters,
}

#[derive(Debug, Default)]
struct RuleCounters {
    candidates: AtomicU64,
    matches: AtomicU64,
}

/// What a rule cost and brought.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RuleStatistics {
    /// Generator.
    pub gid: u32,
    /// Signature.
    pub sid: u32,
    /// How often it was checked in full.
    pub checks: u64,
    /// How often it matched.
    pub matches: u64,
    /// How often a pattern of it was given up at the backtrack limit.
    pub limit_hits: u64,
}

/// Most contents that are bound to a place stand in a message's head.
pub(crate) const NEAR_BYTES: usize = 128;

/// Rules of one transport and direction.
#[derive(Debug, Default)]
pub(crate) struct PacketGroup {
    /// Patterns that end within the first [`NEAR_BYTES`] of a payload: the rest of it need not be read for them.
    pub(crate) packets_near: Option<PatternSet>,
    pub(crate) packets: Option<PatternSet>,
    pub(crate) stream: Option<PatternSet>,
    /// Payload rules without a pattern.
    pub(crate) packets_always: HeaderIndex,
    pub(crate) stream_always: HeaderIndex,
    pub(crate) headers: HeaderIndex,
    pub(crate) ip_only: HeaderIndex,
    pub(crate) protocol: HeaderIndex,
}

impl PacketGroup {
    pub(crate) fn wants_stream(&self) -> bool {
        self.stream.is_some() || !self.stream_always.is_empty()
    }
}

/// One buffer of a protocol, as the rules of a group look at it.
#[derive(Debug)]
pub(crate) struct BufferEngine {
    pub(crate) buffer: Buffer,
    pub(crate) transforms: Arc<[Transform]>,
    pub(crate) set: PatternSet,
}

/// Rules of one protocol and direction.
#[derive(Debug, Default)]
pub(crate) struct TransactionGroup {
    pub(crate) engines: Vec<BufferEngine>,
    /// Rules without a pattern.
    pub(crate) always: Vec<u32>,
    /// Rules that ask for an event, by its name after the protocol.
    pub(crate) events: FxHashMap<Arc<str>, Vec<u32>>,
}

/// Rules on one kind of frame.
#[derive(Debug, Default)]
pub(crate) struct FrameGroup {
    pub(crate) set: Option<PatternSet>,
    pub(crate) always: Vec<u32>,
}

/// Transports that packets are grouped by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TransportKind {
    Tcp,
    Udp,
    Icmp,
    Sctp,
    Other,
    /// No IP header.
    None,
}

const TRANSPORTS: [TransportKind; 6] = [
    TransportKind::Tcp,
    TransportKind::Udp,
    TransportKind::Icmp,
    TransportKind::Sctp,
    TransportKind::Other,
    TransportKind::None,
];

/// Rules ready for packets; shared by all threads, never changed.
#[derive(Debug)]
pub struct CompiledRules {
    pub(crate) rules: Vec<CompiledRule>,
    packet_groups: Vec<[PacketGroup; 2]>,
    transaction_groups: FxHashMap<App, [TransactionGroup; 2]>,
    frame_groups: FxHashMap<(App, Arc<str>), FrameGroup>,
    pub(crate) thresholds: GlobalThresholds,
    pub(crate) bit_names: Vec<Arc<str>>,
}

/// Figures of a compiled set.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CompileFigures {
    /// Rules.
    pub rules: usize,
    /// Automata.
    pub automata: usize,
    /// Patterns in them.
    pub patterns: usize,
    /// Bytes they take.
    pub bytes: usize,
}

impl CompiledRules {
    /// Groups and compiles. The rules are taken in the order they act: pass, drop, reject, alert; within an action those
    /// that set flow bits before those that test them, then by priority, then as read.
    pub fn compile(set: RuleSet) -> Arc<Self> {
        let mut rules = set.rules;
        let order = set.action_order;
        rules.sort_by_key(|rule| (order.rank(rule.action), bits_rank(rule), rule.priority));
        let rules: Vec<CompiledRule> = rules.into_iter().map(CompiledRule::new).collect();
        let mut groups = GroupBuilder::default();
        for (index, rule) in rules.iter().enumerate() {
            groups.add(index as u32, rule);
        }
        let frame_groups = frame_groups(&rules);
        let (packet_groups, transaction_groups) = groups.build(&rules);
        Arc::new(Self {
            rules,
            packet_groups,
            transaction_groups,
            frame_groups,
            thresholds: set.thresholds,
            bit_names: set.bit_names,
        })
    }

    /// How many rules.
    pub fn len(&self) -> usize {
        self.rules.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.rules.is_empty()
    }

    /// The rule of an alert.
    pub fn rule(&self, index: u32) -> Option<&Rule> {
        self.rules.get(index as usize).map(|compiled| &compiled.rule)
    }

    /// What each rule cost and brought, in rule order.
    pub fn statistics(&self) -> impl Iterator<Item = RuleStatistics> {
        self.rules.iter().map(|compiled| RuleStatistics {
            gid: compiled.rule.id.gid,
            sid: compiled.rule.id.sid,
            checks: compiled.counters.candidates.load(Ordering::Relaxed),
            matches: compiled.counters.matches.load(Ordering::Relaxed),
            limit_hits: compiled.rule.pcres().map(crate::pcre::Pcre::limit_hits).sum(),
        })
    }

    /// Compiles all patterns that are otherwise compiled at first use; returns the sids of those that fail.
    pub fn compile_patterns(&self) -> Vec<u32> {
        let fails = |rule: &&CompiledRule| rule.rule.pcres().any(|pcre| !pcre.compile());
        self.rules
            .iter()
            .filter(fails)
            .map(|rule| rule.rule.id.sid)
            .collect()
    }

    /// Whether any rule looks at frames.
    pub fn wants_frames(&self) -> bool {
        !self.frame_groups.is_empty()
    }

    pub(crate) fn frame_group(&self, app: App, kind: &str) -> Option<&FrameGroup> {
        // The map is small: rules name few kinds of frames.
        self.frame_groups
            .iter()
            .find(|((known, name), _)| *known == app && &**name == kind)
            .map(|(_, group)| group)
    }

    /// Which hashes of files the rules ask for: MD5, SHA-1, SHA-256.
    pub fn hashes_wanted(&self) -> [bool; 3] {
        let tests = || self.rules.iter().flat_map(|rule| &rule.rule.tests);
        [Buffer::FileMd5, Buffer::FileSha1, Buffer::FileSha256]
            .map(|buffer| tests().any(|test| test.buffer == buffer))
    }

    /// Sizes.
    pub fn figures(&self) -> CompileFigures {
        let packets = self.packet_groups.iter().flatten();
        let packets = packets.flat_map(|group| {
            group
                .packets
                .iter()
                .chain(&group.packets_near)
                .chain(&group.stream)
        });
        let transactions = self.transaction_groups.values().flatten();
        let transactions = transactions.flat_map(|group| group.engines.iter().map(|engine| &engine.set));
        let start = CompileFigures {
            rules: self.rules.len(),
            ..CompileFigures::default()
        };
        packets
            .chain(transactions)
            .fold(start, |sum, set| CompileFigures {
                automata: sum.automata + 1,
                patterns: sum.patterns + set.patterns(),
                bytes: sum.bytes + set.memory(),
                ..sum
            })
    }

    pub(crate) fn packet_group(
        &self,
        transport: TransportKind,
        direction: Direction,
    ) -> Option<&PacketGroup> {
        self.packet_groups.get(transport as usize)?.get(direction.index())
    }

    pub(crate) fn transaction_group(&self, app: App, direction: Direction) -> Option<&TransactionGroup> {
        self.transaction_groups.get(&app)?.get(direction.index())
    }
}

/// Rules that set bits act before rules that test them, so that one packet can do both.
fn bits_rank(rule: &Rule) -> u8 {
    let sets = rule.effects.iter().any(|effect| match effect {
        Effect::Flowbit { op, .. } => matches!(op, BitOp::Set | BitOp::Toggle | BitOp::Unset),
        Effect::Flowint { .. } => true,
        Effect::HostBit(_) => true,
        Effect::LoggingOff => false,
    });
    let tests = rule.conditions.iter().any(|condition| {
        matches!(
            condition,
            Condition::Flowbits { .. } | Condition::Flowint { .. } | Condition::HostBit(_)
        )
    });
    match (sets, tests) {
        (true, false) => 0,
        (true, true) => 1,
        (false, true) => 2,
        (false, false) => 3,
    }
}

impl CompiledRule {
    fn new(rule: Rule) -> Self {
        Self {
            class: classify(&rule),
            counters: RuleCounters::default(),
            rule,
        }
    }

    pub(crate) fn count_check(&self) {
        self.counters.candidates.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn count_match(&self) {
        self.counters.matches.fetch_add(1, Ordering::Relaxed);
    }
}

fn classify(rule: &Rule) -> Class {
    let asks_transaction = rule.conditions.iter().any(|condition| match condition {
        Condition::AppLayerEvent(name) => name.contains('.'),
        Condition::TlsVersion { .. }
        | Condition::TlsState { .. }
        | Condition::TlsCertificateTime { .. }
        | Condition::Hook { .. }
        | Condition::TlsCertificateExpired(_) => true,
        _ => false,
    });
    if rule.frame.is_some() {
        return Class::Frame;
    }
    if rule.is_transactional() || asks_transaction {
        return Class::Transaction;
    }
    if rule.has_payload_test() {
        return payload_class(rule);
    }
    if !rule.tests.is_empty() {
        return Class::Packet;
    }
    let only_protocol = rule
        .conditions
        .iter()
        .all(|condition| matches!(condition, Condition::AppLayerProtocol { .. }));
    let names_protocol = matches!(rule.protocol, RuleProtocol::App(_)) || !rule.conditions.is_empty();
    // `alert http any any -> any any (sid:1;)` means every packet of such flows; the keyword asks once for a flow.
    if only_protocol && !rule.conditions.is_empty() {
        return Class::Protocol;
    }
    let plain = rule.conditions.is_empty() && !rule.flow.present && rule.effects.is_empty();
    match rule.protocol {
        RuleProtocol::PacketHeader => Class::Packet,
        _ if plain && !names_protocol => Class::IpOnly,
        _ => Class::Packet,
    }
}

/// TCP contents are looked for in the stream; those bound to a place (offset, depth) or to a packet's own properties in
/// packets too, because that is where their place is.
fn payload_class(rule: &Rule) -> Class {
    let over_tcp = matches!(
        rule.protocol,
        RuleProtocol::Tcp
            | RuleProtocol::TcpStream
            | RuleProtocol::App(_)
            | RuleProtocol::Ip
            | RuleProtocol::IpVersion(_)
    );
    if !over_tcp || rule.protocol == RuleProtocol::TcpPacket || rule.flow.no_stream {
        return Class::Payload {
            packets: true,
            stream: false,
        };
    }
    if rule.protocol == RuleProtocol::TcpStream || rule.flow.only_stream {
        return Class::Payload {
            packets: false,
            stream: true,
        };
    }
    let asks_packet = rule.conditions.iter().any(|condition| {
        matches!(
            condition,
            Condition::PayloadSize(_)
                | Condition::TcpFlags(_)
                | Condition::TcpSeq(_)
                | Condition::TcpAck(_)
                | Condition::TcpWindow { .. }
                | Condition::Ttl(_)
                | Condition::IpId(_)
        )
    });
    if asks_packet {
        return Class::Payload {
            packets: true,
            stream: false,
        };
    }
    let placed =
        |content: &Content| content.offset.is_some() || content.depth.is_some() || content.starts_with;
    let placed = rule
        .tests
        .iter()
        .flat_map(|test| &test.steps)
        .any(|step| matches!(step, Step::Content(content) if placed(content)));
    Class::Payload {
        packets: placed,
        stream: true,
    }
}

fn transports(protocol: RuleProtocol) -> &'static [TransportKind] {
    match protocol {
        RuleProtocol::Ip | RuleProtocol::IpVersion(_) => &[
            TransportKind::Tcp,
            TransportKind::Udp,
            TransportKind::Icmp,
            TransportKind::Sctp,
            TransportKind::Other,
        ],
        RuleProtocol::Tcp | RuleProtocol::TcpPacket | RuleProtocol::TcpStream => &[TransportKind::Tcp],
        RuleProtocol::Udp => &[TransportKind::Udp],
        RuleProtocol::Icmp => &[TransportKind::Icmp],
        RuleProtocol::Sctp => &[TransportKind::Sctp],
        RuleProtocol::PacketHeader => &TRANSPORTS,
        RuleProtocol::App(_) => &[TransportKind::Tcp, TransportKind::Udp],
    }
}

fn frame_groups(rules: &[CompiledRule]) -> FxHashMap<(App, Arc<str>), FrameGroup> {
    let mut builders: FxHashMap<(App, Arc<str>), (PatternSetBuilder, Vec<u32>)> = FxHashMap::default();
    for (index, compiled) in rules.iter().enumerate() {
        let Some(frame) = &compiled.rule.frame else {
            continue;
        };
        let (patterns, always) = builders.entry(frame.clone()).or_default();
        let plain = |test: &BufferTest| test.buffer == Buffer::Frame && test.transforms.is_empty();
        match fast_pattern::choose(&compiled.rule, plain) {
            Some(chosen) => patterns.add(chosen.bytes, index as u32),
            None => always.push(index as u32),
        }
    }
    let groups = builders.into_iter().map(|(frame, (patterns, mut always))| {
        let set = build(patterns, &mut always);
        (frame, FrameGroup { set, always })
    });
    groups.collect()
}

#[derive(Default)]
struct PacketGroupBuilder {
    packets_near: PatternSetBuilder,
    packets: PatternSetBuilder,
    stream: PatternSetBuilder,
    packets_always: Vec<u32>,
    stream_always: Vec<u32>,
    headers: Vec<u32>,
    ip_only: Vec<u32>,
    protocol: Vec<u32>,
}

#[derive(Default)]
struct TransactionGroupBuilder {
    engines: Vec<(Buffer, Arc<[Transform]>, PatternSetBuilder)>,
    group: TransactionGroup,
}

struct GroupBuilder {
    packets: Vec<[PacketGroupBuilder; 2]>,
    transactions: FxHashMap<App, [TransactionGroupBuilder; 2]>,
}

impl Default for GroupBuilder {
    fn default() -> Self {
        Self {
            packets: TRANSPORTS.iter().map(|_| Default::default()).collect(),
            transactions: FxHashMap::default(),
        }
    }
}

impl GroupBuilder {
    fn add(&mut self, index: u32, compiled: &CompiledRule) {
        let rule = &compiled.rule;
        let directions = directions(rule);
        if compiled.class == Class::Frame {
            return;
        }
        if compiled.class == Class::Transaction {
            for app in rule.common_apps().unwrap_or_default() {
                let groups = self.transactions.entry(app).or_default();
                for (group, way) in groups
                    .iter_mut()
                    .zip(Direction::BOTH)
                    .filter(|(_, way)| directions.contains(way))
                {
                    group.add(index, rule, way);
                }
            }
            return;
        }
        for transport in transports(rule.protocol) {
            let Some(groups) = self.packets.get_mut(*transport as usize) else {
                continue;
            };
            for (group, _) in groups
                .iter_mut()
                .zip(Direction::BOTH)
                .filter(|(_, way)| directions.contains(way))
            {
                group.add(index, compiled, *transport);
            }
        }
    }

    fn build(self, rules: &[CompiledRule]) -> (Vec<[PacketGroup; 2]>, FxHashMap<App, [TransactionGroup; 2]>) {
        let packets = self
            .packets
            .into_iter()
            .map(|pair| pair.map(|group| group.build(rules)));
        let transactions = self.transactions.into_iter();
        let transactions = transactions.map(|(app, pair)| (app, pair.map(TransactionGroupBuilder::build)));
        (packets.collect(), transactions.collect())
    }
}

/// Directions that the rule can match in.
fn directions(rule: &Rule) -> Vec<Direction> {
    if rule.two_sided {
        return Direction::BOTH.to_vec();
    }
    let from_buffers = rule.tests.iter().find_map(BufferTest::direction);
    let from_hook = rule.conditions.iter().find_map(|condition| match condition {
        Condition::Hook { direction, .. } => Some(*direction),
        _ => None,
    });
    match rule.flow.direction.or(from_buffers).or(from_hook) {
        Some(direction) => vec![direction],
        None => Direction::BOTH.to_vec(),
    }
}

impl PacketGroupBuilder {
    fn add(&mut self, index: u32, compiled: &CompiledRule, transport: TransportKind) {
        match compiled.class {
            Class::IpOnly => self.ip_only.push(index),
            Class::Protocol => self.protocol.push(index),
            Class::Packet | Class::Transaction | Class::Frame => self.headers.push(index),
            Class::Payload { packets, stream } => {
                // Only TCP has streams: elsewhere every payload rule looks at packets.
                let stream = stream && transport == TransportKind::Tcp;
                let packets = packets || transport != TransportKind::Tcp;
                let chosen = fast_pattern::choose(&compiled.rule, |test| {
                    test.buffer == Buffer::Payload && test.transforms.is_empty()
                });
                match chosen {
                    Some(chosen) => {
                        let near = chosen.ends_by.is_some_and(|end| end <= NEAR_BYTES);
                        match packets {
                            true if near => self.packets_near.add(chosen.bytes.clone(), index),
                            true => self.packets.add(chosen.bytes.clone(), index),
                            false => {}
                        }
                        if stream {
                            self.stream.add(chosen.bytes, index);
                        }
                    }
                    None => {
                        if packets {
                            self.packets_always.push(index);
                        }
                        if stream {
                            self.stream_always.push(index);
                        }
                    }
                }
            }
        }
    }

    fn build(mut self, rules: &[CompiledRule]) -> PacketGroup {
        let packets_near = build(self.packets_near, &mut self.packets_always);
        let packets = build(self.packets, &mut self.packets_always);
        let stream = build(self.stream, &mut self.stream_always);
        let index = |numbers: Vec<u32>| {
            let rule = |number: u32| Some((number, &rules.get(number as usize)?.rule));
            HeaderIndex::new(numbers.into_iter().filter_map(rule))
        };
        PacketGroup {
            packets_near,
            packets,
            stream,
            packets_always: index(self.packets_always),
            stream_always: index(self.stream_always),
            headers: index(self.headers),
            ip_only: index(self.ip_only),
            protocol: index(self.protocol),
        }
    }
}

impl TransactionGroupBuilder {
    fn add(&mut self, index: u32, rule: &Rule, way: Direction) {
        let event = rule.conditions.iter().find_map(|condition| match condition {
            Condition::AppLayerEvent(name) => name.split_once('.').map(|(_, event)| Arc::<str>::from(event)),
            _ => None,
        });
        if let Some(event) = event {
            self.group.events.entry(event).or_default().push(index);
            return;
        }
        // A rule that is content with a buffer's absence must be asked even when its pattern is nowhere.
        let absent_ok = rule
            .tests
            .iter()
            .flat_map(|test| &test.steps)
            .any(|step| matches!(step, Step::Absent { or_else: true }));
        let eligible = |test: &BufferTest| test.buffer.is_transactional() && !test.buffer.is_number();
        let chosen = fast_pattern::choose(rule, eligible).filter(|_| !absent_ok);
        let Some(chosen) = chosen else {
            self.group.always.push(index);
            return;
        };
        let Some(test) = rule.tests.get(chosen.test) else {
            return;
        };
        // A rule over both sides is found by the side of its pattern and shared with the other.
        if rule.two_sided && test.direction() != Some(way) {
            return;
        }
        let known = self
            .engines
            .iter_mut()
            .find(|(buffer, transforms, _)| *buffer == test.buffer && *transforms == test.transforms);
        if let Some((.., patterns)) = known {
            patterns.add(chosen.bytes, index);
            return;
        }
        let mut patterns = PatternSetBuilder::default();
        patterns.add(chosen.bytes, index);
        self.engines
            .push((test.buffer, Arc::clone(&test.transforms), patterns));
    }

    fn build(self) -> TransactionGroup {
        let mut group = self.group;
        for (buffer, transforms, patterns) in self.engines {
            if let Some(set) = build(patterns, &mut group.always) {
                group.engines.push(BufferEngine {
                    buffer,
                    transforms,
                    set,
                });
            }
        }
        group.engines.sort_by_key(|engine| engine.buffer.stage());
        group
    }
}

/// The automaton of a set. Where one cannot be built (more patterns than it can number), the rules are asked without
/// one: slow, and not blind.
fn build(patterns: PatternSetBuilder, always: &mut Vec<u32>) -> Option<PatternSet> {
    match patterns.build() {
        Ok(set) => set,
        Err(rules) => {
            always.extend(rules);
            None
        }
    }
}

/// Whether a rule's action lets the flow pass.
pub(crate) fn passes(rule: &Rule) -> bool {
    rule.action == Action::Pass
}

/// Whether a buffer grows while it is looked at.
pub(crate) fn is_streaming(buffer: Buffer) -> bool {
    buffer.stage() == Stage::Body
}
