//! The durable queue on disk between the collectors and the engine.
//!
//! A batch goes to the end of a file, the file is synchronised once for everything that waits, and only then is the batch
//! settled, which lets RELP, Lumberjack and HTTP acknowledge it. The engine is fed from the files; what it has settled
//! is deleted. So bursts wait on disk and not in memory, and a kill loses nothing that was acknowledged: what was not
//! settled is given to the engine again (at least once).
//!
//! ```text
//! collectors ──► writer thread ──► 00…07.queue ──► reader thread ──► engine
//!                  settles when synchronised          moves the cursor when the engine settles
//! ```
//!
//! A full disk makes the writer wait, and through it the senders; nothing is dropped here. Damage in a file is counted
//! and costs the rest of that file.

#![deny(clippy::indexing_slicing)]

mod codec;
mod cursor;
mod figures;
mod reader;
mod segment;
mod shared;
mod writer;

use std::path::PathBuf;
use std::sync::Arc;
use std::thread::{Builder, JoinHandle};

use saola_collect::{Batch, Sink};
use tokio::sync::mpsc::Receiver;

pub use figures::Figures;
use reader::Reader;
use segment::Place;
use shared::Shared;
use writer::Writer;

/// Where the queue is and how large it may grow.
#[derive(Clone, Debug)]
pub struct QueueConfig {
    /// Folder of the queue's files; nothing else may be in it.
    pub folder: PathBuf,
    /// Bytes on disk at which collectors have to wait.
    pub max_bytes: u64,
    /// Bytes after which another file is begun.
    pub segment_bytes: u64,
}

/// Why a queue cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum QueueError {
    /// The system refuses.
    #[error("queue: {path}: {source}")]
    Io {
        /// File or folder.
        path: PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
}

/// An opened queue that does not run yet.
#[derive(Debug)]
pub struct Queue {
    config: QueueConfig,
    /// The first frame that is not settled.
    read_from: Place,
    /// Where the next frame goes.
    write_at: Place,
    bytes: u64,
    figures: Arc<Figures>,
}

impl Queue {
    /// Opens the folder, takes off what a kill left half-written at the end, and finds where reading goes on.
    pub fn open(config: QueueConfig) -> Result<Self, QueueError> {
        let fault = |source| QueueError::Io {
            path: config.folder.clone(),
            source,
        };
        std::fs::create_dir_all(&config.folder).map_err(fault)?;
        let found = segment::survey(&config.folder).map_err(fault)?;
        let oldest = found
            .segments
            .first()
            .map_or(found.end.segment, |(number, _)| *number);
        let begin = Place {
            segment: oldest,
            offset: 0,
        };
        let noted = cursor::read(&config.folder).unwrap_or(begin);
        Ok(Self {
            read_from: noted.clamp(begin, found.end),
            write_at: found.end,
            bytes: found.segments.iter().map(|(_, length)| length).sum(),
            figures: Arc::default(),
            config,
        })
    }

    /// The queue's figures, live.
    pub fn figures(&self) -> Arc<Figures> {
        Arc::clone(&self.figures)
    }

    /// Starts the two threads. They end when every sender of `from` is gone and what is on disk has been handed on, or
    /// left for the next start when the engine does not take it in time.
    pub fn start(self, from: Receiver<Batch>, to: Sink) -> Result<Vec<JoinHandle<()>>, QueueError> {
        let fault = |source| QueueError::Io {
            path: self.config.folder.clone(),
            source,
        };
        let shared = Arc::new(Shared::new(self.write_at, self.bytes));
        self.figures.set_waiting(self.bytes);
        let writer = Writer::open(
            &self.config,
            self.write_at,
            Arc::clone(&shared),
            Arc::clone(&self.figures),
        )
        .map_err(fault)?;
        let reader = Reader::new(&self.config, self.read_from, shared, Arc::clone(&self.figures));
        let writing = Builder::new()
            .name("queue-writer".to_owned())
            .spawn(move || writer.run(from));
        let reading = Builder::new()
            .name("queue-reader".to_owned())
            .spawn(move || reader.run(&to));
        Ok(vec![writing.map_err(fault)?, reading.map_err(fault)?])
    }
}
