//! Watches matches over time and raises alerts when a group satisfies a correlation.

use std::collections::BTreeMap;
use std::sync::Arc;

use rustc_hash::FxHashMap;
use saola_event::{Alert, Event, SourceId, Timestamp};
use serde::{Deserialize, Serialize};

use super::group::{Added, Group, Match, MatchValue};
use super::report::{self, Fired};
use super::{CorrelationKind, CorrelationRule, CorrelatorLimits, Target};
use crate::RuleSet;
use crate::detection::{Number, Relation, test};

/// Event time between two sweeps of groups that have gone quiet, in microseconds.
const SWEEP_MICROS: i64 = 60_000_000;
/// Matches kept of an ordered group, where each new match walks over them.
const ORDERED_MATCHES: usize = 512;

/// What a correlator did, for metrics.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CorrelationCounts {
    /// Matches taken into a group.
    pub matches: u64,
    /// Alerts raised.
    pub alerts: u64,
    /// Alerts held back because the group's last one is less than a timespan old.
    pub held_back: u64,
    /// Matches older than the window of their group.
    pub late: u64,
    /// Matches that lack a `group-by` field.
    pub without_group: u64,
    /// Matches that lack the field to count or compute with.
    pub without_value: u64,
    /// Matches dropped because their group was full.
    pub crowded_out: u64,
    /// Groups dropped because there were too many.
    pub evicted_groups: u64,
}

/// Which correlation and which values of its `group-by` fields.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct GroupKey {
    pub(super) correlation: u32,
    /// The values, each ended by a NUL, which no value keeps.
    pub(super) values: Box<str>,
}

/// A group with what an alert needs when no event is at hand.
#[derive(Debug, Default)]
pub(super) struct Held {
    pub(super) group: Group,
    pub(super) origin: Option<Box<Origin>>,
}

/// Where a group's last match came from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Origin {
    pub(super) received_at: Timestamp,
    pub(super) source: SourceId,
    pub(super) agency: Arc<str>,
}

/// A match as correlations see it: an event, or a correlation that fired.
struct Subject<'s> {
    time: Timestamp,
    event: Option<&'s Event<'s>>,
    origin: Origin,
    /// The group's values when this is a correlation's alert.
    group: Vec<(String, String)>,
}

/// The state of all correlations. Feed it every match in the order of events.
#[derive(Debug)]
pub struct Correlator {
    pub(super) rules: Arc<RuleSet>,
    limits: CorrelatorLimits,
    watchers: FxHashMap<Target, Vec<(u32, u32)>>,
    pub(super) groups: FxHashMap<GroupKey, Held>,
    /// Windows that wait for their close, by the time of it.
    closing: BTreeMap<i64, Vec<GroupKey>>,
    swept: i64,
    counts: CorrelationCounts,
}

impl Correlator {
    /// An empty state for a rule set's correlations.
    pub fn new(rules: Arc<RuleSet>, limits: CorrelatorLimits) -> Self {
        let mut watchers: FxHashMap<Target, Vec<(u32, u32)>> = FxHashMap::default();
        for (at, correlation) in (0..).zip(rules.correlations()) {
            for (member, known) in (0..).zip(&correlation.members) {
                watchers.entry(known.target).or_default().push((at, member));
            }
        }
        Self {
            rules,
            limits,
            watchers,
            groups: FxHashMap::default(),
            closing: BTreeMap::new(),
            swept: i64::MIN,
            counts: CorrelationCounts::default(),
        }
    }

    /// Tells of a match of the rule with this index; gives the alerts of the correlations it completes.
    pub fn observe(&mut self, rule: usize, event: &Event<'_>) -> Vec<Alert> {
        let mut alerts = Vec::new();
        if self.watchers.contains_key(&Target::Rule(rule)) {
            let subject = Subject {
                time: event.time,
                event: Some(event),
                origin: Origin {
                    received_at: event.received_at,
                    source: Arc::clone(&event.source),
                    agency: Arc::clone(&event.agency),
                },
                group: Vec::new(),
            };
            self.feed(Target::Rule(rule), &subject, &mut alerts);
        }
        alerts
    }

    /// Moves event time on: windows that have ended are judged, groups that have gone quiet are forgotten.
    pub fn advance(&mut self, now: Timestamp) -> Vec<Alert> {
        let now = now.as_micros();
        let mut alerts = Vec::new();
        while let Some(entry) = self.closing.first_entry() {
            let close = *entry.key();
            if close > now {
                break;
            }
            for key in entry.remove() {
                self.close(&key, close, &mut alerts);
            }
        }
        if now >= self.swept.saturating_add(SWEEP_MICROS) {
            self.swept = now;
            self.sweep(now);
        }
        alerts
    }

    /// What was done so far.
    pub fn counts(&self) -> CorrelationCounts {
        self.counts
    }

    /// Groups held at the moment.
    pub fn groups(&self) -> usize {
        self.groups.len()
    }

