//! Values seen before and what they lead to.
//!
//! Most values of real telemetry repeat. The table is direct-mapped and bounded; a hit compares the whole value and
//! whose it is, so chosen hash collisions cost the time of a scan, never a wrong answer.

use std::hash::Hasher;

use rustc_hash::FxHasher;

use super::lower::AtomId;

/// Entries a thread keeps.
const ENTRIES: usize = 1 << 14;
/// Longer values are not kept.
pub(super) const MAX_VALUE: usize = 1024;

/// Which view, state of its witnesses and slot an entry belongs to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Owner {
    pub(super) view: u32,
    pub(super) epoch: u32,
    pub(super) slot: u32,
}

/// What is remembered of a value.
#[derive(Debug, Default)]
pub(super) struct Entry {
    owner: Option<Owner>,
    value: String,
    /// Atoms, then candidates, in one list: one place in memory to fetch.
    lists: Vec<u32>,
    atoms: u32,
}

impl Entry {
    /// Atoms that the value makes true.
    pub(super) fn atoms(&self) -> &[AtomId] {
        self.lists.get(..self.atoms as usize).unwrap_or_default()
    }

    /// Rules of the view (by position) of which it has a witness, each once.
    pub(super) fn candidates(&self) -> &[u32] {
        self.lists.get(self.atoms as usize..).unwrap_or_default()
    }

    pub(super) fn fill(&mut self, atoms: &[AtomId], candidates: impl Iterator<Item = u32>) {
        self.lists.clear();
        self.lists.extend_from_slice(atoms);
        self.atoms = atoms.len() as u32;
        for rule in candidates {
            if !self.candidates().contains(&rule) {
                self.lists.push(rule);
            }
        }
    }
}

/// A bounded memo.
#[derive(Debug)]
pub(super) struct Memo {
    entries: Vec<Entry>,
}

impl Default for Memo {
    fn default() -> Self {
        Self {
            entries: (0..ENTRIES).map(|_| Entry::default()).collect(),
        }
    }
}

impl Memo {
    /// Where a value's entry is.
    pub(super) fn position(owner: Owner, value: &str) -> usize {
        let mut hasher = FxHasher::default();
        hasher.write_u64(u64::from(owner.view) << 48 ^ u64::from(owner.epoch) << 24 ^ u64::from(owner.slot));
        hasher.write(value.as_bytes());
        (hasher.finish() >> 20) as usize % ENTRIES
    }

    /// What is known of the value, if the entry is its.
    pub(super) fn find(&self, position: usize, owner: Owner, value: &str) -> Option<&Entry> {
        self.entries
            .get(position)
            .filter(|entry| entry.owner == Some(owner) && entry.value == value)
    }

    /// Puts a value in the place of what was there, whose memory is used again.
    pub(super) fn replace(&mut self, position: usize, owner: Owner, value: &str) -> Option<&mut Entry> {
        let entry = self.entries.get_mut(position)?;
        entry.owner = Some(owner);
        entry.value.clear();
        entry.value.push_str(value);
        Some(entry)
    }
}
