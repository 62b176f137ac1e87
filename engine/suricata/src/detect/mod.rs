//! Packets and flows against compiled rules: the observer that raises alerts.
//!
//! For every packet: header rules, payload rules on the packet, stream rules on the bytes that its direction brought
//! since they were last looked at, rules on the transactions of its direction. Each shard has its own [`Detector`]; what
//! they share is the compiled set. Thresholds and bits of hosts are decided where the shards' alerts come together in
//! packet order ([`crate::Thresholds`]), so that the number of shards changes nothing.

mod conditions;
mod evaluate;
mod extract;
mod frames;
mod packets;
mod report;
mod state;
mod tags;
mod transactions;
pub(crate) mod working;

use std::fmt;
use std::sync::Arc;

use rustc_hash::FxHashMap;
use saola_event::Evidence;
use saola_net::app::Transaction;
use saola_net::eve::EveConfig;
use saola_net::flow::{EndReason, Flow, Moment};
use saola_net::packet::{Packet, Transport};
use saola_net::{Direction, FlowView, Observer};

use crate::alert::NetAlert;
use crate::compile::{CompiledRules, ScanMarks, TransportKind, passes};
use crate::inspect::Limits;
use crate::rule::{Action, Effect, Rule, TagScope};
use conditions::Scene;
pub use report::AlertFields;
pub use state::FlowState;

/// Settings of detection.
#[derive(Clone, Debug)]
pub struct DetectConfig {
    /// Alerts that one packet may raise; the rest is counted (`packet-alert-max`).
    pub alerts_per_packet: usize,
    /// Tries on one buffer (`detect.inspection-recursion-limit`).
    pub limits: Limits,
    /// Bytes of a stream that are looked at again with what comes after them.
    pub stream_overlap: usize,
    /// A request body is looked at from this size on, or when it is whole.
    pub request_body_minimal: u64,
    /// The same of a response body.
    pub response_body_minimal: u64,
    /// A body is looked at again after so many more bytes.
    pub body_step: u64,
    /// What alert records hold.
    pub fields: AlertFields,
    /// What records hold in general.
    pub eve: EveConfig,
}

impl Default for DetectConfig {
    fn default() -> Self {
        Self {
            alerts_per_packet: 15,
            limits: Limits::default(),
            stream_overlap: 2560,
            request_body_minimal: 32 * 1024,
            response_body_minimal: 40 * 1024,
            body_step: 16 * 1024,
            fields: AlertFields::default(),
            eve: EveConfig::default(),
        }
    }
}

impl DetectConfig {
    /// Sets one key as people know it from `suricata.yaml`. `Ok(false)`: the key is not of this part.
    pub fn set(&mut self, key: &str, value: &str) -> Result<bool, String> {
        let number = || {
            crate::rule::parse_number(value).ok_or_else(|| format!("{key}: `{value}` is no number or size"))
        };
        match key {
            "packet-alert-max" => self.alerts_per_packet = number()?.clamp(1, 65_535) as usize,
            "detect.inspection-recursion-limit" => {
                // 0 means no limit there; here there always is one.
                self.limits.tries = match number()? {
                    0 => 1_000_000,
                    tries => tries.min(1_000_000) as u32,
                };
            }
            _ => {
                let libhtp = key.strip_prefix("app-layer.protocols.http.libhtp.default-config.");
                match libhtp {
                    Some("request-body-minimal-inspect-size") => self.request_body_minimal = number()?,
                    Some("response-body-minimal-inspect-size") => self.response_body_minimal = number()?,
                    Some("request-body-inspect-window" | "response-body-inspect-window") => {
                        self.body_step = number()?.max(1024);
                    }
                    _ => return self.fields.set(key, value),
                }
            }
        }
        Ok(true)
    }
}

/// What a detector counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DetectCounters {
    /// Rules checked in full.
    pub checks: u64,
    /// Alerts given to the sink.
    pub alerts: u64,
    /// Alerts beyond the limit of one packet.
    pub alerts_over_limit: u64,
    /// Buffers on which the limit of tries was reached.
    pub inspection_limit: u64,
    /// Finished transactions that went without a look from both directions, because too many waited.
    pub transactions_unseen: u64,
    /// Packets that were not alerted on because a pass rule matched.
    pub passed: u64,
}

/// Where alerts go.
pub type AlertSink = Box<dyn FnMut(NetAlert) + Send>;

