//! What is decided where the alerts of all shards come together, in packet order: thresholds, suppressions, and bits of
//! hosts.
//!
//! Flows of one host are spread over shards. Were thresholds counted within the shards, the number of threads would
//! change the result.

use std::collections::VecDeque;
use std::net::IpAddr;
use std::sync::Arc;

use rustc_hash::FxHashMap;
use saola_event::Timestamp;

use crate::alert::NetAlert;
use crate::compile::CompiledRules;
use crate::live_sets::LiveSets;
use crate::rule::{
    BitOp, BitTrack, Condition, Effect, HostBit, HostBitStore, Rule, Threshold, ThresholdKind, Track,
    UniqueOn,
};

/// What is counted apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Tracked {
    Address(IpAddr),
    Pair(IpAddr, IpAddr),
    Flow(u64),
    Rule,
}

/// A count within a time.
#[derive(Debug)]
struct Count {
    began: Timestamp,
    count: u32,
    /// `both`: alerted in this time already. `backoff`: the count of the next alert.
    mark: u64,
    /// Ports seen, for `unique_on`.
    ports: Vec<u16>,
}

/// Counts kept at most; the oldest are forgotten first.
const MAX_COUNTS: usize = 262_144;
/// Bits of hosts kept at most.
const MAX_HOST_BITS: usize = 262_144;
/// Ports remembered for one `unique_on` count.
const MAX_PORTS: usize = 1024;

type CountKey = (u32, u32, Tracked);
type BitKey = (HostBitStore, Arc<str>, Tracked);

/// What became of an alert.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It goes on.
    Alert,
    /// A threshold or detection filter holds it back.
    Threshold,
    /// A suppression hides it.
    Suppressed,
    /// A bit of a host is not as the rule asks.
    HostBit,
    /// A data set does not hold, or holds already, what the rule asks.
    Dataset,
    /// The rule is silent: it only acted.
    Silent,
}

/// What was counted at the merge.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ThresholdCounters {
    /// Alerts that went on.
    pub passed: u64,
    /// Held back by thresholds.
    pub held_back: u64,
    /// Hidden by suppressions.
    pub suppressed: u64,
    /// Counts that were forgotten because there were too many.
    pub forgotten: u64,
}

/// Memory of thresholds and hosts. One for all shards; survives a reload.
#[derive(Debug, Default)]
pub struct Thresholds {
    counts: FxHashMap<CountKey, Count>,
    order: VecDeque<CountKey>,
    bits: FxHashMap<BitKey, Timestamp>,
    bit_order: VecDeque<BitKey>,
    datasets: LiveSets,
    counters: ThresholdCounters,
}

impl Thresholds {
    /// Nothing counted yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Whether an alert goes on. Call it for every alert, in the order of their keys.
    pub fn pass(&mut self, rules: &CompiledRules, alert: &NetAlert) -> bool {
        self.decide(rules, alert) == Verdict::Alert
    }

    /// What becomes of an alert, with the reason.
    pub fn decide(&mut self, rules: &CompiledRules, alert: &NetAlert) -> Verdict {
        let Some(rule) = rules.rule(alert.rule) else {
            return Verdict::Silent;
        };
        let asks = rule.conditions.iter().filter_map(|condition| match condition {
            Condition::HostBit(bit) => Some(*bit),
            _ => None,
        });
        for bit in asks {
            if !self.host_bit_holds(bit, rules, alert) {
                return Verdict::HostBit;
            }
        }
        if !alert
            .deferred
            .iter()
            .all(|question| self.datasets.decide(question))
        {
            return Verdict::Dataset;
        }
        for effect in &rule.effects {
            if let Effect::HostBit(bit) = effect {
                self.change_host_bit(*bit, rules, alert);
            }
        }
        if rule.silent {
            return Verdict::Silent;
        }
        if is_suppressed(rules, rule, alert) {
            self.counters.suppressed += 1;
            return Verdict::Suppressed;
        }
        let overriding = rules
            .thresholds
            .thresholds
            .iter()
            .rev()
            .find(|line| names(line.gid, line.sid, rule))
            .map(|line| line.threshold);
        let passes = match overriding.or(rule.threshold) {
            Some(threshold) => self.count(threshold, rule, alert),
            None => true,
        };
        if passes {
            self.counters.passed += 1;
            Verdict::Alert
        } else {
            self.counters.held_back += 1;
            Verdict::Threshold
        }
    }

    /// What was counted so far.
    pub fn counters(&self) -> ThresholdCounters {
        self.counters
    }

    fn count(&mut self, threshold: Threshold, rule: &Rule, alert: &NetAlert) -> bool {
        let Some(tracked) = tracked(threshold.track, alert) else {
            return true;
        };
        let key = (rule.id.gid, rule.id.sid, tracked);
        if !self.counts.contains_key(&key) {
            self.make_room();
            self.order.push_back(key);
        }
        let entry = self.counts.entry(key).or_insert_with(|| Count {
            began: alert.time,
            count: 0,
            mark: 0,
            ports: Vec::new(),
        });
        entry.take(threshold, alert)
    }

    fn make_room(&mut self) {
        while self.counts.len() >= MAX_COUNTS {
            let Some(oldest) = self.order.pop_front() else {
                return;
            };
            if self.counts.remove(&oldest).is_some() {
                self.counters.forgotten += 1;
            }
        }
    }