    /// Windows that wait for their close; never more than groups that were taken in since the last eviction.
    pub fn open_windows(&self) -> usize {
        self.closing.values().map(Vec::len).sum()
    }

    fn feed(&mut self, target: Target, subject: &Subject<'_>, alerts: &mut Vec<Alert>) {
        let rules = Arc::clone(&self.rules);
        let watchers = self.watchers.get(&target).cloned().unwrap_or_default();
        for (at, member) in watchers {
            let Some(rule) = rules.correlations().get(at as usize) else {
                continue;
            };
            let Some(values) = group_values(rule, member, subject, self.limits.value_bytes) else {
                self.counts.without_group += 1;
                continue;
            };
            let Some(value) = match_value(rule, subject, self.limits.value_bytes) else {
                self.counts.without_value += 1;
                continue;
            };
            let found = Match {
                time: subject.time.as_micros(),
                member,
                value,
            };
            let key = GroupKey {
                correlation: at,
                values,
            };
            self.take(rule, &key, found, subject, alerts);
        }
    }

    /// Takes a match into its group.
    fn take(
        &mut self,
        rule: &CorrelationRule,
        key: &GroupKey,
        found: Match,
        subject: &Subject<'_>,
        alerts: &mut Vec<Alert>,
    ) {
        let time = found.time;
        let waits = rule.waits_for_close();
        if waits {
            let opened = self.groups.get(key).and_then(|held| held.group.opened);
            let close = opened.map(|opened| opened.saturating_add(rule.timespan_micros));
            if let Some(close) = close.filter(|close| *close <= time) {
                self.close(key, close, alerts);
            }
        }
        self.make_room(key);
        let held = self.groups.entry(key.clone()).or_default();
        if waits {
            held.origin = Some(Box::new(subject.origin.clone()));
            if held.group.opened.is_none() {
                held.group.opened = Some(time);
                let close = time.saturating_add(rule.timespan_micros);
                self.closing.entry(close).or_default().push(key.clone());
            }
        }
        if rule.kind == CorrelationKind::Temporal {
            // Only the newest match of each member can matter.
            held.group
                .matches
                .retain(|known| known.member != found.member || known.time > time);
        }
        match held
            .group
            .add(found, rule.timespan_micros, kept(rule, &self.limits))
        {
            Added::Late => {
                self.counts.late += 1;
                return;
            }
            Added::Crowded if kept(rule, &self.limits) == self.limits.matches_per_group => {
                self.counts.crowded_out += 1;
            }
            Added::Crowded | Added::Kept => {}
        }
        self.counts.matches += 1;
        if waits || !held.group.satisfies(rule) {
            return;
        }
        if time < held.group.quiet_until {
            self.counts.held_back += 1;
            return;
        }
        held.group.quiet_until = time.saturating_add(rule.timespan_micros);
        self.fire(rule, key, subject.time, subject.event, &subject.origin, alerts);
    }

    /// Judges a window at its close.
    fn close(&mut self, key: &GroupKey, close: i64, alerts: &mut Vec<Alert>) {
        let rules = Arc::clone(&self.rules);
        let Some(rule) = rules.correlations().get(key.correlation as usize) else {
            return;
        };
        let Some(held) = self.groups.get_mut(key) else {
            return;
        };
        let due = held
            .group
            .opened
            .map(|opened| opened.saturating_add(rule.timespan_micros));
        if due != Some(close) {
            return;
        }
        let origin = held.origin.clone();
        if let (true, Some(origin)) = (held.group.satisfies(rule), origin) {
            self.fire(rule, key, Timestamp::from_micros(close), None, &origin, alerts);
        }
        self.groups.remove(key);
    }

    fn fire(
        &mut self,
        rule: &CorrelationRule,
        key: &GroupKey,
        time: Timestamp,
        event: Option<&Event<'_>>,
        origin: &Origin,
        alerts: &mut Vec<Alert>,
    ) {
        let Some(held) = self.groups.get(key) else {
            return;
        };
        let group = named_values(rule, &key.values);
        alerts.push(report::alert(&Fired {
            rule,
            rules: &self.rules,
            group: &group,
            matches: &held.group,
            time,
            event,
            origin,
        }));
        self.counts.alerts += 1;
        let subject = Subject {
            time,
            event,
            origin: origin.clone(),
            group,
        };
        self.feed(Target::Correlation(key.correlation as usize), &subject, alerts);
    }

    /// Forgets groups that can no longer contribute.
    fn sweep(&mut self, now: i64) {
        let rules = Arc::clone(&self.rules);
        self.groups.retain(|key, held| {
            let timespan = rules
                .correlations()
                .get(key.correlation as usize)
                .map_or(0, |rule| rule.timespan_micros);
            held.group.opened.is_some()
                || held.group.newest.saturating_add(timespan) > now
                || held.group.quiet_until > now
        });
    }

