//! Tests of the whole program, one binary: each module is one subject.
#![allow(missing_docs, clippy::unwrap_used)]

mod alerts;
mod api;
mod commit;
mod daemon;
mod journal;
mod replay;
mod store;
mod tidy;
