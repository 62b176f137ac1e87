//! The chunked transfer coding (RFC 9112 section 7.1), read as leniently as browsers read it.
//!
//! Blank lines and blanks before a size, junk after it, extensions, LF alone as line end and a missing last chunk are all
//! accepted. A size line that is no number at all ends chunking: what follows is handed on as it is, because a peer that
//! gives up on chunking shows the bytes to its user.

use memchr::memchr;

use super::headers::{is_blank, trim};

/// Longest size line or trailer line that is waited for. A longer one is not a size line.
const MAX_LINE: usize = 1024;

/// Longest trailer section; what is longer is taken as the end of the message.
const MAX_TRAILER: usize = 8192;

/// Digits of a size: more than this does not fit 64 bits.
const MAX_DIGITS: usize = 16;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum State {
    #[default]
    Size,
    Data(u64),
    Trailer(usize),
    Done,
}

/// One step of the coding.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Chunk<'a> {
    /// Bytes of the body.
    Data(&'a [u8]),
    /// All input is used up.
    More,
    /// The last chunk was seen; trailers may still come.
    Last,
    /// The message is over.
    End,
    /// No size where one must be: these bytes (and all after them) are body as they stand.
    Broken(Vec<u8>),
}

/// Where the reader stands in a chunked body.
#[derive(Debug, Default)]
pub(super) struct ChunkReader {
    state: State,
    line: Vec<u8>,
    /// A chunk extension was seen (a way to smuggle, see RFC 9112 section 7.1.1).
    pub(super) extension: bool,
    /// The size line held something besides size and extension.
    pub(super) junk: bool,
}

/// What a size line says.
struct SizeLine {
    size: u64,
    extension: bool,
    junk: bool,
}

fn parse_size(line: &[u8]) -> Option<SizeLine> {
    let line = trim(line);
    let digits = line.iter().take_while(|byte| byte.is_ascii_hexdigit()).count();
    if digits == 0 || digits > MAX_DIGITS {
        return None;
    }
    let (number, rest) = line.split_at(digits);
    let size = number.iter().fold(0_u64, |size, byte| {
        size << 4 | u64::from(char::from(*byte).to_digit(16).unwrap_or(0))
    });
    let rest = trim(rest);
    Some(SizeLine {
        size,
        extension: rest.first() == Some(&b';'),
        junk: !rest.is_empty() && rest.first() != Some(&b';'),
    })
}

/// Whether a body that is said to be chunked begins like one: `None` while too little has come to tell.
pub(super) fn looks_chunked(body: &[u8]) -> Option<bool> {
    let mut rest = body;
    while let [first, tail @ ..] = rest
        && is_blank(*first)
    {
        rest = tail;
    }
    let digits = rest.iter().take_while(|byte| byte.is_ascii_hexdigit()).count();
    if digits > MAX_DIGITS || body.len() - rest.len() > MAX_LINE {
        return Some(false);
    }
    let after = rest.get(digits)?;
    if digits == 0 {
        return Some(false);
    }
    // After the size: a blank, an extension, or the junk some peers skip. Letters directly after it are text.
    if after.is_ascii_alphanumeric() && *after != b'x' {
        return Some(false);
    }
    match memchr(b'\n', rest) {
        Some(end) => Some(end <= MAX_LINE),
        None if rest.len() > MAX_LINE => Some(false),
        None => None,
    }
}

