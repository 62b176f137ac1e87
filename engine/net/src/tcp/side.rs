//! One direction of a TCP session: its sequence numbers, window, timestamps and bytes.

use smallvec::SmallVec;

use super::{StreamBuffer, StreamMemory, StreamWindow};
use crate::packet::{TcpFlags, TcpHeader, TcpTimestamps};

/// The side of a session that sends in one direction.
#[derive(Debug, Default)]
pub struct StreamSide {
    /// All flags that this side sent.
    pub flags: TcpFlags,
    /// Bytes of this side were acknowledged that were never captured.
    pub gaps: u32,
    /// Reassembly stopped at the depth limit.
    pub depth_reached: bool,
    /// A FIN of this side was taken.
    pub fin_seen: bool,
    /// The parser was told that this side sends nothing more.
    pub ended: bool,
    /// Nobody wants this side's bytes any more (encrypted, bypassed).
    pub ignored: bool,
    /// Initial sequence number; data begins at the next one.
    pub(super) isn: u32,
    /// The sequence number after the newest taken segment.
    pub(super) next_seq: u32,
    /// What the other side acknowledged of this side's bytes.
    pub(super) acked: u32,
    /// The sequence number up to which this side may send: acknowledged plus the other side's window, at its highest.
    pub(super) send_limit: u32,
    /// Window that this side offers, scaled.
    pub(super) window: u32,
    /// Shift of this side's window.
    pub(super) window_scale: u8,
    /// Newest timestamp of this side.
    pub(super) timestamp: Option<u32>,
    /// `isn` and the counters above are meaningful.
    pub(super) known: bool,
    /// Bytes taken out of band before the positions in `urgent`.
    pub(super) urgent_removed: u32,
    /// Sequence numbers of bytes taken out of band.
    pub(super) urgent: SmallVec<[u32; 2]>,
    pub(crate) buffer: StreamBuffer,
    /// The parser was told that the depth limit was reached.
    pub(crate) cut: bool,
    /// Bytes from here on stay in the window although they were seen; bounded.
    keep_from: Option<u64>,
}

/// Bytes that an observer may hold back at most.
const HOLD_LIMIT: u64 = 256 * 1024;
/// Positions of urgent bytes that are remembered.
const URGENT_KEPT: usize = 32;

/// Whether sequence number `a` is before `b` (RFC 9293 section 3.4: modulo 2³²).
pub(super) fn before(a: u32, b: u32) -> bool {
    (a.wrapping_sub(b) as i32) < 0
}

/// The later of two sequence numbers.
pub(super) fn latest(a: u32, b: u32) -> u32 {
    if before(a, b) { b } else { a }
}

impl StreamSide {
    /// The bytes that observers may look at.
    pub fn window(&self) -> StreamWindow<'_> {
        self.buffer.window()
    }

    /// Initial sequence number.
    pub fn isn(&self) -> u32 {
        self.isn
    }

    /// The sequence number expected next from this side.
    pub fn next_seq(&self) -> u32 {
        self.next_seq
    }

    /// What the other side acknowledged.
    pub fn last_ack(&self) -> u32 {
        self.acked
    }

    /// Bytes of this side's stream so far: acknowledged ones (`stream_size`).
    pub fn stream_size(&self) -> u64 {
        u64::from(self.next_seq.wrapping_sub(self.isn))
    }

    /// Asks the engine to keep delivered bytes from this offset on for later looks; `None` takes the wish back. At most
    /// 256 KiB are kept.
    pub fn keep_from(&mut self, offset: Option<u64>) {
        self.keep_from = offset;
    }

    /// Stream offset up to which bytes may be delivered now.
    pub(crate) fn delivery_limit(&self, inline: bool) -> u64 {
        if inline { u64::MAX } else { self.acked_offset() }
    }

    /// Stream offset up to which missing bytes are given up: what the other side acknowledged, or everything when the
    /// flow ends. A FIN's own sequence number is no byte.
    pub(crate) fn gap_limit(&self, flush: bool) -> u64 {
        if flush && self.buffer.has_holes() {
            return u64::MAX;
        }
        let end = self
            .offset(self.next_seq.wrapping_sub(u32::from(self.fin_seen)))
            .max(0);
        self.acked_offset().min(end.cast_unsigned())
    }

    /// Whether everything before the FIN was delivered.
    pub(crate) fn is_fully_delivered(&self) -> bool {
        let end = self.offset(self.next_seq.wrapping_sub(1)).max(0).cast_unsigned();
        self.buffer.delivered() >= end || (self.depth_reached && !self.buffer.has_undelivered())
    }

    /// Drops what parsers and observers have seen.
    pub(crate) fn release(&mut self, overlap: usize, memory: &mut StreamMemory) {
        let oldest = self.buffer.delivered().saturating_sub(HOLD_LIMIT);
        let keep = self.keep_from.map(|from| from.max(oldest));
        self.buffer.release(overlap, keep, memory);
    }

    /// Begins with the side's SYN.
    pub(super) fn begin(&mut self, tcp: &TcpHeader<'_>) {
        self.isn = tcp.seq;
        self.next_seq = tcp.seq.wrapping_add(1);
        self.acked = self.next_seq;
        self.window = u32::from(tcp.window);
        self.window_scale = tcp.parsed.window_scale.map_or(0, |shift| shift.min(14));
        self.timestamp = tcp.parsed.timestamps.map(|ts| ts.value);
        self.known = true;
    }

    /// Begins in the middle of a connection.
    pub(super) fn begin_midstream(&mut self, next: u32, window: u32) {
        self.isn = next.wrapping_sub(1);
        self.next_seq = next;
        self.acked = next;
        self.send_limit = next.wrapping_add(window);
        self.window = window;
        // The scale was in a SYN that nobody saw: take the widest.
        self.window_scale = 14;
        self.known = true;
    }

    /// Stream offset of a sequence number; negative before the first byte.
    pub(super) fn offset(&self, seq: u32) -> i64 {
        let removed = self.urgent_removed + self.urgent.iter().filter(|at| before(**at, seq)).count() as u32;
        let delivered = self.buffer.delivered();
        let base = self.isn.wrapping_add(1).wrapping_add(delivered as u32);
        let ahead = seq.wrapping_sub(base).wrapping_sub(removed) as i32;
        delivered as i64 + i64::from(ahead)
    }

    /// Stream offset up to which the other side acknowledged.
    pub(super) fn acked_offset(&self) -> u64 {
        // A FIN takes a sequence number and no place in the stream: the buffer ends before it by itself.
        self.offset(self.acked).max(0).cast_unsigned()
    }

    /// Remembers that the byte at `seq` is out of band; `false` when it was remembered before.
    pub(super) fn remove_urgent(&mut self, seq: u32) -> bool {
        if self.urgent.contains(&seq) {
            return false;
        }
        if self.urgent.len() >= URGENT_KEPT {
            self.urgent.remove(0);
            self.urgent_removed += 1;
        }
        self.urgent.push(seq);
        true
    }

    /// PAWS (RFC 7323 section 5): whether a timestamp is older than the newest one of this side.
    pub(super) fn timestamp_is_old(&self, ts: TcpTimestamps) -> bool {
        self.timestamp
            .is_some_and(|newest| (ts.value.wrapping_sub(newest) as i32) < 0)
    }
}
