//! Records over TCP: an accept loop with limits, and the framing of records within a stream.
//!
//! Used by the syslog and the JSON-lines collectors, which differ in their framing alone. A full pipeline makes the
//! connections wait, and through TCP the senders. Nothing a sender does can hold more memory than its connection's
//! share: one read buffer and one record.

mod connection;
mod framer;
mod server;

pub use framer::{Framer, Framing, Trouble};
pub use server::{StreamConfig, StreamServer};
