//! The client's side: requests.

use super::body::{BodyFaults, BodyReader, BodySink, BodyStep, FilePlan, Framing};
use super::coding::{CodingFaults, CodingLimits, Decoder};
use super::framing::{content_codings, content_length, transfer_coding};
use super::head::{HeadEnd, MAX_HEAD_BYTES, find_end, first_line};
use super::headers::Headers;
use super::multipart::Multipart;
use super::{HttpParser, Transaction, body_events, note, open, parts, progress, request};
use crate::app::{AppContext, FrameBytes};
use crate::flow::Direction;
use crate::proto::{AppConfig, window_bytes};

const SIDE: Direction = Direction::ToServer;

/// Request bodies are decoded one layer deep: servers that undo more are rare.
const REQUEST_LAYERS: usize = 1;

#[derive(Debug, Default)]
enum State {
    #[default]
    Line,
    Headers {
        id: u64,
        scanned: usize,
        /// The line names no protocol: HTTP/0.9, unless header fields follow.
        bare: bool,
    },
    Body {
        id: u64,
        reader: Box<BodyReader>,
    },
    /// A CONNECT was sent: the answer decides what the bytes are.
    Connect,
    /// Nothing here is HTTP any more.
    Done,
}

/// The state of the client's side.
#[derive(Debug, Default)]
pub(super) struct Client {
    pub(super) held: Vec<u8>,
    state: State,
    frame: FrameBytes,
}

impl Client {
    pub(super) fn is_done(&self) -> bool {
        matches!(self.state, State::Done)
    }

    pub(super) fn stop(&mut self) {
        self.state = State::Done;
        self.held.clear();
    }

    /// A CONNECT was refused: requests go on.
    pub(super) fn resume(&mut self) {
        if matches!(self.state, State::Connect) {
            self.state = State::Line;
        }
    }
}

impl HttpParser {
    /// Returns how many bytes at the end of `input` were not taken.
    pub(super) fn client_run(&mut self, input: &[u8], last: bool, cx: &mut AppContext<'_>) -> usize {
        let mut rest = input;
        loop {
            let before = rest;
            let went_on = match &self.client.state {
                State::Line => self.request_line(&mut rest, last, cx),
                State::Headers { .. } => self.request_headers(&mut rest, last, cx),
                State::Body { .. } => self.request_body(&mut rest, cx),
                State::Connect => {
                    let excess = rest.len().saturating_sub(MAX_HEAD_BYTES);
                    rest = rest.get(excess..).unwrap_or_default();
                    false
                }
                State::Done => {
                    rest = &[];
                    false
                }
            };
            if cx.wants_frames() {
                self.request_frame(before, rest.len(), cx);
            }
            if !went_on {
                return rest.len();
            }
        }
    }

    /// Adds what a step took to the request's frame, which ends where the next request may begin.
    fn request_frame(&mut self, before: &[u8], left: usize, cx: &mut AppContext<'_>) {
        let taken = before.len().saturating_sub(left);
        self.client.frame.add(before.get(..taken).unwrap_or_default());
        if matches!(self.client.state, State::Line | State::Done | State::Connect)
            && !self.client.frame.is_empty()
        {
            let (bytes, length) = self.client.frame.take();
            let id = self.waiting.back().copied();
            cx.frame("request", Direction::ToServer, &bytes, length, id);
        }
    }

    fn request_line(&mut self, rest: &mut &[u8], last: bool, cx: &mut AppContext<'_>) -> bool {
        while let [b'\r' | b'\n', tail @ ..] = *rest {
            *rest = tail;
        }
        let (line, taken) = match first_line(rest) {
            Some(found) => found,
            None if !rest.is_empty() && (last || rest.len() > MAX_HEAD_BYTES) => (*rest, rest.len()),
            None => return false,
        };
        let mut events = Vec::new();
        let request = request::parse_line(line, &mut events);
        *rest = rest.get(taken..).unwrap_or_default();
        let bare = request.protocol.is_empty();
        let id = open(cx);
        if let Some((http, _)) = cx.transactions.find(id).and_then(parts) {
            let body = std::mem::take(&mut http.request.body);
            http.request = request;
            http.request.body = body;
        }
        self.waiting.push_back(id);
        if self.waiting.len() > cx.config.max_open_transactions
            && let Some(oldest) = self.waiting.pop_front()
        {
            note(
                cx,
                oldest,
                Direction::ToClient,
                progress::COMPLETE,
                &["too_many_requests_without_response"],
            );
        }
        note(cx, id, SIDE, progress::LINE, &events);
        self.client.state = State::Headers { id, scanned: 0, bare };
        true
    }

