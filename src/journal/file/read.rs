//! Reading entries in order, across segments.

use std::fs::File;
use std::io::{BufReader, Read as _};
use std::path::{Path, PathBuf};

use super::super::entry::{MAX_LINE_BYTES, Read, decode};
use super::super::verify::Fault;
use super::super::{Entry, Hash, JournalError};
use super::{io_error, segments};

/// Entries from one number to another.
pub(in crate::journal) struct Reader {
    /// Segments to come, the next one last.
    left: Vec<PathBuf>,
    current: Option<Current>,
    /// Entries before this number are passed over.
    from: u64,
    /// The last entry to give.
    to: u64,
    before: Option<(u64, Hash)>,
}

struct Current {
    path: PathBuf,
    file: BufReader<File>,
    /// Bytes read and not yet taken.
    buffer: Vec<u8>,
    at: usize,
    offset: u64,
}

/// Bytes read from a segment at once.
const READ_BYTES: u64 = 256 * 1024;

impl Reader {
    pub(super) fn from(folder: &Path, from: u64, to: u64) -> Result<Self, JournalError> {
        let mut left: Vec<(u64, PathBuf)> = segments(folder)?;
        // Segments that end before `from`: those whose successor begins at or before it.
        let skip = left
            .partition_point(|(first, _)| *first <= from)
            .saturating_sub(1);
        left.drain(..skip);
        let left = left.into_iter().rev().map(|(_, path)| path).collect();
        Ok(Self {
            left,
            current: None,
            from,
            to,
            before: None,
        })
    }

    fn step(&mut self) -> Result<Option<Entry>, JournalError> {
        loop {
            let Some(current) = &mut self.current else {
                let Some(path) = self.left.pop() else {
                    return Ok(None);
                };
                self.current = Some(Current::open(path)?);
                continue;
            };
            let Some(entry) = current.next()? else {
                self.current = None;
                continue;
            };
            let follows = self
                .before
                .is_none_or(|(seq, hash)| entry.seq == seq + 1 && entry.prev == hash);
            if !follows {
                return Err(current.damaged(Fault::Chain));
            }
            self.before = Some((entry.seq, entry.hash));
            if entry.seq > self.to {
                return Ok(None);
            }
            if entry.seq >= self.from {
                return Ok(Some(entry));
            }
        }
    }
}

impl Iterator for Reader {
    type Item = Result<Entry, JournalError>;
    fn next(&mut self) -> Option<Self::Item> {
        let step = self.step();
        if step.is_err() {
            // Nothing after damage is given: the caller would take it for the next entry.
            (self.left, self.current) = (Vec::new(), None);
        }
        step.transpose()
    }
}

impl Current {
    fn open(path: PathBuf) -> Result<Self, JournalError> {
        let file = File::open(&path).map_err(io_error("open", &path))?;
        Ok(Self {
            path,
            file: BufReader::new(file),
            buffer: Vec::new(),
            at: 0,
            offset: 0,
        })
    }

    /// The next entry; `None` at the end of the segment, a torn line included: whether anything acknowledged is
    /// missing was seen when the journal was opened.
    fn next(&mut self) -> Result<Option<Entry>, JournalError> {
        loop {
            match decode(self.buffer.get(self.at..).unwrap_or_default()) {
                Read::Entry(entry, length) => {
                    self.at += length;
                    self.offset += length as u64;
                    return Ok(Some(*entry));
                }
                Read::Bad(fault) => return Err(self.damaged(fault)),
                Read::End | Read::Torn => {
                    if self.fill()? == 0 {
                        return Ok(None);
                    }
                }
            }
        }
    }

    fn fill(&mut self) -> Result<usize, JournalError> {
        self.buffer.drain(..self.at);
        self.at = 0;
        if self.buffer.len() > MAX_LINE_BYTES {
            return Ok(0);
        }
        let mut part = (&mut self.file).take(READ_BYTES);
        part.read_to_end(&mut self.buffer)
            .map_err(io_error("read", &self.path))
    }

    fn damaged(&self, fault: Fault) -> JournalError {
        JournalError::Damaged {
            path: self.path.clone(),
            offset: self.offset,
            fault,
        }
    }
}
