//! Kerberos 5 (RFC 4120) over UDP and TCP. Each message is a transaction.

mod encryption;
mod message;

pub use encryption::{encryption_number, is_weak};
pub use message::Message;

use crate::app::{AppContext, AppProto, Parser, Probe};
use crate::flow::Direction;
use crate::proto::ber::{Extent, extent};
use crate::proto::held::Held;
use crate::proto::{AppConfig, Protocol};

/// Kerberos over UDP for the table of protocols.
pub const OVER_UDP: Protocol = Protocol {
    proto: AppProto::Krb5,
    transports: &[17],
    ports: &[88],
    bound: false,
    probe,
    parser: |_: &AppConfig, _: u8| Box::new(Krb5Parser::new(false)),
};

/// Kerberos over TCP: a length of four bytes before each message.
pub const OVER_TCP: Protocol = Protocol {
    transports: &[6],
    probe: probe_stream,
    parser: |_: &AppConfig, _: u8| Box::new(Krb5Parser::new(true)),
    ..OVER_UDP
};

/// Longest message over TCP.
const MAX_MESSAGE: usize = 64 * 1024;

/// Application tags of the messages that begin a flow.
fn is_message_tag(tag: u8) -> bool {
    matches!(tag, 0x6a..=0x6f | 0x7e)
}

/// Looks at the first bytes of a datagram.
pub fn probe(_: Direction, bytes: &[u8]) -> Probe {
    match (bytes, extent(bytes)) {
        ([tag, ..], Extent::Known(length))
            if is_message_tag(*tag) && length <= bytes.len() && message::kind(bytes).is_some() =>
        {
            Probe::Yes
        }
        _ => Probe::No,
    }
}

/// Looks at the first bytes of a stream's direction.
pub fn probe_stream(_: Direction, bytes: &[u8]) -> Probe {
    let Some((length, rest)) = bytes.split_first_chunk::<4>() else {
        return if bytes.first().is_none_or(|first| *first == 0) {
            Probe::Unsure
        } else {
            Probe::No
        };
    };
    let length = u32::from_be_bytes(*length) as usize;
    match (rest, extent(rest)) {
        ([tag, ..], Extent::Known(inner))
            if is_message_tag(*tag) && inner == length && length <= MAX_MESSAGE =>
        {
            Probe::Yes
        }
        ([tag, ..], Extent::Short) if is_message_tag(*tag) => Probe::Unsure,
        ([], _) if length <= MAX_MESSAGE => Probe::Unsure,
        _ => Probe::No,
    }
}

/// The state of one flow.
#[derive(Debug)]
struct Krb5Parser {
    stream: bool,
    held: [Held; 2],
    stopped: bool,
    /// Kind of the last request, which an error answers.
    request: Option<u8>,
}

impl Krb5Parser {
    fn new(stream: bool) -> Self {
        Self {
            stream,
            held: [Held::with_limit(MAX_MESSAGE), Held::with_limit(MAX_MESSAGE)],
            stopped: false,
            request: None,
        }
    }

    fn message(&mut self, direction: Direction, bytes: &[u8], cx: &mut AppContext<'_>) {
        let (moment, packet_number) = (cx.moment(), cx.packet_number);
        let Some(message) = Message::parse(bytes, direction, self.request) else {
            let event = crate::app::AppEvent {
                name: "malformed_data",
                direction,
                packet_number,
                logged: false,
            };
            if cx.events.len() < 16 {
                cx.events.push(event);
            }
            return;
        };
        if message.is_request() {
            self.request = Some(message.kind);
        }
        let weak = message.has_weak_encryption();
        let tx = cx.transactions.open_message(message, direction, moment);
        if weak {
            tx.event("weak_encryption", direction, packet_number);
        }
    }
}

impl Parser for Krb5Parser {
    fn data(&mut self, direction: Direction, bytes: &[u8], cx: &mut AppContext<'_>) {
        if self.stopped {
            return;
        }
        if !self.stream {
            self.message(direction, bytes, cx);
            return;
        }
        let at = direction.index();
        let Some(held) = self.held.get_mut(at) else { return };
        self.stopped = !held.push(bytes);
        while let Some(held) = self.held.get_mut(at) {
            let Some((length, rest)) = held.bytes().split_first_chunk::<4>() else {
                return;
            };
            let length = u32::from_be_bytes(*length) as usize;
            if length > MAX_MESSAGE {
                self.stopped = true;
                return;
            }
            if rest.len() < length {
                return;
            }
            held.eat(4);
            let message = held.take(length);
            self.message(direction, &message, cx);
        }
    }

    fn gap(&mut self, _direction: Direction, _missing: u64, _cx: &mut AppContext<'_>) {
        // Without the length before it, the next message cannot be found.
        self.stopped = true;
    }

    fn end(&mut self, _direction: Direction, _cx: &mut AppContext<'_>) {}

    fn is_done(&self, _direction: Direction) -> bool {
        self.stopped
    }
}
