//! Syslog over UDP, TCP, TLS and RELP.
//!
//! Takes messages off the wire and nothing more: what is in them is the parsers' business. UDP cannot wait, so what does
//! not fit is counted, and what the kernel dropped before us is read from the kernel's own counter. TCP waits. RELP acknowledges what
//! is durable.

#![deny(clippy::indexing_slicing)]

mod config;
mod relp;
mod tcp;
mod udp;

pub use config::{TcpConfig, UdpConfig};
pub use relp::Relp;
pub use tcp::SyslogTcp;
pub use udp::SyslogUdp;