    fn host_bit_holds(&self, bit: HostBit, rules: &CompiledRules, alert: &NetAlert) -> bool {
        let Some(key) = bit_key(bit, rules, alert) else {
            return bit.op == BitOp::IsNotSet;
        };
        let set = self.bits.get(&key).is_some_and(|end| alert.time <= *end);
        set == (bit.op == BitOp::IsSet)
    }

    fn change_host_bit(&mut self, bit: HostBit, rules: &CompiledRules, alert: &NetAlert) {
        let Some(key) = bit_key(bit, rules, alert) else {
            return;
        };
        let set = self.bits.get(&key).is_some_and(|end| alert.time <= *end);
        if bit.op == BitOp::Unset || (bit.op == BitOp::Toggle && set) {
            self.bits.remove(&key);
            return;
        }
        let end = alert.time + std::time::Duration::from_secs(bit.expire_seconds.into());
        if self.bits.insert(key.clone(), end).is_none() {
            self.bit_order.push_back(key);
        }
        while self.bit_order.len() > MAX_HOST_BITS {
            let Some(oldest) = self.bit_order.pop_front() else {
                return;
            };
            self.bits.remove(&oldest);
            self.counters.forgotten += 1;
        }
    }
}

impl Count {
    /// Counts an alert and says whether it goes on.
    fn take(&mut self, threshold: Threshold, alert: &NetAlert) -> bool {
        let backoff = matches!(threshold.kind, ThresholdKind::Backoff { .. });
        let span = std::time::Duration::from_secs(threshold.seconds.into());
        if !backoff && alert.time.since(self.began) > span {
            self.began = alert.time;
            self.count = 0;
            self.mark = 0;
            self.ports.clear();
        }
        if !self.is_new(threshold.unique_on, alert) {
            return threshold.kind == ThresholdKind::DetectionFilter && self.count > threshold.count;
        }
        self.count = self.count.saturating_add(1);
        match threshold.kind {
            ThresholdKind::Limit => self.count <= threshold.count,
            ThresholdKind::Threshold => {
                let reached = self.count >= threshold.count;
                if reached {
                    self.count = 0;
                    self.began = alert.time;
                    self.ports.clear();
                }
                reached
            }
            ThresholdKind::Both => {
                let reached = self.count >= threshold.count && self.mark == 0;
                self.mark |= u64::from(reached);
                reached
            }
            ThresholdKind::DetectionFilter => self.count > threshold.count,
            ThresholdKind::Backoff { multiplier } => {
                let next = if self.mark == 0 {
                    u64::from(threshold.count)
                } else {
                    self.mark
                };
                let reached = u64::from(self.count) == next;
                self.mark = if reached {
                    next.saturating_mul(multiplier.into())
                } else {
                    next
                };
                reached
            }
        }
    }

    /// Whether the value that `unique_on` names was not counted yet.
    fn is_new(&mut self, unique_on: Option<UniqueOn>, alert: &NetAlert) -> bool {
        let end = match unique_on {
            None => return true,
            Some(UniqueOn::SourcePort) => alert.source,
            Some(UniqueOn::DestinationPort) => alert.destination,
        };
        let Some((_, port)) = end else { return true };
        if self.ports.contains(&port) {
            return false;
        }
        if self.ports.len() < MAX_PORTS {
            self.ports.push(port);
        }
        true
    }
}

/// What a track counts together; `None` without addresses.
fn tracked(track: Track, alert: &NetAlert) -> Option<Tracked> {
    let source = alert.source.map(|(address, _)| address);
    let destination = alert.destination.map(|(address, _)| address);
    match track {
        Track::BySource => source.map(Tracked::Address),
        Track::ByDestination => destination.map(Tracked::Address),
        Track::ByBoth => source.zip(destination).map(|(a, b)| pair(a, b)),
        Track::ByRule => Some(Tracked::Rule),
        Track::ByFlow => Some(Tracked::Flow(alert.flow_id)),
    }
}

fn pair(a: IpAddr, b: IpAddr) -> Tracked {
    if a <= b {
        Tracked::Pair(a, b)
    } else {
        Tracked::Pair(b, a)
    }
}

fn bit_key(bit: HostBit, rules: &CompiledRules, alert: &NetAlert) -> Option<BitKey> {
    let name = rules.bit_names.get(bit.bit as usize)?;
    let track = match bit.track {
        BitTrack::Source => Track::BySource,
        BitTrack::Destination => Track::ByDestination,
        BitTrack::Pair => Track::ByBoth,
    };
    Some((bit.store, Arc::clone(name), tracked(track, alert)?))
}

/// Whether a line of the threshold file is about a rule: 0 stands for all.
fn names(gid: u32, sid: u32, rule: &Rule) -> bool {
    (gid == 0 || gid == rule.id.gid) && (sid == 0 || sid == rule.id.sid)
}

fn is_suppressed(rules: &CompiledRules, rule: &Rule, alert: &NetAlert) -> bool {
    let holds = |end: Option<(IpAddr, u16)>, set: &crate::rule::AddressSet| {
        end.is_some_and(|(address, _)| set.contains(address))
    };
    rules.thresholds.suppressions.iter().any(|line| {
        names(line.gid, line.sid, rule)
            && match line.track {
                None => true,
                Some(Track::BySource) => holds(alert.source, &line.addresses),
                Some(Track::ByDestination) => holds(alert.destination, &line.addresses),
                Some(_) => holds(alert.source, &line.addresses) || holds(alert.destination, &line.addresses),
            }
    })
}
