//! `saola audit`: whether the journal is as it was written.

use std::process::ExitCode;

use super::output::say;
use super::place::Place;
use crate::journal::{FileJournal, JournalConfig, JournalError, verify};

/// Subcommands of `saola audit`.
#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// Reads the whole journal and says where it is not as it was written.
    Verify {
        #[command(flatten)]
        place: Place,
    },
}

pub(super) fn run(command: &Command, json: bool) -> anyhow::Result<ExitCode> {
    let Command::Verify { place } = command;
    let folder = place.places()?.journal;
    // What a running daemon writes meanwhile is no finding.
    let running = matches!(
        FileJournal::in_use(&JournalConfig::new(&folder)),
        Err(JournalError::InUse { .. })
    );
    let report = verify(&folder, running)?;
    if json {
        say(&serde_json::to_string(&report)?)?;
    } else {
        for finding in &report.findings {
            say(&format!(
                "{}: byte {}, entry {}: {}",
                finding.file, finding.offset, finding.seq, finding.fault
            ))?;
        }
        let hash = report.head_hash.as_deref().unwrap_or("-");
        let verdict = if report.intact {
            "intact"
        } else {
            "NOT as it was written"
        };
        say(&format!(
            "{} entries in {} segments: {verdict}",
            report.entries, report.segments
        ))?;
        say(&format!("head {} {hash}", report.head_seq.unwrap_or_default()))?;
    }
    Ok(if report.intact {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}
