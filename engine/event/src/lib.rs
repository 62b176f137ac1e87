//! What everything in Saola speaks.
//!
//! Data flows one way: a collector yields [`RawRecord`]s (untrusted bytes), the engine turns records and packets into
//! normalised [`Event`]s, rules turn events into [`Alert`]s with the reason they fired, and `src/triage` turns alerts
//! into work for people. This crate holds those shapes and nothing that acts on them: no I/O, no clock, no threads.

#![deny(clippy::indexing_slicing)]

mod alert;
mod event;
mod logsource;
mod record;
mod severity;
mod time;
mod value;

pub use alert::{Alert, Engine, Entities, Evidence, RuleRef, Span};
pub use event::Event;
pub use logsource::{LogSource, LogSources};
pub use record::{RawRecord, SourceId};
pub use severity::Severity;
pub use time::{Timestamp, TimestampError};
pub use value::{Fields, Value};
