//! The log stage: one plain thread between the collectors' sink and the desk.

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
}

impl LogStage {
    /// Starts the thread. It ends when every collector's sink is gone, having handed in what was left.
    pub(super) fn start(self, batches: Receiver<Batch>) -> std::io::Result<JoinHandle<()>> {
        let pipeline = LogPipeline::start(&self.settings, self.lanes)?;
        Builder::new()
            .name("log-stage".to_owned())
            .spawn(move || self.run(pipeline, batches))
    }

    fn run(self, mut pipeline: LogPipeline, mut batches: Receiver<Batch>) {
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
            let mut raised = Raised::default();
            pipeline.give(records, &mut raised);
            pipeline.flush(&mut raised);
            let now_faults = pipeline.totals().faults;
            if now_faults > faults {
                faults = now_faults;
                LaneRecovered { engine: "log" }.emit(&self.metrics);
            }
            if !hand_in(raised.0, &self.rules, &self.metrics, &self.desk, taken) {
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

/// Alerts of one round.
#[derive(Default)]
struct Raised(Vec<Alert>);

impl LogSink for Raised {
    fn event(&mut self, _line: Vec<u8>) {}

    fn alert(&mut self, alert: Alert) {
        self.0.push(alert);
    }
}
