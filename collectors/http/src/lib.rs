//! Records over HTTP, in the protocols that shippers speak, and JSON lines over TCP.
//!
//! | path | who speaks it |
//! |---|---|
//! | `POST /ingest/<source>` | anything: a record a line, or the elements of a JSON array |
//! | `POST /_bulk` | Elasticsearch's bulk writers: rsyslog's omelasticsearch, Beats, Fluent Bit |
//! | `POST /services/collector[/event|/raw]` | Splunk's HTTP event collector |
//! | `POST /v1/logs` | OpenTelemetry, JSON and protobuf |
//! | `POST /upload` | `systemd-journal-upload` |
//!
//! A request is answered 200 only when what came of its records is durable; any other answer means "send it again".
//! The TCP listener takes one record a line and waits when the pipeline is full.

#![deny(clippy::indexing_slicing)]

mod body;
mod config;
mod elastic;
mod gzip;
mod ingest;
mod journal;
mod lines;
mod otlp;
mod routes;
mod server;
mod split;
mod splunk;
mod token;

pub use config::{HttpConfig, LinesConfig, SourceConfig};
pub use lines::JsonLines;
pub use server::HttpIngest;
