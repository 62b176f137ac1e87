//! How fast records are parsed on one thread: `parse_speed FILE [ROUNDS]`, one record a line. With JSON input the same
//! lines are read by `serde_json` too, for comparison. Prints one line of JSON.

use std::io::Write;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Instant;

use saola_event::{RawRecord, Timestamp};
use saola_logs::{Config, Parsers};

fn main() -> ExitCode {
    let mut args = std::env::args().skip(1);
    let Some(path) = args.next() else {
        return fail("usage: parse_speed FILE [ROUNDS]");
    };
    let rounds = args
        .next()
        .and_then(|rounds| rounds.parse().ok())
        .unwrap_or(5_u32);
    match std::fs::read(&path) {
        Ok(input) => measure(&input, rounds),
        Err(error) => fail(&format!("{path}: {error}")),
    }
}

#[expect(clippy::print_stderr, reason = "a command-line tool")]
fn fail(message: &str) -> ExitCode {
    eprintln!("parse_speed: {message}");
    ExitCode::FAILURE
}

fn measure(input: &[u8], rounds: u32) -> ExitCode {
    let received_at = Timestamp::from_secs_micros(1_795_000_000, 0);
    let lines = input.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
    let records: Vec<RawRecord> = lines
        .map(|line| RawRecord {
            source: Arc::from("speed"),
            agency: Arc::from(""),
            parser: None,
            peer: None,
            received_at,
            seq: 0,
            bytes: line.to_vec(),
        })
        .collect();
    let parsers = Parsers::new(Config::default());
    let mut fields = 0_usize;
    let best = (0..rounds)
        .map(|_| {
            let start = Instant::now();
            fields = records
                .iter()
                .map(|record| std::hint::black_box(parsers.parse(record)).fields.len())
                .sum();
            start.elapsed()
        })
        .min()
        .unwrap_or_default();
    let start = Instant::now();
    let values = records
        .iter()
        .filter(|record| serde_json::from_slice::<serde_json::Value>(&record.bytes).is_ok())
        .count();
    let by_serde = start.elapsed();
    let rate = |seconds: f64| records.len() as f64 / seconds;
    let result = serde_json::json!({
        "records": records.len(),
        "bytes": input.len(),
        "fields": fields,
        "records_per_s": rate(best.as_secs_f64()).round(),
        "mb_per_s": (input.len() as f64 / best.as_secs_f64() / 1e6).round(),
        "serde_json_values": values,
        "serde_json_per_s": rate(by_serde.as_secs_f64()).round(),
    });
    match writeln!(std::io::stdout(), "{result}") {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(&error.to_string()),
    }
}
