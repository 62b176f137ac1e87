//! Bytes of a stream that wait until a message is whole.

/// A bounded buffer that is filled at the end and eaten at the front.
#[derive(Debug)]
pub(crate) struct Held {
    bytes: Vec<u8>,
    start: usize,
    limit: usize,
    /// Bytes of the stream that were eaten.
    eaten: u64,
}

impl Held {
    pub(crate) fn with_limit(limit: usize) -> Self {
        Self {
            bytes: Vec::new(),
            start: 0,
            limit,
            eaten: 0,
        }
    }

    /// Appends; `false` when the limit is passed, and then nothing is kept.
    #[must_use]
    pub(crate) fn push(&mut self, bytes: &[u8]) -> bool {
        if self.start > 0 {
            self.bytes.drain(..self.start);
            self.start = 0;
        }
        if self.bytes.len() + bytes.len() > self.limit {
            self.clear();
            return false;
        }
        self.bytes.extend_from_slice(bytes);
        true
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        self.bytes.get(self.start..).unwrap_or_default()
    }

    /// Eats `count` bytes.
    pub(crate) fn eat(&mut self, count: usize) {
        let count = count.min(self.bytes.len() - self.start);
        self.start += count;
        self.eaten += count as u64;
        if self.start == self.bytes.len() {
            self.bytes.clear();
            self.start = 0;
        }
    }

    /// Eats `count` bytes and returns them.
    pub(crate) fn take(&mut self, count: usize) -> Vec<u8> {
        let taken = self.bytes().get(..count).unwrap_or_default().to_vec();
        self.eat(count);
        taken
    }

    pub(crate) fn clear(&mut self) {
        self.eaten += (self.bytes.len() - self.start) as u64;
        self.bytes = Vec::new();
        self.start = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn eats_at_the_front_and_keeps_its_bound() {
        let mut held = Held::with_limit(4);
        assert!(held.push(b"abc"));
        held.eat(2);
        assert!(held.push(b"def"));
        assert_eq!((held.bytes(), held.eaten), (&b"cdef"[..], 2));
        assert_eq!(held.take(1), b"c");
        assert!(!held.push(b"12345"));
        assert!(held.bytes().is_empty());
    }
}
