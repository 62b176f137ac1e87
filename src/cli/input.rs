//! What a replay is given: captures, log files, standard input; compressed or not.
//!
//! The kind is found by the first bytes, never by the name.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Cursor, Read};
use std::path::{Path, PathBuf};

use saola_collect::Timestamp;

/// An input, opened and told apart.
pub(super) enum Input {
    /// Packets, from the first byte of the (uncompressed) file on.
    Capture(Box<dyn Read + Send>),
    /// Records, one a line.
    Lines(Lines),
}

/// A log file to be read line by line.
pub(super) struct Lines {
    pub(super) reader: Box<dyn BufRead + Send>,
    /// When the file was written last: the year of records that name none.
    pub(super) written_at: Timestamp,
    /// Name of the source: the file's name without its folder.
    pub(super) name: String,
}

/// Longest record of a log file. What comes beyond is a record of its own, so that nothing is lost.
pub(super) const MOST_RECORD_BYTES: u64 = 16 << 20;

const GZIP: [u8; 2] = [0x1f, 0x8b];
const ZSTD: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];
const BUFFER_BYTES: usize = 1 << 20;

/// Opens a path, or standard input for `-`.
pub(super) fn open(path: &Path) -> io::Result<Input> {
    let (raw, written_at): (Box<dyn Read + Send>, _) = if path == Path::new("-") {
        (Box::new(io::stdin()), saola_collect::now())
    } else {
        let file = File::open(path)?;
        let written_at = modified(&file);
        (Box::new(file), written_at)
    };
    let mut reader = uncompressed(raw)?;
    let head = peek(&mut reader)?;
    let whole = Cursor::new(head).chain(reader);
    if saola_capture::is_capture(head.as_ref()) {
        return Ok(Input::Capture(Box::new(whole)));
    }
    let name = path
        .file_name()
        .map_or_else(|| "stdin".into(), |name| name.to_string_lossy().into_owned());
    let reader = Box::new(BufReader::with_capacity(BUFFER_BYTES, whole));
    Ok(Input::Lines(Lines {
        reader,
        written_at,
        name,
    }))
}

/// Takes gzip or zstd off, however many members follow each other.
fn uncompressed(mut raw: Box<dyn Read + Send>) -> io::Result<Box<dyn Read + Send>> {
    let head = peek(&mut raw)?;
    let whole = Cursor::new(head).chain(raw);
    if head.as_ref().starts_with(&GZIP) {
        return Ok(Box::new(flate2::read::MultiGzDecoder::new(whole)));
    }
    if head.as_ref().starts_with(&ZSTD) {
        return Ok(Box::new(zstd::Decoder::new(whole)?));
    }
    Ok(Box::new(whole))
}

/// The first four bytes (fewer at the end of a short input, the rest zero).
fn peek(reader: &mut impl Read) -> io::Result<Peeked> {
    let mut head = Peeked::default();
    while head.len < head.bytes.len() {
        match reader.read(head.bytes.get_mut(head.len..).unwrap_or_default()) {
            Ok(0) => break,
            Ok(count) => head.len += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(head)
}

/// Bytes that were looked at and are still to be read.
#[derive(Clone, Copy, Default)]
struct Peeked {
    bytes: [u8; 4],
    len: usize,
}

impl AsRef<[u8]> for Peeked {
    fn as_ref(&self) -> &[u8] {
        self.bytes.get(..self.len).unwrap_or_default()
    }
}

fn modified(file: &File) -> Timestamp {
    let modified = file.metadata().and_then(|metadata| metadata.modified());
    let since = modified
        .ok()
        .and_then(|time| time.duration_since(std::time::UNIX_EPOCH).ok());
    since.map_or_else(saola_collect::now, |since| Timestamp::EPOCH + since)
}

impl Lines {
    /// The next record without its line end; `false` at the end. A record beyond [`MOST_RECORD_BYTES`] is cut there.
    pub(super) fn next(&mut self, record: &mut Vec<u8>) -> io::Result<bool> {
        record.clear();
        let read = (&mut self.reader)
            .take(MOST_RECORD_BYTES)
            .read_until(b'\n', record)?;
        if record.last() == Some(&b'\n') {
            record.pop();
            if record.last() == Some(&b'\r') {
                record.pop();
            }
        }
        Ok(read > 0)
    }
}

/// Deepest folder below one that was given; a link that leads back to where it stands ends here.
const MOST_DEPTH: usize = 32;

/// Paths as given, folders replaced by the files in and below them, in order of name.
pub(super) fn files(paths: &[PathBuf]) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for path in paths {
        gather(path, MOST_DEPTH, &mut found)?;
    }
    Ok(found)
}

fn gather(path: &Path, depth: usize, found: &mut Vec<PathBuf>) -> io::Result<()> {
    if !path.is_dir() {
        found.push(path.to_owned());
        return Ok(());
    }
    if depth == 0 {
        return Err(io::Error::other(format!(
            "{}: folders lie too deep",
            path.display()
        )));
    }
    let entries: Result<Vec<_>, _> = std::fs::read_dir(path)?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect();
    let mut inside = entries?;
    inside.retain(|path| path.is_dir() || path.is_file());
    inside.sort();
    inside.iter().try_for_each(|path| gather(path, depth - 1, found))
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn lines(bytes: &[u8]) -> Vec<String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log");
        File::create(&path).unwrap().write_all(bytes).unwrap();
        let Input::Lines(mut lines) = open(&path).unwrap() else {
            panic!("a log, not a capture")
        };
        let (mut all, mut record) = (Vec::new(), Vec::new());
        while lines.next(&mut record).unwrap() {
            all.push(String::from_utf8(record.clone()).unwrap());
        }
        all
    }

    #[test]
    fn lines_of_plain_and_compressed_files() {
        let text = b"one\r\ntwo\n\nlast";
        let expected = ["one", "two", "", "last"];
        assert_eq!(lines(text), expected);
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        gzip.write_all(text).unwrap();
        assert_eq!(lines(&gzip.finish().unwrap()), expected);
        assert_eq!(lines(&zstd::encode_all(&text[..], 1).unwrap()), expected);
    }

    #[test]
    fn folders_are_read_to_their_depth_in_order_of_name() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(folder.path().join("b/c")).unwrap();
        for name in ["z", "b/y", "b/c/x", "a"] {
            File::create(folder.path().join(name)).unwrap();
        }
        let found = files(&[folder.path().to_owned()]).unwrap();
        let names: Vec<_> = found
            .iter()
            .map(|path| path.strip_prefix(folder.path()).unwrap())
            .collect();
        assert_eq!(names, ["a", "b/c/x", "b/y", "z"].map(Path::new));
    }

    #[test]
    fn short_inputs_are_read_whole() {
        assert_eq!(lines(b""), [""; 0]);
        assert_eq!(lines(b"a"), ["a"]);
    }
}
