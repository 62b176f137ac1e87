//! The HTTP API and the console it serves: one file per resource. Reads take a scope, changes go through the journal.

pub mod auth;
mod console;
pub mod dto;
pub mod http;
pub mod resource;
mod router;
mod state;
pub mod stream;

pub use router::{openapi_json, router};
pub use state::{AppState, ClockFn, Outbox, Parts, RuleCatalogue, SourceBoard};
