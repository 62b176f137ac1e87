//! SIP over UDP and TCP (RFC 3261), with the session descriptions it carries. Each message is a transaction.

pub mod eve;
mod sdp;

pub use sdp::{Media, Sdp};

use memchr::memmem;

use crate::app::{AppContext, AppProto, Parser, Probe, TxData};
use crate::flow::Direction;
use crate::proto::http::Headers;
use crate::proto::{AppConfig, Protocol};

/// SIP over UDP for the table of protocols.
pub const OVER_UDP: Protocol = Protocol {
    proto: AppProto::Sip,
    transports: &[17],
    ports: &[5060, 5061],
    bound: false,
    probe,
    parser: |_: &AppConfig, _: u8| {
        Box::new(SipParser {
            stream: false,
            held: Default::default(),
            stopped: false,
        })
    },
};

/// SIP over TCP.
pub const OVER_TCP: Protocol = Protocol {
    transports: &[6],
    parser: |_: &AppConfig, _: u8| {
        Box::new(SipParser {
            stream: true,
            held: Default::default(),
            stopped: false,
        })
    },
    ..OVER_UDP
};

/// How far a direction came: a message is there whole or not at all.
pub mod progress {
    /// The message is there.
    pub const COMPLETE: u8 = 1;
}

/// Longest head of a message over TCP.
const MAX_HEAD: usize = 64 * 1024;

/// Longest body of a message over TCP.
const MAX_BODY: usize = 256 * 1024;

/// The first line of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StartLine {
    /// A request.
    Request {
        /// `INVITE`, `REGISTER`, …
        method: Vec<u8>,
        /// Target.
        uri: Vec<u8>,
        /// `SIP/2.0`.
        version: Vec<u8>,
    },
    /// A response.
    Response {
        /// `SIP/2.0`.
        version: Vec<u8>,
        /// Status code, as sent.
        code: Vec<u8>,
        /// Reason phrase.
        reason: Vec<u8>,
    },
}

/// One message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transaction {
    /// Which way it went.
    pub direction: Direction,
    /// The first line, whole.
    pub line: Vec<u8>,
    /// The first line, taken apart.
    pub start: StartLine,
    /// Header fields.
    pub headers: Headers,
    /// The body.
    pub body: Vec<u8>,
    /// The session description in the body.
    pub sdp: Option<Sdp>,
}

/// Header fields that have a short form (RFC 3261 section 7.3.3 and others).
const COMPACT: &[(&str, &str)] = &[
    ("call-id", "i"),
    ("contact", "m"),
    ("content-encoding", "e"),
    ("content-length", "l"),
    ("content-type", "c"),
    ("from", "f"),
    ("subject", "s"),
    ("supported", "k"),
    ("to", "t"),
    ("via", "v"),
];

impl Transaction {
    /// A header field by its long name, also when it was sent in short.
    pub fn field(&self, name: &str) -> Option<&[u8]> {
        field(&self.headers, name)
    }
}

fn field<'a>(headers: &'a Headers, name: &str) -> Option<&'a [u8]> {
    headers.value(name).or_else(|| {
        let (_, short) = COMPACT.iter().find(|(long, _)| long.eq_ignore_ascii_case(name))?;
        headers.value(short)
    })
}

/// Looks at the first bytes of a direction.
pub fn probe(_: Direction, bytes: &[u8]) -> Probe {
    if bytes.starts_with(b"SIP/2.0 ") {
        return Probe::Yes;
    }
    if b"SIP/2.0 ".starts_with(bytes) {
        return Probe::Unsure;
    }
    let line_end = memchr::memchr(b'\n', bytes);
    let line = bytes.get(..line_end.unwrap_or(bytes.len())).unwrap_or_default();
    let method = line.split(|byte| *byte == b' ').next().unwrap_or_default();
    if method.is_empty() || method.len() > 32 || !method.iter().all(u8::is_ascii_uppercase) {
        return Probe::No;
    }
    match line_end {
        Some(_) if line.trim_ascii_end().ends_with(b" SIP/2.0") => Probe::Yes,
        Some(_) => Probe::No,
        None if bytes.len() > 2048 => Probe::No,
        None => Probe::Unsure,
    }
}

/// The state of one flow.
#[derive(Debug)]
struct SipParser {
    stream: bool,
    held: [Vec<u8>; 2],
    stopped: bool,
}

