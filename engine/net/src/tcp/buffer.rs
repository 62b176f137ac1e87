//! The bytes of one direction of a stream, put in order.
//!
//! Segments are written into one flat buffer at their place; a list of the runs that are held but not yet delivered
//! says which places are filled, and remembers the segments' bounds, because overlap policies ask for them. Data is
//! delivered up to what the peer acknowledged. Where a buffer runs empty (the usual case) it goes back to a pool, so
//! that idle flows hold no memory and no packet allocates.

use std::collections::VecDeque;

use super::OverlapPolicy;

/// Memory for stream data, shared by all flows of an engine.
#[derive(Debug)]
pub struct StreamMemory {
    used: usize,
    cap: usize,
    pool: Vec<Vec<u8>>,
}

/// Buffers beyond this size are not pooled.
const POOLED_CAPACITY: usize = 64 * 1024;
/// Buffers that are pooled at most.
const POOLED_BUFFERS: usize = 1024;

impl StreamMemory {
    /// Memory of at most `cap` bytes.
    pub fn with_cap(cap: usize) -> Self {
        Self {
            used: 0,
            cap,
            pool: Vec::new(),
        }
    }

    /// Bytes in use.
    pub fn used(&self) -> usize {
        self.used
    }

    /// Bytes allowed.
    pub fn cap(&self) -> usize {
        self.cap
    }

    fn take(&mut self) -> Vec<u8> {
        self.pool.pop().unwrap_or_default()
    }

    fn give(&mut self, mut buffer: Vec<u8>) {
        if buffer.capacity() > 0 && buffer.capacity() <= POOLED_CAPACITY && self.pool.len() < POOLED_BUFFERS {
            buffer.clear();
            self.pool.push(buffer);
        }
    }
}

/// A run of bytes that is held and not yet delivered.
#[derive(Clone, Copy, Debug)]
struct Held {
    start: u64,
    end: u64,
    /// Bounds of the segment that brought it, for the overlap policy.
    segment: (u64, u64),
}

/// What taking a segment in did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Inserted {
    /// New bytes were kept.
    pub stored: usize,
    /// It overlapped held bytes.
    pub overlaps: bool,
    /// It overlapped held bytes, and they differ.
    pub differs: bool,
    /// It was not kept, or not whole: memory cap or too far ahead.
    pub refused: bool,
}

/// Contiguous bytes of a stream that observers may look at.
#[derive(Clone, Copy, Debug)]
pub struct StreamWindow<'a> {
    /// Stream offset of `bytes[0]`, from 0.
    pub offset: u64,
    /// The bytes that are still held, up to the newest delivered one.
    pub bytes: &'a [u8],
    /// Index of the first byte that observers have not seen yet; equal to `bytes.len()` when there is nothing new.
    pub new_from: usize,
}

/// Bytes of one direction of a stream.
#[derive(Debug, Default)]
pub struct StreamBuffer {
    bytes: Vec<u8>,
    /// Stream offset of `bytes[head]`.
    start: u64,
    head: usize,
    /// Parsers have seen everything before this offset.
    delivered: u64,
    /// Observers have seen everything before this offset.
    seen: u64,
    /// All places before this offset are filled (or given up as a gap).
    contiguous: u64,
    held: VecDeque<Held>,
    /// Most runs, separated by holes, that were held at once.
    most_regions: u16,
}

/// How far ahead of the contiguous bytes a segment may lie.
const FARTHEST_AHEAD: u64 = 4 * 1024 * 1024;

impl StreamBuffer {
    /// Offset after the last byte delivered to parsers.
    pub fn delivered(&self) -> u64 {
        self.delivered
    }

    /// Offset after the last byte in order.
    pub fn contiguous(&self) -> u64 {
        self.contiguous
    }

    /// Whether segments are held beyond a hole.
    pub fn has_holes(&self) -> bool {
        self.held.back().is_some_and(|last| last.end > self.contiguous)
    }

    /// Whether bytes wait to be delivered, in order or beyond a hole.
    pub fn has_undelivered(&self) -> bool {
        self.contiguous > self.delivered || self.has_holes()
    }

