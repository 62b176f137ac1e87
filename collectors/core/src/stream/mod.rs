//! TCP collectors: an accept loop with limits and TLS, and the framing of records within a stream.
//!
//! A full pipeline makes the connections wait, and through TCP the senders. Nothing a sender does can hold more memory
//! than its connection's share: one read buffer and one record.

mod framer;
mod listener;
mod records;
mod server;

pub use framer::{Framer, Framing, Trouble};
pub use listener::{ByteStream, Listener, ListenerConfig, Session};
pub use server::{StreamConfig, StreamServer};