impl Parser for SipParser {
    fn data(&mut self, direction: Direction, bytes: &[u8], cx: &mut AppContext<'_>) {
        if self.stopped {
            return;
        }
        if !self.stream {
            if let Some((message, length)) = parse(bytes, true, direction) {
                open(message, bytes.get(..length).unwrap_or(bytes), direction, cx);
            }
            return;
        }
        let Some(held) = self.held.get_mut(direction.index()) else {
            return;
        };
        held.extend_from_slice(bytes);
        let mut rest = held.as_slice();
        loop {
            // Empty lines between messages keep the connection open (RFC 5626).
            while let [b'\r' | b'\n', after @ ..] = rest {
                rest = after;
            }
            let Some((message, length)) = parse(rest, false, direction) else {
                break;
            };
            let (bytes, after) = rest.split_at_checked(length).unwrap_or((rest, &[]));
            rest = after;
            open(message, bytes, direction, cx);
        }
        let used = held.len() - rest.len();
        held.drain(..used);
        if held.len() > MAX_HEAD + MAX_BODY {
            self.stopped = true;
            self.held = [Vec::new(), Vec::new()];
        }
    }

    fn gap(&mut self, direction: Direction, _missing: u64, _cx: &mut AppContext<'_>) {
        if let Some(held) = self.held.get_mut(direction.index()) {
            held.clear();
        }
    }

    fn end(&mut self, direction: Direction, cx: &mut AppContext<'_>) {
        self.gap(direction, 0, cx);
    }

    fn is_done(&self, _direction: Direction) -> bool {
        self.stopped
    }
}

fn open(message: Transaction, bytes: &[u8], direction: Direction, cx: &mut AppContext<'_>) {
    let moment = cx.moment();
    let is_request = matches!(message.start, StartLine::Request { .. });
    let body_bytes = message.body.len();
    let tx = cx.transactions.open(TxData::Sip(Box::new(message)), moment);
    tx.updated = [false; 2];
    tx.touch(direction, moment);
    tx.advance(direction, progress::COMPLETE);
    tx.finish(Direction::ToServer);
    tx.finish(Direction::ToClient);
    let id = tx.id;
    if cx.wants_frames() {
        frames(bytes, body_bytes, is_request, (direction, id), cx);
    }
}

/// The message as a whole, its first line, its header fields, its body.
fn frames(
    bytes: &[u8],
    body_bytes: usize,
    is_request: bool,
    (direction, id): (Direction, u64),
    cx: &mut AppContext<'_>,
) {
    let [line_kind, headers_kind, body_kind] = if is_request {
        ["request.line", "request.headers", "request.body"]
    } else {
        ["response.line", "response.headers", "response.body"]
    };
    let (head, body) = bytes
        .split_at_checked(bytes.len().saturating_sub(body_bytes))
        .unwrap_or((bytes, &[]));
    let line_end = memchr::memchr(b'\n', head).map_or(head.len(), |at| at + 1);
    let (line, headers) = head.split_at_checked(line_end).unwrap_or((head, &[]));
    // The empty line belongs to neither.
    let headers = headers
        .strip_suffix(b"\r\n")
        .or_else(|| headers.strip_suffix(b"\n"))
        .unwrap_or(headers);
    for (kind, bytes) in [
        ("pdu", bytes),
        (line_kind, line),
        (headers_kind, headers),
        (body_kind, body),
    ] {
        if !bytes.is_empty() {
            cx.frame(kind, direction, bytes, bytes.len() as u64, Some(id));
        }
    }
}

/// Reads a message and its length; `None` while it is not whole. A datagram is always `whole`.
fn parse(bytes: &[u8], whole: bool, direction: Direction) -> Option<(Transaction, usize)> {
    let end = [&b"\r\n\r\n"[..], b"\n\n"]
        .into_iter()
        .filter_map(|empty| memmem::find(bytes, empty).map(|at| at + empty.len()))
        .min();
    let end = match end {
        Some(end) => end,
        None if whole => bytes.len(),
        None => return None,
    };
    let (head, after) = bytes.split_at(end);
    let line_end = memchr::memchr(b'\n', head).map_or(head.len(), |at| at + 1);
    let (line, block) = head.split_at(line_end);
    let line = line.trim_ascii().to_vec();
    let start = start_line(&line)?;
    let headers = Headers::parse(block.to_vec());
    let announced = field(&headers, "content-length")
        .and_then(|value| std::str::from_utf8(value).ok())
        .and_then(|value| value.trim().parse::<usize>().ok());
    let length = match announced {
        // A datagram is looked at whole, whatever length it names: nothing hides behind a small number.
        _ if whole => after.len(),
        Some(length) => length.min(MAX_BODY),
        None => 0,
    };
    let body = after.get(..length)?.to_vec();
    let described = field(&headers, "content-type").is_some_and(|kind| {
        kind.get(..15)
            .is_some_and(|kind| kind.eq_ignore_ascii_case(b"application/sdp"))
    });
    let message = Transaction {
        direction,
        line,
        start,
        headers,
        sdp: if described { sdp::parse(&body) } else { None },
        body,
    };
    Some((message, end + length))
}

