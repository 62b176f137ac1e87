//! The truth: an append-only, hash-chained, fsynced log of every change of state.
//!
//! An entry is acknowledged when it and the head that seals it are on the disk, never before. Each entry carries the
//! hash of the one before, so that an edit, a removal or a swap anywhere breaks the chain; the head is kept in a file of
//! its own, so that a cut tail is noticed too. `DESIGN.md` beside this file has the format and what it cannot show.

mod entry;
mod file;
mod head;
mod verify;

pub use entry::{Draft, Entry, GENESIS, Hash};
pub use file::{FileJournal, JournalConfig, Notice, read_sealed};
pub use head::Head;
pub use verify::{Fault, Finding, VerifyReport, verify};

use std::path::PathBuf;

/// Entries in order, or what reading them ran into.
pub type Entries<'a> = Box<dyn Iterator<Item = Result<Entry, JournalError>> + 'a>;

/// Where entries are written.
pub trait Journal: Send {
    /// Writes entries after the head, in order. When this returns they are safe; after an error none of them is part of
    /// the journal, and the next call begins where this one did.
    ///
    /// # Errors
    /// The system's reason. A full disk is one; trying again later is right.
    fn append(&mut self, drafts: &[Draft]) -> Result<Head, JournalError>;

    /// The last entry that is safe.
    fn head(&self) -> Head;

    /// Entries from number `seq` on. Checks each against its hash and the one before it.
    ///
    /// # Errors
    /// When the files cannot be read.
    fn read_from(&self, seq: u64) -> Result<Entries<'_>, JournalError>;
}

/// Why the journal cannot be read or written.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// The system refuses.
    #[error("cannot {action} {path}: {source}")]
    Io {
        /// What was tried.
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
    /// Another process has the journal open.
    #[error("{path} is in use by another saola: stop it first")]
    InUse {
        /// The folder.
        path: PathBuf,
    },
    /// An entry that was acknowledged is not what was written.
    #[error(
        "{path} is damaged at byte {offset}: {fault}; run `saola audit verify`, then restore the folder from a backup"
    )]
    Damaged {
        /// The segment.
        path: PathBuf,
        /// Where the entry begins.
        offset: u64,
        /// What is wrong.
        fault: Fault,
    },
    /// Acknowledged entries are missing at the end.
    #[error(
        "{path} ends with entry {last}, but entry {sealed} was acknowledged: run `saola audit verify`, then restore the folder from a backup"
    )]
    TailMissing {
        /// The folder.
        path: PathBuf,
        /// The last entry that is there.
        last: u64,
        /// The last one that was acknowledged.
        sealed: u64,
    },
    /// There are entries, but no head that seals them.
    #[error(
        "{path} has entries but no readable head file: whether its end is missing cannot be told; run `saola audit verify`"
    )]
    HeadMissing {
        /// The folder.
        path: PathBuf,
    },
    /// An entry is too large.
    #[error("an entry of {bytes} bytes is beyond the limit of {limit}")]
    TooLarge {
        /// Its size.
        bytes: usize,
        /// The limit.
        limit: usize,
    },
}
