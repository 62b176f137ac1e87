//! The pipeline from raw packets to observers.

mod counters;

pub use counters::Counters;
