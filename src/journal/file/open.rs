//! Opening: finding the segments, comparing them with the head, putting a torn end right.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Seek as _, SeekFrom};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use super::super::entry::{Read, decode};
use super::super::head::{Head, Slots, write_both};
use super::super::verify::Fault;
use super::super::{Entries, JournalError};
use super::{FileJournal, JournalConfig, Notice, Reader, Segment, io_error};

/// Name of the head file.
pub(in crate::journal) const HEAD_FILE: &str = "head";
const LOCK_FILE: &str = "lock";
const SUFFIX: &str = ".journal";

impl FileJournal {
    /// Opens the journal of a folder, or begins one.
    ///
    /// # Errors
    /// When it is in use, cannot be read or written, or misses anything that was acknowledged.
    pub fn open(config: JournalConfig) -> Result<(Self, Notice), JournalError> {
        let folder = config.path.clone();
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&folder)
            .map_err(io_error("make", &folder))?;
        let lock = lock(&folder)?;
        let sealed = read_head(&folder)?;
        let segments = segments(&folder)?;
        let end = end_of(&folder, &segments)?;
        let head = match (sealed, end.head) {
            (None, Head { seq: 0, .. }) => Head::EMPTY,
            (None, _) => return Err(JournalError::HeadMissing { path: folder }),
            (Some(sealed), found) if found.seq < sealed.seq => {
                return Err(end.missing(&folder, sealed));
            }
            (Some(sealed), found) if found.seq == sealed.seq && found.hash != sealed.hash => {
                return Err(end.broken(&folder, Fault::Hash));
            }
            (Some(_), found) => found,
        };
        let notice = Notice {
            torn_bytes: end.torn_bytes,
            unacknowledged: head.seq - sealed.map_or(0, |sealed| sealed.seq),
        };
        let segment = match end.segment {
            Some((path, length, day)) => reopen_segment(path, length, day)?,
            None => begin_segment(&folder, head.seq + 1)?,
        };
        let head_path = folder.join(HEAD_FILE);
        let head_file = create_private(&head_path).map_err(io_error("open", &head_path))?;
        write_both(&head_file, head).map_err(io_error("write", &head_path))?;
        sync_folder(&folder)?;
        let journal = Self {
            config,
            head,
            head_file,
            head_turn: false,
            segment,
            dirty: false,
            _lock: lock,
        };
        Ok((journal, notice))
    }

    /// Whether another program has the journal of this folder open.
    ///
    /// # Errors
    /// [`JournalError::InUse`] when one has.
    pub fn in_use(config: &JournalConfig) -> Result<(), JournalError> {
        if !config.path.join(LOCK_FILE).exists() {
            return Ok(());
        }
        lock(&config.path).map(drop)
    }
}

/// Everything that is sealed, without taking the journal from whom has it open. Gives the head and the entries up to it.
///
/// # Errors
/// When the files cannot be read or there is no head.
pub fn read_sealed(folder: &Path) -> Result<(Head, Entries<'static>), JournalError> {
    let head = read_head(folder)?.ok_or_else(|| JournalError::HeadMissing {
        path: folder.to_owned(),
    })?;
    Ok((head, Box::new(Reader::from(folder, 1, head.seq)?)))
}

/// Opens a file for reading and writing that only the owner may read, making it if need be.
fn create_private(path: &Path) -> io::Result<File> {
    OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(path)
}

/// A lock outlives its holder for a moment: a process that is being killed, or a child between fork and exec, still has
/// the file. After this time somebody really holds it.
const LOCK_PATIENCE: Duration = Duration::from_secs(2);
const LOCK_PAUSE: Duration = Duration::from_millis(20);

fn lock(folder: &Path) -> Result<File, JournalError> {
    let path = folder.join(LOCK_FILE);
    let file = create_private(&path).map_err(io_error("open", &path))?;
    let begun = Instant::now();
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(fs::TryLockError::WouldBlock) if begun.elapsed() < LOCK_PATIENCE => thread::sleep(LOCK_PAUSE),
            Err(fs::TryLockError::WouldBlock) => {
                let path = folder.to_owned();
                return Err(JournalError::InUse { path });
            }
            Err(fs::TryLockError::Error(source)) => return Err(io_error("lock", &path)(source)),
        }
    }
}