/// A rule that matched on the packet at hand.
struct Match {
    rule: u32,
    tx_id: Option<u64>,
    app: bool,
    evidence: Vec<Evidence>,
    extras: working::Extras,
    /// Number of the frame and what its record shows.
    frame: Option<(u64, serde_json::Value)>,
}

/// Holds packets and flows against rules.
pub struct Detector {
    rules: Arc<CompiledRules>,
    config: DetectConfig,
    sink: AlertSink,
    counters: DetectCounters,
    /// Grows with every swap, so that flows know rule numbers of an older set.
    generation: u32,
    /// Numbers of bits and counters that outlive a swap, by name.
    bit_names: FxHashMap<Arc<str>, u32>,
    bit_list: Vec<Arc<str>>,
    /// Number here of each bit of the rule set.
    bits: Vec<u32>,
    host_tags: tags::HostTags,
    scratch: Scratch,
}

/// Memory that is used again for every packet.
#[derive(Default)]
struct Scratch {
    marks: ScanMarks,
    candidates: Vec<u32>,
    matches: Vec<Match>,
    work: working::Working,
}

impl fmt::Debug for Detector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Detector")
            .field("rules", &self.rules.len())
            .field("counters", &self.counters)
            .finish_non_exhaustive()
    }
}

impl Detector {
    /// A detector for one shard. Alerts go to `sink` in the order they are raised.
    pub fn new(rules: Arc<CompiledRules>, config: DetectConfig, sink: AlertSink) -> Self {
        let mut detector = Self {
            rules: Arc::clone(&rules),
            config,
            sink,
            counters: DetectCounters::default(),
            generation: 0,
            bit_names: FxHashMap::default(),
            bit_list: Vec::new(),
            bits: Vec::new(),
            host_tags: tags::HostTags::default(),
            scratch: Scratch::default(),
        };
        detector.swap(rules);
        detector
    }

    /// Takes another compiled set from the next packet on. Flows keep their bits and counters.
    pub fn swap(&mut self, rules: Arc<CompiledRules>) {
        self.generation = self.generation.wrapping_add(1);
        self.bits.clear();
        for name in &rules.bit_names {
            let next = self.bit_list.len() as u32;
            let number = *self.bit_names.entry(Arc::clone(name)).or_insert_with(|| {
                self.bit_list.push(Arc::clone(name));
                next
            });
            self.bits.push(number);
        }
        self.rules = rules;
    }

    /// What was counted so far.
    pub fn counters(&self) -> DetectCounters {
        self.counters
    }

    /// The set in use.
    pub fn rules(&self) -> &Arc<CompiledRules> {
        &self.rules
    }

    /// Changes the flow's memory.
    fn take_effect(rule: &Rule, scene: &Scene<'_, '_>, state: Option<&mut FlowState>) {
        let Some(state) = state else { return };
        for effect in &rule.effects {
            match effect {
                Effect::Flowbit { op, bit } => {
                    let Some(bit) = scene.bits.get(*bit as usize) else {
                        continue;
                    };
                    let on = match op {
                        crate::rule::BitOp::Set => true,
                        crate::rule::BitOp::Unset => false,
                        _ => !state.bit(*bit),
                    };
                    state.set_bit(*bit, on);
                }
                Effect::Flowint { counter, op } => conditions::flowint_change(*counter, op, scene, state),
                // At the merge, and when the match is sent on.
                Effect::HostBit(_) | Effect::LoggingOff => {}
            }
        }
    }

    /// Sends the matches of one packet on, in rule order, up to the limit.
    fn emit(
        &mut self,
        packet: Option<&Packet<'_>>,
        mut flow: Option<&mut Flow>,
        mut state: Option<&mut FlowState>,
        at: Look,
    ) {
        if self.scratch.matches.is_empty() {
            return;
        }
        let mut matches = std::mem::take(&mut self.scratch.matches);
        let place = |found: &Match| (found.rule, found.tx_id, found.frame.as_ref().map(|(id, _)| *id));
        matches.sort_by_key(place);
        matches.dedup_by_key(|found| place(found));
        let rules = Arc::clone(&self.rules);
        let passed = self.let_pass(&rules, &mut matches, flow.as_deref_mut());
        self.note(&rules, &matches, flow.as_deref_mut(), state.as_deref());
        let mut raised = 0;
        for found in matches.drain(..) {
            let Some(compiled) = rules.rules.get(found.rule as usize) else {
                continue;
            };
            let rule = &compiled.rule;
            if rule.action == Action::Config {
                stop_logging(flow.as_deref_mut(), found.tx_id);
                continue;
            }
            if rule.silent && !matters_at_merge(rule, &found) {
                continue;
            }
            if raised >= self.config.alerts_per_packet {
                self.counters.alerts_over_limit += 1;
                continue;
            }
            raised += 1;
            if let Some(flow) = flow.as_deref_mut()
                && !rule.silent
            {
                flow.alerted = true;
            }
            self.begin_tags(rule, packet, flow.as_deref(), state.as_deref_mut(), at);
            self.raise(rule, found, packet, flow.as_deref(), state.as_deref(), at, passed);
        }
        self.scratch.matches = matches;
    }

