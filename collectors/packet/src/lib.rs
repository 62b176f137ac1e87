//! Packets in: capture files and live interfaces, behind one trait.
//!
//! A [`PacketSource`] fills [`PacketBatch`]es; the pipeline hands batches to the packet engine. Nothing is decoded
//! here. [`CaptureFile`] reads pcap and pcapng from any reader; [`open_interface`] listens on an interface with the back
//! end named in the configuration: `ring` (TPACKET_V3, Linux) or `pnet` (portable).

#![deny(clippy::indexing_slicing)]

mod batch;
mod error;
mod file;
mod interface;
mod portable;
#[cfg(target_os = "linux")]
mod ring;
mod source;

pub use batch::{CapturedPacket, PacketBatch};
pub use error::CaptureError;
pub use file::{CaptureFile, is_capture};
pub use interface::{Backend, interfaces, open_interface};
pub use source::{CaptureStats, Fill, PacketSource};
