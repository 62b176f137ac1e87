//! The frontend/backend protocol of PostgreSQL, version 3. A request with its answers is a transaction.

mod eve;
mod message;

pub use eve::Exchange;

use crate::app::{AppContext, AppProto, Parser, Probe};
use crate::flow::Direction;
use crate::proto::held::Held;
use crate::proto::{AppConfig, Protocol};
use message::{Login, Step};

/// PostgreSQL for the table of protocols.
pub const PROTOCOL: Protocol = Protocol {
    proto: AppProto::Pgsql,
    transports: &[6],
    ports: &[5432],
    bound: false,
    probe,
    parser: |_: &AppConfig, _: u8| Box::new(PgsqlParser::default()),
};

/// Longest message that is read whole; of longer ones only the size counts.
const MAX_MESSAGE: usize = 256 * 1024;
/// Requests that wait for their answers.
const MAX_OPEN: usize = 256;
/// Codes in the place of a version (PostgreSQL manual, "Message Formats").
const SSL_REQUEST: u32 = 80_877_103;
const CANCEL_REQUEST: u32 = 80_877_102;
const GSS_REQUEST: u32 = 80_877_104;
const VERSION_3: u32 = 3 << 16;

/// Looks at the first bytes of a direction.
pub fn probe(direction: Direction, bytes: &[u8]) -> Probe {
    let Some((length, rest)) = bytes.split_first_chunk::<4>() else {
        return match (direction, bytes.first()) {
            (_, None) | (Direction::ToServer, Some(0)) | (Direction::ToClient, Some(b'N' | b'S' | b'R')) => {
                Probe::Unsure
            }
            _ => Probe::No,
        };
    };
    match direction {
        Direction::ToServer => {
            let Some((code, _)) = rest.split_first_chunk::<4>() else {
                return if bytes.starts_with(b"\0\0") {
                    Probe::Unsure
                } else {
                    Probe::No
                };
            };
            match (u32::from_be_bytes(*length), u32::from_be_bytes(*code)) {
                (8, SSL_REQUEST | GSS_REQUEST) | (16, CANCEL_REQUEST) | (9..=10_000, VERSION_3) => Probe::Yes,
                _ => Probe::No,
            }
        }
        // An authentication request: its length is that of one number and little more.
        Direction::ToClient => match bytes {
            [b'R', 0, 0, 0, 8..=64, 0, 0, 0, 0..=12, ..] => Probe::Yes,
            [b'R', 0, 0, 0, ..] if bytes.len() < 9 => Probe::Unsure,
            _ => Probe::No,
        },
    }
}

/// The state of one flow.
#[derive(Debug)]
struct PgsqlParser {
    held: [Held; 2],
    /// Bytes of a long message that pass by.
    skip: [usize; 2],
    /// The client has not sent its first message with a type yet.
    starting: bool,
    /// The answer to a request for encryption is one byte.
    asked_ssl: bool,
    login: Login,
    stopped: bool,
}

impl Default for PgsqlParser {
    fn default() -> Self {
        Self {
            held: [
                Held::with_limit(2 * MAX_MESSAGE),
                Held::with_limit(2 * MAX_MESSAGE),
            ],
            skip: [0; 2],
            starting: true,
            asked_ssl: false,
            login: Login::None,
            stopped: false,
        }
    }
}