    /// Writes what rules remember of the flow where its records find it.
    fn note(
        &self,
        rules: &CompiledRules,
        matches: &[Match],
        flow: Option<&mut Flow>,
        state: Option<&FlowState>,
    ) {
        let (Some(flow), Some(state)) = (flow, state) else {
            return;
        };
        let changes = |found: &Match| {
            let rule = rules.rules.get(found.rule as usize);
            rule.is_some_and(|compiled| !compiled.rule.effects.is_empty() || compiled.rule.catches())
        };
        if matches.iter().any(changes) {
            flow.notes = Some(Box::new(report::notes(state, &self.bit_list)));
        }
    }

    /// Cuts the matches off where a pass rule stands; whether one does.
    fn let_pass(&mut self, rules: &CompiledRules, matches: &mut Vec<Match>, flow: Option<&mut Flow>) -> bool {
        let rule = |found: &Match| {
            rules
                .rules
                .get(found.rule as usize)
                .map(|compiled| &compiled.rule)
        };
        let Some(at) = matches.iter().position(|found| rule(found).is_some_and(passes)) else {
            return false;
        };
        let announces = matches.get(at).and_then(rule).is_some_and(|rule| rule.announces);
        matches.truncate(at + usize::from(announces));
        if let Some(flow) = flow {
            flow.passed = true;
        }
        self.counters.passed += 1;
        true
    }

    #[expect(
        clippy::too_many_arguments,
        reason = "all that an alert is made of, taken apart only for its length"
    )]
    fn raise(
        &mut self,
        rule: &Rule,
        found: Match,
        packet: Option<&Packet<'_>>,
        flow: Option<&Flow>,
        state: Option<&FlowState>,
        at: Look,
        passed: bool,
    ) {
        let of_id = |id: u64| flow.and_then(|flow| flow.app.transactions.iter().find(|tx| tx.id == id));
        let context = report::Context {
            packet,
            flow,
            state,
            tx: found.tx_id.and_then(of_id),
            look: at,
            app: found.app,
            passed,
            extras: &found.extras,
            bit_names: &self.bit_list,
        };
        self.counters.alerts += 1;
        let place = report::Place {
            rule: found.rule,
            seq: self.counters.alerts,
        };
        let mut alert = report::alert(place, rule, found.evidence, &context, &self.config);
        alert.deferred = found.extras.deferred;
        if let Some((_, frame)) = found.frame {
            alert.event.insert("frame".to_owned(), frame);
        }
        (self.sink)(alert);
    }

    /// Starts recording packets for an alert's tags.
    fn begin_tags(
        &mut self,
        rule: &Rule,
        packet: Option<&Packet<'_>>,
        flow: Option<&Flow>,
        state: Option<&mut FlowState>,
        at: Look,
    ) {
        let session = rule.tags.iter().filter(|tag| tag.scope == TagScope::Session);
        if let Some(state) = state {
            let room = MAX_SESSION_TAGS.saturating_sub(state.tags.len());
            state
                .tags
                .extend(session.take(room).map(|tag| tags::Running::new(*tag, at.time)));
        }
        let of_flow = || flow.map(|flow| (flow.client.0, flow.server.0));
        let Some((a, b)) = packet.and_then(Packet::addresses).or_else(of_flow) else {
            return;
        };
        for tag in rule.tags.iter().filter(|tag| tag.scope != TagScope::Session) {
            self.host_tags.begin(*tag, a, b, at.time);
        }
    }

    /// Marks the flow when its packet is to be recorded.
    fn record_tagged(&mut self, packet: &Packet<'_>, flow: &mut Flow, state: &mut FlowState) {
        let size = packet.data.len();
        let of_session = tags::of_session(&mut state.tags, packet.time, size);
        let of_hosts = packet
            .addresses()
            .is_some_and(|(a, b)| self.host_tags.takes(a, b, packet.time, size));
        flow.tagged = of_session || of_hosts;
    }
}

