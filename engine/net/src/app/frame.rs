//! Frames: the pieces a protocol's parser cuts its bytes into (records, messages, lines), for rules with `frame`.
//!
//! They are made only while a rule asks for any, carry a bounded copy of their bytes, and live until the observers have
//! seen the packet that completed them.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::flow::Direction;

/// Bytes of one frame that are kept.
const MAX_FRAME_BYTES: usize = 128 * 1024;
/// Frames of one packet; further ones are counted and not shown.
const MAX_FRAMES: usize = 1024;
/// Bytes of all frames of one packet.
const MAX_BYTES: usize = 4 << 20;

/// One frame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    /// Number within the flow, from 1.
    pub id: u64,
    /// Its kind, as rules name it after the protocol (`pdu`, `request.line`).
    pub kind: &'static str,
    /// Which way it went.
    pub direction: Direction,
    /// The transaction it belongs to.
    pub tx_id: Option<u64>,
    /// Bytes it has on the wire.
    pub length: u64,
    /// Its first bytes, all of them unless `length` says more.
    pub bytes: Vec<u8>,
}

impl Frame {
    /// Whether all its bytes are here.
    pub fn is_complete(&self) -> bool {
        self.bytes.len() as u64 == self.length
    }
}

/// Whether any rule asks for frames; shared with every copy of the settings.
#[derive(Clone, Debug, Default)]
pub struct FrameDemand(Arc<AtomicBool>);

impl FrameDemand {
    /// Says whether frames are wanted, from the next bytes on.
    pub fn set(&self, wanted: bool) {
        self.0.store(wanted, Ordering::Relaxed);
    }

    /// Whether they are.
    pub fn is_on(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// The frames that the packet at hand completed. Boxed, because most flows never have any.
#[derive(Debug, Default)]
pub struct Frames(Option<Box<FrameList>>);

#[derive(Debug, Default)]
struct FrameList {
    list: Vec<Frame>,
    bytes: usize,
    made: u64,
    unseen: u64,
}

impl Frames {
    pub(crate) fn push(
        &mut self,
        kind: &'static str,
        direction: Direction,
        tx_id: Option<u64>,
        bytes: &[u8],
        length: u64,
    ) {
        let frames = self.0.get_or_insert_default();
        frames.made += 1;
        let kept = bytes.get(..MAX_FRAME_BYTES).unwrap_or(bytes);
        if frames.list.len() >= MAX_FRAMES || frames.bytes + kept.len() > MAX_BYTES {
            frames.unseen += 1;
            return;
        }
        frames.bytes += kept.len();
        frames.list.push(Frame {
            id: frames.made,
            kind,
            direction,
            tx_id,
            length,
            bytes: kept.to_vec(),
        });
    }

    /// In the order they ended.
    pub fn iter(&self) -> impl Iterator<Item = &Frame> {
        self.0.iter().flat_map(|frames| &frames.list)
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.as_ref().is_none_or(|frames| frames.list.is_empty())
    }

    /// Frames that were too many or too long to be shown.
    pub fn unseen(&self) -> u64 {
        self.0.as_ref().map_or(0, |frames| frames.unseen)
    }

    /// Observers have seen them.
    pub(crate) fn clear(&mut self) {
        if let Some(frames) = &mut self.0 {
            frames.list.clear();
            frames.bytes = 0;
        }
    }
}

/// Collects the bytes of a frame that comes in pieces.
#[derive(Debug, Default)]
pub(crate) struct FrameBytes {
    bytes: Vec<u8>,
    length: u64,
}

impl FrameBytes {
    /// Adds what was just taken.
    pub(crate) fn add(&mut self, bytes: &[u8]) {
        let room = MAX_FRAME_BYTES.saturating_sub(self.bytes.len());
        self.bytes
            .extend_from_slice(bytes.get(..room.min(bytes.len())).unwrap_or_default());
        self.length += bytes.len() as u64;
    }

    /// The bytes kept and how many there were; empty again.
    pub(crate) fn take(&mut self) -> (Vec<u8>, u64) {
        (std::mem::take(&mut self.bytes), std::mem::take(&mut self.length))
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.length == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_are_bounded_and_numbered() {
        let mut frames = Frames::default();
        for _ in 0..MAX_FRAMES + 5 {
            frames.push("pdu", Direction::ToServer, None, b"ab", 3);
        }
        assert_eq!((frames.iter().count(), frames.unseen()), (MAX_FRAMES, 5));
        assert!(frames.iter().all(|frame| !frame.is_complete()));
        frames.clear();
        frames.push("pdu", Direction::ToServer, None, &vec![0; MAX_FRAME_BYTES + 1], 1);
        let frame = frames.iter().next().unwrap();
        assert_eq!(
            (frame.id, frame.bytes.len()),
            (MAX_FRAMES as u64 + 6, MAX_FRAME_BYTES)
        );
    }
}
