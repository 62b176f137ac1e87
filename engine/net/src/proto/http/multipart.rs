//! `multipart/form-data` request bodies (RFC 7578): the uploaded files in them.
//!
//! A state machine over the decoded body: boundary lines, part headers, part content. Content is handed on as it comes,
//! except the last few bytes that could be the beginning of the next boundary.

use memchr::memmem;

use super::framing::parameter;
use super::headers::Headers;

/// Longest boundary that is followed; RFC 2046 allows 70.
const MAX_BOUNDARY: usize = 256;

/// Longest header block of a part.
const MAX_PART_HEAD: usize = 8192;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// Before the first boundary.
    Preamble,
    /// In the headers of a part.
    Head,
    /// In the content of a part; `true` when it is a file.
    Content(bool),
    /// After the closing boundary.
    Over,
}

/// What a multipart body yields.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Piece {
    /// A part with a file name begins.
    File(Vec<u8>),
    /// Content of the current file.
    Data(Vec<u8>),
    /// The current file ends.
    End,
}

/// Reads one multipart body.
#[derive(Debug)]
pub(super) struct Multipart {
    /// CRLF, two dashes, boundary.
    delimiter: Vec<u8>,
    held: Vec<u8>,
    state: State,
}

impl Multipart {
    /// For a `Content-Type` value; `None` unless it is multipart with a usable boundary.
    pub(super) fn from_content_type(value: &[u8]) -> Option<Self> {
        let is_form = value
            .get(..10)
            .is_some_and(|start| start.eq_ignore_ascii_case(b"multipart/"));
        let boundary = parameter(value, "boundary").filter(|_| is_form)?;
        if boundary.is_empty() || boundary.len() > MAX_BOUNDARY {
            return None;
        }
        Some(Self {
            delimiter: [b"\r\n--", boundary].concat(),
            // The first boundary stands at the start of the body, without a line end before it.
            held: b"\r\n".to_vec(),
            state: State::Preamble,
        })
    }

    /// Takes decoded body bytes.
    pub(super) fn push(&mut self, bytes: &[u8], pieces: &mut Vec<Piece>) {
        self.held.extend_from_slice(bytes);
        while self.step(pieces) {}
    }

    /// Whether a file has begun and not ended.
    pub(super) fn in_file(&self) -> bool {
        self.state == State::Content(true)
    }

    fn step(&mut self, pieces: &mut Vec<Piece>) -> bool {
        match self.state {
            State::Over => {
                self.held.clear();
                false
            }
            State::Head => self.head(pieces),
            State::Preamble => self.content(false, pieces),
            State::Content(file) => self.content(file, pieces),
        }
    }

    /// Content (or preamble) up to the next delimiter.
    fn content(&mut self, file: bool, pieces: &mut Vec<Piece>) -> bool {
        let at = memmem::find(&self.held, &self.delimiter);
        // Without a delimiter, what could be the beginning of one stays.
        let safe = at.unwrap_or((self.held.len() + 1).saturating_sub(self.delimiter.len()));
        let data: Vec<u8> = self.held.drain(..safe).collect();
        if file && !data.is_empty() {
            pieces.push(Piece::Data(data));
        }
        if at.is_none() {
            return false;
        }
        let after = self.held.get(self.delimiter.len()..).unwrap_or_default();
        if after.len() < 2 {
            return false;
        }
        self.state = if after.starts_with(b"--") {
            State::Over
        } else {
            State::Head
        };
        self.held.drain(..self.delimiter.len());
        if file {
            pieces.push(Piece::End);
        }
        true
    }

    /// The rest of the boundary line and the part's header fields.
    fn head(&mut self, pieces: &mut Vec<Piece>) -> bool {
        let end = [&b"\r\n\r\n"[..], b"\n\n"]
            .into_iter()
            .filter_map(|empty| memmem::find(&self.held, empty).map(|at| at + empty.len()))
            .min();
        let Some(end) = end else {
            if self.held.len() > MAX_PART_HEAD {
                self.state = State::Over;
                return true;
            }
            return false;
        };
        // The last line end of an empty part's head also begins its delimiter: enough must be there to see that.
        if self.held.len() < end + self.delimiter.len() {
            return false;
        }
        let head: Vec<u8> = self.held.drain(..end).collect();
        self.held.splice(..0, *b"\r\n");
        let headers = Headers::parse(head);
        let name = headers
            .value("content-disposition")
            .and_then(|value| parameter(value, "filename"))
            .map(<[u8]>::to_vec);
        self.state = State::Content(name.is_some());
        let starts_with_delimiter = self.held.starts_with(&self.delimiter);
        if !starts_with_delimiter {
            self.held.drain(..2);
        }
        if let Some(name) = name {
            pieces.push(Piece::File(name));
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TYPE: &[u8] = b"multipart/form-data; boundary=----x";

    /// Name and content of each file, and whether it ended.
    fn files(body: &[u8], step: usize) -> Vec<(String, String, bool)> {
        let mut reader = Multipart::from_content_type(TYPE).unwrap();
        let mut pieces = Vec::new();
        for piece in body.chunks(step) {
            reader.push(piece, &mut pieces);
        }
        let mut files: Vec<(String, String, bool)> = Vec::new();
        for piece in pieces {
            match piece {
                Piece::File(name) => files.push((String::from_utf8(name).unwrap(), String::new(), false)),
                Piece::Data(data) => files
                    .last_mut()
                    .unwrap()
                    .1
                    .push_str(&String::from_utf8(data).unwrap()),
                Piece::End => files.last_mut().unwrap().2 = true,
            }
        }
        files
    }

    #[test]
    fn finds_files_whatever_the_pieces() {
        let body = b"------x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nvalue\r\n\
            ------x\r\nContent-Disposition: form-data; name=\"f\"; filename=\"don.pdf\"\r\nContent-Type: application/pdf\r\n\r\n\
            %PDF-1.4\r\n--not the end\r\n------x\r\nContent-Disposition: form-data; name=\"g\"; filename=\"\"\r\n\r\n\r\n------x--\r\n";
        for step in [1, 2, 5, 17, 4096] {
            assert_eq!(
                files(body, step),
                [
                    ("don.pdf".to_owned(), "%PDF-1.4\r\n--not the end".to_owned(), true),
                    (String::new(), String::new(), true)
                ],
                "by {step}"
            );
        }
    }

    #[test]
    fn an_unfinished_file_stays_open() {
        let body = b"------x\r\nContent-Disposition: form-data; filename=\"f\"\r\n\r\nabcdefghijklmn";
        let found = files(body, 4);
        assert_eq!(found.len(), 1);
        assert!(!found[0].2 && "abcdefghijklmn".starts_with(&found[0].1));
    }

    #[test]
    fn only_multipart_with_a_boundary() {
        for wrong in [
            "text/plain; boundary=x",
            "multipart/form-data",
            "multipart/form-data; boundary=",
            "m",
        ] {
            assert!(
                Multipart::from_content_type(wrong.as_bytes()).is_none(),
                "{wrong}"
            );
        }
    }

    #[test]
    fn endless_part_heads_are_given_up() {
        let mut reader = Multipart::from_content_type(TYPE).unwrap();
        let mut pieces = Vec::new();
        reader.push(b"------x\r\n", &mut pieces);
        for _ in 0..1000 {
            reader.push(b"X: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n", &mut pieces);
        }
        assert!(pieces.is_empty() && reader.held.len() <= MAX_PART_HEAD * 2);
    }
}
