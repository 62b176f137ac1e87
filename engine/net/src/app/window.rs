//! A bounded window over a growing run of bytes.

/// Bytes of a body or file of which only a stretch is kept. `offset` is the place of the first kept byte within the
/// whole; what an inspector has seen may be released from the front.
#[derive(Clone, Debug, Default)]
pub struct ByteWindow {
    offset: u64,
    bytes: Vec<u8>,
    total: u64,
    limit: usize,
    lost: u64,
}

impl ByteWindow {
    /// An empty window that keeps at most `limit` bytes.
    pub fn with_limit(limit: usize) -> Self {
        Self {
            limit,
            ..Self::default()
        }
    }

    /// Appends; when the window is full, the oldest bytes go. Returns how many went without having been released.
    pub fn push(&mut self, bytes: &[u8]) -> usize {
        self.total += bytes.len() as u64;
        let skipped = bytes.len().saturating_sub(self.limit);
        let bytes = bytes.get(skipped..).unwrap_or_default();
        let excess = (self.bytes.len() + bytes.len()).saturating_sub(self.limit);
        self.bytes.drain(..excess.min(self.bytes.len()));
        self.bytes.extend_from_slice(bytes);
        let gone = excess + skipped;
        self.offset += gone as u64;
        self.lost += gone as u64;
        gone
    }

    /// Counts bytes that are missing; what was kept before them goes, so that kept bytes are always without a hole.
    pub fn skip(&mut self, missing: u64) {
        self.total += missing;
        self.offset = self.total;
        self.bytes.clear();
    }

    /// Drops kept bytes before `offset` of the whole.
    pub fn release_to(&mut self, offset: u64) {
        let count = offset.saturating_sub(self.offset).min(self.bytes.len() as u64);
        self.bytes.drain(..count as usize);
        self.offset += count;
    }

    /// Place of the first kept byte within the whole.
    pub fn offset(&self) -> u64 {
        self.offset
    }

    /// The kept bytes.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Bytes that were pushed in all.
    pub fn total(&self) -> u64 {
        self.total
    }

    /// Bytes that left because the window was full.
    pub fn lost(&self) -> u64 {
        self.lost
    }

    /// Whether nothing was ever pushed.
    pub fn is_empty(&self) -> bool {
        self.total == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_the_newest_bytes_and_knows_their_place() {
        let mut window = ByteWindow::with_limit(4);
        assert_eq!(window.push(b"abc"), 0);
        assert_eq!(window.push(b"def"), 2);
        assert_eq!(
            (window.offset(), window.bytes(), window.total()),
            (2, &b"cdef"[..], 6)
        );
        window.release_to(5);
        assert_eq!((window.offset(), window.bytes()), (5, &b"f"[..]));
        assert_eq!(window.push(b"0123456789"), 7);
        assert_eq!((window.offset(), window.bytes()), (12, &b"6789"[..]));
        assert_eq!((window.total(), window.lost()), (16, 9));
    }

    #[test]
    fn releasing_beyond_the_end_keeps_the_offset_true() {
        let mut window = ByteWindow::with_limit(8);
        window.push(b"abc");
        window.release_to(100);
        window.push(b"d");
        assert_eq!((window.offset(), window.bytes()), (3, &b"d"[..]));
    }
}
