//! The packet stage: one thread for each packet source, which feeds the shards and hands their alerts in.

use std::fs::{File, OpenOptions};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::{Builder, JoinHandle};
use std::time::{Duration, Instant};

use saola_capture::{CaptureStats, Fill, PacketBatch, PacketSource};
use saola_collect::{Health, Loss, now};
use saola_event::Alert;
use tokio_util::sync::CancellationToken;

use super::logs::hand_in;
use super::rules::RuleBook;
use super::sources::Sources;
use crate::commit::Desk;
use crate::detect::network::{NetworkPipeline, NetworkSettings, NetworkSink, Record};
use crate::telemetry::{CollectorEnded, CollectorStarted, Happening, LaneRecovered, Metrics};

/// What a source may make wait: time between two looks at the stop sign, and the latest hand-over of an alert.
const PATIENCE: Duration = Duration::from_millis(100);
const BATCH_PACKETS: usize = 4096;
const BATCH_BYTES: usize = 4 << 20;

/// Everything a packet source's thread works with.
pub(super) struct PacketStage {
    pub(super) name: String,
    pub(super) agency: String,
    pub(super) settings: Arc<NetworkSettings>,
    pub(super) shards: usize,
    pub(super) eve: Option<PathBuf>,
    /// Whether idle time is real time: not for recordings.
    pub(super) live: bool,
    pub(super) rules: Arc<RuleBook>,
    pub(super) sources: Sources,
    pub(super) desk: Desk,
    pub(super) metrics: Metrics,
}

impl PacketStage {
    /// Starts the thread.
    pub(super) fn start(
        self,
        source: Box<dyn PacketSource>,
        stop: CancellationToken,
    ) -> anyhow::Result<JoinHandle<()>> {
        let health = Health::default();
        self.sources
            .add(&self.name, "packet", &self.agency, health.clone());
        let pipeline = NetworkPipeline::start(&self.settings, self.shards)?;
        let eve = self.eve.as_deref().map(open_eve).transpose()?;
        CollectorStarted {
            name: self.name.clone(),
            kind: "packet",
        }
        .emit(&self.metrics);
        let run = move || {
            Running {
                sink: Sink {
                    eve,
                    ..Sink::new(&self)
                },
                stage: self,
                pipeline,
                health,
                counted: CaptureStats::default(),
            }
            .run(source, &stop);
        };
        Ok(Builder::new().name("packets".to_owned()).spawn(run)?)
    }
}

struct Running {
    stage: PacketStage,
    pipeline: NetworkPipeline,
    health: Health,
    counted: CaptureStats,
    sink: Sink,
}

impl Running {
    fn run(mut self, mut source: Box<dyn PacketSource>, stop: &CancellationToken) {
        let fault = self.feed(source.as_mut(), stop);
        self.count(source.as_mut());
        let mut sink = self.sink;
        self.pipeline.finish(&mut sink);
        hand_in(
            std::mem::take(&mut sink.alerts),
            &self.stage.rules,
            &self.stage.metrics,
            &self.stage.desk,
            Vec::new(),
        );
        sink.flush();
        if let Some(fault) = &fault {
            self.stage.sources.failed(&self.stage.name, fault);
        }
        CollectorEnded {
            name: self.stage.name.clone(),
            fault,
        }
        .emit(&self.stage.metrics);
    }

    /// Until the stop, the end of a recording (`None`), or a fault.
    fn feed(&mut self, source: &mut dyn PacketSource, stop: &CancellationToken) -> Option<String> {
        let mut batch = PacketBatch::new(BATCH_PACKETS, BATCH_BYTES);
        let mut flushed = Instant::now();
        while !stop.is_cancelled() {
            let filled = match source.fill(&mut batch, PATIENCE) {
                Ok(filled) => filled,
                Err(error) => return Some(error.to_string()),
            };
            for packet in batch.iter() {
                self.pipeline.packet(&packet, &mut self.sink);
            }
            batch.clear();
            if filled != Fill::Packets || flushed.elapsed() >= PATIENCE {
                flushed = Instant::now();
                if !self.flush(filled == Fill::Idle) {
                    return Some("nobody takes alerts any more".to_owned());
                }
                self.count(source);
            }
            if filled == Fill::End {
                return None;
            }
        }
        None
    }

    fn flush(&mut self, idle: bool) -> bool {
        if idle && self.stage.live {
            self.pipeline.advance(now(), &mut self.sink);
        } else {
            self.pipeline.flush(&mut self.sink);
        }
        let faults = self.pipeline.totals().faults;
        if faults > self.sink.faults {
            self.sink.faults = faults;
            LaneRecovered { engine: "network" }.emit(&self.stage.metrics);
        }
        self.sink.flush();
        let alerts = std::mem::take(&mut self.sink.alerts);
        hand_in(
            alerts,
            &self.stage.rules,
            &self.stage.metrics,
            &self.stage.desk,
            Vec::new(),
        )
    }

    /// Moves the source's own counters into the health that people see.
    fn count(&mut self, source: &mut dyn PacketSource) {
        let stats = source.stats();
        let new = stats.received - self.counted.received;
        if new > 0 {
            self.health
                .received_many(new, stats.bytes - self.counted.bytes, now());
        }
        let drops = stats.kernel_drops.unwrap_or(0) - self.counted.kernel_drops.unwrap_or(0);
        self.health.lost(Loss::Kernel, drops);
        self.health
            .lost(Loss::TooLong, stats.truncated - self.counted.truncated);
        self.counted = stats;
    }
}

/// Alerts that wait for the next hand-over, and the EVE file.
struct Sink {
    source: Arc<str>,
    agency: Arc<str>,
    alerts: Vec<Alert>,
    eve: Option<BufWriter<File>>,
    eve_failed: bool,
    faults: u64,
}

impl Sink {
    fn new(stage: &PacketStage) -> Self {
        let (source, agency) = (Arc::from(stage.name.as_str()), Arc::from(stage.agency.as_str()));
        Self {
            source,
            agency,
            alerts: Vec::new(),
            eve: None,
            eve_failed: false,
            faults: 0,
        }
    }

    fn flush(&mut self) {
        let written = self.eve.as_mut().map_or(Ok(()), BufWriter::flush);
        self.note(written);
    }

    /// Says once that EVE cannot be written; detection goes on.
    fn note(&mut self, written: std::io::Result<()>) {
        if let Err(error) = written
            && !self.eve_failed
        {
            self.eve_failed = true;
            tracing::error!(%error, "eve records cannot be written and are left out from here on");
        }
    }
}

impl NetworkSink for Sink {
    fn record(&mut self, record: Record) {
        if let Some(eve) = self.eve.as_mut().filter(|_| !record.line.is_empty()) {
            let written = eve.write_all(&record.line).and_then(|()| eve.write_all(b"\n"));
            self.note(written);
        }
        if let Some(alert) = record.alert {
            let (source, agency) = (Arc::clone(&self.source), Arc::clone(&self.agency));
            self.alerts.push(Alert {
                source,
                agency,
                ..*alert
            });
        }
    }
}

fn open_eve(path: &Path) -> anyhow::Result<BufWriter<File>> {
    let file = OpenOptions::new().create(true).append(true).open(path);
    let context = || format!("network.eve: {}: cannot be written", path.display());
    Ok(BufWriter::with_capacity(
        1 << 18,
        anyhow::Context::with_context(file, context)?,
    ))
}
