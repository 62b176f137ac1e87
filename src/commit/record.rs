//! Between triage's changes and the journal's entries.

use std::sync::Arc;

use serde_json::value::{RawValue, to_raw_value};

use crate::journal::{Draft, Entry};
use crate::triage::{Change, Recorded};

/// An entry that this program does not understand.
#[derive(Debug, thiserror::Error)]
#[error(
    "journal entry {seq} of kind {kind} is not known to this program ({cause}): use the version that wrote it, or a newer one"
)]
pub struct UnknownEntry {
    /// Its number.
    pub seq: u64,
    /// Its kind.
    pub kind: String,
    /// What was not understood.
    pub cause: String,
}

#[derive(serde::Deserialize)]
struct Written {
    kind: String,
    body: Box<RawValue>,
}

/// What is to be written for a change.
///
/// # Errors
/// When the change cannot be written as JSON (a number that is none, deep in an event).
pub(super) fn draft(recorded: &Recorded) -> Result<Draft, serde_json::Error> {
    let written: Written = serde_json::from_str(&serde_json::to_string(&recorded.change)?)?;
    Ok(Draft {
        time: recorded.time,
        actor: Arc::clone(&recorded.actor),
        kind: written.kind,
        body: written.body,
    })
}

/// The change that an entry says.
pub(super) fn recorded(entry: &Entry) -> Result<Recorded, UnknownEntry> {
    let unknown = |cause: serde_json::Error| UnknownEntry {
        seq: entry.seq,
        kind: entry.kind.clone(),
        cause: cause.to_string(),
    };
    let kind = to_raw_value(&entry.kind).map_err(unknown)?;
    let text = format!(r#"{{"kind":{},"body":{}}}"#, kind.get(), entry.body.get());
    let change: Change = serde_json::from_str(&text).map_err(unknown)?;
    Ok(Recorded {
        seq: entry.seq,
        time: entry.time,
        actor: Arc::clone(&entry.actor),
        change,
    })
}
