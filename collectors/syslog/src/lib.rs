//! Syslog over UDP and TCP.
//!
//! Takes messages off the wire and nothing more: what is in them is the parsers' business. UDP cannot wait, so what does
//! not fit is counted, and what the kernel dropped before us is read from the kernel's own counter. TCP waits.

#![deny(clippy::indexing_slicing)]

mod config;
mod drops;
mod tcp;
mod udp;

pub use config::{TcpConfig, UdpConfig};
pub use tcp::SyslogTcp;
pub use udp::SyslogUdp;