/// Recordings of one flow at once.
const MAX_SESSION_TAGS: usize = 8;

/// Whether a silent rule's match must reach the merge.
fn matters_at_merge(rule: &Rule, found: &Match) -> bool {
    let changes_host = |effect: &Effect| matches!(effect, Effect::HostBit(_));
    rule.effects.iter().any(changes_host) || !found.extras.deferred.is_empty()
}

/// `config: logging disable`.
fn stop_logging(flow: Option<&mut Flow>, tx_id: Option<u64>) {
    let tx = flow.and_then(|flow| flow.app.transactions.iter_mut().find(|tx| Some(tx.id) == tx_id));
    if let Some(tx) = tx {
        tx.logged = true;
    }
}

/// Where and when a look is taken.
#[derive(Clone, Copy)]
struct Look {
    direction: Direction,
    number: u64,
    time: saola_net::Timestamp,
    /// The flow ends.
    end: bool,
}

/// The transport of a packet, as groups know it.
fn transport_kind(packet: &Packet<'_>) -> TransportKind {
    match packet.transport {
        Transport::Tcp(_) => TransportKind::Tcp,
        Transport::Udp(_) => TransportKind::Udp,
        Transport::Icmp4(_) | Transport::Icmp6(_) => TransportKind::Icmp,
        Transport::Sctp(_) => TransportKind::Sctp,
        // A header that is too short to read still belongs to its transport's rules.
        Transport::Other(_) | Transport::None => match packet.protocol() {
            Some(6) => TransportKind::Tcp,
            Some(17) => TransportKind::Udp,
            Some(1 | 58) => TransportKind::Icmp,
            Some(132) => TransportKind::Sctp,
            Some(_) => TransportKind::Other,
            None => TransportKind::None,
        },
    }
}

impl Observer for Detector {
    type FlowState = FlowState;

    fn packet(&mut self, packet: &Packet<'_>, flow: Option<FlowView<'_, FlowState>>) {
        let Some(view) = flow else {
            let at = Look {
                direction: Direction::ToServer,
                number: packet.number,
                time: packet.time,
                end: false,
            };
            self.inspect_packet(packet, None, None, at);
            self.emit(Some(packet), None, None, at);
            return;
        };
        let FlowView {
            flow,
            state,
            direction,
        } = view;
        let at = Look {
            direction,
            number: packet.number,
            time: packet.time,
            end: false,
        };
        state.renew(self.generation);
        self.record_tagged(packet, flow, state);
        if flow.passed {
            self.counters.passed += 1;
            release(flow, direction);
            return;
        }
        self.keep_stream(flow, state);
        self.inspect_packet(packet, Some(&*flow), Some(&mut *state), at);
        self.inspect_stream(Some(packet), flow, state, at);
        self.inspect_transactions(Some(packet), flow, state, at);
        self.inspect_frames(Some(packet), flow, state, at);
        self.emit(Some(packet), Some(flow), Some(state), at);
    }

    fn flow_end(&mut self, view: FlowView<'_, FlowState>, _reason: EndReason, moment: Moment) {
        let FlowView { flow, state, .. } = view;
        state.renew(self.generation);
        if flow.passed {
            return;
        }
        for direction in Direction::BOTH {
            let at = Look {
                direction,
                number: moment.packet_number,
                time: moment.time,
                end: true,
            };
            self.inspect_stream(None, flow, state, at);
            self.inspect_transactions(None, flow, state, at);
            if direction == Direction::ToServer {
                self.inspect_frames(None, flow, state, at);
            }
            self.emit(None, Some(flow), Some(state), at);
        }
    }

    fn is_done_with(&self, tx: &Transaction, _state: &FlowState) -> bool {
        tx.inspected == [true; 2]
    }
}

/// Transactions of a flow that is let pass need no looks.
fn release(flow: &mut Flow, direction: Direction) {
    for tx in flow.app.transactions.iter_mut() {
        if let Some(inspected) = tx.inspected.get_mut(direction.index()) {
            *inspected = true;
        }
    }
}
