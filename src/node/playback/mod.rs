//! A recording played into a node: its packets as a packet source, its logs as files that grow.
//!
//! Everything passes the stages that live data passes. Time is moved so that the recording ends now, and pressed so that
//! nobody waits for minutes: what was recorded at `start + t` is played after `t / speed`.

mod manifest;

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context;
use saola_capture::{CaptureError, CaptureFile, CaptureStats, Fill, PacketBatch, PacketSource};
use saola_collect::{Timestamp, now};
use saola_event::RawRecord;
use saola_logs::Parsers;
use tokio_util::sync::CancellationToken;

use crate::agency::{Agency, Asset};
use crate::config::{FileSource, Start};
use manifest::Manifest;

/// A recorded piece of a network's life.
pub struct Recording {
    folder: PathBuf,
    manifest: Manifest,
    /// Where its log files grow.
    logs: PathBuf,
    pace: Pace,
}

/// When what was recorded is played.
#[derive(Clone, Copy)]
struct Pace {
    start: Timestamp,
    begun: Instant,
    speed: f64,
    shift_micros: i64,
}

/// How long playing takes, however long the recording is.
const PLAYING_TIME: Duration = Duration::from_secs(40);
/// How often waiting log lines are written.
const WRITE_EVERY: Duration = Duration::from_millis(100);

impl Recording {
    /// Opens a recording's folder; its log files will grow in `logs`.
    pub fn open(folder: &Path, logs: &Path) -> anyhow::Result<Self> {
        let path = folder.join("manifest.toml");
        let text =
            std::fs::read_to_string(&path).with_context(|| format!("{}: cannot be read", path.display()))?;
        let manifest: Manifest = toml::from_str(&text).with_context(|| path.display().to_string())?;
        let length = manifest.recording.end.since(manifest.recording.start);
        let speed = (length.as_secs_f64() / PLAYING_TIME.as_secs_f64()).max(1.0);
        let shift_micros = (now() + PLAYING_TIME).as_micros() - manifest.recording.end.as_micros();
        let pace = Pace {
            start: manifest.recording.start,
            begun: Instant::now(),
            speed,
            shift_micros,
        };
        Ok(Self {
            folder: folder.into(),
            manifest,
            logs: logs.into(),
            pace,
        })
    }

    /// The agencies of the recording.
    pub fn agencies(&self) -> Vec<Agency> {
        self.manifest.agency.clone()
    }

    /// The machines of the recording.
    pub fn assets(&self) -> Vec<Asset> {
        self.manifest.asset.iter().cloned().map(Asset::from).collect()
    }

    /// Its own networks.
    pub fn home_net(&self) -> &[ipnet::IpNet] {
        &self.manifest.recording.home_net
    }

    /// The agency that everything belongs to that names none.
    pub fn first_agency(&self) -> Option<&str> {
        self.manifest.agency.first().map(|agency| &*agency.id)
    }

    /// Sources that follow its log files.
    pub fn file_sources(&self) -> Vec<FileSource> {
        let source = |log: &manifest::Log| FileSource {
            name: log.source_name(),
            path: self.grown(log),
            host: Some(log.host.clone()),
            start: Start::Beginning,
            // Found from each record, as on any site that names none.
            parser: None,
            agency: Some(log.agency.clone()),
        };
        self.manifest.log.iter().map(source).collect()
    }

    /// Makes the log files, empty: followers want to find them.
    pub fn make_files(&self) -> anyhow::Result<()> {
        for log in &self.manifest.log {
            let path = self.grown(log);
            let folder = path.parent().unwrap_or(&self.logs);
            std::fs::create_dir_all(folder)
                .with_context(|| format!("{}: cannot be made", folder.display()))?;
            File::create(&path).with_context(|| format!("{}: cannot be made", path.display()))?;
        }
        Ok(())
    }

    /// Added to recorded times so that the recording ends now.
    pub(super) fn shift_micros(&self) -> i64 {
        self.pace.shift_micros
    }

    /// The sensor's name, its agency, and its packets.
    pub(super) fn packets(&self) -> anyhow::Result<(String, String, Box<dyn PacketSource>)> {
        let capture = self
            .manifest
            .capture
            .first()
            .context("the recording has no capture")?;
        let path = self.folder.join(&capture.path);
        let file = File::open(&path).with_context(|| format!("{}: cannot be read", path.display()))?;
        let file = CaptureFile::new(zstd::Decoder::new(file)?)?;
        let played = Played {
            file,
            ahead: PacketBatch::new(1, 1),
            pace: self.pace,
        };
        Ok((capture.sensor.clone(), capture.agency.clone(), Box::new(played)))
    }