impl ChunkReader {
    /// Takes one step, moving `input` past what was used.
    pub(super) fn next<'a>(&mut self, input: &mut &'a [u8]) -> Chunk<'a> {
        loop {
            match self.state {
                State::Done => return Chunk::End,
                _ if input.is_empty() => return Chunk::More,
                State::Data(left) => {
                    let take = left.min(input.len() as u64);
                    let (data, rest) = input.split_at(take as usize);
                    *input = rest;
                    self.state = if left == take {
                        State::Size
                    } else {
                        State::Data(left - take)
                    };
                    return Chunk::Data(data);
                }
                State::Size => {
                    if let Some(step) = self.size(input) {
                        return step;
                    }
                }
                State::Trailer(seen) => self.trailer(seen, input),
            }
        }
    }

    /// Whether a stream that ends here ends after the last chunk (`0` without a line end counts).
    pub(super) fn complete_at_end(&self) -> bool {
        match self.state {
            State::Done | State::Trailer(_) => true,
            State::Size => parse_size(&self.line).is_some_and(|line| line.size == 0),
            State::Data(_) => false,
        }
    }

    /// Passes over bytes that were never captured; `None` when they reach beyond the current chunk.
    pub(super) fn skip(&mut self, missing: u64) -> Option<u64> {
        match self.state {
            State::Data(left) if missing <= left => {
                self.state = if missing == left {
                    State::Size
                } else {
                    State::Data(left - missing)
                };
                Some(missing)
            }
            _ => None,
        }
    }

    fn size<'a>(&mut self, input: &mut &'a [u8]) -> Option<Chunk<'a>> {
        let end = memchr(b'\n', input).map_or(input.len(), |end| end + 1);
        let (line, rest) = input.split_at(end);
        *input = rest;
        self.line.extend_from_slice(line);
        if self.line.len() > MAX_LINE {
            self.state = State::Done;
            return Some(Chunk::Broken(std::mem::take(&mut self.line)));
        }
        if self.line.last() != Some(&b'\n') {
            return Some(Chunk::More);
        }
        let line = std::mem::take(&mut self.line);
        if trim(&line).is_empty() {
            return None;
        }
        let Some(parsed) = parse_size(&line) else {
            self.state = State::Done;
            return Some(Chunk::Broken(line));
        };
        self.extension |= parsed.extension;
        self.junk |= parsed.junk;
        if parsed.size == 0 {
            self.state = State::Trailer(0);
            return Some(Chunk::Last);
        }
        self.state = State::Data(parsed.size);
        None
    }

    fn trailer(&mut self, seen: usize, input: &mut &[u8]) {
        let end = memchr(b'\n', input).map_or(input.len(), |end| end + 1);
        let (line, rest) = input.split_at(end);
        *input = rest;
        self.line.extend_from_slice(line);
        let seen = seen + line.len();
        self.state = State::Trailer(seen);
        if seen > MAX_TRAILER {
            self.state = State::Done;
        }
        if self.line.last() == Some(&b'\n') {
            if trim(&self.line).is_empty() {
                self.state = State::Done;
            }
            self.line.clear();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Feeds `input` in pieces of `step` bytes; returns the body and whether the end was seen.
    fn read(input: &[u8], step: usize) -> (Vec<u8>, bool) {
        let mut reader = ChunkReader::default();
        let mut body = Vec::new();
        let mut ended = false;
        for piece in input.chunks(step) {
            let mut piece = piece;
            loop {
                match reader.next(&mut piece) {
                    Chunk::Data(data) => body.extend_from_slice(data),
                    Chunk::Last => {}
                    Chunk::More => break,
                    Chunk::End => {
                        ended = true;
                        break;
                    }
                    Chunk::Broken(bytes) => body.extend_from_slice(&bytes),
                }
            }
        }
        (body, ended)
    }

    #[test]
    fn every_way_to_write_chunks_gives_the_same_body() {
        for (input, ended) in [
            ("5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n", true),
            ("05\r\nhello\r\n006\r\n world\r\n00\r\n\r\n", true),
            ("5 \r\nhello\r\n6\t\r\n world\r\n0\r\n\r\n", true),
            ("5,\r\nhello\r\n6\x0b\r\n world\r\n0x\r\n\r\n", true),
            ("5 x\r\nhello\r\n\r\n\r\n6\r\n world\r\n0\r\n\r\n", true),
            ("\r5\r\nhello\r\n\t6\r\n world\r\n0\r\n\r\n", true),
            (
                "5; a=b\r\nhello\r\n6; x  5\r\n world\r\n0\r\nTrailer: x\r\n\r\n",
                true,
            ),
            ("5\nhello\n6\n world\n0\n\n", true),
            ("5\r\nhello\r\n6\r\n world\r\n", false),
            ("5\r\nhello\r\n6\r\n world\r\n0\r\nfoobar\r\n", false),
        ] {
            for step in [1, 2, 3, 7, 1000] {
                let (body, end) = read(input.as_bytes(), step);
                assert_eq!(body, b"hello world", "{input:?} by {step}");
                assert_eq!(end, ended, "{input:?} by {step}");
            }
        }
    }

    #[test]
    fn a_line_that_is_no_size_ends_chunking() {
        let mut reader = ChunkReader::default();
        let mut input: &[u8] = b"not a size\r\nrest";
        assert_eq!(reader.next(&mut input), Chunk::Broken(b"not a size\r\n".to_vec()));
        assert_eq!(input, b"rest");
    }

    #[test]
    fn endless_size_lines_are_given_up() {
        let mut reader = ChunkReader::default();
        let line = vec![b'0'; 10_000];
        let mut input: &[u8] = &line;
        assert!(matches!(reader.next(&mut input), Chunk::Broken(_)));
    }

    #[test]
    fn extensions_are_noted() {
        let mut reader = ChunkReader::default();
        let mut input: &[u8] = b"5 ; a=b\r\nhello";
        assert_eq!(reader.next(&mut input), Chunk::Data(b"hello"));
        assert!(reader.extension && !reader.junk);
    }

    #[test]
    fn a_last_chunk_without_line_end_counts_at_the_end() {
        for (input, complete) in [
            ("1\r\na\r\n0", true),
            ("1\r\na\r\n0\r", true),
            ("1\r\na\r\n", false),
            ("2\r\na", false),
        ] {
            let mut reader = ChunkReader::default();
            let mut bytes = input.as_bytes();
            while !matches!(reader.next(&mut bytes), Chunk::More) {}
            assert_eq!(reader.complete_at_end(), complete, "{input:?}");
        }
    }

    #[test]
    fn tells_chunks_from_plain_bodies() {
        for (body, verdict) in [
            ("5\r\nhello", Some(true)),
            (" 5\r\nhello", Some(true)),
            ("\r\n5; x\r\n", Some(true)),
            ("5", None),
            ("5;", None),
            ("", None),
            ("X5O!P", Some(false)),
            ("face to face\r\n", Some(true)),
            ("facet\r\n", Some(false)),
        ] {
            assert_eq!(looks_chunked(body.as_bytes()), verdict, "{body:?}");
        }
    }
}
