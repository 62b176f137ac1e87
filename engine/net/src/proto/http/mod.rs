//! HTTP/1.x, as lenient as browsers and servers are: what they would show or run must be seen.
//!
//! [`client`](self) and server side are two state machines over the bytes of one direction each: start line, header
//! block, body, again. A request opens a transaction; the answers take them in order. Bytes that are not whole yet stay
//! in a buffer of the side, bounded by the longest head. RFC 9110 and RFC 9112 are the ground; where peers are more
//! forgiving than they, so is this, and an event tells.

mod body;
mod chunked;
mod client;
mod coding;
pub mod eve;
mod framing;
mod head;
mod headers;
mod multipart;
mod request;
mod response;
mod server;
#[cfg(test)]
mod tests;
mod transaction;
mod uri;

use std::collections::VecDeque;

use memchr::memchr;

pub use framing_export::content_range;
pub use headers::{HeaderOddities, Headers, MAX_FIELDS};
pub use transaction::{Body, Request, Response, Transaction, progress};

use crate::app::{AppContext, AppProto, File, Parser, Probe, Transaction as AppTransaction, TxData};
use crate::flow::Direction;
use crate::proto::{AppConfig, Protocol};

/// HTTP/1.x for the table of protocols.
pub const PROTOCOL: Protocol = Protocol {
    proto: AppProto::Http,
    transports: &[6],
    ports: &[80, 8000, 8080, 8888, 3128],
    bound: false,
    probe,
    parser: |_: &AppConfig, _: u8| Box::new(HttpParser::default()),
};

mod framing_export {
    /// First, last and total (`None` when unknown) of a `Content-Range` value.
    pub fn content_range(value: &[u8]) -> Option<(u64, u64, Option<u64>)> {
        super::framing::content_range(value)
    }
}

/// Methods that a client's first line may begin with. Those that other protocols share need the whole line.
const METHODS: &[(&[u8], bool)] = &[
    (b"GET", true),
    (b"POST", true),
    (b"HEAD", true),
    (b"PUT", true),
    (b"DELETE", true),
    (b"PATCH", true),
    (b"CONNECT", true),
    (b"TRACE", true),
    (b"PROPFIND", true),
    (b"PROPPATCH", true),
    (b"MKCOL", true),
    (b"LOCK", true),
    (b"UNLOCK", true),
    (b"SEARCH", true),
    (b"REPORT", true),
    (b"OPTIONS", false),
];

/// Bytes of a first line that must tell.
const PROBE_BYTES: usize = 4096;

/// Looks at the first bytes of a direction.
pub fn probe(direction: Direction, bytes: &[u8]) -> Probe {
    let start = bytes
        .iter()
        .position(|byte| !matches!(byte, b'\r' | b'\n'))
        .unwrap_or(bytes.len());
    let bytes = bytes.get(start..).unwrap_or_default();
    match direction {
        Direction::ToServer => probe_request(bytes),
        Direction::ToClient => begins_like(bytes, b"HTTP/"),
    }
}

fn begins_like(bytes: &[u8], word: &[u8]) -> Probe {
    let known = bytes.len().min(word.len());
    let same = bytes
        .get(..known)
        .zip(word.get(..known))
        .is_some_and(|(bytes, word)| bytes.eq_ignore_ascii_case(word));
    match (same, known == word.len()) {
        (true, true) => Probe::Yes,
        (true, false) => Probe::Unsure,
        (false, _) => Probe::No,
    }
}

fn probe_request(bytes: &[u8]) -> Probe {
    let line_end = memchr(b'\n', bytes);
    let line = bytes.get(..line_end.unwrap_or(bytes.len())).unwrap_or_default();
    let word_end = line.iter().position(|byte| matches!(byte, b' ' | b'\t'));
    let word = line.get(..word_end.unwrap_or(line.len())).unwrap_or_default();
    let Some(_) = word_end else {
        let could_grow = line_end.is_none() && METHODS.iter().any(|(method, _)| method.starts_with(word));
        return if could_grow { Probe::Unsure } else { Probe::No };
    };
    if METHODS.iter().any(|(method, sure)| *sure && *method == word) {
        return Probe::Yes;
    }
    if word.is_empty() || word.len() > 32 || !word.iter().all(|byte| headers::is_token(*byte)) {
        return Probe::No;
    }
    let names_http = line.windows(8).any(|part| part == b" HTTP/1.");
    match (names_http, line_end) {
        (true, _) => Probe::Yes,
        (false, None) if bytes.len() < PROBE_BYTES => Probe::Unsure,
        _ => Probe::No,
    }
}

