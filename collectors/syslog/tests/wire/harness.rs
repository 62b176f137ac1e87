//! A collector at work, and what comes out of it.

use std::time::Duration;

use saola_collect::{Batch, CollectError, Collector, HealthSnapshot, Loss, RawRecord, channel};
use tokio::sync::mpsc::Receiver;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// Long enough for a loaded machine; a test that gets what it waits for never waits so long.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

pub(crate) struct Running {
    pub(crate) pipeline: Receiver<Batch>,
    waiting: Vec<RawRecord>,
    pub(crate) health: saola_collect::Health,
    stop: CancellationToken,
    task: JoinHandle<Result<(), CollectError>>,
}

impl Running {
    pub(crate) fn start(collector: impl Collector + 'static, capacity: usize) -> Self {
        let (sink, pipeline) = channel(capacity);
        let (health, stop) = (collector.health(), CancellationToken::new());
        let task = tokio::spawn(Box::new(collector).run(sink, stop.clone()));
        Self {
            pipeline,
            waiting: Vec::new(),
            health,
            stop,
            task,
        }
    }

    pub(crate) async fn records(&mut self, count: usize) -> Vec<RawRecord> {
        while self.waiting.len() < count {
            let batch = tokio::time::timeout(PATIENCE, self.pipeline.recv())
                .await
                .expect("a batch in time")
                .unwrap();
            self.waiting.extend(batch.records);
        }
        self.waiting.drain(..count).collect()
    }

    pub(crate) async fn texts(&mut self, count: usize) -> Vec<String> {
        let records = self.records(count).await;
        records
            .iter()
            .map(|record| String::from_utf8_lossy(&record.bytes).into_owned())
            .collect()
    }

    /// Waits until the counters satisfy a wish.
    pub(crate) async fn until(&self, wish: impl Fn(&HealthSnapshot) -> bool) -> HealthSnapshot {
        let poll = async {
            loop {
                let snapshot = self.health.snapshot();
                if wish(&snapshot) {
                    return snapshot;
                }
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(PATIENCE, poll)
            .await
            .expect("the counters in time")
    }

    pub(crate) async fn stop(mut self) -> Vec<RawRecord> {
        self.stop.cancel();
        self.task.await.unwrap().unwrap();
        while let Some(batch) = self.pipeline.recv().await {
            self.waiting.extend(batch.records);
        }
        self.waiting
    }
}

pub(crate) fn lost(snapshot: &HealthSnapshot, reason: Loss) -> u64 {
    snapshot
        .lost
        .iter()
        .find(|(loss, _)| *loss == reason)
        .map_or(0, |(_, count)| *count)
}
