//! The hash of a file's first bytes, by which a file is known again.
//!
//! FNV-1a, because it must be the same in every version of this program; it guards against mistakes, not against
//! somebody who forges log files' beginnings.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;

use serde::{Deserialize, Serialize};

/// The hash of so many bytes from the beginning.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Fingerprint {
    length: u64,
    hash: u64,
}

/// More would not tell files better apart: log lines begin with their dates.
const MAX_BYTES: usize = 256;

impl Fingerprint {
    /// Of a file as it is now.
    pub(crate) fn of(file: &File) -> io::Result<Self> {
        let mut buffer = [0; MAX_BYTES];
        let length = read_at_start(file, &mut buffer)?;
        Ok(Self::hashed(buffer.get(..length).unwrap_or_default()))
    }

    /// Whether the file still begins with these bytes. A file that has grown since does.
    pub(crate) fn fits(self, file: &File) -> io::Result<bool> {
        let mut buffer = [0; MAX_BYTES];
        let read = read_at_start(file, &mut buffer)?;
        let wanted = usize::try_from(self.length).unwrap_or(usize::MAX);
        Ok(buffer
            .get(..wanted)
            .is_some_and(|bytes| wanted <= read && Self::hashed(bytes) == self))
    }

    /// Whether a longer one can be had.
    pub(crate) fn is_short(self) -> bool {
        self.length < MAX_BYTES as u64
    }

    fn hashed(bytes: &[u8]) -> Self {
        let hash = bytes.iter().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
        });
        Self {
            length: bytes.len() as u64,
            hash,
        }
    }
}

fn read_at_start(file: &File, buffer: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while let Some(rest) = buffer.get_mut(filled..).filter(|rest| !rest.is_empty()) {
        match file.read_at(rest, filled as u64)? {
            0 => break,
            count => filled += count,
        }
    }
    Ok(filled)
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    #[test]
    fn a_grown_file_fits_and_another_does_not() {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(b"one\n").unwrap();
        let short = Fingerprint::of(&file).unwrap();
        file.write_all(b"two\n").unwrap();
        assert!(short.fits(&file).unwrap() && short.is_short());
        let mut other = tempfile::tempfile().unwrap();
        other.write_all(b"eno\ntwo\n").unwrap();
        assert!(!short.fits(&other).unwrap());
        other.set_len(0).unwrap();
        assert!(!short.fits(&other).unwrap());
        assert!(Fingerprint::hashed(&[]).fits(&other).unwrap());
    }
}
