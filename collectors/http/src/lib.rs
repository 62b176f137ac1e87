//! JSON lines over TCP and HTTP.
//!
//! `POST /ingest/<source>` takes one record a line, or the elements of a JSON array, packed with gzip or not. It answers
//! 200 only when what came of the records is durable; any other answer means "send it again". The TCP listener takes one
//! record a line and waits when the pipeline is full.

#![deny(clippy::indexing_slicing)]

mod body;
mod config;
mod gzip;
mod ingest;
mod lines;
mod server;
mod split;

pub use config::{HttpConfig, LinesConfig, SourceConfig};
pub use lines::JsonLines;
pub use server::HttpIngest;
