//! LDAP over TCP and UDP (RFC 4511). A request with its answers is a transaction.

mod eve;
mod message;
mod names;

pub use eve::Exchange;
pub use names::{operation_number, result_number};

use crate::app::{AppContext, AppProto, Parser, Probe};
use crate::flow::Direction;
use crate::proto::ber::{Elements, Extent, extent};
use crate::proto::held::Held;
use crate::proto::{AppConfig, Protocol};
use message::Message;

/// LDAP over TCP for the table of protocols.
pub const OVER_TCP: Protocol = Protocol {
    proto: AppProto::Ldap,
    transports: &[6],
    ports: &[389, 3268],
    bound: false,
    probe,
    parser: |_: &AppConfig, _: u8| Box::new(LdapParser::new(true)),
};

/// LDAP over UDP.
pub const OVER_UDP: Protocol = Protocol {
    transports: &[17],
    parser: |_: &AppConfig, _: u8| Box::new(LdapParser::new(false)),
    ..OVER_TCP
};

/// Longest message.
const MAX_MESSAGE: usize = 1024 * 1024;
/// Requests that wait for their answers.
const MAX_OPEN: usize = 256;
/// Answers of one request that are kept.
const MAX_ANSWERS: usize = 512;

/// Looks at the first bytes of a direction.
pub fn probe(_: Direction, bytes: &[u8]) -> Probe {
    if bytes.first().is_some_and(|tag| *tag != 0x30) {
        return Probe::No;
    }
    match extent(bytes) {
        Extent::Short => Probe::Unsure,
        Extent::Wrong => Probe::No,
        Extent::Known(length) => {
            let header = if bytes.get(1).is_some_and(|first| *first >= 0x80) {
                2
            } else {
                0
            };
            let mut inner = bytes.get(2..).unwrap_or_default();
            if header > 0 {
                let count = usize::from(bytes.get(1).copied().unwrap_or(0) & 0x7f);
                inner = inner.get(count..).unwrap_or_default();
            }
            // A message number, then an operation of the application class.
            let Some(id) = Elements(inner).next() else {
                return if inner.len() < 6 { Probe::Unsure } else { Probe::No };
            };
            let operation = inner.get(id.content.len() + 2).copied();
            match operation {
                _ if id.tag != 2 || id.content.len() > 4 || length > MAX_MESSAGE => Probe::No,
                None => Probe::Unsure,
                Some(tag) if tag & 0xc0 == 0x40 && names::is_operation(tag & 0x1f) => Probe::Yes,
                Some(_) => Probe::No,
            }
        }
    }
}

/// The state of one flow.
#[derive(Debug)]
struct LdapParser {
    stream: bool,
    held: [Held; 2],
    stopped: bool,
    starting_tls: bool,
}

impl LdapParser {
    fn new(stream: bool) -> Self {
        Self {
            stream,
            held: [
                Held::with_limit(2 * MAX_MESSAGE),
                Held::with_limit(2 * MAX_MESSAGE),
            ],
            stopped: false,
            starting_tls: false,
        }
    }
}

impl Parser for LdapParser {
    fn data(&mut self, direction: Direction, bytes: &[u8], cx: &mut AppContext<'_>) {
        if self.stopped {
            return;
        }
        if !self.stream {
            let mut rest = bytes;
            while let Extent::Known(length) = extent(rest)
                && let Some((message, after)) = rest.split_at_checked(length)
            {
                self.message(direction, message, cx);
                rest = after;
            }
            return;
        }
        let at = direction.index();
        self.stopped = !self.held.get_mut(at).is_some_and(|held| held.push(bytes));
        while let Some(held) = self.held.get_mut(at) {
            match extent(held.bytes()) {
                Extent::Known(length) if length <= MAX_MESSAGE => {
                    if held.bytes().len() < length {
                        return;
                    }
                    let message = held.take(length);
                    self.message(direction, &message, cx);
                    if *cx.probe_again {
                        return;
                    }
                }
                Extent::Short => return,
                Extent::Known(_) | Extent::Wrong => {
                    event("invalid_data", direction, cx);
                    self.stopped = true;
                    return;
                }
            }
        }
    }

    fn gap(&mut self, _direction: Direction, _missing: u64, _cx: &mut AppContext<'_>) {
        self.stopped = true;
    }

