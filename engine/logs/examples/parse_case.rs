//! Parses one case folder (`CASE_DIR/input.log`, one record a line) into `OUT/events.jsonl`, for the parser scorer.
//!
//! Usage: `parse_case CASE_DIR OUT [PARSER]`. Without a parser's name the source is found from the records.

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use saola_event::{RawRecord, Timestamp};
use saola_logs::{Config, Parsers};

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [case, out, hint @ ..] = args.as_slice() else {
        return fail("usage: parse_case CASE_DIR OUT [PARSER]");
    };
    match run(Path::new(case), Path::new(out), hint.first().map(String::as_str)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(&format!("{case}: {error}")),
    }
}

#[expect(clippy::print_stderr, reason = "a command-line tool")]
fn fail(message: &str) -> ExitCode {
    eprintln!("parse_case: {message}");
    ExitCode::FAILURE
}

fn run(case: &Path, out: &Path, hint: Option<&str>) -> std::io::Result<()> {
    let input = fs::read(case.join("input.log"))?;
    let parsers = Parsers::new(Config::default());
    // Any arrival after the cases were collected: it only gives the year of dates without one.
    let received_at = Timestamp::from_secs_micros(1_795_000_000, 0);
    let mut events = BufWriter::new(File::create(out.join("events.jsonl"))?);
    let lines = input
        .strip_suffix(b"\n")
        .unwrap_or(&input)
        .split(|byte| *byte == b'\n');
    for (seq, line) in lines.enumerate() {
        let record = RawRecord {
            source: Arc::from("case"),
            agency: Arc::from(""),
            parser: hint.map(Arc::from),
            peer: None,
            received_at,
            seq: seq as u64,
            bytes: line.to_vec(),
        };
        serde_json::to_writer(&mut events, &parsers.parse(&record))?;
        events.write_all(b"\n")?;
    }
    events.flush()
}
