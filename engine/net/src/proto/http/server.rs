//! The server's side: responses.

use memchr::memmem;

use super::body::{BodyFaults, BodyReader, BodySink, BodyStep, FilePlan, Framing};
use super::client::coding_limits;
use super::coding::{CodingLimits, Decoder};
use super::framing::{content_codings, content_length, content_range, parameter, transfer_coding};
use super::head::{HeadEnd, MAX_HEAD_BYTES, find_end, first_line};
use super::headers::{Headers, is_blank};
use super::{HttpParser, Response, Transaction, body_events, note, open, parts, progress, response};
use crate::app::{AppContext, FrameBytes};
use crate::flow::Direction;
use crate::proto::{AppConfig, window_bytes};

const SIDE: Direction = Direction::ToClient;

/// Bytes within which a status line must begin; a body without one (HTTP/0.9) is believed after so many.
const JUNK_BYTES: usize = 512;

#[derive(Debug, Default)]
enum State {
    #[default]
    Line,
    Headers {
        id: u64,
        scanned: usize,
    },
    /// The status allows no body, but the fields announce one: the next bytes tell. `interim`: another head follows.
    Perhaps {
        id: u64,
        reader: Box<BodyReader>,
        interim: bool,
    },
    Body {
        id: u64,
        reader: Box<BodyReader>,
    },
    /// The announced length is there. Lines that are no status line still belong to the body.
    Behind {
        id: u64,
        reader: Box<BodyReader>,
    },
    Done,
}

/// The state of the server's side.
#[derive(Debug, Default)]
pub(super) struct Server {
    pub(super) held: Vec<u8>,
    state: State,
    interim_seen: bool,
    frame: FrameBytes,
}

/// What follows a response's head.
enum Next {
    Nothing,
    Tunnel,
    Interim,
    Body(BodyReader),
    Perhaps(BodyReader, bool),
}

impl Server {
    pub(super) fn is_done(&self) -> bool {
        matches!(self.state, State::Done)
    }
}

/// Whether bytes begin a status line: `None` while too few are there.
fn begins_status_line(bytes: &[u8]) -> Option<bool> {
    let word = b"HTTP";
    let known = bytes.len().min(word.len());
    let same = bytes
        .get(..known)
        .zip(word.get(..known))
        .is_some_and(|(bytes, word)| bytes.eq_ignore_ascii_case(word));
    match (same, known == word.len()) {
        (true, false) => None,
        (same, _) => Some(same),
    }
}

impl HttpParser {
    /// Returns how many bytes at the end of `input` were not taken.
    pub(super) fn server_run(&mut self, input: &[u8], last: bool, cx: &mut AppContext<'_>) -> usize {
        let mut rest = input;
        loop {
            let before = rest;
            let went_on = match &self.server.state {
                State::Line => self.status_line(&mut rest, last, cx),
                State::Headers { .. } => self.response_headers(&mut rest, last, cx),
                State::Perhaps { .. } => self.perhaps(rest, last, cx),
                State::Body { .. } => self.response_body(&mut rest, cx),
                State::Behind { .. } => self.behind(&mut rest, cx),
                State::Done => {
                    rest = &[];
                    false
                }
            };
            if cx.wants_frames() {
                self.response_frame(before, rest.len(), cx);
            }
            if !went_on {
                return rest.len();
            }
        }
    }

    /// Adds what a step took to the response's frame, which ends where the next response may begin.
    fn response_frame(&mut self, before: &[u8], left: usize, cx: &mut AppContext<'_>) {
        let taken = before.len().saturating_sub(left);
        self.server.frame.add(before.get(..taken).unwrap_or_default());
        if matches!(self.server.state, State::Line | State::Done) {
            self.end_response_frame(cx);
        }
    }

    /// Shows the response's frame: it has ended, or nothing more comes.
    pub(super) fn end_response_frame(&mut self, cx: &mut AppContext<'_>) {
        if !self.server.frame.is_empty() {
            let (bytes, length) = self.server.frame.take();
            cx.frame("response", Direction::ToClient, &bytes, length, None);
        }
    }

