//! Why packets cannot be had.

use std::io;

/// Why a source cannot be opened or read on. Packets given before stay good.
#[derive(Debug, thiserror::Error)]
pub enum CaptureError {
    /// Raw sockets need a right that this process does not have.
    #[error(
        "no permission to capture on {interface}: run as root or give the program CAP_NET_RAW (setcap cap_net_raw+ep)"
    )]
    NoPermission {
        /// The interface.
        interface: String,
    },
    /// There is no such interface.
    #[error("there is no interface {interface}; there are: {known}")]
    NoInterface {
        /// As configured.
        interface: String,
        /// Those there are.
        known: String,
    },
    /// The interface cannot be listened on.
    #[error("cannot capture on {interface}: {step}: {source}")]
    Interface {
        /// The interface.
        interface: String,
        /// What was being done.
        step: &'static str,
        /// The system's reason.
        source: io::Error,
    },
    /// The file is neither pcap nor pcapng.
    #[error("not a capture file (neither pcap nor pcapng)")]
    NotACapture,
    /// The file's structure is broken from here on.
    #[error("the capture is damaged after packet {after_packet}: {reason}; the packets before it were read")]
    Damaged {
        /// Packets read before.
        after_packet: u64,
        /// What does not hold.
        reason: String,
    },
    /// The file ends within a packet: it was cut, or is still being written.
    #[error("the capture ends in the middle of packet {packet}; the packets before it were read")]
    CutShort {
        /// The packet that is not whole, from 1.
        packet: u64,
    },
    /// Reading failed.
    #[error("reading the capture failed: {0}")]
    Read(#[from] io::Error),
}
