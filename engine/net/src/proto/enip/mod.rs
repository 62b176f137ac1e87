//! EtherNet/IP with CIP over TCP and UDP (ODVA). A request with its answer is a transaction.

mod eve;
mod message;
mod names;

pub use eve::Exchange;
pub use names::command_number;

use crate::app::{AppContext, AppProto, Parser, Probe};
use crate::flow::Direction;
use crate::proto::held::Held;
use crate::proto::{AppConfig, Protocol};
use message::{HEADER, Message};

/// EtherNet/IP over TCP for the table of protocols.
pub const OVER_TCP: Protocol = Protocol {
    proto: AppProto::Enip,
    transports: &[6],
    ports: &[44818],
    bound: true,
    probe,
    parser: |_: &AppConfig, _: u8| Box::new(EnipParser::default()),
};

/// EtherNet/IP over UDP.
pub const OVER_UDP: Protocol = Protocol {
    transports: &[17],
    ..OVER_TCP
};

/// Requests that wait for their answers.
const MAX_OPEN: usize = 512;

/// Looks at the first bytes of a direction.
pub fn probe(_: Direction, bytes: &[u8]) -> Probe {
    match Message::parse(bytes) {
        Some(message) if names::is_command(message.command) => Probe::Yes,
        None if bytes.len() < HEADER => Probe::Unsure,
        _ => Probe::No,
    }
}

/// The state of one flow.
#[derive(Debug)]
struct EnipParser {
    held: [Held; 2],
    stopped: bool,
}

impl Default for EnipParser {
    fn default() -> Self {
        Self {
            held: [Held::with_limit(256 * 1024), Held::with_limit(256 * 1024)],
            stopped: false,
        }
    }
}

impl Parser for EnipParser {
    fn data(&mut self, direction: Direction, bytes: &[u8], cx: &mut AppContext<'_>) {
        let at = direction.index();
        for piece in bytes.chunks(64 * 1024) {
            let kept = self.held.get_mut(at).is_some_and(|held| held.push(piece));
            self.stopped |= !kept;
            while let Some(held) = self.held.get_mut(at) {
                let Some(message) = Message::parse(held.bytes()) else {
                    break;
                };
                let length = message.length();
                if held.bytes().len() < length {
                    break;
                }
                take(message, direction, cx);
                held.eat(length);
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

fn take(message: Message, direction: Direction, cx: &mut AppContext<'_>) {
    let moment = cx.moment();
    let waits = |tx: &&crate::app::Transaction| {
        !tx.is_complete()
            && tx
                .record::<Exchange>()
                .is_some_and(|known| known.is_answered_by(&message))
    };
    let known = match direction {
        Direction::ToServer => None,
        Direction::ToClient => cx.transactions.iter().find(waits).map(|tx| tx.id),
    };
    let id = match known {
        Some(id) => id,
        None if cx.transactions.len() < MAX_OPEN => {
            let tx = cx.transactions.open_record(Exchange::default(), moment);
            tx.updated = [false; 2];
            tx.id
        }
        None => return,
    };
    let Some(tx) = cx.transactions.find(id) else {
        return;
    };
    tx.touch(direction, moment);
    let alone = message.is_unanswered();
    if let Some(exchange) = tx.record_mut::<Exchange>() {
        exchange.add(message, direction);
    }
    tx.finish(direction);
    if alone || direction == Direction::ToClient {
        tx.finish_both();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::{Record, RecordOptions};
    use crate::proto::testing::Talk;

    fn message(command: u16, body: &[u8]) -> Vec<u8> {
        let mut bytes = command.to_le_bytes().to_vec();
        bytes.extend((body.len() as u16).to_le_bytes());
        bytes.resize(24, 0);
        bytes.extend_from_slice(body);
        bytes
    }

    #[test]
    fn identity_and_service() {
        let mut item = vec![1, 0];
        item.extend([0; 16]);
        item.extend([1, 0, 12, 0, 7, 0, 4, 3, 0, 0, 1, 2, 3, 4, 4]);
        item.extend(b"ABCD\x03");
        let mut body = vec![1, 0, 0x0c, 0];
        body.extend((item.len() as u16).to_le_bytes());
        body.extend(item);
        let mut talk = Talk::new(Box::<EnipParser>::default());
        talk.data(Direction::ToServer, &message(0x63, b""));
        talk.data(Direction::ToClient, &message(0x63, &body));
        let cip = [0, 0, 0, 0, 0, 0, 1, 0, 0xb2, 0, 6, 0, 0x0a, 2, 0x20, 2, 0x24, 1];
        talk.data(Direction::ToServer, &message(0x6f, &cip));
        let objects: Vec<_> = talk
            .transactions
            .iter()
            .map(|tx| {
                tx.record::<Exchange>()
                    .unwrap()
                    .object(&RecordOptions::default())
                    .unwrap()
            })
            .collect();
        assert_eq!(objects[0]["response"]["identity"]["product_name"], "ABCD");
        assert_eq!(objects[0]["response"]["identity"]["revision"], "4.3");
        assert_eq!(objects[1]["request"]["cip"]["service"], "Multiple Service Packet");
        assert_eq!(objects[1]["request"]["cip"]["class_name"], "Message Router");
    }
}