impl Parser for PgsqlParser {
    fn data(&mut self, direction: Direction, bytes: &[u8], cx: &mut AppContext<'_>) {
        for piece in bytes.chunks(MAX_MESSAGE) {
            if self.stopped {
                return;
            }
            let held = self.held.get_mut(direction.index());
            self.stopped = !held.is_some_and(|held| held.push(piece));
            while !self.stopped && !*cx.probe_again && self.step(direction, cx).is_some() {}
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

impl PgsqlParser {
    /// Takes the next message; `None` when it is not whole.
    fn step(&mut self, direction: Direction, cx: &mut AppContext<'_>) -> Option<()> {
        let at = direction.index();
        let (held, skip) = (self.held.get_mut(at)?, self.skip.get_mut(at)?);
        if *skip > 0 {
            let count = (*skip).min(held.bytes().len());
            held.eat(count);
            *skip -= count;
            return (count > 0).then_some(());
        }
        if direction == Direction::ToClient && self.asked_ssl {
            let accepted = *held.bytes().first()?;
            if matches!(accepted, b'S' | b'N') {
                held.eat(1);
                self.asked_ssl = false;
                encryption(accepted == b'S', cx);
                return Some(());
            }
        }
        // The first message of a client has no kind before its length.
        let first = usize::from(direction == Direction::ToClient || !self.starting);
        let length = held.bytes().get(first..first + 4)?;
        let length = u32::from_be_bytes(*length.first_chunk()?) as usize;
        let kind = if first == 0 { 0 } else { *held.bytes().first()? };
        if length < 4 || !message::is_known(kind, direction) {
            let name = match direction {
                Direction::ToServer => "malformed_request",
                Direction::ToClient => "malformed_response",
            };
            self.malformed(name, direction, cx);
            return None;
        }
        if length > MAX_MESSAGE {
            held.eat(first + 4);
            *skip = length - 4;
            self.message(kind, &[], length - 4, direction, cx);
            return Some(());
        }
        if held.bytes().len() < first + length {
            return None;
        }
        held.eat(first + 4);
        let body = held.take(length - 4);
        self.message(kind, &body, body.len(), direction, cx);
        Some(())
    }

    fn malformed(&mut self, name: &'static str, direction: Direction, cx: &mut AppContext<'_>) {
        let (moment, packet_number) = (cx.moment(), cx.packet_number);
        self.stopped = true;
        let tx = cx.transactions.open_record(Exchange::malformed(), moment);
        tx.touch(direction, moment);
        tx.event(name, direction, packet_number);
        tx.finish_both();
    }

    fn message(&mut self, kind: u8, body: &[u8], size: usize, direction: Direction, cx: &mut AppContext<'_>) {
        let moment = cx.moment();
        if direction == Direction::ToServer {
            if kind == 0 {
                let code = body
                    .first_chunk::<4>()
                    .map_or(0, |code| u32::from_be_bytes(*code));
                self.starting = code != VERSION_3;
                self.asked_ssl = matches!(code, SSL_REQUEST | GSS_REQUEST);
            }
            self.request(kind, body, size, cx);
            return;
        }
        let open = cx
            .transactions
            .iter()
            .find(|tx| !tx.is_complete())
            .map(|tx| tx.id);
        let Some(tx) = open.and_then(|id| cx.transactions.find(id)) else {
            return;
        };
        tx.touch(Direction::ToClient, moment);
        let Some(exchange) = tx.record_mut::<Exchange>() else {
            return;
        };
        match exchange.answer(kind, body, size) {
            Step::More => {}
            Step::Login(login) => {
                self.login = login;
                tx.finish_both();
            }
            Step::Done => tx.finish_both(),
        }
    }

    fn request(&self, kind: u8, body: &[u8], size: usize, cx: &mut AppContext<'_>) {
        let moment = cx.moment();
        // What is copied in, and the parts of an extended query, go on in the transaction that is open.
        let goes_on = cx
            .transactions
            .last_mut()
            .filter(|tx| !tx.is_complete())
            .is_some_and(|tx| {
                tx.record::<Exchange>()
                    .is_some_and(|known| known.goes_on_with(kind))
            });
        if !goes_on {
            if cx.transactions.len() >= MAX_OPEN {
                return;
            }
            let tx = cx.transactions.open_record(Exchange::default(), moment);
            let id = tx.id;
            tx.updated = [false; 2];
            if let Some(exchange) = tx.record_mut::<Exchange>() {
                exchange.number(id + 1);
            }
        }
        let login = self.login;
        let Some(tx) = cx.transactions.last_mut() else {
            return;
        };
        tx.touch(Direction::ToServer, moment);
        tx.finish(Direction::ToServer);
        let Some(exchange) = tx.record_mut::<Exchange>() else {
            return;
        };
        if exchange.ask(kind, body, size, login) {
            tx.finish_both();
        }
    }
}

fn encryption(accepted: bool, cx: &mut AppContext<'_>) {
    let moment = cx.moment();
    if let Some(tx) = cx.transactions.last_mut() {
        tx.touch(Direction::ToClient, moment);
        if let Some(exchange) = tx.record_mut::<Exchange>() {
            exchange.encryption(accepted);
        }
        tx.finish_both();
    }
    *cx.probe_again |= accepted;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::{Record, RecordOptions};
    use crate::proto::testing::Talk;

    fn message(kind: u8, body: &[u8]) -> Vec<u8> {
        let mut bytes = vec![kind];
        bytes.extend((body.len() as u32 + 4).to_be_bytes());
        bytes.extend_from_slice(body);
        bytes
    }

    fn startup() -> Vec<u8> {
        let body = b"\0\x03\0\0user\0me\0database\0d\0\0";
        [&(body.len() as u32 + 4).to_be_bytes()[..], body].concat()
    }

    #[test]
    fn log_in_and_query() {
        assert_eq!(probe(Direction::ToServer, &startup()), Probe::Yes);
        for step in [1, 1000] {
            let mut talk = Talk::new(Box::<PgsqlParser>::default());
            let row = message(b'D', b"\0\x01\0\0\0\x03abc");
            let answer = [
                row.clone(),
                row,
                message(b'C', b"SELECT 2\0"),
                message(b'Z', b"I"),
            ]
            .concat();
            for (direction, bytes) in [
                (Direction::ToServer, startup()),
                (Direction::ToClient, message(b'R', b"\0\0\0\x03")),
                (Direction::ToServer, message(b'p', b"secret\0")),
                (
                    Direction::ToClient,
                    [message(b'R', &[0; 4]), message(b'Z', b"I")].concat(),
                ),
                (Direction::ToServer, message(b'Q', b"select 1\0")),
                (Direction::ToClient, answer),
                (Direction::ToServer, message(b'X', b"")),
            ] {
                for piece in bytes.chunks(step) {
                    talk.data(direction, piece);
                }
            }
            let mut options = RecordOptions::default();
            let object = |at: usize, options: &RecordOptions| {
                let tx = talk.transactions.iter().nth(at).unwrap();
                assert!(tx.is_complete());
                tx.record::<Exchange>().unwrap().object(options).unwrap()
            };
            assert_eq!(object(0, &options)["request"]["startup_parameters"]["user"], "me");
            assert!(object(1, &options)["request"].get("password").is_none());
            options.set("pgsql", "passwords", "yes");
            assert_eq!(object(1, &options)["request"]["password"], "secret");
            assert_eq!(object(2, &options)["response"]["data_rows"], 2);
            assert_eq!(object(2, &options)["response"]["command_completed"], "SELECT 2");
            assert_eq!(object(3, &options)["request"]["message"], "termination_message");
        }
    }

    #[test]
    fn rubbish_is_an_event() {
        let mut talk = Talk::new(Box::<PgsqlParser>::default());
        talk.data(Direction::ToServer, &startup());
        talk.data(Direction::ToServer, b"\x01\x02\x03\x04\x05\x06");
        assert!(talk.transactions.iter().any(|tx| !tx.events.is_empty()));
        assert!(talk.parser.is_done(Direction::ToServer));
    }
}
