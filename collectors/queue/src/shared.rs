//! What writer and reader tell each other.

use std::time::Duration;

use parking_lot::{Condvar, Mutex};

use crate::segment::Place;

/// The state between the two threads.
#[derive(Debug)]
pub(crate) struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug)]
struct State {
    /// Behind the last frame that may be read.
    written: Place,
    /// Bytes in all files.
    bytes: u64,
    /// Nothing more will be written.
    closed: bool,
    /// Nothing more will be read.
    reader_gone: bool,
}

impl Shared {
    pub(crate) fn new(written: Place, bytes: u64) -> Self {
        Self {
            state: Mutex::new(State {
                written,
                bytes,
                closed: false,
                reader_gone: false,
            }),
            changed: Condvar::new(),
        }
    }

    /// The writer has synchronised up to a place.
    pub(crate) fn publish(&self, written: Place, more_bytes: u64) -> u64 {
        let mut state = self.state.lock();
        state.written = written;
        state.bytes += more_bytes;
        self.changed.notify_all();
        state.bytes
    }

    /// The writer is done.
    pub(crate) fn close(&self) {
        self.state.lock().closed = true;
        self.changed.notify_all();
    }

    /// The reader is done.
    pub(crate) fn reader_gone(&self) {
        self.state.lock().reader_gone = true;
        self.changed.notify_all();
    }

    /// The reader has deleted a file.
    pub(crate) fn freed(&self, bytes: u64) -> u64 {
        let mut state = self.state.lock();
        state.bytes = state.bytes.saturating_sub(bytes);
        self.changed.notify_all();
        state.bytes
    }

    /// Waits until there is room; false when there will be none because nobody reads any more.
    pub(crate) fn wait_for_room(&self, max_bytes: u64) -> bool {
        let mut state = self.state.lock();
        while state.bytes >= max_bytes && !state.reader_gone {
            self.changed.wait(&mut state);
        }
        state.bytes < max_bytes
    }

    /// How far may be read, and whether nothing more will come.
    pub(crate) fn readable(&self) -> (Place, bool) {
        let state = self.state.lock();
        (state.written, state.closed)
    }

    /// Waits until more than `place` may be read or nothing more will come.
    pub(crate) fn wait_for_more(&self, place: Place) {
        const LONGEST: Duration = Duration::from_secs(1);
        let mut state = self.state.lock();
        if state.written <= place && !state.closed {
            self.changed.wait_for(&mut state, LONGEST);
        }
    }
}
