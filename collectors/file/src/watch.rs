//! All files of a source: finds them, follows them, reads in turns.

use std::collections::HashMap;
use std::fs::File;
use std::io;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use crate::checkpoint::Place;
use crate::config::{FileConfig, StartAt};
use crate::lines::Line;
use crate::tail::{FileId, Tail, id_of};

/// Everything followed. Blocking: runs on a thread that may wait for a disk.
#[derive(Debug)]
pub(crate) struct Watch {
    paths: Vec<String>,
    tails: HashMap<FileId, Tail>,
    /// Places from the checkpoint that no file has claimed yet.
    remembered: Vec<Place>,
    start_at: StartAt,
    max_line_bytes: usize,
    max_files: usize,
    idle_flush: Option<Duration>,
    buffer: Vec<u8>,
    scanned: bool,
}

/// What one look at the files gave.
#[derive(Debug, Default)]
pub(crate) struct Look {
    /// Lines by file.
    pub(crate) chunks: Vec<Chunk>,
    /// Whether there is more to read at once.
    pub(crate) more: bool,
    /// Files that could not be read this time, with the reason.
    pub(crate) failures: Vec<(PathBuf, io::Error)>,
    /// Files left out because there are too many.
    pub(crate) left_out: usize,
}

/// Lines of one file.
#[derive(Debug)]
pub(crate) struct Chunk {
    pub(crate) lines: Vec<Vec<u8>>,
    pub(crate) cut: u64,
}

const READ_BYTES: usize = 128 * 1024;
/// Bytes of one file in one look, so that a big one does not starve the others.
const BUDGET_BYTES: usize = 1 << 20;
/// A renamed file is read on for so long: its writer may not have reopened yet.
const ORPHAN_WAIT: Duration = Duration::from_secs(30);

impl Watch {
    pub(crate) fn new(
        config: &FileConfig,
        remembered: Option<Vec<Place>>,
    ) -> Result<Self, glob::PatternError> {
        config
            .paths
            .iter()
            .try_for_each(|path| glob::Pattern::new(path).map(|_| ()))?;
        Ok(Self {
            paths: config.paths.clone(),
            tails: HashMap::new(),
            // After the first start, files that were not remembered are new: nothing of them has been seen.
            start_at: if remembered.is_some() {
                StartAt::Beginning
            } else {
                config.start_at
            },
            remembered: remembered.unwrap_or_default(),
            max_line_bytes: config.max_line_bytes,
            max_files: config.max_files,
            idle_flush: (config.idle_flush_secs > 0).then(|| Duration::from_secs(config.idle_flush_secs)),
            buffer: vec![0; READ_BYTES],
            scanned: false,
        })
    }

    /// Looks for files and reads what is new in them.
    pub(crate) fn look(&mut self) -> Look {
        let mut look = Look::default();
        self.scan(&mut look);
        let Self {
            tails,
            buffer,
            max_line_bytes,
            idle_flush,
            ..
        } = self;
        for tail in tails.values_mut() {
            let mut found = Vec::new();
            match tail.read(buffer, BUDGET_BYTES, *max_line_bytes, &mut found) {
                Ok(more) => look.more |= more,
                Err(error) => look.failures.push((tail.path.clone(), error)),
            }
            if let Some(patience) = *idle_flush {
                found.extend(tail.flush_idle(patience));
            }
            look.chunks.extend(chunk(found));
        }
        if !look.more {
            self.forget_orphans(&mut look);
        }
        look
    }

    /// The places of all files when everything handed out is durable, and of those not seen again yet.
    pub(crate) fn places(&self) -> Vec<Place> {
        let followed = self.tails.values().map(|tail| tail.place(tail.offset()));
        followed.chain(self.remembered.iter().cloned()).collect()
    }

    fn scan(&mut self, look: &mut Look) {
        let mut seen: Vec<FileId> = Vec::new();
        let paths = self
            .paths
            .iter()
            .filter_map(|path| glob::glob(path).ok())
            .flatten()
            .filter_map(Result::ok);
        for path in paths.collect::<Vec<_>>() {
            match self.meet(path.clone(), look) {
                Ok(id) => seen.extend(id),
                // Gone between listing and opening: rotated away.
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => look.failures.push((path, error)),
            }
        }
        let now = Instant::now();
        for (id, tail) in &mut self.tails {
            tail.orphaned_at = if seen.contains(id) {
                None
            } else {
                tail.orphaned_at.or(Some(now))
            };
        }
        self.scanned = true;
    }

    /// Takes up a path: a file already followed under this or another name, or a new one.
    fn meet(&mut self, path: PathBuf, look: &mut Look) -> io::Result<Option<FileId>> {
        let metadata = std::fs::metadata(&path)?;
        if !metadata.is_file() || is_compressed(&path) {
            return Ok(None);
        }
        let id = id_of(&metadata);
        if let Some(tail) = self.tails.get_mut(&id) {
            tail.path = path;
            return Ok(Some(id));
        }
        if self.tails.len() >= self.max_files {
            look.left_out += 1;
            return Ok(None);
        }
        let file = File::open(&path)?;
        let id = id_of(&file.metadata()?);
        let offset = self.begin_at(id, &file)?;
        self.tails.insert(id, Tail::open(path, file, offset)?);
        Ok(Some(id))
    }

    /// Where to begin in a file met for the first time.
    fn begin_at(&mut self, (device, inode): FileId, file: &File) -> io::Result<u64> {
        let length = file.metadata()?.len();
        let known = self
            .remembered
            .iter()
            .position(|place| (place.device, place.inode) == (device, inode));
        if let Some(place) = known.map(|at| self.remembered.swap_remove(at)) {
            let same = place.offset <= length && place.fingerprint.fits(file)?;
            return Ok(if same { place.offset } else { 0 });
        }
        let at_end = !self.scanned && self.start_at == StartAt::End;
        Ok(if at_end { length } else { 0 })
    }

    /// Lets go of files that no path leads to and that have been read to their end for long enough.
    fn forget_orphans(&mut self, look: &mut Look) {
        let over = |tail: &Tail| {
            tail.orphaned_at
                .is_some_and(|since| since.elapsed() >= ORPHAN_WAIT)
        };
        let gone: Vec<FileId> = self
            .tails
            .iter()
            .filter(|(_, tail)| over(tail))
            .map(|(id, _)| *id)
            .collect();
        for id in gone {
            if let Some(mut tail) = self.tails.remove(&id) {
                let last = tail.flush();
                look.chunks.extend(chunk(last.into_iter().collect()));
            }
        }
    }
}

/// What rotation packs away has been read before, and is not lines any more.
fn is_compressed(path: &std::path::Path) -> bool {
    path.extension().is_some_and(|ending| {
        ["gz", "xz", "bz2", "zst", "lz4", "zip"]
            .iter()
            .any(|packed| ending == *packed)
    })
}

fn chunk(found: Vec<Line>) -> Option<Chunk> {
    let cut = found.iter().filter(|line| line.cut).count() as u64;
    let lines: Vec<_> = found
        .into_iter()
        .map(|line| line.bytes)
        .filter(|line| !line.is_empty())
        .collect();
    (!lines.is_empty()).then_some(Chunk { lines, cut })
}