fn start_line(line: &[u8]) -> Option<StartLine> {
    let mut words = line.splitn(3, |byte| *byte == b' ');
    let (first, second) = (words.next()?, words.next()?);
    let third = words.next().unwrap_or_default();
    Some(if first.starts_with(b"SIP/") {
        StartLine::Response {
            version: first.to_vec(),
            code: second.to_vec(),
            reason: third.to_vec(),
        }
    } else if !third.starts_with(b"SIP/") {
        return None;
    } else {
        StartLine::Request {
            method: first.to_vec(),
            uri: second.to_vec(),
            version: third.to_vec(),
        }
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::proto::testing::Talk;

    const INVITE: &[u8] =
        b"INVITE sip:b@x SIP/2.0\r\nf: <sip:a@x>\r\nVia: 1\r\nVia: 2\r\nc: application/sdp\r\nl: 12\r\n\r\nv=0\r\no=me\r\n\r\n";
    const OK: &[u8] = b"SIP/2.0 200 Very OK\r\nContent-Length: 0\r\n\r\n";

    fn talk(protocol: &Protocol) -> Talk {
        Talk::new((protocol.parser)(&AppConfig::default(), 0))
    }

    fn messages(talk: &Talk) -> Vec<Transaction> {
        let of = |tx: &crate::app::Transaction| match &tx.data {
            TxData::Sip(sip) => sip.as_ref().clone(),
            _ => panic!("not SIP"),
        };
        talk.transactions.iter().map(of).collect()
    }

    #[test]
    fn datagrams() {
        let mut talk = talk(&OVER_UDP);
        talk.data(Direction::ToServer, INVITE);
        talk.data(Direction::ToClient, OK);
        let all = messages(&talk);
        assert_eq!(all[0].field("from"), Some(b"<sip:a@x>".as_slice()));
        assert_eq!(all[0].field("Via"), Some(b"1, 2".as_slice()));
        assert!(all[0].sdp.is_some());
        match &all[1].start {
            StartLine::Response { code, reason, .. } => assert_eq!(
                (code.as_slice(), reason.as_slice()),
                (&b"200"[..], &b"Very OK"[..])
            ),
            StartLine::Request { .. } => panic!("not a response"),
        }
    }

    #[test]
    fn endless_messages_are_given_up() {
        let mut talk = talk(&OVER_TCP);
        for _ in 0..1000 {
            talk.data(Direction::ToServer, &[b'x'; 1000]);
        }
        assert!(talk.parser.is_done(Direction::ToServer));
    }

    #[test]
    fn probes() {
        for (bytes, verdict) in [
            (INVITE, Probe::Yes),
            (OK, Probe::Yes),
            (&INVITE[..10], Probe::Unsure),
            (b"GET / HTTP/1.1\r\n", Probe::No),
            (b"OPTIONS rtsp://x RTSP/1.0\r\n", Probe::No),
            (b"\x16\x03", Probe::No),
        ] {
            assert_eq!(probe(Direction::ToServer, bytes), verdict, "{bytes:?}");
        }
    }

    proptest! {
        #[test]
        fn cuts_do_not_matter(step in 1_usize..50) {
            let bytes = [INVITE, OK, INVITE].concat();
            let mut cut = talk(&OVER_TCP);
            for piece in bytes.chunks(step) {
                cut.data(Direction::ToServer, piece);
            }
            let mut whole = talk(&OVER_TCP);
            whole.data(Direction::ToServer, &bytes);
            prop_assert_eq!(messages(&whole).len(), 3);
            prop_assert_eq!(messages(&whole), messages(&cut));
        }

        #[test]
        fn no_bytes_panic(bytes in prop::collection::vec(any::<u8>(), 0..200), at in 0_usize..90) {
            let mut damaged = INVITE.to_vec();
            damaged.splice(at.min(INVITE.len()).., bytes);
            let mut udp = talk(&OVER_UDP);
            udp.data(Direction::ToServer, &damaged);
            let mut tcp = talk(&OVER_TCP);
            tcp.data(Direction::ToServer, &damaged);
            prop_assert!(udp.transactions.len() <= 1);
        }
    }
}