/// The state machine of one flow.
#[derive(Debug, Default)]
pub struct HttpParser {
    client: client::Client,
    server: server::Server,
    /// Transactions that wait for their answer, oldest first.
    waiting: VecDeque<u64>,
}

impl Parser for HttpParser {
    fn data(&mut self, direction: Direction, bytes: &[u8], cx: &mut AppContext<'_>) {
        self.input(direction, bytes, false, cx);
    }

    fn gap(&mut self, direction: Direction, missing: u64, cx: &mut AppContext<'_>) {
        match direction {
            Direction::ToServer => self.client_gap(missing, cx),
            Direction::ToClient => self.server_gap(missing, cx),
        }
    }

    fn end(&mut self, direction: Direction, cx: &mut AppContext<'_>) {
        self.input(direction, b"", true, cx);
        match direction {
            Direction::ToServer => self.client_end(cx),
            Direction::ToClient => self.server_end(cx),
        }
    }

    fn is_done(&self, direction: Direction) -> bool {
        match direction {
            Direction::ToServer => self.client.is_done(),
            Direction::ToClient => self.server.is_done(),
        }
    }
}

impl HttpParser {
    /// Runs a side over held and new bytes; what it does not take is held.
    fn input(&mut self, direction: Direction, bytes: &[u8], last: bool, cx: &mut AppContext<'_>) {
        let mut held = std::mem::take(self.held(direction));
        if held.is_empty() {
            let used = self.run(direction, bytes, last, cx);
            held.extend_from_slice(bytes.get(used..).unwrap_or_default());
        } else {
            held.extend_from_slice(bytes);
            let used = self.run(direction, &held, last, cx);
            held.drain(..used);
        }
        *self.held(direction) = held;
    }

    fn held(&mut self, direction: Direction) -> &mut Vec<u8> {
        match direction {
            Direction::ToServer => &mut self.client.held,
            Direction::ToClient => &mut self.server.held,
        }
    }

    /// Returns how many bytes were taken.
    fn run(&mut self, direction: Direction, input: &[u8], last: bool, cx: &mut AppContext<'_>) -> usize {
        let left = match direction {
            Direction::ToServer => self.client_run(input, last, cx),
            Direction::ToClient => self.server_run(input, last, cx),
        };
        input.len() - left
    }
}

/// The HTTP part and the files of a transaction.
fn parts(tx: &mut AppTransaction) -> Option<(&mut Transaction, &mut Vec<File>)> {
    match &mut tx.data {
        TxData::Http(http) => Some((http, &mut tx.files)),
        _ => None,
    }
}

/// Opens a transaction with bodies of the configured limits.
fn open(cx: &mut AppContext<'_>) -> u64 {
    let limit = crate::proto::window_bytes;
    let data = Transaction {
        request: Request {
            body: Body::with_limit(limit(cx.config.http.request_body_limit)),
            ..Request::default()
        },
        response: Response {
            body: Body::with_limit(limit(cx.config.http.response_body_limit)),
            ..Response::default()
        },
    };
    let moment = cx.moment();
    cx.transactions.open(TxData::Http(Box::new(data)), moment).id
}

/// Notes events, progress and change on a transaction.
fn note(cx: &mut AppContext<'_>, id: u64, direction: Direction, progress: u8, events: &[&'static str]) {
    let moment = cx.moment();
    if let Some(tx) = cx.transactions.find(id) {
        tx.touch(direction, moment);
        tx.advance(direction, progress);
        for event in events {
            tx.event(event, direction, moment.packet_number);
        }
        if progress == progress::COMPLETE {
            tx.finish(direction);
        }
    }
}

/// Events of a body's faults.
fn body_events(faults: body::BodyFaults, direction: Direction) -> Vec<&'static str> {
    let of = |request, response| match direction {
        Direction::ToServer => request,
        Direction::ToClient => response,
    };
    [
        (
            faults.invalid_chunk,
            of("invalid_request_chunk_len", "invalid_response_chunk_len"),
        ),
        (
            faults.chunk_extension,
            of("request_chunk_extension", "response_chunk_extension"),
        ),
        (faults.coding.bomb, "compression_bomb"),
        (faults.coding.damaged, "gzip_decompression_failed"),
    ]
    .into_iter()
    .filter_map(|(seen, name)| seen.then_some(name))
    .collect()
}
