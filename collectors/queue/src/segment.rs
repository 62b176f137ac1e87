//! The files: numbered, each a row of frames.

use std::fs::{File, OpenOptions};
use std::io::{BufReader, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use crate::codec;

/// A place between two frames.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    pub(crate) segment: u64,
    pub(crate) offset: u64,
}

/// The file of a number.
pub(crate) fn path(folder: &Path, number: u64) -> PathBuf {
    folder.join(format!("{number:020}.queue"))
}

/// What is in a folder.
pub(crate) struct Survey {
    /// Numbers and lengths, oldest first.
    pub(crate) segments: Vec<(u64, u64)>,
    /// Behind the last whole frame.
    pub(crate) end: Place,
}

/// Looks at the files and cuts off what is no whole frame at the end of the newest: a kill left it half-written, and
/// nobody was told that it is safe.
pub(crate) fn survey(folder: &Path) -> std::io::Result<Survey> {
    let mut segments = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name();
        let number = name
            .to_str()
            .and_then(|name| name.strip_suffix(".queue")?.parse::<u64>().ok());
        if let Some(number) = number {
            segments.push((number, entry.metadata()?.len()));
        }
    }
    segments.sort_unstable();
    let Some((number, length)) = segments.last_mut() else {
        let end = Place {
            segment: 0,
            offset: 0,
        };
        return Ok(Survey { segments, end });
    };
    let path = path(folder, *number);
    let whole = whole_frames(&path)?;
    if whole < *length {
        let file = OpenOptions::new().write(true).open(&path)?;
        file.set_len(whole)?;
        file.sync_all()?;
        *length = whole;
    }
    let end = Place {
        segment: *number,
        offset: whole,
    };
    Ok(Survey { segments, end })
}

/// Length of the whole frames at the beginning of a file.
fn whole_frames(path: &Path) -> std::io::Result<u64> {
    let mut frames = Frames::open(path, 0)?;
    let mut payload = Vec::new();
    while let Next::Frame { sum } = frames.next(&mut payload)? {
        if crc32fast::hash(&payload) != sum {
            break;
        }
        frames.accept(&payload);
    }
    Ok(frames.offset)
}

/// Reads the frames of a file one by one.
#[derive(Debug)]
pub(crate) struct Frames {
    file: BufReader<File>,
    /// Behind the last frame that was accepted.
    pub(crate) offset: u64,
}

/// What comes next in a file.
pub(crate) enum Next {
    /// A frame, with the checksum it should have.
    Frame { sum: u32 },
    /// The file's end, or something that is no frame.
    Nothing,
}

impl Frames {
    pub(crate) fn open(path: &Path, offset: u64) -> std::io::Result<Self> {
        const BUFFER: usize = 256 << 10;
        let mut file = BufReader::with_capacity(BUFFER, File::open(path)?);
        file.seek(SeekFrom::Start(offset))?;
        Ok(Self { file, offset })
    }

    /// Reads the next frame's payload.
    pub(crate) fn next(&mut self, payload: &mut Vec<u8>) -> std::io::Result<Next> {
        let mut head = [0; codec::HEAD];
        if let Err(error) = self.file.read_exact(&mut head) {
            return ended(error);
        }
        let Some((length, sum)) = codec::head(head) else {
            return Ok(Next::Nothing);
        };
        payload.clear();
        // Not allocated by the length's word alone: what is read grows with what is there.
        let read = (&mut self.file).take(length as u64).read_to_end(payload)?;
        Ok(if read == length {
            Next::Frame { sum }
        } else {
            Next::Nothing
        })
    }

    /// Goes behind the frame that was read.
    pub(crate) fn accept(&mut self, payload: &[u8]) {
        self.offset += (codec::HEAD + payload.len()) as u64;
    }
}

fn ended(error: std::io::Error) -> std::io::Result<Next> {
    if error.kind() == std::io::ErrorKind::UnexpectedEof {
        Ok(Next::Nothing)
    } else {
        Err(error)
    }
}
