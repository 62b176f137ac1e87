//! `saola replay`: the whole path from bytes to alerts, without a daemon.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context;
use arc_swap::ArcSwap;
use saola_capture::{CaptureError, CaptureFile, Fill, PacketBatch, PacketSource};
use saola_event::{Alert, RawRecord};
use saola_logs::{Config, Parsers};
use serde_json::json;

use super::input::{self, Input, Lines};
use super::output::{LineWriter, say};
use crate::detect::log::{LogPipeline, LogRules, LogSettings, LogSink};
use crate::detect::network::{NetworkPipeline, NetworkSettings, NetworkSink, NetworkTotals, Record};
use crate::detect::rules::{Language, read};

/// Arguments of `saola replay`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Captures (pcap, pcapng) and logs, plain or gzip or zstd; folders; `-` is standard input.
    #[arg(required = true)]
    inputs: Vec<PathBuf>,
    /// Suricata rule files or folders; none: detection on packets is off.
    #[arg(long, value_name = "PATH", num_args = 1..)]
    network_rules: Vec<PathBuf>,
    /// Sigma rule files or folders; none: detection on logs is off.
    #[arg(long, value_name = "PATH", num_args = 1..)]
    log_rules: Vec<PathBuf>,
    /// Any setting of the packet engine, by the name it has in suricata.yaml.
    #[arg(long, value_name = "KEY=VALUE")]
    set: Vec<String>,
    /// Log parser to use; found from each record when absent.
    #[arg(long = "as", value_name = "SOURCE")]
    parser: Option<String>,
    /// Where EVE records of packets go, one JSON object a line; `-` is standard output.
    #[arg(long, value_name = "FILE")]
    eve: Option<PathBuf>,
    /// Where normalised log events go.
    #[arg(long, value_name = "FILE")]
    events: Option<PathBuf>,
    /// Where alerts go. Standard output when nothing else is written.
    #[arg(long, value_name = "FILE")]
    alerts: Option<PathBuf>,
    /// Threads that work on packets and on records; as many as there are cores.
    #[arg(long)]
    threads: Option<usize>,
    /// Ends with one JSON object of figures.
    #[arg(long)]
    stats: bool,
}

/// Packets that travel together from a capture file.
const BATCH_PACKETS: usize = 1024;
const BATCH_BYTES: usize = 1 << 20;
/// Records that travel together from a log file.
const BATCH_RECORDS: usize = 2048;

pub(super) fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let begun = Instant::now();
    let mut replay = Replay::new(args)?;
    let loaded = begun.elapsed();
    for path in input::files(&args.inputs)? {
        replay.input(&path).with_context(|| path.display().to_string())?;
    }
    let damaged = replay.damaged;
    let figures = replay.finish(loaded, begun)?;
    if args.stats {
        say(&figures.to_string())?;
    }
    Ok(if damaged {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    })
}

/// A replay under way.
struct Replay {
    network: NetworkPipeline,
    log: LogPipeline,
    out: Outputs,
    parser: Option<Arc<str>>,
    rules: serde_json::Value,
    damaged: bool,
}

impl Replay {
    fn new(args: &Args) -> anyhow::Result<Self> {
        let threads = args
            .threads
            .unwrap_or_else(|| std::thread::available_parallelism().map_or(1, usize::from))
            .max(1);
        let out = Outputs::open(args)?;
        let mut settings = NetworkSettings::new()?;
        settings.writes_eve = out.eve.is_on();
        for pair in &args.set {
            if !settings.set_pair(pair)? {
                tracing::warn!(
                    setting = pair,
                    "no part of the engine has this setting, it has no effect"
                );
            }
        }
        settings.load_rules(&read(&args.network_rules, Language::Network)?)?;
        let network_rules = settings.rules.load();
        let log_rules = LogRules::load(
            &read(&args.log_rules, Language::Log)?,
            &saola_sigma::LoadOptions::default(),
        );
        let rules = json!({
            "network": { "loaded": network_rules.loaded(), "failed": network_rules.failed() },
            "log": { "loaded": log_rules.loaded(), "failed": log_rules.failed() },
        });
        drop(network_rules);
        let log = LogSettings {
            parsers: Arc::new(Parsers::new(Config::default())),
            rules: Arc::new(ArcSwap::from_pointee(log_rules)),
            hosts: Arc::default(),
            writes_events: out.events.is_on(),
            shift_micros: 0,
        };
        Ok(Self {
            network: NetworkPipeline::start(&Arc::new(settings), threads)?,
            log: LogPipeline::start(&log, threads)?,
            out,
            parser: args.parser.as_deref().map(Arc::from),
            rules,
            damaged: false,
        })
    }

    fn input(&mut self, path: &Path) -> anyhow::Result<()> {
        match input::open(path)? {
            Input::Capture(reader) => self.capture(path, reader)?,
            Input::Lines(lines) => self.lines(lines)?,
        }
        self.out.fault()
    }