/// The sealed head; `None` when there is no head file or neither slot is readable.
fn read_head(folder: &Path) -> Result<Option<Head>, JournalError> {
    let path = folder.join(HEAD_FILE);
    match fs::read(&path) {
        Ok(bytes) => Ok(Slots::read(&bytes).newest()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(io_error("read", &path)(error)),
    }
}

/// Segments with the number of their first entry, in order.
pub(in crate::journal) fn segments(folder: &Path) -> Result<Vec<(u64, PathBuf)>, JournalError> {
    let mut found = Vec::new();
    for file in fs::read_dir(folder).map_err(io_error("list", folder))? {
        let path = file.map_err(io_error("list", folder))?.path();
        let name = path
            .file_name()
            .and_then(|name| name.to_str())
            .unwrap_or_default();
        let number = name.strip_suffix(SUFFIX).filter(|digits| digits.len() == 20);
        if let Some(first) = number.and_then(|digits| digits.parse().ok()) {
            found.push((first, path));
        }
    }
    found.sort();
    Ok(found)
}

/// The end of the journal as the files show it.
struct End {
    head: Head,
    /// The segment to go on with, its length without a torn end, the day of its newest entry.
    segment: Option<(PathBuf, u64, Option<i64>)>,
    torn_bytes: u64,
    fault: Option<Fault>,
}

impl End {
    fn missing(&self, folder: &Path, sealed: Head) -> JournalError {
        match self.fault {
            Some(fault) => self.broken(folder, fault),
            None => JournalError::TailMissing {
                path: folder.to_owned(),
                last: self.head.seq,
                sealed: sealed.seq,
            },
        }
    }

    fn broken(&self, folder: &Path, fault: Fault) -> JournalError {
        let (path, offset) = self
            .segment
            .as_ref()
            .map_or((folder.to_owned(), 0), |(path, length, _)| {
                (path.clone(), *length)
            });
        JournalError::Damaged { path, offset, fault }
    }
}

/// Reads the last segment that has entries. Whole-journal checks are `verify`'s: a start must not take minutes.
fn end_of(folder: &Path, segments: &[(u64, PathBuf)]) -> Result<End, JournalError> {
    let mut end = End {
        head: Head::EMPTY,
        segment: None,
        torn_bytes: 0,
        fault: None,
    };
    for (first, path) in segments.iter().rev() {
        let bytes = fs::read(path).map_err(io_error("read", path))?;
        let (last, length, day, fault) = walk(&bytes);
        if end.segment.is_none() {
            end.segment = Some((path.clone(), length, day));
            end.torn_bytes = bytes.len() as u64 - length;
            end.fault = fault;
        }
        match last {
            Some(head) if head.seq >= *first => {
                end.head = head;
                return Ok(end);
            }
            Some(_) => return Err(end.broken(folder, Fault::Order)),
            // Begun and not written to: what came before is in the segment before.
            None => {}
        }
    }
    Ok(end)
}

/// Reads as far as the chain holds: the last entry, the bytes up to its end, its day, and what stopped the walk.
fn walk(bytes: &[u8]) -> (Option<Head>, u64, Option<i64>, Option<Fault>) {
    let (mut at, mut last, mut day): (usize, Option<Head>, Option<i64>) = (0, None, None);
    loop {
        match decode(bytes.get(at..).unwrap_or_default()) {
            Read::Entry(entry, length) => {
                if last.is_some_and(|last| entry.seq != last.seq + 1 || entry.prev != last.hash) {
                    return (last, at as u64, day, Some(Fault::Chain));
                }
                last = Some(Head {
                    seq: entry.seq,
                    hash: entry.hash,
                });
                day = Some(entry.time.as_secs().div_euclid(86_400));
                at += length;
            }
            Read::End | Read::Torn => return (last, at as u64, day, None),
            Read::Bad(fault) => return (last, at as u64, day, Some(fault)),
        }
    }
}

fn reopen_segment(path: PathBuf, length: u64, day: Option<i64>) -> Result<Segment, JournalError> {
    let mut file = create_private(&path).map_err(io_error("open", &path))?;
    file.set_len(length).map_err(io_error("truncate", &path))?;
    file.sync_all().map_err(io_error("sync", &path))?;
    file.seek(SeekFrom::Start(length))
        .map_err(io_error("seek in", &path))?;
    Ok(Segment {
        path,
        file,
        length,
        day,
    })
}

/// Begins the segment whose first entry will be `first`. It and its name are safe before anything is written to it.
pub(super) fn begin_segment(folder: &Path, first: u64) -> Result<Segment, JournalError> {
    let path = folder.join(format!("{first:020}{SUFFIX}"));
    let file = create_private(&path).map_err(io_error("make", &path))?;
    // What an attempt that failed half-way may have left was never acknowledged.
    file.set_len(0).map_err(io_error("truncate", &path))?;
    file.sync_all().map_err(io_error("sync", &path))?;
    sync_folder(folder)?;
    Ok(Segment {
        path,
        file,
        length: 0,
        day: None,
    })
}

fn sync_folder(folder: &Path) -> Result<(), JournalError> {
    File::open(folder)
        .and_then(|folder| folder.sync_all())
        .map_err(io_error("sync", folder))
}
