//! What a HTTP/1.x transaction holds: everything that rules and records ask for, as plain data.

use super::headers::Headers;
use crate::app::ByteWindow;

/// How far a direction came ([`crate::app::Transaction::progress`]).
pub mod progress {
    /// Nothing yet.
    pub const NONE: u8 = 0;
    /// The request or status line is there.
    pub const LINE: u8 = 1;
    /// All header fields are there.
    pub const HEADERS: u8 = 2;
    /// Body bytes are coming.
    pub const BODY: u8 = 3;
    /// The message is over.
    pub const COMPLETE: u8 = 4;
}

/// A message body after chunks and content codings were undone.
#[derive(Clone, Debug, Default)]
pub struct Body {
    /// The kept stretch: the first bytes up to the configured body limit.
    pub window: ByteWindow,
    /// Decoded bytes in all, also those beyond the window.
    pub decoded_bytes: u64,
    /// Bytes as sent (chunk framing removed, codings not), missing ones included: `http.length`.
    pub sent_bytes: u64,
    /// Bytes are missing.
    pub gaps: bool,
}

/// A request.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// The whole line, without its end.
    pub line: Vec<u8>,
    /// `GET`, `POST`, …, as sent.
    pub method: Vec<u8>,
    /// The target as sent.
    pub uri_raw: Vec<u8>,
    /// The normalised target: path and query, decoded.
    pub uri: Vec<u8>,
    /// The normalised path.
    pub path: Vec<u8>,
    /// `HTTP/1.1`; empty when the line has none.
    pub protocol: Vec<u8>,
    /// Header fields.
    pub headers: Headers,
    /// Host of the target or of the `Host` field: lower case, without port.
    pub host: Option<Vec<u8>>,
    /// The same as sent, with port.
    pub host_raw: Option<Vec<u8>>,
    /// Port named there.
    pub port: Option<u16>,
    /// The body.
    pub body: Body,
    /// The request was seen (false when the capture holds only the answer).
    pub seen: bool,
}

/// A response.
#[derive(Clone, Debug, Default)]
pub struct Response {
    /// The whole status line, without its end.
    pub line: Vec<u8>,
    /// `HTTP/1.1`.
    pub protocol: Vec<u8>,
    /// The status as sent.
    pub status_raw: Vec<u8>,
    /// The status, when it is a number.
    pub status: Option<u16>,
    /// The reason phrase.
    pub message: Vec<u8>,
    /// Header fields.
    pub headers: Headers,
    /// The body.
    pub body: Body,
    /// A status line was seen.
    pub seen: bool,
}

/// One HTTP/1.x transaction.
#[derive(Clone, Debug, Default)]
pub struct Transaction {
    /// What the client asked.
    pub request: Request,
    /// What the server answered.
    pub response: Response,
}

impl Body {
    /// A body of which the first `limit` bytes are kept.
    pub(super) fn with_limit(limit: usize) -> Self {
        Self {
            window: ByteWindow::with_limit(limit),
            ..Self::default()
        }
    }

    /// Takes decoded bytes; those beyond the window's limit are only counted.
    pub(super) fn push(&mut self, bytes: &[u8], limit: usize) {
        self.decoded_bytes += bytes.len() as u64;
        let room = (limit as u64).saturating_sub(self.window.total());
        let take = room.min(bytes.len() as u64) as usize;
        self.window.push(bytes.get(..take).unwrap_or_default());
    }
}

/// Line and headers as `http.start` shows them.
fn start(line: &[u8], headers: &Headers) -> Vec<u8> {
    let mut start = Vec::with_capacity(line.len() + headers.raw.len() + 4);
    start.extend_from_slice(line);
    start.extend_from_slice(b"\r\n");
    start.extend_from_slice(&headers.raw);
    start
}

impl Request {
    /// Line and raw headers: what `http.start` looks at.
    pub fn start(&self) -> Vec<u8> {
        start(&self.line, &self.headers)
    }
}

impl Response {
    /// Line and raw headers: what `http.start` looks at.
    pub fn start(&self) -> Vec<u8> {
        start(&self.line, &self.headers)
    }
}
