//! What the queue counts.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// Live figures.
#[derive(Debug, Default)]
pub struct Figures {
    records: AtomicU64,
    synced: AtomicU64,
    waiting_bytes: AtomicU64,
    damaged: AtomicU64,
    repeated: AtomicU64,
    failing: AtomicBool,
}

impl Figures {
    /// Records made durable.
    pub fn records(&self) -> u64 {
        self.records.load(Ordering::Relaxed)
    }

    /// Times the file was synchronised.
    pub fn syncs(&self) -> u64 {
        self.synced.load(Ordering::Relaxed)
    }

    /// Bytes on disk that the engine has not settled, to the file.
    pub fn waiting_bytes(&self) -> u64 {
        self.waiting_bytes.load(Ordering::Relaxed)
    }

    /// Places at which a file was found damaged; the rest of that file was passed over.
    pub fn damaged(&self) -> u64 {
        self.damaged.load(Ordering::Relaxed)
    }

    /// Batches given to the engine again because it did not settle them.
    pub fn repeated(&self) -> u64 {
        self.repeated.load(Ordering::Relaxed)
    }

    /// Whether the disk refuses writes now: collectors wait.
    pub fn is_failing(&self) -> bool {
        self.failing.load(Ordering::Relaxed)
    }

    pub(crate) fn count_records(&self, records: u64) {
        self.records.fetch_add(records, Ordering::Relaxed);
        self.synced.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn count_damage(&self) {
        self.damaged.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn count_repeat(&self) {
        self.repeated.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn set_waiting(&self, bytes: u64) {
        self.waiting_bytes.store(bytes, Ordering::Relaxed);
    }

    pub(crate) fn set_failing(&self, failing: bool) {
        self.failing.store(failing, Ordering::Relaxed);
    }
}
