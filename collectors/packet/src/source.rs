//! What every way of getting packets is.

use std::time::Duration;

use crate::{CaptureError, PacketBatch};

/// Where packets come from.
pub trait PacketSource: Send {
    /// Adds packets to the batch until it is full, nothing more waits, or `patience` is over. `patience` is what an
    /// idle source may wait for its first packet; files do not wait.
    fn fill(&mut self, batch: &mut PacketBatch, patience: Duration) -> Result<Fill, CaptureError>;

    /// What the source itself counted since it was opened.
    fn stats(&mut self) -> CaptureStats;
}

/// What came of a fill.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fill {
    /// The batch is full, or holds what was there.
    Packets,
    /// Nothing came.
    Idle,
    /// There is nothing more: the end of a file. The batch may hold the last packets.
    End,
}

/// Counters of a source.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CaptureStats {
    /// Packets that were handed on.
    pub received: u64,
    /// Their bytes on the wire.
    pub bytes: u64,
    /// Packets that the kernel dropped because nobody took them in time; `None` where the back end cannot know.
    pub kernel_drops: Option<u64>,
    /// Packets cut because they were longer than the back end's buffer.
    pub truncated: u64,
}
