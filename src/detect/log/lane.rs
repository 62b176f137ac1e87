//! One lane: parses its records and evaluates the plan over each.

use std::sync::Arc;
use std::time::Duration;

use saola_event::{Alert, Event, RawRecord};
use saola_logs::{Arena, UNPARSED};
use saola_sigma::Scratch;

use super::rules::LogRules;
use super::{LogSettings, LogTotals};
use crate::detect::lanes::Lane;

/// A lane's records of one batch, and the rules for it: the same for all lanes.
pub(super) struct Part {
    pub(super) records: Vec<RawRecord>,
    pub(super) rules: Arc<LogRules>,
}

/// What a lane made of them.
#[derive(Default)]
pub(super) struct Yield {
    pub(super) totals: LogTotals,
    pub(super) events: Vec<Vec<u8>>,
    pub(super) found: Vec<Found>,
}

/// What came of one record.
pub(super) enum Found {
    /// An alert by itself.
    Alert(Box<Alert>),
    /// A match that correlations have to see, in the order of the records: the rule's index and the event.
    Match(usize, Arc<Event<'static>>),
}

/// A lane's settings and its memory of repeated values.
pub(super) struct LogLane {
    settings: LogSettings,
    scratch: Scratch,
    /// Texts of the event at hand that had to be unescaped.
    arena: Arena,
}

impl LogLane {
    pub(super) fn new(settings: LogSettings) -> Self {
        Self {
            settings,
            scratch: Scratch::new(),
            arena: Arena::new(),
        }
    }

    fn record(&mut self, record: &RawRecord, rules: &LogRules, made: &mut Yield) {
        self.arena.reset();
        let mut event = self.settings.parsers.parse_in(record, &self.arena);
        self.shift(&mut event);
        made.totals.records += 1;
        made.totals.bytes += record.bytes.len() as u64;
        made.totals.unparsed += u64::from(event.parser == UNPARSED);
        let (mut matches, mut alerts) = (Vec::new(), Vec::new());
        rules.matches(&event, &mut self.scratch, |index, alert| {
            matches.push(index);
            alerts.extend(alert);
        });
        for mut alert in alerts {
            self.name_host(&mut alert, record);
            made.totals.alerts += 1;
            made.found.push(Found::Alert(Box::new(alert)));
        }
        if self.settings.writes_events {
            // Writing JSON to memory fails for keys that are no texts only; field names are texts.
            made.events.push(serde_json::to_vec(&event).unwrap_or_default());
        }
        if rules.correlates() && !matches.is_empty() {
            let event = Arc::new(event.into_owned());
            made.found.extend(
                matches
                    .into_iter()
                    .map(|index| Found::Match(index, Arc::clone(&event))),
            );
        }
    }

    /// Many logs do not say whose they are (an access log has no host name): the source's configuration does, or else
    /// the address that sent the record.
    fn name_host(&self, alert: &mut Alert, record: &RawRecord) {
        super::name_host(alert, &self.settings.hosts, record.peer);
    }

    fn shift(&self, event: &mut Event<'_>) {
        let size = Duration::from_micros(self.settings.shift_micros.unsigned_abs());
        event.time = if self.settings.shift_micros < 0 {
            event.time - size
        } else {
            event.time + size
        };
    }
}

impl Lane for LogLane {
    type Part = Part;
    type Yield = Yield;

    fn run(&mut self, Part { records, rules }: Part) -> Yield {
        let mut made = Yield::default();
        for record in &records {
            self.record(record, &rules, &mut made);
        }
        made
    }

    fn recover(&mut self) -> Yield {
        self.scratch = Scratch::new();
        Yield {
            totals: LogTotals {
                faults: 1,
                ..LogTotals::default()
            },
            ..Yield::default()
        }
    }
}
