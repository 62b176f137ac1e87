//! Raw log records to normalised events: one parser per source.
//!
//! [`Parsers::parse`] takes a [`RawRecord`](saola_event::RawRecord), finds which of the known sources wrote it (or obeys
//! the record's hint) and gives an [`Event`](saola_event::Event) whose fields are named by the Sigma taxonomy and borrow
//! from the record. It never fails and never loses a record: what no parser knows comes back as parser `unparsed` with
//! its whole text.
//!
//! The way of a record: `parsers` (text, envelope, choice) → one file of `source` → shared `part`s. A source is chosen by
//! the program named in its syslog envelope, or else by a cheap probe, in the fixed order of `source::TEXT`.

#![deny(clippy::indexing_slicing)]

mod arena;
mod config;
mod draft;
mod encoding;
mod kinds;
mod parsers;
mod part;
mod sets;
mod source;
mod time;

pub use arena::Arena;
pub use config::Config;
pub use parsers::{Parsers, UNPARSED};
