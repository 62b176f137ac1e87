//! The durable queue between the collectors and the log stage, and its figures for `/metrics`.

use std::sync::Arc;
use std::thread::JoinHandle;

use anyhow::Context;
use saola_collect::{Batch, Sink};
use saola_queue::{Figures, Queue, QueueConfig};
use tokio::sync::mpsc::Receiver;

use crate::config::Config;
use crate::telemetry::{Metrics, ScrapeLabels, SourceCounters};

/// A file of the queue is deleted when all in it is settled: small enough to give room back soon.
const SEGMENT_BYTES: u64 = 64 << 20;
/// Batches of records that may wait for the log stage; the queue itself is on disk.
const STAGE_BATCHES: usize = 64;

/// What runs: the threads, and the end that the log stage reads.
pub(super) struct QueueStage {
    pub(super) threads: Vec<JoinHandle<()>>,
    pub(super) batches: Receiver<Batch>,
}

/// Opens the queue and starts it on what the collectors send. Without one, the log stage reads them directly: an alert
/// that was journalled just before a kill cannot then be raised again by a record that is given twice.
pub(super) fn start(config: &Config, from: Receiver<Batch>, metrics: &Metrics) -> anyhow::Result<QueueStage> {
    if config.intake.queue_bytes == 0 {
        let threads = Vec::new();
        return Ok(QueueStage {
            threads,
            batches: from,
        });
    }
    let queue = Queue::open(QueueConfig {
        folder: config.data_folder.join("queue"),
        max_bytes: config.intake.queue_bytes,
        segment_bytes: SEGMENT_BYTES.min(config.intake.queue_bytes / 4),
    })
    .context("intake")?;
    metrics.add_source(QueueFigures(queue.figures()));
    let (sink, batches): (Sink, _) = saola_collect::channel(STAGE_BATCHES);
    let threads = queue.start(from, sink).context("intake")?;
    Ok(QueueStage { threads, batches })
}

/// The queue's figures.
struct QueueFigures(Arc<Figures>);

impl SourceCounters for QueueFigures {
    fn read(&self) -> Vec<(&'static str, ScrapeLabels, u64)> {
        let figures = &self.0;
        [
            ("queue_records", figures.records()),
            ("queue_syncs", figures.syncs()),
            ("queue_waiting_bytes", figures.waiting_bytes()),
            ("queue_damaged", figures.damaged()),
            ("queue_repeated", figures.repeated()),
            ("queue_failing", u64::from(figures.is_failing())),
        ]
        .into_iter()
        .map(|(name, value)| (name, Vec::new(), value))
        .collect()
    }
}