    /// Writes the log lines when they are due.
    pub(super) async fn write_logs(self, stop: CancellationToken) {
        let pace = self.pace;
        let lines = match tokio::task::spawn_blocking(move || self.lines()).await {
            Ok(Ok(lines)) => lines,
            Ok(Err(error)) => return tracing::error!(%error, "the recording's logs cannot be read"),
            Err(_) => return,
        };
        if let Err(error) = write_all(lines, pace, stop).await {
            tracing::error!(%error, "the recording's logs cannot be written on");
        }
    }

    fn grown(&self, log: &manifest::Log) -> PathBuf {
        self.logs
            .join(log.path.trim_start_matches("logs/").trim_end_matches(".zst"))
    }

    /// Every line of every log with the time it was written, in that order.
    fn lines(&self) -> anyhow::Result<Vec<(Timestamp, PathBuf, Vec<u8>)>> {
        let zone_minutes = self.manifest.recording.zone_minutes();
        let parsers = Parsers::new(saola_logs::Config {
            zone_minutes,
            ..saola_logs::Config::default()
        });
        let mut lines = Vec::new();
        for log in &self.manifest.log {
            let text = read_log(&self.folder.join(&log.path))?;
            let mut time = self.manifest.recording.start;
            for line in text.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
                let record = self.record(log, line);
                // A line without a time of its own belongs to the one before it.
                let own = parsers.parse(&record).time;
                time = if own == record.received_at { time } else { own };
                lines.push((time, self.grown(log), line.to_vec()));
            }
        }
        lines.sort_by_key(|(time, ..)| *time);
        Ok(lines)
    }

    fn record(&self, log: &manifest::Log, line: &[u8]) -> RawRecord {
        RawRecord {
            source: Arc::from(log.host.as_str()),
            agency: Arc::from(log.agency.as_str()),
            parser: None,
            peer: None,
            received_at: self.manifest.recording.end,
            seq: 0,
            bytes: line.to_vec(),
        }
    }
}

fn read_log(path: &Path) -> anyhow::Result<Vec<u8>> {
    let read = || {
        let bytes = std::fs::read(path)?;
        if path.extension().is_some_and(|extension| extension == "zst") {
            zstd::decode_all(&bytes[..])
        } else {
            Ok(bytes)
        }
    };
    read().with_context(|| format!("{}: cannot be read", path.display()))
}

async fn write_all(
    lines: Vec<(Timestamp, PathBuf, Vec<u8>)>,
    pace: Pace,
    stop: CancellationToken,
) -> std::io::Result<()> {
    let mut lines = lines.into_iter().peekable();
    while lines.peek().is_some() {
        while let Some((_, path, mut line)) = lines.next_if(|(time, ..)| pace.is_due(*time)) {
            line.push(b'\n');
            OpenOptions::new().append(true).open(path)?.write_all(&line)?;
        }
        tokio::select! {
            () = stop.cancelled() => return Ok(()),
            () = tokio::time::sleep(WRITE_EVERY) => {}
        }
    }
    Ok(())
}

impl Pace {
    fn is_due(&self, recorded: Timestamp) -> bool {
        recorded.since(self.start).as_secs_f64() <= self.begun.elapsed().as_secs_f64() * self.speed
    }

    fn moved(&self, recorded: Timestamp) -> Timestamp {
        Timestamp::from_micros(recorded.as_micros() + self.shift_micros)
    }
}

/// A capture file that gives its packets when they are due.
struct Played {
    file: CaptureFile,
    /// The packet that is not due yet.
    ahead: PacketBatch,
    pace: Pace,
}

impl PacketSource for Played {
    fn fill(&mut self, batch: &mut PacketBatch, patience: Duration) -> Result<Fill, CaptureError> {
        while !batch.is_full() {
            if self.ahead.is_empty() {
                let filled = self.file.fill(&mut self.ahead, Duration::ZERO)?;
                if filled == Fill::End && self.ahead.is_empty() {
                    return Ok(Fill::End);
                }
            }
            let due = self
                .ahead
                .iter()
                .next()
                .is_none_or(|packet| self.pace.is_due(packet.time));
            if !due {
                if batch.is_empty() {
                    std::thread::sleep(patience);
                    return Ok(Fill::Idle);
                }
                break;
            }
            for packet in self.ahead.iter() {
                batch.push(saola_capture::CapturedPacket {
                    time: self.pace.moved(packet.time),
                    ..packet
                });
            }
            self.ahead.clear();
        }
        Ok(Fill::Packets)
    }

    fn stats(&mut self) -> CaptureStats {
        CaptureStats {
            kernel_drops: Some(0),
            ..self.file.stats()
        }
    }
}
