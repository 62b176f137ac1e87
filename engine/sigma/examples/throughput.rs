//! How many events a second are parsed and matched, on one thread.
//!
//! `cargo run --release --example throughput -p saola-sigma -- RULES_DIR EVENTS.jsonl [ROUNDS [RULES [THREADS]]]`
//!
//! With RULES the set is repeated with other ids and other literals until there are so many; with THREADS the events are
//! dealt out to so many threads, each with its own state, and the rate is by wall clock.
//!
//! Every line goes through the real parsers (`saola-logs`), which also decide its log sources, and then through the plan
//! of all rules in the folder, one event at a time as in the daemon. Parsing is timed by a pass of its own; the time of
//! matching is what a pass with both takes more. Rates are per second of processor time of this thread, so that other work on the machine
//! distorts them less. The last line is one JSON object with the median round.

#![allow(clippy::print_stdout, clippy::unwrap_used)]

use std::hint::black_box;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use saola_event::{RawRecord, Timestamp};
use saola_logs::{Arena, Config, Parsers};
use saola_sigma::{LoadOptions, Plan, RuleSet, RuleText, Scratch};

/// Processor time of this thread; wall time where the system does not tell.
struct Stopwatch {
    zero: Instant,
    last: Duration,
}

impl Stopwatch {
    fn new() -> Self {
        let mut watch = Self {
            zero: Instant::now(),
            last: Duration::ZERO,
        };
        watch.lap();
        watch
    }

    /// Seconds since the last lap.
    fn lap(&mut self) -> f64 {
        let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
        let nanos = text.split(' ').next().and_then(|first| first.parse().ok());
        let now = nanos.map_or_else(|| self.zero.elapsed(), Duration::from_nanos);
        let lap = now.saturating_sub(self.last);
        self.last = now;
        lap.as_secs_f64()
    }
}

fn main() {
    let mut arguments = std::env::args().skip(1);
    let rules = arguments.next().expect("a folder of rules");
    let path = arguments.next().expect("a file of JSON lines");
    let mut number = || arguments.next().map(|text| text.parse::<usize>().unwrap());
    let (rounds, wanted, threads) = (number().unwrap_or(5), number(), number().unwrap_or(1));

    let mut watch = Stopwatch::new();
    let (plan, compile_s) = plan(&rules, wanted, &mut watch);
    let records = records(&path);
    if threads > 1 {
        return parallel(&plan, &records, threads, rounds);
    }
    let parsers = Parsers::new(Config::default());
    let mut arena = Arena::new();
    let mut laps = Vec::new();
    for _ in 0..rounds.max(1) {
        watch.lap();
        for record in &records {
            black_box(parsers.parse_in(record, &arena));
            arena.reset();
        }
        let parse_s = watch.lap();
        let mut scratch = Scratch::new();
        let mut fired = vec![0_u32; plan.rule_set().rules().len()];
        for record in &records {
            let event = parsers.parse_in(record, &arena);
            for rule in plan.evaluate(&event, &mut scratch) {
                fired[*rule] += 1;
            }
            drop(event);
            arena.reset();
        }
        let total_s = watch.lap();
        let match_s = (total_s - parse_s).max(f64::EPSILON);
        let rules_fired = fired.iter().filter(|count| **count > 0).count();
        println!(
            "parse {parse_s:.3} s, match {match_s:.3} s, {rules_fired} rules fired, {:?}",
            scratch.counts
        );
        laps.push((total_s, parse_s, match_s, rules_fired, scratch.counts.matches));
    }
    laps.sort_by(|a, b| a.0.total_cmp(&b.0));
    let (total_s, parse_s, match_s, rules_fired, matches) = laps[laps.len() / 2];
    let rate = |seconds: f64| (records.len() as f64 / seconds).round();
    let line = serde_json::json!({
        "corpus": path, "events": records.len(), "rules": plan.rule_set().rules().len(), "compile_s": compile_s,
        "parse_events_s": rate(parse_s), "match_events_s": rate(match_s), "events_s": rate(total_s),
        "rules_fired": rules_fired, "matches": matches, "peak_rss_mb": peak_rss_mb(),
    });
    println!("{line}");
}

