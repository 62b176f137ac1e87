//! SNMP 1, 2c and 3 (RFC 1157, 3416, 3412). Each message is a transaction.

mod message;

pub use message::Message;

use crate::app::{AppContext, AppProto, Parser, Probe};
use crate::flow::Direction;
use crate::proto::{AppConfig, Protocol};

/// SNMP for the table of protocols.
pub const PROTOCOL: Protocol = Protocol {
    proto: AppProto::Snmp,
    transports: &[17],
    ports: &[161, 162],
    bound: true,
    probe,
    parser: |_: &AppConfig, _: u8| Box::new(SnmpParser { version: None }),
};

/// Looks at the first bytes of a direction.
pub fn probe(direction: Direction, bytes: &[u8]) -> Probe {
    match Message::parse(bytes, direction) {
        Some(_) => Probe::Yes,
        None => Probe::No,
    }
}

/// The state of one flow.
#[derive(Debug)]
struct SnmpParser {
    version: Option<u8>,
}

impl Parser for SnmpParser {
    fn data(&mut self, direction: Direction, bytes: &[u8], cx: &mut AppContext<'_>) {
        let (moment, packet_number) = (cx.moment(), cx.packet_number);
        let Some(message) = Message::parse(bytes, direction) else {
            let malformed = Message::malformed(direction, self.version.unwrap_or(0));
            let tx = cx.transactions.open_message(malformed, direction, moment);
            tx.event("malformed_data", direction, packet_number);
            return;
        };
        let version = message.version();
        let tx = cx.transactions.open_message(message, direction, moment);
        if self.version.is_some_and(|first| first != version) {
            tx.event("version_mismatch", direction, packet_number);
        }
        self.version.get_or_insert(version);
    }

    fn gap(&mut self, _direction: Direction, _missing: u64, _cx: &mut AppContext<'_>) {}

    fn end(&mut self, _direction: Direction, _cx: &mut AppContext<'_>) {}
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proto::testing::Talk;

    const GET: &[u8] =
        b"\x30\x26\x02\x01\x01\x04\x06public\xa0\x19\x02\x01\x07\x02\x01\0\x02\x01\0\x30\x0e\x30\x0c\
        \x06\x08\x2b\x06\x01\x02\x01\x01\x01\0\x05\0";

    #[test]
    fn requests_and_rubbish() {
        assert_eq!(probe(Direction::ToServer, GET), Probe::Yes);
        let mut talk = Talk::new(Box::new(SnmpParser { version: None }));
        talk.data(Direction::ToServer, GET);
        talk.data(Direction::ToServer, b"\x30\x80\xff");
        let events: Vec<_> = talk.transactions.iter().map(|tx| tx.events.len()).collect();
        assert_eq!(events, [0, 1]);
    }
}
