//! A file that a transaction carries: name, size, hashes, and a window of its bytes.

use sha1::Digest as _;

use super::ByteWindow;
use crate::flow::Direction;

/// How far a file came, as EVE names it in `fileinfo.state`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FileState {
    /// Still coming.
    #[default]
    Open,
    /// All of it was seen.
    Closed,
    /// Its end is missing: the flow ended, a gap, or a limit.
    Truncated,
    /// It could not be followed.
    Error,
}

/// Hashes that are computed while a file comes.
#[derive(Clone, Debug, Default)]
pub struct FileHashes {
    md5: Option<md5::Md5>,
    sha1: Option<sha1::Sha1>,
    sha256: Option<sha2::Sha256>,
}

/// A file seen in a transaction.
#[derive(Clone, Debug)]
pub struct File {
    /// Name as the protocol gives it (may be empty).
    pub name: Vec<u8>,
    /// Which way it goes.
    pub direction: Direction,
    /// How far it came.
    pub state: FileState,
    /// Bytes are missing in the middle.
    pub gaps: bool,
    /// Written to a store by someone.
    pub stored: bool,
    /// First and last byte of a part of a bigger file (`Content-Range`).
    pub range: Option<(u64, u64)>,
    /// A stretch of its bytes.
    pub content: ByteWindow,
    /// Its first bytes, for telling its type.
    pub head: Vec<u8>,
    /// Lower-case hexadecimal MD5, once the file is closed.
    pub md5: Option<String>,
    /// Lower-case hexadecimal SHA-1, once the file is closed.
    pub sha1: Option<String>,
    /// Lower-case hexadecimal SHA-256, once the file is closed.
    pub sha256: Option<String>,
    /// Its record was written.
    pub logged: bool,
    hashes: FileHashes,
}

/// Bytes kept for telling a file's type.
const HEAD_BYTES: usize = 512;

impl FileState {
    /// Name as EVE writes it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Open => "OPEN",
            Self::Closed => "CLOSED",
            Self::Truncated => "TRUNCATED",
            Self::Error => "ERROR",
        }
    }
}

impl FileHashes {
    /// The hashes asked for.
    pub fn new(with_md5: bool, with_sha1: bool, with_sha256: bool) -> Self {
        Self {
            md5: with_md5.then(md5::Md5::default),
            sha1: with_sha1.then(sha1::Sha1::default),
            sha256: with_sha256.then(sha2::Sha256::default),
        }
    }

    fn update(&mut self, bytes: &[u8]) {
        if let Some(md5) = &mut self.md5 {
            md5.update(bytes);
        }
        if let Some(sha1) = &mut self.sha1 {
            sha1.update(bytes);
        }
        if let Some(sha256) = &mut self.sha256 {
            sha256.update(bytes);
        }
    }
}

impl File {
    /// An open file of which at most `window` bytes are kept at a time.
    pub fn new(name: Vec<u8>, direction: Direction, window: usize, hashes: FileHashes) -> Self {
        Self {
            name,
            direction,
            state: FileState::Open,
            gaps: false,
            stored: false,
            range: None,
            content: ByteWindow::with_limit(window),
            head: Vec::new(),
            md5: None,
            sha1: None,
            sha256: None,
            logged: false,
            hashes,
        }
    }

    /// Takes the next bytes.
    pub fn push(&mut self, bytes: &[u8]) {
        let room = HEAD_BYTES.saturating_sub(self.head.len());
        self.head.extend(bytes.iter().take(room));
        self.hashes.update(bytes);
        self.content.push(bytes);
    }

    /// Bytes that were never captured: they count, but there is no hash over a hole.
    pub fn gap(&mut self, missing: u64) {
        self.gaps = true;
        self.content.skip(missing);
    }

    /// Closes the file and, when all of it was seen, finishes its hashes.
    pub fn close(&mut self, state: FileState) {
        if self.state != FileState::Open {
            return;
        }
        self.state = state;
        let hashes = std::mem::take(&mut self.hashes);
        if state == FileState::Closed && !self.gaps {
            self.md5 = hashes.md5.map(|h| hex(&h.finalize()));
            self.sha1 = hashes.sha1.map(|h| hex(&h.finalize()));
            self.sha256 = hashes.sha256.map(|h| hex(&h.finalize()));
        }
    }

    /// Bytes seen so far.
    pub fn size(&self) -> u64 {
        self.content.total()
    }
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes
        .iter()
        .fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
            write!(text, "{byte:02x}").ok();
            text
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_in_pieces_and_keeps_a_window() {
        let mut file = File::new(
            b"a".to_vec(),
            Direction::ToClient,
            2,
            FileHashes::new(true, true, true),
        );
        file.push(b"ab");
        file.push(b"c");
        file.close(FileState::Closed);
        assert_eq!(file.md5.as_deref(), Some("900150983cd24fb0d6963f7d28e17f72"));
        assert_eq!(
            file.sha1.as_deref(),
            Some("a9993e364706816aba3e25717850c26c9cd0d89d")
        );
        assert!(
            file.sha256
                .as_deref()
                .is_some_and(|hash| hash.starts_with("ba7816bf"))
        );
        assert_eq!(
            (file.size(), file.content.bytes(), &*file.head),
            (3, &b"bc"[..], &b"abc"[..])
        );
    }

    #[test]
    fn a_truncated_file_has_no_hash() {
        let mut file = File::new(
            Vec::new(),
            Direction::ToServer,
            9,
            FileHashes::new(true, false, true),
        );
        file.push(b"x");
        file.close(FileState::Truncated);
        file.close(FileState::Closed);
        assert_eq!(
            (file.state, file.md5, file.sha256),
            (FileState::Truncated, None, None)
        );
    }
}
