//! How sensors and collectors do, in words.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use saola_collect::{Health, HealthSnapshot, Timestamp, now};

use crate::api::SourceBoard;
use crate::api::dto::{Loss, SourceHealth, SourceState};
use crate::telemetry::{ScrapeLabels, SourceCounters};
use crate::triage::Phrase;

/// Every source with its counters. Cheap to clone.
#[derive(Clone, Default)]
pub(super) struct Sources(Arc<Mutex<Vec<Watched>>>);

/// One source.
struct Watched {
    name: String,
    kind: &'static str,
    agency: String,
    health: Health,
    /// Whether connections mean something.
    connects: bool,
    /// Packet captures: the kernel's drop counter is known.
    captures: bool,
    /// What made it stop, when it did so by itself.
    fault: Option<String>,
    /// (time, records) of the last looks, for the rate of the last minute.
    looks: VecDeque<(Timestamp, u64)>,
    started: Timestamp,
}

/// After this long without data a source that had some is called quiet.
const QUIET_AFTER: Duration = Duration::from_mins(15);
/// Over how long the rate is measured.
const RATE_WINDOW: Duration = Duration::from_mins(1);

impl Sources {
    /// Adds a source.
    pub(super) fn add(&self, name: &str, kind: &'static str, agency: &str, health: Health) {
        self.0.lock().push(Watched {
            name: name.to_owned(),
            kind,
            agency: agency.to_owned(),
            health,
            connects: !kind.ends_with("udp") && !matches!(kind, "file" | "packet" | "netflow" | "snmp"),
            captures: kind == "packet",
            fault: None,
            looks: VecDeque::new(),
            started: now(),
        });
    }

    /// Notes that a source stopped by itself.
    pub(super) fn failed(&self, name: &str, fault: &str) {
        let mut all = self.0.lock();
        all.iter_mut()
            .filter(|source| source.name == name)
            .for_each(|source| source.fault = Some(fault.to_owned()));
    }
}

impl SourceBoard for Sources {
    fn sources(&self) -> Vec<SourceHealth> {
        let at = now();
        let mut shown: Vec<SourceHealth> = self.0.lock().iter_mut().map(|source| source.look(at)).collect();
        shown.sort_by(|a, b| b.state.cmp(&a.state).then_with(|| a.name.cmp(&b.name)));
        shown
    }
}

impl SourceCounters for Sources {
    fn read(&self) -> Vec<(&'static str, ScrapeLabels, u64)> {
        let mut counters = Vec::new();
        for source in self.0.lock().iter() {
            let snapshot = source.health.snapshot();
            let labels = || vec![("source", source.name.clone()), ("kind", source.kind.to_owned())];
            counters.push(("records", labels(), snapshot.records));
            counters.push(("record_bytes", labels(), snapshot.bytes));
            for (reason, count) in snapshot.lost {
                let mut labels = labels();
                labels.push(("reason", loss_name(reason)));
                counters.push(("records_lost", labels, count));
            }
        }
        counters
    }
}

impl Watched {
    fn look(&mut self, at: Timestamp) -> SourceHealth {
        let snapshot = self.health.snapshot();
        let (state, words) = self.judge(&snapshot, at);
        let drops = snapshot
            .lost
            .iter()
            .find(|(reason, _)| *reason == saola_collect::Loss::Kernel)
            .map_or(0, |(_, n)| *n);
        SourceHealth {
            name: self.name.clone(),
            kind: self.kind.to_owned(),
            agency: self.agency.clone(),
            state,
            words,
            records: snapshot.records,
            bytes: snapshot.bytes,
            rate_per_s: self.rate(at, snapshot.records),
            last_seen: snapshot.last_seen,
            lost: snapshot
                .lost
                .iter()
                .map(|(reason, count)| Loss {
                    reason: loss_name(*reason),
                    count: *count,
                })
                .collect(),
            connections: self.connects.then_some(snapshot.connections),
            kernel_drops: self.captures.then_some(drops),
        }
    }

    fn judge(&self, snapshot: &HealthSnapshot, at: Timestamp) -> (SourceState, Phrase) {
        let lost: u64 = snapshot.lost.iter().map(|(_, count)| count).sum();
        if let Some(fault) = &self.fault {
            return (
                SourceState::Ill,
                Phrase::new("source.stopped", [("fault", fault.clone())]),
            );
        }
        if lost > 0 {
            return (
                SourceState::Ill,
                Phrase::new("source.losing", [("count", lost.to_string())]),
            );
        }
        let since = snapshot.last_seen.unwrap_or(self.started);
        match snapshot.last_seen {
            None => (
                SourceState::Quiet,
                Phrase::new("source.waiting", [("since", since.to_string())]),
            ),
            Some(_) if at.since(since) > QUIET_AFTER => (
                SourceState::Quiet,
                Phrase::new("source.quiet", [("since", since.to_string())]),
            ),
            Some(_) => (SourceState::Ok, Phrase::new("source.flowing", [])),
        }
    }

    /// Records per second since the oldest look within the window.
    fn rate(&mut self, at: Timestamp, records: u64) -> f64 {
        while self
            .looks
            .front()
            .is_some_and(|(then, _)| at.since(*then) > RATE_WINDOW)
        {
            self.looks.pop_front();
        }
        let (then, before) = self.looks.front().copied().unwrap_or((self.started, 0));
        if self
            .looks
            .back()
            .is_none_or(|(last, _)| at.since(*last) >= Duration::from_secs(1))
        {
            self.looks.push_back((at, records));
        }
        let seconds = at.since(then).as_secs_f64();
        if seconds > 0.0 {
            records.saturating_sub(before) as f64 / seconds
        } else {
            0.0
        }
    }
}

/// The name of a loss as the API and `/metrics` have it.
fn loss_name(reason: saola_collect::Loss) -> String {
    serde_json::to_value(reason)
        .ok()
        .and_then(|name| name.as_str().map(str::to_owned))
        .unwrap_or_default()
}