/// The best of some rounds with the records dealt out to threads.
fn parallel(plan: &Plan, records: &[RawRecord], threads: usize, rounds: usize) {
    let parsers = Parsers::new(Config::default());
    let share = records.len().div_ceil(threads);
    let mut best = f64::INFINITY;
    for _ in 0..rounds.max(1) {
        let begun = Instant::now();
        std::thread::scope(|scope| {
            for part in records.chunks(share) {
                scope.spawn(|| one_thread(plan, &parsers, part));
            }
        });
        best = best.min(begun.elapsed().as_secs_f64());
    }
    let rate = (records.len() as f64 / best).round();
    println!(
        "{}",
        serde_json::json!({ "threads": threads, "events": records.len(), "wall_events_s": rate })
    );
}

fn one_thread(plan: &Plan, parsers: &Parsers, records: &[RawRecord]) {
    let (mut scratch, mut arena) = (Scratch::new(), Arena::new());
    for record in records {
        let event = parsers.parse_in(record, &arena);
        black_box(plan.evaluate(&event, &mut scratch));
        drop(event);
        arena.reset();
    }
}

/// A rule with another id, and other literals where a line of its detection ends in a quoted text.
fn variant(text: &str, copy: usize) -> String {
    let mut within = false;
    let changed = |line: &str| match line.strip_suffix('\'') {
        Some(start) if !line.contains("|re") && !line.contains("cidr") => format!("{start}v{copy}'"),
        _ => line.to_owned(),
    };
    let lines = text.lines().map(|line| {
        within = (within || line.starts_with("detection:")) && !line.trim_start().starts_with("condition:");
        match line.strip_prefix("id: ") {
            Some(id) => format!("id: {}{copy:x}", id.get(..35).unwrap_or(id)),
            None if within => changed(line),
            None => line.to_owned(),
        }
    });
    lines.collect::<Vec<_>>().join("\n")
}

fn plan(folder: &str, wanted: Option<usize>, watch: &mut Stopwatch) -> (Plan, f64) {
    let mut texts = Vec::new();
    collect(Path::new(folder), &mut texts);
    let first = texts.clone();
    for copy in 1..16 {
        let missing = wanted.unwrap_or(0).saturating_sub(texts.len());
        let copies = first
            .iter()
            .map(|(path, text)| (format!("{path}#{copy}"), variant(text, copy)));
        texts.extend(copies.take(missing));
    }
    watch.lap();
    let (set, diagnostics) = RuleSet::load(
        texts.iter().map(|(path, text)| RuleText { path, text }),
        &LoadOptions::default(),
    );
    let load_s = watch.lap();
    let plan = Plan::compile(Arc::new(set));
    let compile_s = watch.lap();
    let rules = plan.rule_set().rules().len();
    println!(
        "{} texts, {rules} rules, {} atoms; load {load_s:.3} s, compile {compile_s:.3} s",
        texts.len(),
        plan.atoms()
    );
    for diagnostic in diagnostics.iter().take(20) {
        println!("{diagnostic}");
    }
    (plan, load_s + compile_s)
}

fn records(path: &str) -> Vec<RawRecord> {
    let text = std::fs::read_to_string(path).unwrap();
    let record = |(seq, line): (u64, &str)| RawRecord {
        source: "bench".into(),
        agency: "bench".into(),
        parser: None,
        peer: None,
        received_at: Timestamp::from_secs_micros(1_750_000_000, 0),
        seq,
        bytes: line.as_bytes().to_vec(),
    };
    (0..).zip(text.lines()).map(record).collect()
}

fn collect(folder: &Path, texts: &mut Vec<(String, String)>) {
    let mut entries: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            collect(&path, texts);
        } else if path.extension().is_some_and(|extension| extension == "yml") {
            texts.push((
                path.display().to_string(),
                std::fs::read_to_string(&path).unwrap(),
            ));
        }
    }
}

/// High-water mark of this process, which holds the whole corpus as well.
fn peak_rss_mb() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    let kib: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kib / 1024)
}
