//! The head file: number and hash of the last acknowledged entry, written in turn into two slots, so that a write cut by
//! a power failure leaves the other.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt as _;

use super::entry::{GENESIS, Hash};

/// The last acknowledged entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    /// Its number; 0 for an empty journal.
    pub seq: u64,
    /// Its hash.
    pub hash: Hash,
}

impl Head {
    /// The head of an empty journal.
    pub const EMPTY: Self = Self {
        seq: 0,
        hash: GENESIS,
    };

    fn slot(self) -> Vec<u8> {
        let text = format!("{:020} {}", self.seq, self.hash);
        format!("{text} {:08x}\n", crc32fast::hash(text.as_bytes())).into_bytes()
    }

    /// Reads a slot; `None` for anything that was not written as one.
    fn of_slot(slot: &[u8]) -> Option<Self> {
        let text = std::str::from_utf8(slot).ok()?;
        let mut parts = text.split(' ');
        let seq = parts.next()?.parse().ok()?;
        let hash = Hash::from_hex(parts.next()?)?;
        let head = Self { seq, hash };
        (head.slot() == slot).then_some(head)
    }
}

/// Bytes of a slot: 20 digits, blank, 64 digits, blank, 8 digits, line end.
const SLOT_BYTES: usize = 95;

/// Both slots of a head file.
pub(super) struct Slots(pub(super) [Option<Head>; 2]);

impl Slots {
    /// Reads the slots. Bytes beyond them make both unreadable: nobody wrote those.
    pub(super) fn read(bytes: &[u8]) -> Self {
        if bytes.len() != 2 * SLOT_BYTES {
            return Self([None, None]);
        }
        let slot = |at: usize| {
            bytes
                .get(at * SLOT_BYTES..(at + 1) * SLOT_BYTES)
                .and_then(Head::of_slot)
        };
        Self([slot(0), slot(1)])
    }

    /// The newer of the readable ones.
    pub(super) fn newest(&self) -> Option<Head> {
        self.0.into_iter().flatten().max_by_key(|head| head.seq)
    }
}

/// Writes both slots, for a new file or one just read.
pub(super) fn write_both(file: &File, head: Head) -> io::Result<()> {
    file.write_all_at(&[head.slot(), head.slot()].concat(), 0)?;
    file.set_len(2 * SLOT_BYTES as u64)?;
    file.sync_all()
}

/// Writes the slot whose turn it is and waits for the disk.
pub(super) fn write_turn(file: &File, head: Head, turn: bool) -> io::Result<()> {
    let at = if turn { SLOT_BYTES as u64 } else { 0 };
    file.write_all_at(&head.slot(), at)?;
    file.sync_data()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newer_readable_slot_counts() {
        let (old, new) = (
            Head {
                seq: 7,
                hash: GENESIS,
            },
            Head {
                seq: 8,
                hash: Hash([3; 32]),
            },
        );
        let mut bytes = [old.slot(), new.slot()].concat();
        assert_eq!(Slots::read(&bytes).newest(), Some(new));
        bytes[SLOT_BYTES + 30] ^= 1;
        assert_eq!(Slots::read(&bytes).newest(), Some(old));
        bytes[3] ^= 1;
        assert_eq!(Slots::read(&bytes).newest(), None);
    }
}