    fn request_headers(&mut self, rest: &mut &[u8], last: bool, cx: &mut AppContext<'_>) -> bool {
        let State::Headers { id, scanned, bare } = &mut self.client.state else {
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
        let (id, bare) = (*id, *bare);
        let (block, after) = rest.split_at(end);
        *rest = after;
        let headers = Headers::parse(block.to_vec());
        let mut events = Vec::new();
        if bare && !block.is_empty() {
            events.push("request_line_missing_protocol");
        }
        let config = cx.config;
        let Some((http, _)) = cx.transactions.find(id).and_then(parts) else {
            self.client.state = State::Line;
            return true;
        };
        if !bare || !headers.is_empty() {
            request::set_headers(&mut http.request, headers, &mut events);
        }
        let is_connect = http.request.method.eq_ignore_ascii_case(b"CONNECT");
        let reader = request_reader(http, config);
        note(cx, id, SIDE, progress::HEADERS, &events);
        self.client.state = match reader {
            Some(reader) if !is_connect => State::Body {
                id,
                reader: Box::new(reader),
            },
            _ => {
                note(cx, id, SIDE, progress::COMPLETE, &[]);
                if is_connect { State::Connect } else { State::Line }
            }
        };
        true
    }

    fn request_body(&mut self, rest: &mut &[u8], cx: &mut AppContext<'_>) -> bool {
        let State::Body { id, reader } = &mut self.client.state else {
            return false;
        };
        let id = *id;
        if rest.is_empty() && !reader.is_over() {
            return false;
        }
        let Some((http, files)) = cx.transactions.find(id).and_then(parts) else {
            self.client.state = State::Line;
            return true;
        };
        let mut sink = BodySink {
            body: &mut http.request.body,
            files,
        };
        let step = reader.push(rest, &mut sink);
        if step == BodyStep::Over {
            reader.finish(true, &mut sink);
        }
        let events = body_events(reader.faults, SIDE);
        note(cx, id, SIDE, progress::BODY, &events);
        if step == BodyStep::More {
            return false;
        }
        note(cx, id, SIDE, progress::COMPLETE, &[]);
        self.client.state = State::Line;
        true
    }

    /// An answer begins: a bare line that waits for header fields is a whole HTTP/0.9 request.
    pub(super) fn answer_begins(&mut self, cx: &mut AppContext<'_>) {
        if let State::Headers { id, bare: true, .. } = self.client.state
            && self.client.held.is_empty()
        {
            note(cx, id, SIDE, progress::COMPLETE, &[]);
            self.client.state = State::Line;
        }
    }

    pub(super) fn client_gap(&mut self, missing: u64, cx: &mut AppContext<'_>) {
        self.client.held.clear();
        let State::Body { id, reader } = &mut self.client.state else {
            self.client.state = match self.client.state {
                State::Done => State::Done,
                State::Connect => State::Connect,
                _ => State::Line,
            };
            return;
        };
        let id = *id;
        let Some((http, files)) = cx.transactions.find(id).and_then(parts) else {
            return;
        };
        let mut sink = BodySink {
            body: &mut http.request.body,
            files,
        };
        let over = reader.gap(missing, &mut sink).is_none() || reader.is_over();
        if over {
            reader.finish(false, &mut sink);
            note(cx, id, SIDE, progress::COMPLETE, &[]);
            self.client.state = State::Line;
        }
    }

    pub(super) fn client_end(&mut self, cx: &mut AppContext<'_>) {
        match std::mem::replace(&mut self.client.state, State::Done) {
            State::Body { id, mut reader } => {
                if let Some((http, files)) = cx.transactions.find(id).and_then(parts) {
                    let mut sink = BodySink {
                        body: &mut http.request.body,
                        files,
                    };
                    reader.finish(false, &mut sink);
                }
                note(cx, id, SIDE, progress::COMPLETE, &[]);
            }
            State::Headers { id, .. } => note(cx, id, SIDE, progress::COMPLETE, &[]),
            State::Line | State::Connect | State::Done => {}
        }
        self.client.held.clear();
    }
}

/// A reader for the body that the head announces; `None` without one.
fn request_reader(http: &Transaction, config: &AppConfig) -> Option<BodyReader> {
    let headers = &http.request.headers;
    let length = content_length(headers).map(|length| length.first);
    let framing = if transfer_coding(headers).chunked {
        Framing::Promised(length)
    } else {
        Framing::Length(length.filter(|length| *length > 0)?)
    };
    let (codings, _) = content_codings(headers);
    let limits = CodingLimits {
        layers: REQUEST_LAYERS,
        ..coding_limits(config.http.bomb_limit)
    };
    let multipart = headers
        .value("content-type")
        .and_then(Multipart::from_content_type);
    Some(BodyReader {
        framing,
        direction: SIDE,
        decoder: (!codings.is_empty()).then(|| Decoder::new(&codings, limits)),
        multipart,
        plan: FilePlan {
            name: http.request.path.clone(),
            range: None,
            hashes: config.file_hashes(),
            window: 0,
        },
        limit: window_bytes(config.http.request_body_limit),
        faults: BodyFaults {
            coding: CodingFaults::default(),
            ..BodyFaults::default()
        },
        file_open: false,
    })
}

/// Limits of decoding that both sides share.
pub(super) fn coding_limits(bomb_limit: u64) -> CodingLimits {
    CodingLimits {
        layers: 1,
        bomb_bytes: bomb_limit,
        bomb_ratio: 2048,
        output_bytes: 64 << 20,
    }
}
