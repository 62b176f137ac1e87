//! `saola store`: the view that the journal adds up to. Works on a stopped node.

use std::fs::File;
use std::io::BufReader;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context;
use serde_json::json;

use super::output::say;
use super::place::Place;
use crate::commit::{check, rebuild};
use crate::store;

/// Subcommands of `saola store`.
#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// Compares the store with what the journal adds up to.
    Check {
        #[command(flatten)]
        place: Place,
    },
    /// Moves the store aside and makes it anew from the journal.
    Rebuild {
        #[command(flatten)]
        place: Place,
    },
    /// Writes all records as JSON lines.
    Export {
        /// The file to write.
        file: PathBuf,
        #[command(flatten)]
        place: Place,
    },
    /// Reads records that were exported, from either back end.
    Import {
        /// The file to read.
        file: PathBuf,
        #[command(flatten)]
        place: Place,
    },
}

pub(super) fn run(command: &Command, json: bool) -> anyhow::Result<ExitCode> {
    match command {
        Command::Check { place } => compare(place, json),
        Command::Rebuild { place } => {
            let (entries, aside) = rebuild(&place.places()?)?;
            let aside = aside.map(|path| path.display().to_string());
            let text = match &aside {
                Some(path) => format!("made of {entries} journal entries; the old store is in {path}"),
                None => format!("made of {entries} journal entries"),
            };
            tell(json, &json!({ "entries": entries, "aside": aside }), &text)
        }
        Command::Export { file, place } => {
            let store = open(place)?;
            let mut out =
                File::create(file).with_context(|| format!("{}: cannot be written", file.display()))?;
            let records = store::export(&*store, &mut out)?;
            out.sync_all()?;
            tell(
                json,
                &json!({ "records": records }),
                &format!("{records} records written"),
            )
        }
        Command::Import { file, place } => {
            let store = open(place)?;
            let from = File::open(file).with_context(|| format!("{}: cannot be read", file.display()))?;
            let records = store::import(&*store, &mut BufReader::new(from))?;
            tell(
                json,
                &json!({ "records": records }),
                &format!("{records} records read"),
            )
        }
    }
}

fn open(place: &Place) -> anyhow::Result<std::sync::Arc<dyn store::Store>> {
    let places = place.places()?;
    Ok(store::open(places.backend, &places.store)?)
}

fn tell(json: bool, value: &serde_json::Value, text: &str) -> anyhow::Result<ExitCode> {
    say(&if json { value.to_string() } else { text.to_owned() })?;
    Ok(ExitCode::SUCCESS)
}

fn compare(place: &Place, json: bool) -> anyhow::Result<ExitCode> {
    let report = check(&place.places()?)?;
    if json {
        say(&serde_json::to_string(&report)?)?;
    } else {
        for key in &report.differing {
            say(&format!("differs: {key}"))?;
        }
        let verdict = if report.is_equal() {
            "equal"
        } else {
            "different; run `saola store rebuild`"
        };
        say(&format!(
            "{} records, {} journal entries: {verdict}",
            report.records, report.entries
        ))?;
    }
    Ok(if report.is_equal() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}
