//! How many events a second the plan matches, apart from the time to parse them.
//!
//! `cargo run --release --example throughput -p saola-sigma -- RULES_DIR EVENTS.jsonl [ROUNDS]`
//!
//! Events are JSON lines. Their log sources are taken from the keys `product`, `service`, `category` where they have
//! them, and from a small table of Windows channels. Rates are per second of processor time, so that other work on the
//! machine distorts them less.

#![allow(clippy::print_stdout, clippy::unwrap_used, clippy::disallowed_methods)]

#[path = "../tests/common/json.rs"]
mod json;
#[path = "../tests/common/windows.rs"]
mod windows;

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use saola_sigma::{LoadOptions, Plan, RuleSet, RuleText, Scratch};

/// Processor time of this thread; wall time where the system does not tell.
fn cpu(started: Instant) -> Duration {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let nanos = text.split(' ').next().and_then(|first| first.parse().ok());
    nanos.map_or_else(|| started.elapsed(), Duration::from_nanos)
}

fn main() {
    let zero = Instant::now();
    let mut arguments = std::env::args().skip(1);
    let rules = arguments.next().expect("a folder of rules");
    let path = arguments.next().expect("a file of JSON lines");
    let rounds: u32 = arguments.next().map_or(3, |text| text.parse().unwrap());

    let mut texts = Vec::new();
    collect(Path::new(&rules), &mut texts);
    let started = cpu(zero);
    let (set, diagnostics) = RuleSet::load(
        texts.iter().map(|(path, text)| RuleText { path, text }),
        &LoadOptions::default(),
    );
    let loaded = cpu(zero) - started;
    let plan = Plan::compile(Arc::new(set));
    println!(
        "{} texts, {} rules, {} diagnostics, {} atoms; load {loaded:.2?}, compile {:.2?}",
        texts.len(),
        plan.rule_set().rules().len(),
        diagnostics.len(),
        plan.atoms(),
        cpu(zero) - started - loaded,
    );
    for diagnostic in diagnostics.iter().take(20) {
        println!("{diagnostic}");
    }

    let text = std::fs::read_to_string(path).unwrap();
    let started = cpu(zero);
    let mut sources = windows::SourceTable::default();
    let events: Vec<_> = text.lines().map(|line| json::event(line, &mut sources)).collect();
    let parsed = cpu(zero) - started;
    println!(
        "{} events; parse {:.0} events/s",
        events.len(),
        events.len() as f64 / parsed.as_secs_f64()
    );
    for round in 0..rounds {
        let mut scratch = Scratch::new();
        let mut fired = vec![0_u32; plan.rule_set().rules().len()];
        let started = cpu(zero);
        for event in &events {
            for rule in plan.evaluate(event, &mut scratch) {
                fired[*rule] += 1;
            }
        }
        let matched = cpu(zero) - started;
        println!(
            "round {round}: match {:.0} events/s ({:.0} ns each), {} rules fired, {:?}",
            events.len() as f64 / matched.as_secs_f64(),
            matched.as_secs_f64() * 1e9 / events.len() as f64,
            fired.iter().filter(|count| **count > 0).count(),
            scratch.counts,
        );
    }
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