    /// A damaged capture is reported and what stands before the damage counts; other inputs go on.
    fn capture(&mut self, path: &Path, reader: Box<dyn std::io::Read + Send>) -> anyhow::Result<()> {
        let mut batch = PacketBatch::new(BATCH_PACKETS, BATCH_BYTES);
        let mut file = CaptureFile::new(reader)?;
        loop {
            let filled = file.fill(&mut batch, Duration::ZERO);
            for packet in batch.iter() {
                self.network.packet(&packet, &mut self.out);
            }
            batch.clear();
            match filled {
                Ok(Fill::End) => return Ok(()),
                Ok(_) => {}
                Err(error @ (CaptureError::Damaged { .. } | CaptureError::CutShort { .. })) => {
                    tracing::error!(path = %path.display(), "{error}");
                    self.damaged = true;
                    return Ok(());
                }
                Err(error) => return Err(error.into()),
            }
        }
    }

    fn lines(&mut self, mut lines: Lines) -> anyhow::Result<()> {
        let source: Arc<str> = Arc::from(lines.name.as_str());
        let agency: Arc<str> = Arc::from("");
        let (mut bytes, mut seq, mut batch) = (Vec::new(), 0, Vec::with_capacity(BATCH_RECORDS));
        while lines.next(&mut bytes)? {
            seq += 1;
            batch.push(RawRecord {
                source: Arc::clone(&source),
                agency: Arc::clone(&agency),
                parser: self.parser.clone(),
                peer: None,
                received_at: lines.written_at,
                seq,
                bytes: bytes.clone(),
            });
            if batch.len() == BATCH_RECORDS {
                let full = std::mem::replace(&mut batch, Vec::with_capacity(BATCH_RECORDS));
                self.log.give(full, &mut self.out);
            }
        }
        self.log.give(batch, &mut self.out);
        self.log.flush(&mut self.out);
        Ok(())
    }

    fn finish(mut self, loaded: Duration, begun: Instant) -> anyhow::Result<serde_json::Value> {
        let NetworkTotals { counters, faults } = self.network.finish(&mut self.out);
        self.log.flush(&mut self.out);
        let totals = self.log.totals();
        let alerts = self.out.alerts_raised;
        self.out.finish()?;
        Ok(json!({
            "packets": counters.packets,
            "bytes": counters.bytes + totals.bytes,
            "events": totals.records,
            "alerts": alerts,
            "drops": {
                "fragments": counters.fragments_dropped,
                "flows_evicted": counters.flows_evicted,
                "tcp_segments": counters.tcp_segments_dropped,
                "engine_faults": faults + totals.faults,
            },
            "unparsed": totals.unparsed,
            "transactions": counters.transactions,
            "network": counters,
            "rules": self.rules,
            "load_seconds": loaded.as_secs_f64(),
            "seconds": begun.elapsed().saturating_sub(loaded).as_secs_f64(),
            "peak_rss_kib": peak_rss_kib(),
        }))
    }
}

/// The files that results go to, and the first fault met in writing them.
struct Outputs {
    eve: LineWriter,
    events: LineWriter,
    alerts: LineWriter,
    alerts_raised: u64,
    first_fault: Option<std::io::Error>,
}

impl Outputs {
    fn open(args: &Args) -> anyhow::Result<Self> {
        let nothing_named =
            args.eve.is_none() && args.events.is_none() && args.alerts.is_none() && !args.stats;
        let alerts = args.alerts.as_deref().or(nothing_named.then_some(Path::new("-")));
        Ok(Self {
            eve: LineWriter::open(args.eve.as_deref())?,
            events: LineWriter::open(args.events.as_deref())?,
            alerts: LineWriter::open(alerts)?,
            alerts_raised: 0,
            first_fault: None,
        })
    }

    fn note(&mut self, written: std::io::Result<()>) {
        if let Err(error) = written {
            self.first_fault.get_or_insert(error);
        }
    }

    fn raise(&mut self, alert: &Alert) {
        self.alerts_raised += 1;
        if self.alerts.is_on() {
            let written = serde_json::to_vec(alert)
                .map_err(Into::into)
                .and_then(|line| self.alerts.line(&line));
            self.note(written);
        }
    }

    /// The first fault of writing: there is no use in going on.
    fn fault(&mut self) -> anyhow::Result<()> {
        match self.first_fault.take() {
            Some(error) => Err(error).context("results cannot be written"),
            None => Ok(()),
        }
    }

    fn finish(mut self) -> anyhow::Result<()> {
        self.fault()?;
        for writer in [self.eve, self.events, self.alerts] {
            writer.finish().context("results cannot be written")?;
        }
        Ok(())
    }
}

impl NetworkSink for Outputs {
    fn record(&mut self, record: Record) {
        if !record.line.is_empty() {
            let written = self.eve.line(&record.line);
            self.note(written);
        }
        if let Some(alert) = record.alert {
            self.raise(&alert);
        }
    }
}

impl LogSink for Outputs {
    fn event(&mut self, line: Vec<u8>) {
        let written = self.events.line(&line);
        self.note(written);
    }

    fn alert(&mut self, alert: Alert) {
        self.raise(&alert);
    }
}

/// Peak memory of this process in KiB, by the system's word; 0 where it says nothing.
fn peak_rss_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|rest| rest.split_whitespace().next()?.parse().ok())
        .unwrap_or(0)
}