    /// Takes in a segment's bytes at a stream offset. What was delivered already is cut off.
    pub fn insert(
        &mut self,
        offset: u64,
        bytes: &[u8],
        policy: OverlapPolicy,
        memory: &mut StreamMemory,
    ) -> Inserted {
        let segment = (offset, offset + bytes.len() as u64);
        let cut = self.delivered.saturating_sub(offset).min(bytes.len() as u64);
        let bytes = bytes.get(cut as usize..).unwrap_or_default();
        let start = offset + cut;
        if bytes.is_empty() {
            return Inserted::default();
        }
        if start > self.contiguous + FARTHEST_AHEAD || !self.reserve(segment.1, memory) {
            return Inserted {
                refused: true,
                ..Inserted::default()
            };
        }
        if start == self.contiguous && !self.has_holes() {
            self.append(bytes, segment);
            return Inserted {
                stored: bytes.len(),
                ..Inserted::default()
            };
        }
        let inserted = self.merge(start, bytes, segment, policy);
        self.advance();
        self.most_regions = self.most_regions.max(self.regions());
        inserted
    }

    /// Most runs of bytes, separated by holes, that were held at once; at least 1.
    pub fn most_regions(&self) -> u16 {
        self.most_regions.max(1)
    }

    fn regions(&self) -> u16 {
        let pairs = self.held.iter().zip(self.held.iter().skip(1));
        let holes = pairs.filter(|(run, next)| run.end < next.start).count();
        let leading = self
            .held
            .front()
            .is_some_and(|first| first.start > self.contiguous)
            && self.delivered > 0;
        u16::try_from(holes + 1 + usize::from(leading)).unwrap_or(u16::MAX)
    }

    /// Bytes that can be delivered, up to the offset `limit`.
    pub fn deliverable(&self, limit: u64) -> &[u8] {
        self.range(self.delivered, limit.min(self.contiguous))
    }

    /// Marks bytes as delivered.
    pub fn deliver(&mut self, count: usize) {
        self.delivered = (self.delivered + count as u64).min(self.contiguous);
        while self.held.front().is_some_and(|held| held.end <= self.delivered) {
            self.held.pop_front();
        }
    }

    /// Gives up the hole in front of `limit` and returns how many bytes are missing: up to the next held byte, or to
    /// `limit`. All contiguous bytes must have been delivered.
    pub fn skip_gap(&mut self, limit: u64) -> u64 {
        if self.delivered < self.contiguous || limit <= self.contiguous {
            return 0;
        }
        let next = self.held.iter().find(|held| held.end > self.contiguous);
        let resume = match next {
            Some(held) => held.start.min(limit),
            // Nothing comes after the hole: there is no telling how long it is.
            None if limit == u64::MAX => return 0,
            None => limit,
        };
        let missing = resume - self.contiguous;
        self.contiguous = resume;
        self.delivered = resume;
        self.seen = self.seen.max(resume);
        self.drop_before(resume);
        self.advance();
        missing
    }

