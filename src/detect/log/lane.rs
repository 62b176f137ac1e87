//! One lane: parses its records and evaluates the plan over each.

use std::time::Duration;

use saola_event::{Alert, Event, RawRecord};
use saola_logs::UNPARSED;
use saola_sigma::Scratch;

use super::{LogSettings, LogTotals};
use crate::detect::lanes::Lane;

/// A lane's records of one batch.
pub(super) struct Part(pub(super) Vec<RawRecord>);

/// What a lane made of them.
#[derive(Default)]
pub(super) struct Yield {
    pub(super) totals: LogTotals,
    pub(super) events: Vec<Vec<u8>>,
    pub(super) alerts: Vec<Alert>,
}

/// A lane's settings and its memory of repeated values.
pub(super) struct LogLane {
    settings: LogSettings,
    scratch: Scratch,
}

impl LogLane {
    pub(super) fn new(settings: LogSettings) -> Self {
        Self {
            settings,
            scratch: Scratch::new(),
        }
    }

    fn record(&mut self, record: &RawRecord, made: &mut Yield) {
        let mut event = self.settings.parsers.parse(record);
        self.shift(&mut event);
        made.totals.records += 1;
        made.totals.bytes += record.bytes.len() as u64;
        made.totals.unparsed += u64::from(event.parser == UNPARSED);
        let rules = self.settings.rules.load();
        rules.alerts(&event, &mut self.scratch, &mut made.alerts);
        if self.settings.writes_events {
            // Writing JSON to memory fails for keys that are no texts only; field names are texts.
            made.events.push(serde_json::to_vec(&event).unwrap_or_default());
        }
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

    fn run(&mut self, Part(records): Part) -> Yield {
        let mut made = Yield::default();
        records.iter().for_each(|record| self.record(record, &mut made));
        made.totals.alerts = made.alerts.len() as u64;
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
