//! Log files followed through rotation, truncation and restarts.
//!
//! A file is known by its device and inode, not by its name, so that a rename is no new file; by the hash of its first
//! bytes, so that a reused inode or a file that was emptied and filled again is one. What has been handed on *and* is
//! durable is written to a checkpoint, from which a restart goes on: a crash repeats at most what was not yet durable
//! and loses nothing.

#![deny(clippy::indexing_slicing)]

mod checkpoint;
mod collector;
mod config;
mod fingerprint;
mod lines;
mod tail;
mod watch;

pub use checkpoint::CheckpointError;
pub use collector::FileCollector;
pub use config::{FileConfig, StartAt};