    fn status_line(&mut self, rest: &mut &[u8], last: bool, cx: &mut AppContext<'_>) -> bool {
        while let [first, tail @ ..] = *rest
            && is_blank(*first)
        {
            *rest = tail;
        }
        if rest.is_empty() {
            return false;
        }
        match begins_status_line(rest) {
            None if !last => false,
            Some(true) => self.read_status_line(rest, last, cx),
            _ => self.no_status_line(rest, last, cx),
        }
    }

    fn read_status_line(&mut self, rest: &mut &[u8], last: bool, cx: &mut AppContext<'_>) -> bool {
        let (line, taken) = match first_line(rest) {
            Some(found) => found,
            None if last || rest.len() > MAX_HEAD_BYTES => (*rest, rest.len()),
            None => return false,
        };
        let mut line = line.to_vec();
        let mut after = rest.get(taken..).unwrap_or_default();
        if !line.iter().any(|byte| is_blank(*byte)) {
            // The rest of the line may stand on a continuation line.
            match after.first() {
                None if !last => return false,
                Some(b' ' | b'\t') => match first_line(after) {
                    Some((more, taken)) => {
                        line.extend_from_slice(more);
                        after = after.get(taken..).unwrap_or_default();
                    }
                    None if !last && after.len() < MAX_HEAD_BYTES => return false,
                    None => {}
                },
                _ => {}
            }
        }
        *rest = after;
        let mut events = Vec::new();
        let response = response::parse_line(&line, &mut events);
        self.begin(response, &events, cx);
        true
    }

    /// Something that is no status line: junk before one, or a body without any (HTTP/0.9).
    fn no_status_line(&mut self, rest: &mut &[u8], last: bool, cx: &mut AppContext<'_>) -> bool {
        let near = rest.get(..JUNK_BYTES.min(rest.len())).unwrap_or_default();
        let found = [&b"\nHTTP/"[..], b"\rHTTP/"]
            .into_iter()
            .filter_map(|start| memmem::find(near, start))
            .min();
        if let Some(at) = found {
            *rest = rest.get(at + 1..).unwrap_or_default();
            if let Some(id) = self.waiting.front().copied() {
                note(cx, id, SIDE, progress::NONE, &["response_invalid_protocol"]);
            }
            return true;
        }
        let Some(id) = self.waiting.front().copied() else {
            // Nobody asked: junk behind a finished answer.
            *rest = &[];
            return false;
        };
        if rest.len() < JUNK_BYTES && !last {
            return false;
        }
        self.begin(
            Response {
                seen: true,
                ..Response::default()
            },
            &["response_invalid_protocol"],
            cx,
        );
        let config = cx.config;
        if let Some((http, _)) = cx.transactions.find(id).and_then(parts) {
            let reader = reader(http, config, Framing::Close);
            self.server.state = State::Body {
                id,
                reader: Box::new(reader),
            };
        }
        true
    }

