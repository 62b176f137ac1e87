//! The journal in files: segments in one folder, the newest one open for writing.

mod open;
mod read;

use std::fs::File;
use std::io::{Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

pub use open::read_sealed;
pub(super) use open::{HEAD_FILE, segments};
pub(super) use read::Reader;

use super::entry::{MAX_ENTRY_BYTES, encode};
use super::head::{self, Head};
use super::{Draft, Entries, Journal, JournalError};

/// How the journal lies on the disk.
#[derive(Clone, Debug)]
pub struct JournalConfig {
    /// The folder; made if it is not there.
    pub path: PathBuf,
    /// A segment beyond this size is followed by another, in bytes.
    pub segment_bytes: u64,
}

impl JournalConfig {
    /// In this folder, with segments of 64 MiB.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self {
            path: path.into(),
            segment_bytes: 64 * 1024 * 1024,
        }
    }
}

/// What opening put right.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Notice {
    /// Bytes of a write that a crash had cut off, and that nobody had been told was done.
    pub torn_bytes: u64,
    /// Entries that were whole but not yet acknowledged when the program ended; they are kept.
    pub unacknowledged: u64,
}

/// The journal in files.
#[derive(Debug)]
pub struct FileJournal {
    config: JournalConfig,
    head: Head,
    head_file: File,
    head_turn: bool,
    segment: Segment,
    /// A write failed: what lies beyond `segment.length` must go before the next one.
    dirty: bool,
    /// Held for as long as the journal is open.
    _lock: File,
}

/// The segment that is written to.
#[derive(Debug)]
struct Segment {
    path: PathBuf,
    file: File,
    /// Bytes that are safe.
    length: u64,
    /// Day of its newest entry, in days since the epoch; `None` while it is empty.
    day: Option<i64>,
}

fn io_error<'a>(action: &'static str, path: &'a Path) -> impl FnOnce(std::io::Error) -> JournalError + 'a {
    move |source| JournalError::Io {
        action,
        path: path.to_owned(),
        source,
    }
}

impl FileJournal {
    fn write(&mut self, drafts: &[Draft]) -> Result<Head, JournalError> {
        let mut lines = Vec::new();
        let mut head = self.head;
        for draft in drafts {
            let bytes = draft.body.get().len();
            if bytes > MAX_ENTRY_BYTES / 2 {
                return Err(JournalError::TooLarge {
                    bytes,
                    limit: MAX_ENTRY_BYTES / 2,
                });
            }
            head.hash = encode(head.seq + 1, head.hash, draft, &mut lines);
            head.seq += 1;
        }
        let segment = &mut self.segment;
        self.dirty = true;
        segment
            .file
            .write_all(&lines)
            .map_err(io_error("write to", &segment.path))?;
        segment
            .file
            .sync_data()
            .map_err(io_error("sync", &segment.path))?;
        let turn = !self.head_turn;
        head::write_turn(&self.head_file, head, turn)
            .map_err(io_error("write", &self.config.path.join(HEAD_FILE)))?;
        self.dirty = false;
        self.head_turn = turn;
        segment.length += lines.len() as u64;
        Ok(head)
    }

    /// Takes back what a failed write may have left, head file included.
    fn repair(&mut self) -> Result<(), JournalError> {
        let segment = &mut self.segment;
        let failed = |action| io_error(action, &segment.path);
        segment.file.set_len(segment.length).map_err(failed("truncate"))?;
        segment
            .file
            .seek(SeekFrom::Start(segment.length))
            .map_err(failed("seek in"))?;
        segment.file.sync_data().map_err(failed("sync"))?;
        head::write_both(&self.head_file, self.head)
            .map_err(io_error("write", &self.config.path.join(HEAD_FILE)))?;
        self.dirty = false;
        Ok(())
    }

    /// Begins another segment when the one in use is full or of an earlier day.
    fn rotate_for(&mut self, draft: &Draft) -> Result<(), JournalError> {
        let day = draft.time.as_secs().div_euclid(86_400);
        let full = self.segment.length >= self.config.segment_bytes;
        let old = self.segment.day.is_some_and(|newest| day > newest);
        if self.segment.length > 0 && (full || old) {
            self.segment = open::begin_segment(&self.config.path, self.head.seq + 1)?;
        }
        self.segment.day = Some(self.segment.day.map_or(day, |newest| newest.max(day)));
        Ok(())
    }
}

impl Journal for FileJournal {
    fn append(&mut self, drafts: &[Draft]) -> Result<Head, JournalError> {
        if self.dirty {
            self.repair()?;
        }
        let Some(first) = drafts.first() else {
            return Ok(self.head);
        };
        self.rotate_for(first)?;
        self.head = self.write(drafts)?;
        Ok(self.head)
    }

    fn head(&self) -> Head {
        self.head
    }

    fn read_from(&self, seq: u64) -> Result<Entries<'_>, JournalError> {
        Ok(Box::new(Reader::from(&self.config.path, seq, self.head.seq)?))
    }
}