    /// What observers may look at.
    pub fn window(&self) -> StreamWindow<'_> {
        let bytes = self.range(self.start, self.delivered);
        let new_from = self.seen.saturating_sub(self.start).min(bytes.len() as u64);
        StreamWindow {
            offset: self.start,
            bytes,
            new_from: new_from as usize,
        }
    }

    /// Observers have seen all that was delivered: drops it, but for the last `overlap` bytes and what is at or after
    /// `keep_from`.
    pub fn release(&mut self, overlap: usize, keep_from: Option<u64>, memory: &mut StreamMemory) {
        self.seen = self.delivered;
        let keep = self.delivered.saturating_sub(overlap as u64);
        self.drop_before(keep_from.map_or(keep, |from| from.min(keep)));
        self.shrink(memory);
    }

    /// Gives all memory back.
    pub fn clear(&mut self, memory: &mut StreamMemory) {
        self.held.clear();
        let buffer = std::mem::take(&mut self.bytes);
        memory.used = memory.used.saturating_sub(buffer.capacity());
        memory.give(buffer);
        self.head = 0;
        self.start = self.delivered;
        self.contiguous = self.delivered;
    }

    fn range(&self, from: u64, to: u64) -> &[u8] {
        let place = |offset: u64| self.head + offset.saturating_sub(self.start) as usize;
        self.bytes.get(place(from)..place(to)).unwrap_or_default()
    }

    /// Makes room up to a stream offset within the memory cap.
    fn reserve(&mut self, end: u64, memory: &mut StreamMemory) -> bool {
        let needed = self.head + end.saturating_sub(self.start) as usize;
        let capacity = self.bytes.capacity();
        if needed <= capacity {
            return true;
        }
        if capacity == 0 {
            self.bytes = memory.take();
            memory.used += self.bytes.capacity();
            if needed <= self.bytes.capacity() {
                return true;
            }
        }
        self.compact();
        let needed = end.saturating_sub(self.start) as usize;
        let before = self.bytes.capacity();
        if needed > before && memory.used + (needed - before) > memory.cap {
            return false;
        }
        self.bytes.reserve(needed.saturating_sub(self.bytes.len()));
        memory.used += self.bytes.capacity() - before;
        true
    }

    /// The fast path: the segment follows what is held.
    fn append(&mut self, bytes: &[u8], segment: (u64, u64)) {
        if self.bytes.len() == self.head {
            // Nothing is held: whatever was dropped before moves the start along.
            self.start = self.contiguous;
        }
        self.bytes.extend_from_slice(bytes);
        let start = self.contiguous;
        self.contiguous += bytes.len() as u64;
        self.held.push_back(Held {
            start,
            end: self.contiguous,
            segment,
        });
    }

    /// Writes a segment that lies ahead or overlaps, run by run.
    fn merge(&mut self, start: u64, bytes: &[u8], segment: (u64, u64), policy: OverlapPolicy) -> Inserted {
        let end = start + bytes.len() as u64;
        let mut inserted = Inserted::default();
        let mut filled: Vec<Held> = Vec::new();
        let mut place = start;
        for index in 0..self.held.len() {
            let Some(old) = self.held.get(index).copied() else {
                break;
            };
            if old.end <= place {
                continue;
            }
            if old.start >= end {
                break;
            }
            if old.start > place {
                filled.push(Held {
                    start: place,
                    end: old.start,
                    segment,
                });
                place = old.start;
            }
            let stop = old.end.min(end);
            let new = slice(bytes, place - start, stop - start);
            inserted.overlaps = true;
            if new != self.range(place, stop) {
                inserted.differs = true;
                if policy.new_wins(segment, old.segment) {
                    self.write(place, new);
                }
            }
            place = stop;
        }
        if place < end {
            filled.push(Held {
                start: place,
                end,
                segment,
            });
        }
        for run in filled {
            self.write(run.start, slice(bytes, run.start - start, run.end - start));
            inserted.stored += (run.end - run.start) as usize;
            let at = self.held.partition_point(|held| held.start < run.start);
            self.held.insert(at, run);
        }
        inserted
    }

    /// Writes bytes at a stream offset, growing the buffer; a hole is filled with zeros until its bytes come.
    fn write(&mut self, offset: u64, bytes: &[u8]) {
        let at = self.head + offset.saturating_sub(self.start) as usize;
        let end = at + bytes.len();
        if self.bytes.len() < end {
            self.bytes.resize(end, 0);
        }
        if let Some(target) = self.bytes.get_mut(at..end) {
            target.copy_from_slice(bytes);
        }
    }

    /// Moves the end of the contiguous bytes over the runs that follow it.
    fn advance(&mut self) {
        for held in &self.held {
            if held.start > self.contiguous {
                break;
            }
            self.contiguous = self.contiguous.max(held.end);
        }
    }

    fn drop_before(&mut self, offset: u64) {
        let Some(count) = offset.checked_sub(self.start) else {
            return;
        };
        let available = self.bytes.len() - self.head;
        self.head += available.min(count as usize);
        self.start = offset;
        if self.head == self.bytes.len() {
            self.bytes.clear();
            self.head = 0;
        }
    }

    /// Gives an empty buffer back, and moves a mostly dropped one to its front.
    fn shrink(&mut self, memory: &mut StreamMemory) {
        if self.bytes.is_empty() {
            let buffer = std::mem::take(&mut self.bytes);
            memory.used = memory.used.saturating_sub(buffer.capacity());
            memory.give(buffer);
        } else if self.head > 4096 && self.head > self.bytes.len() / 2 {
            self.compact();
        }
    }

    fn compact(&mut self) {
        let kept = self.bytes.len() - self.head;
        self.bytes.copy_within(self.head.., 0);
        self.bytes.truncate(kept);
        self.head = 0;
    }
}

