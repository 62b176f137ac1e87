//! Log records on all cores: parsed, held against the rules, put back in the order of their arrival.

mod lane;
mod rules;

use std::sync::Arc;

use saola_event::{Alert, RawRecord};
use saola_logs::Parsers;

use super::lanes::Lanes;
use lane::{LogLane, Part, Yield};
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
    pub rules: Arc<arc_swap::ArcSwap<LogRules>>,
    /// Whether events are written.
    pub writes_events: bool,
    /// Added to every event's time: a recording is shown as if it happened now.
    pub shift_micros: i64,
}

/// The log pipeline.
pub struct LogPipeline {
    lanes: Lanes<LogLane>,
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
            lanes: Lanes::start("logs", lanes)?,
            totals: LogTotals::default(),
        })
    }

    /// Gives records in; results of earlier ones may come out.
    pub fn give(&mut self, records: Vec<RawRecord>, sink: &mut impl LogSink) {
        while self.lanes.is_full() {
            self.collect(sink);
        }
        let count = self.lanes.count();
        let share = records.len().div_ceil(count).max(1);
        let mut rest = records.into_iter();
        self.lanes.give(
            (0..count)
                .map(|_| Part(rest.by_ref().take(share).collect()))
                .collect(),
        );
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

    fn collect(&mut self, sink: &mut impl LogSink) {
        for Yield {
            totals,
            events,
            alerts,
        } in self.lanes.take().unwrap_or_default()
        {
            self.totals.add(totals);
            events.into_iter().for_each(|line| sink.event(line));
            alerts.into_iter().for_each(|alert| sink.alert(alert));
        }
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
