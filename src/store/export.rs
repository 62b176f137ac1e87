//! A store as lines of JSON, to be read by the other back end, or by people.

use std::io::{self, BufRead, Write as _};

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::{Store, StoreError, Write};

/// Why a store cannot be written out or read in.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The file.
    #[error("the export file: {0}")]
    Io(#[from] io::Error),
    /// A line is not what an export has.
    #[error("line {line} of the export is not a record: {cause}")]
    Line {
        /// From 1.
        line: u64,
        /// What is wrong.
        cause: String,
    },
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Line<'a> {
    key: String,
    version: u8,
    #[serde(borrow)]
    record: &'a RawValue,
}

/// Writes all records out. Gives how many.
///
/// # Errors
/// When the store cannot be read, a record is damaged, or the file not written.
pub fn export(store: &dyn Store, out: &mut dyn io::Write) -> Result<u64, ExportError> {
    let mut out = io::BufWriter::new(out);
    let mut count = 0;
    for pair in store.scan(b"") {
        let (key, value) = pair?;
        let key = String::from_utf8_lossy(&key).into_owned();
        let damaged = |cause: &str| StoreError::Damaged {
            key: key.clone(),
            cause: cause.to_owned(),
        };
        let (version, json) = value.split_first().ok_or_else(|| damaged("empty"))?;
        let record = serde_json::from_slice(json).map_err(|error| damaged(&error.to_string()))?;
        serde_json::to_writer(
            &mut out,
            &Line {
                key: key.clone(),
                version: *version,
                record,
            },
        )
        .map_err(io::Error::from)?;
        out.write_all(b"\n")?;
        count += 1;
    }
    out.flush()?;
    Ok(count)
}

/// Records written at once.
const BATCH: usize = 1000;

/// Reads records in, over what is there. Gives how many.
///
/// # Errors
/// When a line is no record, or the store cannot be written. What was read before stays.
pub fn import(store: &dyn Store, from: &mut dyn BufRead) -> Result<u64, ExportError> {
    let (mut batch, mut count) = (Vec::new(), 0);
    for (line, text) in (1..).zip(from.lines()) {
        batch.push(record_in(&text?).map_err(|cause| ExportError::Line { line, cause })?);
        count += 1;
        if batch.len() == BATCH {
            store.apply(&batch)?;
            batch.clear();
        }
    }
    store.apply(&batch)?;
    store.flush()?;
    Ok(count)
}

fn record_in(text: &str) -> Result<Write, String> {
    let Line { key, version, record } = serde_json::from_str(text).map_err(|error| error.to_string())?;
    let value = [&[version], record.get().as_bytes()].concat();
    Ok(Write::Put(key.into_bytes(), value))
}