    /// Evicts the tenth of all groups seen longest ago when a new group would be one too many.
    fn make_room(&mut self, key: &GroupKey) {
        if self.groups.len() < self.limits.groups.max(1) || self.groups.contains_key(key) {
            return;
        }
        let mut times: Vec<i64> = self.groups.values().map(|held| held.group.newest).collect();
        let tenth = times.len() / 10;
        let (_, threshold, _) = times.select_nth_unstable(tenth);
        let threshold = *threshold;
        let before = self.groups.len();
        self.groups.retain(|_, held| held.group.newest > threshold);
        self.counts.evicted_groups += (before - self.groups.len()) as u64;
        self.rebuild_closing();
    }

    /// Leaves out the closes of groups that are gone, which would otherwise pile up for a timespan.
    fn rebuild_closing(&mut self) {
        self.closing.clear();
        for (key, held) in &self.groups {
            let rule = self.rules.correlations().get(key.correlation as usize);
            if let (Some(opened), Some(rule)) = (held.group.opened, rule) {
                let close = opened.saturating_add(rule.timespan_micros);
                self.closing.entry(close).or_default().push(key.clone());
            }
        }
        for keys in self.closing.values_mut() {
            keys.sort_unstable();
        }
    }

    /// Puts a group back that a snapshot kept.
    pub(super) fn put_back(&mut self, key: GroupKey, held: Held, timespan: i64) {
        if let Some(opened) = held.group.opened {
            let close = opened.saturating_add(timespan);
            self.closing.entry(close).or_default().push(key.clone());
        }
        self.groups.insert(key, held);
    }
}

/// How many matches a group needs to keep: a plain count needs no more than the number it is compared with.
fn kept(rule: &CorrelationRule, limits: &CorrelatorLimits) -> usize {
    match rule.kind {
        CorrelationKind::EventCount if !rule.waits_for_close() => {
            let needed = rule
                .bounds
                .iter()
                .map(|bound| match (bound.number, bound.relation) {
                    (Number::Int(number), Relation::Greater) => number.saturating_add(1),
                    (Number::Int(number), _) => number,
                    (Number::Float(number), _) => number.ceil() as i128 + 1,
                });
            let needed = needed.max().unwrap_or(1).max(1);
            usize::try_from(needed)
                .unwrap_or(usize::MAX)
                .min(limits.matches_per_group)
        }
        CorrelationKind::TemporalOrdered => ORDERED_MATCHES.min(limits.matches_per_group),
        _ => limits.matches_per_group,
    }
}

impl Subject<'_> {
    /// The text of a field: of the group when a correlation fired, of the event otherwise.
    fn text(&self, field: &str, limit: usize) -> Option<String> {
        if let Some((_, value)) = self.group.iter().find(|(name, _)| name == field) {
            return Some(value.clone());
        }
        let mut found = None;
        let mut buffer = String::new();
        test::visit_path(&self.event?.fields, field, &mut |value| {
            if found.is_none() {
                test::any_single(value, &mut |single| {
                    found = test::text_of(single, &mut buffer).map(|text| cut(text, limit));
                    found.is_some()
                });
            }
        });
        found
    }
}

/// At most `limit` bytes of a text, without NUL.
fn cut(text: &str, limit: usize) -> String {
    let end = text.floor_char_boundary(limit.min(text.len()));
    text.get(..end).unwrap_or_default().replace('\0', "\u{fffd}")
}

fn group_values(
    rule: &CorrelationRule,
    member: u32,
    subject: &Subject<'_>,
    limit: usize,
) -> Option<Box<str>> {
    let mut values = String::new();
    for field in &rule.members.get(member as usize)?.group_fields {
        values.push_str(&subject.text(field, limit)?);
        values.push('\0');
    }
    Some(values.into())
}

/// The values of a key under the names of the correlation's `group-by`.
fn named_values(rule: &CorrelationRule, values: &str) -> Vec<(String, String)> {
    let values = values.split_terminator('\0').map(str::to_owned);
    rule.group_by.iter().cloned().zip(values).collect()
}

fn match_value(rule: &CorrelationRule, subject: &Subject<'_>, limit: usize) -> Option<MatchValue> {
    match &rule.kind {
        CorrelationKind::EventCount | CorrelationKind::Temporal | CorrelationKind::TemporalOrdered => {
            Some(MatchValue::Nothing)
        }
        CorrelationKind::ValueCount(fields) => {
            let mut values = String::new();
            for field in fields {
                values.push_str(&subject.text(field, limit)?);
                values.push('\0');
            }
            Some(MatchValue::Text(values.into()))
        }
        CorrelationKind::ValueSum(field)
        | CorrelationKind::ValueAvg(field)
        | CorrelationKind::ValuePercentile(field, _) => {
            let number = Number::parse(&subject.text(field, limit)?)?.as_f64();
            number.is_finite().then_some(MatchValue::Number(number))
        }
    }
}