    /// A response begins: it belongs to the oldest request that waits.
    fn begin(&mut self, response: Response, events: &[&'static str], cx: &mut AppContext<'_>) {
        self.answer_begins(cx);
        let id = match self.waiting.front() {
            Some(id) => *id,
            None => {
                let id = open(cx);
                note(cx, id, Direction::ToServer, progress::COMPLETE, &[]);
                self.waiting.push_back(id);
                id
            }
        };
        if let Some((http, _)) = cx.transactions.find(id).and_then(parts) {
            let body = std::mem::take(&mut http.response.body);
            http.response = response;
            http.response.body = body;
        }
        note(cx, id, SIDE, progress::LINE, events);
        self.server.state = State::Headers { id, scanned: 0 };
    }

    fn response_headers(&mut self, rest: &mut &[u8], last: bool, cx: &mut AppContext<'_>) -> bool {
        let State::Headers { id, scanned } = &mut self.server.state else {
            return false;
        };
        let end = match find_end(rest, *scanned, last) {
            HeadEnd::At(end) => end,
            HeadEnd::More(_) if last || rest.len() > MAX_HEAD_BYTES => rest.len(),
            HeadEnd::More(seen) => {
                *scanned = seen;
                return false;
            }
        };
        let id = *id;
        let (block, after) = rest.split_at(end);
        *rest = after;
        let headers = Headers::parse(block.to_vec());
        let mut events = Vec::new();
        let config = cx.config;
        let Some((http, _)) = cx.transactions.find(id).and_then(parts) else {
            self.server.state = State::Line;
            self.waiting.pop_front();
            return true;
        };
        response::set_headers(&mut http.response, headers, &mut events);
        let (_, unknown) = content_codings(&http.response.headers);
        if unknown {
            events.push("abnormal_ce_header");
        }
        let next = what_follows(http, config);
        note(cx, id, SIDE, progress::HEADERS, &events);
        self.after_head(id, next, cx);
        true
    }

    fn after_head(&mut self, id: u64, next: Next, cx: &mut AppContext<'_>) {
        match next {
            Next::Nothing => self.complete(id, cx),
            Next::Tunnel => {
                self.complete(id, cx);
                self.client.stop();
                self.server.state = State::Done;
                *cx.probe_again = true;
            }
            Next::Interim => self.interim(id, cx),
            Next::Body(reader) => {
                self.server.state = State::Body {
                    id,
                    reader: Box::new(reader),
                };
            }
            Next::Perhaps(reader, interim) => {
                self.server.state = State::Perhaps {
                    id,
                    reader: Box::new(reader),
                    interim,
                };
            }
        }
    }

    /// An interim answer (100, 102, 103) is over: the final one follows for the same request.
    fn interim(&mut self, id: u64, cx: &mut AppContext<'_>) {
        if self.server.interim_seen {
            note(cx, id, SIDE, progress::NONE, &["100_continue_already_seen"]);
        }
        self.server.interim_seen = true;
        self.server.state = State::Line;
    }

    /// Looks whether a body comes where none should.
    fn perhaps(&mut self, rest: &[u8], last: bool, cx: &mut AppContext<'_>) -> bool {
        if rest.is_empty() && !last {
            return false;
        }
        let status_line = match begins_status_line(rest) {
            None if !last => return false,
            verdict => rest.is_empty() || verdict == Some(true),
        };
        let State::Perhaps { id, reader, interim } = std::mem::take(&mut self.server.state) else {
            return false;
        };
        match (status_line, interim) {
            (true, true) => self.interim(id, cx),
            (true, false) => self.complete(id, cx),
            (false, _) => self.server.state = State::Body { id, reader },
        }
        true
    }

    fn response_body(&mut self, rest: &mut &[u8], cx: &mut AppContext<'_>) -> bool {
        let State::Body { id, reader } = &mut self.server.state else {
            return false;
        };
        let id = *id;
        if rest.is_empty() && !reader.is_over() {
            return false;
        }
        let Some((http, files)) = cx.transactions.find(id).and_then(parts) else {
            self.server.state = State::Done;
            return true;
        };
        let mut sink = BodySink {
            body: &mut http.response.body,
            files,
        };
        let step = reader.push(rest, &mut sink);
        let events = body_events(reader.faults, SIDE);
        note(cx, id, SIDE, progress::BODY, &events);
        if step == BodyStep::More {
            return false;
        }
        if let State::Body { id, reader } = std::mem::take(&mut self.server.state) {
            self.server.state = State::Behind { id, reader };
        }
        true
    }

    /// Behind a body of known length: the next answer, or more of a body that is longer than it said.
    fn behind(&mut self, rest: &mut &[u8], cx: &mut AppContext<'_>) -> bool {
        let State::Behind { id, reader } = &mut self.server.state else {
            return false;
        };
        let id = *id;
        let more = !rest.is_empty() && begins_status_line(rest) == Some(false) && reader.is_over();
        if let Some((http, files)) = cx.transactions.find(id).and_then(parts) {
            let mut sink = BodySink {
                body: &mut http.response.body,
                files,
            };
            if more {
                let line = memchr::memchr(b'\n', rest).map_or(rest.len(), |end| end + 1);
                let (extra, after) = rest.split_at(line);
                *rest = after;
                reader.extra(extra, &mut sink);
                return true;
            }
            reader.finish(true, &mut sink);
        }
        self.complete(id, cx);
        true
    }

    /// The response is over.
    fn complete(&mut self, id: u64, cx: &mut AppContext<'_>) {
        self.server.state = State::Line;
        self.server.interim_seen = false;
        if self.waiting.front() == Some(&id) {
            self.waiting.pop_front();
        }
        note(cx, id, SIDE, progress::COMPLETE, &[]);
        self.client.resume();
    }

    pub(super) fn server_gap(&mut self, missing: u64, cx: &mut AppContext<'_>) {
        self.server.held.clear();
        match &mut self.server.state {
            State::Body { id, reader } => {
                let id = *id;
                let Some((http, files)) = cx.transactions.find(id).and_then(parts) else {
                    return;
                };
                let mut sink = BodySink {
                    body: &mut http.response.body,
                    files,
                };
                let lost = reader.gap(missing, &mut sink).is_none();
                if lost || reader.is_over() {
                    reader.finish(!lost, &mut sink);
                    self.complete(id, cx);
                }
            }
            State::Headers { id, .. } => {
                let id = *id;
                self.complete(id, cx);
            }
            State::Perhaps { id, .. } | State::Behind { id, .. } => {
                let id = *id;
                self.complete(id, cx);
            }
            State::Line | State::Done => {}
        }
    }

    pub(super) fn server_end(&mut self, cx: &mut AppContext<'_>) {
        self.end_response_frame(cx);
        match std::mem::take(&mut self.server.state) {
            State::Body { id, mut reader } | State::Behind { id, mut reader } => {
                if let Some((http, files)) = cx.transactions.find(id).and_then(parts) {
                    let mut sink = BodySink {
                        body: &mut http.response.body,
                        files,
                    };
                    reader.finish(false, &mut sink);
                }
                self.complete(id, cx);
            }
            State::Headers { id, .. } | State::Perhaps { id, .. } => self.complete(id, cx),
            State::Line | State::Done => {}
        }
        self.server.held.clear();
        self.server.state = State::Done;
    }
}

/// What the head of a response says of what follows it (RFC 9112 section 6.3), and what peers make of it.
fn what_follows(http: &Transaction, config: &AppConfig) -> Next {
    let headers = &http.response.headers;
    let status = http.response.status.unwrap_or(0);
    let length = content_length(headers).map(|length| length.largest);
    let chunked = transfer_coding(headers).chunked;
    let framing = match (chunked, length) {
        (true, length) => Framing::Promised(length),
        (false, Some(length)) => Framing::Length(length),
        (false, None) => Framing::Close,
    };
    let announced = chunked || length.is_some_and(|length| length > 0);
    if http.request.method.eq_ignore_ascii_case(b"CONNECT") && (200..300).contains(&status)
        || status == 101 && !announced
    {
        return Next::Tunnel;
    }
    if http.request.method.eq_ignore_ascii_case(b"HEAD") {
        return Next::Nothing;
    }
    match (status, announced) {
        (100..200, false) => Next::Interim,
        (204 | 304, false) => Next::Nothing,
        (100..200, true) => Next::Perhaps(reader(http, config, framing), true),
        (204 | 304, true) => Next::Perhaps(reader(http, config, framing), false),
        _ if length == Some(0) && !chunked => Next::Nothing,
        _ => Next::Body(reader(http, config, framing)),
    }
}

/// A reader for the response's body.
fn reader(http: &Transaction, config: &AppConfig, framing: Framing) -> BodyReader {
    let headers = &http.response.headers;
    let (codings, _) = content_codings(headers);
    let limits = CodingLimits {
        layers: config.http.decompress_layers,
        ..coding_limits(config.http.bomb_limit)
    };
    let name = headers
        .value("content-disposition")
        .and_then(|value| parameter(value, "filename"))
        .map_or_else(|| http.request.path.clone(), <[u8]>::to_vec);
    let range = headers
        .value("content-range")
        .and_then(content_range)
        .map(|(first, last, _)| (first, last));
    BodyReader {
        framing,
        direction: SIDE,
        decoder: (!codings.is_empty()).then(|| Decoder::new(&codings, limits)),
        multipart: None,
        plan: FilePlan {
            name,
            range,
            hashes: config.file_hashes(),
            // The body itself keeps the bytes.
            window: 0,
        },
        limit: window_bytes(config.http.response_body_limit),
        faults: BodyFaults::default(),
        file_open: false,
    }
}
