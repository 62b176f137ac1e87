//! NTP over UDP (RFC 5905). Each message is a transaction.

use serde_json::{Value, json};

use crate::app::{
    AppContext, AppProto, FieldNumbers, FieldValues, Parser, Probe, Record, RecordOptions, number, one,
};
use crate::flow::Direction;
use crate::proto::reader::Reader;
use crate::proto::{AppConfig, Protocol, hex_colons};

/// NTP for the table of protocols.
pub const PROTOCOL: Protocol = Protocol {
    proto: AppProto::Ntp,
    transports: &[17],
    ports: &[123],
    bound: true,
    probe,
    parser: |_: &AppConfig, _: u8| Box::new(NtpParser),
};

/// Bytes of the header that every message has.
const HEADER: usize = 48;

/// One message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    direction: Direction,
    version: u8,
    mode: u8,
    stratum: u8,
    reference: [u8; 4],
}

impl Message {
    fn parse(bytes: &[u8], direction: Direction) -> Option<Self> {
        let mut reader = Reader::new(bytes.get(..HEADER)?);
        let first = reader.u8()?;
        let stratum = reader.u8()?;
        reader.take(10)?;
        let message = Self {
            direction,
            version: first >> 3 & 7,
            mode: first & 7,
            stratum,
            reference: reader.be32()?.to_be_bytes(),
        };
        ((1..=4).contains(&message.version) && message.mode != 0).then_some(message)
    }
}

impl Record for Message {
    fn event_type(&self) -> &'static str {
        "ntp"
    }

    fn object(&self, _options: &RecordOptions) -> Option<Value> {
        Some(json!({
            "version": self.version, "mode": self.mode, "stratum": self.stratum,
            "reference_id": hex_colons(&self.reference),
        }))
    }

    fn direction(&self) -> Option<Direction> {
        Some(self.direction)
    }

    fn bytes(&self, field: &str, direction: Direction) -> FieldValues<'_> {
        match field {
            "ntp.reference_id" if direction == self.direction => one(&self.reference),
            _ => FieldValues::new(),
        }
    }

    fn numbers(&self, field: &str, direction: Direction) -> FieldNumbers {
        if direction != self.direction {
            return FieldNumbers::new();
        }
        number(match field {
            "ntp.version" => Some(self.version),
            "ntp.stratum" => Some(self.stratum),
            "ntp.mode" => Some(self.mode),
            _ => None,
        })
    }
}

/// Looks at the first bytes of a direction.
pub fn probe(direction: Direction, bytes: &[u8]) -> Probe {
    match Message::parse(bytes, direction) {
        Some(_) => Probe::Yes,
        None => Probe::No,
    }
}

/// NTP needs no state.
#[derive(Debug)]
struct NtpParser;

impl Parser for NtpParser {
    fn data(&mut self, direction: Direction, bytes: &[u8], cx: &mut AppContext<'_>) {
        if let Some(message) = Message::parse(bytes, direction) {
            let moment = cx.moment();
            cx.transactions.open_message(message, direction, moment);
        }
    }

    fn gap(&mut self, _direction: Direction, _missing: u64, _cx: &mut AppContext<'_>) {}

    fn end(&mut self, _direction: Direction, _cx: &mut AppContext<'_>) {}
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proto::testing::Talk;

    #[test]
    fn a_request_is_a_transaction() {
        let mut bytes = vec![0x23, 2];
        bytes.resize(12, 0);
        bytes.extend_from_slice(b"LOCL");
        bytes.resize(48, 0);
        assert_eq!(probe(Direction::ToServer, &bytes), Probe::Yes);
        let mut talk = Talk::new(Box::new(NtpParser));
        talk.data(Direction::ToServer, &bytes);
        talk.data(Direction::ToServer, b"\x23");
        let tx = talk.transactions.iter().next().unwrap();
        let message = tx.record::<Message>().unwrap();
        assert_eq!(
            message.object(&RecordOptions::default()),
            Some(json!({"version": 4, "mode": 3, "stratum": 2, "reference_id": "4c:4f:43:4c"}))
        );
        assert_eq!(talk.transactions.len(), 1);
    }
}
