//! Saola: runs the SOC. Incidents, store, people, network; nothing of packet bytes.
//!
//! The storeys below (`collectors/*` get bytes in, `engine/*` understand and detect) are crates of their own. This one
//! composes them and adds what people need: triage, journal and store, console and API, mail.

pub mod agency;
pub mod api;
pub mod cli;
pub mod commit;
pub mod config;
pub mod detect;
pub mod journal;
pub mod node;
pub mod notify;
pub mod store;
pub mod telemetry;
pub mod triage;