fn slice(bytes: &[u8], from: u64, to: u64) -> &[u8] {
    bytes.get(from as usize..to as usize).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn memory() -> StreamMemory {
        StreamMemory::with_cap(1 << 20)
    }

    fn drain(buffer: &mut StreamBuffer, limit: u64, memory: &mut StreamMemory) -> Vec<u8> {
        let bytes = buffer.deliverable(limit).to_vec();
        buffer.deliver(bytes.len());
        buffer.release(0, None, memory);
        bytes
    }

    #[test]
    fn delivers_what_was_acknowledged_and_no_more() {
        let (mut buffer, mut memory) = (StreamBuffer::default(), memory());
        buffer.insert(0, b"hello ", OverlapPolicy::Bsd, &mut memory);
        buffer.insert(6, b"world", OverlapPolicy::Bsd, &mut memory);
        assert_eq!(drain(&mut buffer, 3, &mut memory), b"hel");
        assert_eq!(drain(&mut buffer, 99, &mut memory), b"lo world");
        assert_eq!(memory.used(), 0);
    }

    #[test]
    fn a_hole_waits_and_is_given_up_when_acknowledged() {
        let (mut buffer, mut memory) = (StreamBuffer::default(), memory());
        buffer.insert(0, b"abc", OverlapPolicy::Bsd, &mut memory);
        buffer.insert(5, b"fg", OverlapPolicy::Bsd, &mut memory);
        assert_eq!(drain(&mut buffer, 7, &mut memory), b"abc");
        assert_eq!(buffer.skip_gap(7), 2);
        assert_eq!(drain(&mut buffer, 7, &mut memory), b"fg");
        assert_eq!((buffer.delivered(), memory.used()), (7, 0));
        assert_eq!(buffer.skip_gap(9), 2);
        buffer.insert(9, b"x", OverlapPolicy::Bsd, &mut memory);
        assert_eq!(drain(&mut buffer, 10, &mut memory), b"x");
    }

    #[test]
    fn overlaps_follow_the_policy() {
        // Held: three segments A [10,20) B [30,40) C [50,60); new: x [5,15) before A, y [30,45) with B, z [45,70) over C.
        let run = |policy| {
            let (mut buffer, mut memory) = (StreamBuffer::default(), memory());
            for start in [10, 30, 50] {
                buffer.insert(start, &[b'o'; 10], policy, &mut memory);
            }
            let x = buffer.insert(5, &[b'x'; 10], policy, &mut memory);
            buffer.insert(30, &[b'y'; 15], policy, &mut memory);
            buffer.insert(45, &[b'z'; 25], policy, &mut memory);
            buffer.insert(35, &[b'w'; 3], policy, &mut memory);
            assert!(x.differs);
            buffer.insert(0, &[b'.'; 70], OverlapPolicy::First, &mut memory);
            let bytes = buffer.deliverable(70).to_vec();
            [12, 32, 36, 52]
                .map(|at| bytes[at] as char)
                .iter()
                .collect::<String>()
        };
        assert_eq!(run(OverlapPolicy::First), "oooo");
        assert_eq!(run(OverlapPolicy::Last), "xywz");
        assert_eq!(run(OverlapPolicy::Bsd), "xooz");
        assert_eq!(run(OverlapPolicy::Linux), "xyyz");
        assert_eq!(run(OverlapPolicy::OldLinux), "xyyz");
        assert_eq!(run(OverlapPolicy::Windows), "oooz");
        assert_eq!(run(OverlapPolicy::Solaris), "xyyz");
        assert_eq!(run(OverlapPolicy::BsdRight), "oywo");
    }

    #[test]
    fn the_memory_cap_refuses_and_says_so() {
        let (mut buffer, mut memory) = (StreamBuffer::default(), StreamMemory::with_cap(100));
        assert!(
            !buffer
                .insert(0, &[1; 60], OverlapPolicy::Bsd, &mut memory)
                .refused
        );
        assert!(
            buffer
                .insert(60, &[1; 60], OverlapPolicy::Bsd, &mut memory)
                .refused
        );
        assert!(memory.used() <= 100);
        buffer.clear(&mut memory);
        assert_eq!(memory.used(), 0);
    }

    #[test]
    fn a_window_keeps_the_overlap_that_observers_ask_for() {
        let (mut buffer, mut memory) = (StreamBuffer::default(), memory());
        buffer.insert(0, b"0123456789", OverlapPolicy::Bsd, &mut memory);
        buffer.deliver(10);
        assert_eq!(buffer.window().new_from, 0);
        buffer.release(4, None, &mut memory);
        let window = buffer.window();
        assert_eq!(
            (window.offset, window.bytes, window.new_from),
            (6, &b"6789"[..], 4)
        );
        buffer.insert(10, b"ab", OverlapPolicy::Bsd, &mut memory);
        buffer.deliver(2);
        assert_eq!(buffer.window().bytes, b"6789ab");
        buffer.release(1, Some(8), &mut memory);
        assert_eq!(buffer.window().bytes, b"89ab");
    }
}
