//! The threads that drive the engine: packet shards and their ordered merge, log parsing and rules, reload.

mod lanes;
pub mod log;
pub mod network;
pub mod rules;

pub use lanes::{Lane, Lanes};
