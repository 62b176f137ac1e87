//! One file being followed.

use std::fs::{File, Metadata};
use std::io;
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use crate::checkpoint::Place;
use crate::fingerprint::Fingerprint;
use crate::lines::{Line, Lines};

/// Device and inode.
pub(crate) type FileId = (u64, u64);

pub(crate) fn id_of(metadata: &Metadata) -> FileId {
    (metadata.dev(), metadata.ino())
}

#[derive(Debug)]
pub(crate) struct Tail {
    pub(crate) path: PathBuf,
    pub(crate) id: FileId,
    file: File,
    /// How far has been read, the unfinished last line included.
    read_to: u64,
    fingerprint: Fingerprint,
    lines: Lines,
    grew_at: Instant,
    /// Set when no path leads here any more: the file was renamed out of sight or deleted.
    pub(crate) orphaned_at: Option<Instant>,
}

impl Tail {
    /// Follows a file from an offset on.
    pub(crate) fn open(path: PathBuf, file: File, offset: u64) -> io::Result<Self> {
        Ok(Self {
            path,
            id: id_of(&file.metadata()?),
            fingerprint: Fingerprint::of(&file)?,
            file,
            read_to: offset,
            lines: Lines::default(),
            grew_at: Instant::now(),
            orphaned_at: None,
        })
    }

    /// The place that is safe to go on from when everything up to `offset` is durable.
    pub(crate) fn place(&self, offset: u64) -> Place {
        let (device, inode) = self.id;
        Place {
            path: self.path.clone(),
            device,
            inode,
            offset,
            fingerprint: self.fingerprint,
        }
    }

    /// How far whole lines have been handed out.
    pub(crate) fn offset(&self) -> u64 {
        self.read_to - self.lines.pending()
    }

    /// Reads on, at most `budget` bytes. True when there may be more.
    pub(crate) fn read(
        &mut self,
        buffer: &mut [u8],
        budget: usize,
        max_line_bytes: usize,
        found: &mut Vec<Line>,
    ) -> io::Result<bool> {
        self.notice_truncation(found)?;
        let more = self.read_on(buffer, budget, max_line_bytes, found)?;
        if self.fingerprint.is_short() {
            self.fingerprint = Fingerprint::of(&self.file)?;
        }
        Ok(more)
    }

    fn read_on(
        &mut self,
        buffer: &mut [u8],
        budget: usize,
        max_line_bytes: usize,
        found: &mut Vec<Line>,
    ) -> io::Result<bool> {
        let mut left = budget;
        while left > 0 {
            let room = buffer.len().min(left);
            let Some(target) = buffer.get_mut(..room) else {
                break;
            };
            let count = self.file.read_at(target, self.read_to)?;
            let Some(bytes) = buffer.get(..count).filter(|bytes| !bytes.is_empty()) else {
                return Ok(false);
            };
            self.lines.push(bytes, max_line_bytes, found);
            self.read_to += count as u64;
            self.grew_at = Instant::now();
            left -= count;
        }
        Ok(true)
    }

    /// Emptied (copytruncate), shortened, or emptied and filled again beyond the old place: begin anew. What was left of
    /// the last line is a line.
    fn notice_truncation(&mut self, found: &mut Vec<Line>) -> io::Result<()> {
        let length = self.file.metadata()?.len();
        if length >= self.read_to && self.fingerprint.fits(&self.file)? {
            return Ok(());
        }
        found.extend(self.lines.flush());
        self.read_to = 0;
        self.fingerprint = Fingerprint::of(&self.file)?;
        Ok(())
    }

    /// The last line, when its end has not come for long enough.
    pub(crate) fn flush_idle(&mut self, patience: Duration) -> Option<Line> {
        (self.grew_at.elapsed() >= patience)
            .then(|| self.flush())
            .flatten()
    }

    /// The last line, when nothing more will come.
    pub(crate) fn flush(&mut self) -> Option<Line> {
        self.lines.flush()
    }
}
