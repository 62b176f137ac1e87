//! `saola logs`: what the log parsers are, and what they make of a file.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context, bail};
use saola_event::RawRecord;
use saola_logs::{Config, Parsers};

use super::input::{self, Input};
use super::output::say;

/// Subcommands of `saola logs`.
#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// The names that a source's `parser` setting may have.
    Parsers,
    /// Shows what the parsers make of a log file, record by record.
    Try {
        /// The log file, or `-`.
        file: PathBuf,
        /// Parser to use; found from each record when absent.
        #[arg(long = "as", value_name = "SOURCE")]
        parser: Option<String>,
    },
}

pub(super) fn run(command: &Command, json: bool) -> anyhow::Result<ExitCode> {
    match command {
        Command::Parsers => Parsers::names().try_for_each(say)?,
        Command::Try { file, parser } => try_file(file, parser.as_deref(), json)?,
    }
    Ok(ExitCode::SUCCESS)
}

fn try_file(file: &Path, parser: Option<&str>, json: bool) -> anyhow::Result<()> {
    let Input::Lines(mut lines) =
        input::open(file).with_context(|| format!("{}: cannot be read", file.display()))?
    else {
        bail!("{}: this is a packet capture; use `saola replay`", file.display());
    };
    let parsers = Parsers::new(Config::default());
    let (mut bytes, mut seq) = (Vec::new(), 0);
    while lines.next(&mut bytes)? {
        seq += 1;
        let record = RawRecord {
            source: Arc::from(lines.name.as_str()),
            agency: Arc::from(""),
            parser: parser.map(Arc::from),
            peer: None,
            received_at: lines.written_at,
            seq,
            bytes: std::mem::take(&mut bytes),
        };
        let event = parsers.parse(&record);
        let fields = serde_json::to_string(&event.fields)?;
        if json {
            say(&serde_json::to_string(&event)?)?;
        } else {
            say(&format!("{seq}\t{}\t{}\t{fields}", event.parser, event.time))?;
        }
    }
    Ok(())
}