    fn end(&mut self, _direction: Direction, _cx: &mut AppContext<'_>) {}

    fn is_done(&self, _direction: Direction) -> bool {
        self.stopped
    }
}

impl LdapParser {
    fn message(&mut self, direction: Direction, bytes: &[u8], cx: &mut AppContext<'_>) {
        let Some(message) = message::parse(bytes) else {
            event("invalid_data", direction, cx);
            return;
        };
        let moment = cx.moment();
        if message.is_request() {
            if cx.transactions.len() >= MAX_OPEN {
                return;
            }
            self.starting_tls |= message.is_start_tls();
            let unanswered = message.is_unanswered();
            let tx = cx.transactions.open_record(Exchange::asked(message), moment);
            tx.updated = [false; 2];
            tx.touch(Direction::ToServer, moment);
            tx.finish(Direction::ToServer);
            if unanswered {
                tx.finish_both();
            }
            return;
        }
        self.answer(message, cx);
    }

    fn answer(&self, message: Message, cx: &mut AppContext<'_>) {
        let (moment, packet_number) = (cx.moment(), cx.packet_number);
        let waits = |tx: &&crate::app::Transaction| {
            !tx.is_complete()
                && tx
                    .record::<Exchange>()
                    .is_some_and(|known| known.id() == Some(message.id))
        };
        let known = cx.transactions.iter().rev().find(waits).map(|tx| tx.id);
        let id = match known {
            Some(id) => id,
            None if cx.transactions.len() < MAX_OPEN => {
                let tx = cx.transactions.open_record(Exchange::default(), moment);
                tx.finish(Direction::ToServer);
                tx.event("request_not_found", Direction::ToClient, packet_number);
                tx.id
            }
            None => return,
        };
        let (last, tls) = (
            message.is_last(),
            self.starting_tls && message.is_success_of_extended(),
        );
        let Some(tx) = cx.transactions.find(id) else {
            return;
        };
        tx.touch(Direction::ToClient, moment);
        let mut full = false;
        if let Some(exchange) = tx.record_mut::<Exchange>() {
            full = !exchange.add(message, MAX_ANSWERS);
        }
        if full {
            tx.event("too_many_responses", Direction::ToClient, packet_number);
        }
        if last {
            tx.finish_both();
        }
        *cx.probe_again |= tls;
    }
}

fn event(name: &'static str, direction: Direction, cx: &mut AppContext<'_>) {
    let packet_number = cx.packet_number;
    if let Some(tx) = cx.transactions.last_mut() {
        tx.event(name, direction, packet_number);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::{Record, RecordOptions};
    use crate::proto::testing::Talk;

    #[test]
    fn a_search_and_its_answers() {
        let ask = b"\x30\x1e\x02\x01\x02\x63\x19\x04\x04dc=a\x0a\x01\x02\x0a\x01\0\x02\x01\x05\x02\x01\x06\x01\x01\0\x87\x01x\x30\0";
        let entry = b"\x30\x18\x02\x01\x02\x64\x13\x04\x04dc=a\x30\x0b\x30\x09\x04\x02cn\x31\x03\x04\x01v";
        let done = b"\x30\x0c\x02\x01\x02\x65\x07\x0a\x01\0\x04\0\x04\0";
        assert_eq!(probe(Direction::ToServer, ask), Probe::Yes);
        for step in [1, 1000] {
            let mut talk = Talk::new(Box::new(LdapParser::new(true)));
            for piece in ask.chunks(step) {
                talk.data(Direction::ToServer, piece);
            }
            for piece in [&entry[..], done].concat().chunks(step) {
                talk.data(Direction::ToClient, piece);
            }
            let tx = talk.transactions.iter().next().unwrap();
            assert!(tx.is_complete());
            let object = tx
                .record::<Exchange>()
                .unwrap()
                .object(&RecordOptions::default())
                .unwrap();
            assert_eq!(object["request"]["search_request"]["size_limit"], 5);
            assert_eq!(
                object["responses"][0]["search_result_entry"]["attributes"][0]["values"][0],
                "v"
            );
            assert_eq!(
                object["responses"][1]["search_result_done"]["result_code"],
                "success"
            );
        }
    }

    #[test]
    fn rubbish_and_lost_requests() {
        let mut talk = Talk::new(Box::new(LdapParser::new(true)));
        talk.data(
            Direction::ToClient,
            b"\x30\x0c\x02\x01\x02\x65\x07\x0a\x01\0\x04\0\x04\0",
        );
        let tx = talk.transactions.iter().next().unwrap();
        assert_eq!(tx.events[0].name, "request_not_found");
        talk.data(Direction::ToClient, b"\x30\x80");
        assert!(talk.parser.is_done(Direction::ToClient));
        assert_eq!(probe(Direction::ToServer, b"GET /"), Probe::No);
    }
}
