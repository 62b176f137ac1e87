//! Log records on all cores: parsed, held against the rules, put back in the order of their arrival.

mod correlation;
mod lane;
mod rules;

use std::collections::{HashMap, VecDeque};
use std::net::IpAddr;
use std::sync::Arc;

use arc_swap::ArcSwap;
use saola_event::{Alert, RawRecord};
use saola_logs::Parsers;

use super::lanes::Lanes;
use correlation::Correlation;
use lane::{Found, LogLane, Part, Yield};
pub use rules::LogRules;

/// Takes what the log pipeline makes, in the order of the records.
pub trait LogSink {
    /// The normalised event as one line of JSON; asked for by [`LogSettings::writes_events`].
    fn event(&mut self, line: Vec<u8>);
    /// A rule fired.
    fn alert(&mut self, alert: Alert);
}

/// What a log pipeline is made from.
#[derive(Clone)]
pub struct LogSettings {
    /// The parsers.
    pub parsers: Arc<Parsers>,
    /// The rules in force; swapped whole on reload.
    pub rules: Arc<ArcSwap<LogRules>>,
    /// By source, the machine whose logs it brings, for logs that do not say it themselves.
    pub hosts: Arc<HashMap<String, String>>,
    /// Whether events are written.
    pub writes_events: bool,
    /// Added to every event's time: a recording is shown as if it happened now.
    pub shift_micros: i64,
}

/// The log pipeline.
pub struct LogPipeline {
    rules: Arc<ArcSwap<LogRules>>,
    lanes: Lanes<LogLane>,
    /// The rules of each batch under way, oldest first.
    under_way: VecDeque<Arc<LogRules>>,
    correlation: Correlation,
    hosts: Arc<HashMap<String, String>>,
    totals: LogTotals,
}

/// What the pipeline counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LogTotals {
    /// Records taken.
    pub records: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Records that no parser knew; they are kept whole.
    pub unparsed: u64,
    /// Alerts raised.
    pub alerts: u64,
    /// Times a lane met a fault of its own and went on with fresh state; the records of that part were not examined.
    pub faults: u64,
}

impl LogPipeline {
    /// A pipeline of `lanes` lanes.
    pub fn start(settings: &LogSettings, lanes: usize) -> std::io::Result<Self> {
        let lanes = (0..lanes.max(1))
            .map(|_| LogLane::new(settings.clone()))
            .collect();
        Ok(Self {
            rules: Arc::clone(&settings.rules),
            lanes: Lanes::start("logs", lanes)?,
            under_way: VecDeque::new(),
            correlation: Correlation::new(&settings.rules.load_full()),
            hosts: Arc::clone(&settings.hosts),
            totals: LogTotals::default(),
        })
    }

    /// Gives records in; results of earlier ones may come out.
    pub fn give(&mut self, records: Vec<RawRecord>, sink: &mut impl LogSink) {
        while self.lanes.is_full() {
            self.collect(sink);
        }
        let rules = self.rules.load_full();
        let count = self.lanes.count();
        let share = records.len().div_ceil(count).max(1);
        let mut rest = records.into_iter();
        let parts = (0..count).map(|_| Part {
            records: rest.by_ref().take(share).collect(),
            rules: Arc::clone(&rules),
        });
        self.lanes.give(parts.collect());
        self.under_way.push_back(rules);
        if count == 1 {
            self.collect(sink);
        }
    }

    /// Waits for everything that was given.
    pub fn flush(&mut self, sink: &mut impl LogSink) {
        while self.lanes.in_flight() > 0 {
            self.collect(sink);
        }
    }

    /// What was counted of the records whose results came out.
    pub fn totals(&self) -> LogTotals {
        self.totals
    }

    /// Takes the oldest batch back. Correlations are asked here, in the order of the records, so that their answer does
    /// not depend on the number of lanes.
    fn collect(&mut self, sink: &mut impl LogSink) {
        let (Some(yields), Some(rules)) = (self.lanes.take(), self.under_way.pop_front()) else {
            return;
        };
        self.correlation.use_rules(&rules);
        for Yield {
            totals,
            events,
            found,
        } in yields
        {
            self.totals.add(totals);
            for line in events {
                sink.event(line);
            }
            for found in found {
                self.found(found, sink);
            }
        }
    }

    fn found(&mut self, found: Found, sink: &mut impl LogSink) {
        match found {
            Found::Alert(alert) => sink.alert(*alert),
            Found::Match(rule, event) => {
                for mut alert in self.correlation.observe(rule, &event) {
                    name_host(&mut alert, &self.hosts, None);
                    self.totals.alerts += 1;
                    sink.alert(alert);
                }
            }
        }
    }
}

/// Names the machine that an alert's log belongs to where the record itself does not.
fn name_host(alert: &mut Alert, hosts: &HashMap<String, String>, peer: Option<IpAddr>) {
    let entities = &mut alert.entities;
    if entities.host.is_none() {
        entities.host = hosts
            .get(&*alert.source)
            .cloned()
            .or_else(|| peer.map(|peer| peer.to_string()));
    }
}

impl LogTotals {
    fn add(&mut self, other: Self) {
        self.records += other.records;
        self.bytes += other.bytes;
        self.unparsed += other.unparsed;
        self.alerts += other.alerts;
        self.faults += other.faults;
    }
}
