//! The log stage: one plain thread between the collectors' sink and the desk.

use std::fs::{File, OpenOptions};
use std::io::{BufWriter, Write};
use std::path::PathBuf;
use std::sync::Arc;
use std::thread::{Builder, JoinHandle};

use saola_collect::Batch;
use saola_event::Alert;
use tokio::sync::mpsc::Receiver;

use super::rules::RuleBook;
use crate::commit::Desk;
use crate::detect::log::{LogPipeline, LogSettings, LogSink};
use crate::telemetry::{Happening, LaneRecovered, Metrics};

/// Records examined together at most; what waits beyond comes with the next round.
const MOST_RECORDS: usize = 16_384;

/// Everything the stage works with.
pub(super) struct LogStage {
    pub(super) settings: LogSettings,
    pub(super) lanes: usize,
    pub(super) rules: Arc<RuleBook>,
    pub(super) desk: Desk,
    pub(super) metrics: Metrics,
    /// Where events are written as JSON lines, for other readers.
    pub(super) events: Option<PathBuf>,
}

impl LogStage {
    /// Starts the thread. It ends when every collector's sink is gone, having handed in what was left.
    pub(super) fn start(self, batches: Receiver<Batch>) -> std::io::Result<JoinHandle<()>> {
        let pipeline = LogPipeline::start(&self.settings, self.lanes)?;
        let events = self.events.as_ref().map(|path| {
            let file = OpenOptions::new().create(true).append(true).open(path);
            let named = |error: std::io::Error| {
                std::io::Error::new(
                    error.kind(),
                    format!("intake.events: {}: {error}", path.display()),
                )
            };
            file.map(BufWriter::new).map_err(named)
        });
        let events = events.transpose()?;
        Builder::new()
            .name("log-stage".to_owned())
            .spawn(move || self.run(pipeline, batches, events))
    }

    fn run(self, mut pipeline: LogPipeline, mut batches: Receiver<Batch>, events: Option<BufWriter<File>>) {
        let mut raised = Raised {
            alerts: Vec::new(),
            events,
            unwritten: false,
        };
        let mut faults = 0;
        while let Some(first) = batches.blocking_recv() {
            let mut taken = vec![first];
            let mut count = taken.iter().map(|batch| batch.records.len()).sum::<usize>();
            while count < MOST_RECORDS
                && let Ok(next) = batches.try_recv()
            {
                count += next.records.len();
                taken.push(next);
            }
            let records = taken
                .iter_mut()
                .flat_map(|batch| std::mem::take(&mut batch.records))
                .collect();
            pipeline.give(records, &mut raised);
            pipeline.flush(&mut raised);
            let now_faults = pipeline.totals().faults;
            if now_faults > faults {
                faults = now_faults;
                LaneRecovered { engine: "log" }.emit(&self.metrics);
            }
            if !raised.flush() {
                // What is not written is not settled: the queue gives it again.
                tracing::warn!("intake.events cannot be written; the records wait in the queue");
                raised.alerts.clear();
                continue;
            }
            let alerts = std::mem::take(&mut raised.alerts);
            if !hand_in(alerts, &self.rules, &self.metrics, &self.desk, taken) {
                return;
            }
        }
    }
}

/// Hands alerts in and settles the batches they came from once they are safe. `false`: the writer is gone.
pub(super) fn hand_in(
    alerts: Vec<Alert>,
    rules: &RuleBook,
    metrics: &Metrics,
    desk: &Desk,
    batches: Vec<Batch>,
) -> bool {
    let settle = move || batches.into_iter().for_each(Batch::settle);
    if alerts.is_empty() {
        settle();
        return true;
    }
    for alert in &alerts {
        rules.count(&alert.rule);
        metrics.alert_raised(engine_name(alert.engine));
    }
    // A batch that is not settled is not acknowledged: its sender sends it again.
    let receipt = move |answer: Result<(), _>| {
        if answer.is_ok() {
            settle();
        }
    };
    desk.alerts(alerts, Some(Box::new(receipt))).is_ok()
}

fn engine_name(engine: saola_event::Engine) -> &'static str {
    match engine {
        saola_event::Engine::Network => "network",
        saola_event::Engine::Log => "log",
        saola_event::Engine::Correlation => "correlation",
        saola_event::Engine::System => "system",
    }
}

/// What one round makes: alerts, and events for the file.
struct Raised {
    alerts: Vec<Alert>,
    events: Option<BufWriter<File>>,
    /// An event of this round could not be written.
    unwritten: bool,
}

impl Raised {
    /// Hands the round's events to the system; false when they could not all be written.
    fn flush(&mut self) -> bool {
        let flushed = self.events.as_mut().is_none_or(|events| events.flush().is_ok());
        flushed && !std::mem::take(&mut self.unwritten)
    }
}

impl LogSink for Raised {
    fn event(&mut self, mut line: Vec<u8>) {
        line.push(b'\n');
        if let Some(events) = &mut self.events {
            self.unwritten |= events.write_all(&line).is_err();
        }
    }

    fn alert(&mut self, alert: Alert) {
        self.alerts.push(alert);
    }
}
