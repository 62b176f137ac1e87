//! Prefixes (or, read backwards, suffixes) of a text in one walk, however many there are.

use rustc_hash::FxHashMap;

const NONE: u32 = u32::MAX;

/// A trie over bytes; edges in one hash table, which is small and built fast.
#[derive(Debug, Default)]
pub(super) struct Trie {
    edges: FxHashMap<u64, u32>,
    /// Needle that ends at a node.
    ends: Vec<u32>,
}

fn edge(node: u32, byte: u8) -> u64 {
    u64::from(node) << 8 | u64::from(byte)
}

impl Trie {
    /// Adds a needle, which must not be empty.
    pub(super) fn insert(&mut self, bytes: impl Iterator<Item = u8>, needle: u32) {
        if self.ends.is_empty() {
            self.ends.push(NONE);
        }
        let mut node = 0;
        for byte in bytes {
            let next = self.ends.len() as u32;
            node = *self.edges.entry(edge(node, byte)).or_insert(next);
            if node == next {
                self.ends.push(NONE);
            }
        }
        if let Some(end) = self.ends.get_mut(node as usize) {
            *end = needle;
        }
    }

    /// Calls `found` with every needle that the bytes begin with.
    pub(super) fn walk(&self, bytes: impl Iterator<Item = u8>, mut found: impl FnMut(u32)) {
        let mut node = 0;
        for byte in bytes {
            let Some(next) = self.edges.get(&edge(node, byte)) else {
                return;
            };
            node = *next;
            match self.ends.get(node as usize) {
                Some(&needle) if needle != NONE => found(needle),
                _ => {}
            }
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }
}
