//! TFTP (RFC 1350): the request that begins a transfer. The data go between other ports.

use serde_json::{Value, json};

use crate::app::{AppContext, AppProto, Parser, Probe, Record, RecordOptions};
use crate::flow::Direction;
use crate::proto::reader::Reader;
use crate::proto::{AppConfig, Protocol, text};

/// TFTP for the table of protocols.
pub const PROTOCOL: Protocol = Protocol {
    proto: AppProto::Tftp,
    transports: &[17],
    ports: &[69],
    bound: true,
    probe,
    parser: |_: &AppConfig, _: u8| Box::new(TftpParser),
};

/// Modes of RFC 1350; others are no request.
const MODES: [&str; 3] = ["netascii", "mail", "octet"];

/// A request to read or write a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    direction: Direction,
    write: bool,
    file: Vec<u8>,
    mode: String,
}

impl Request {
    fn parse(bytes: &[u8], direction: Direction) -> Option<Self> {
        let mut reader = Reader::new(bytes);
        let write = match reader.be16()? {
            1 => false,
            2 => true,
            _ => return None,
        };
        let file = reader.until(0)?.to_vec();
        let mode = String::from_utf8_lossy(reader.until(0)?).to_ascii_lowercase();
        (!file.is_empty() && MODES.contains(&mode.as_str())).then_some(Self {
            direction,
            write,
            file,
            mode,
        })
    }
}

impl Record for Request {
    fn event_type(&self) -> &'static str {
        "tftp"
    }

    fn object(&self, _options: &RecordOptions) -> Option<Value> {
        let packet = if self.write { "write" } else { "read" };
        Some(json!({"packet": packet, "file": text(&self.file), "mode": self.mode}))
    }

    fn direction(&self) -> Option<Direction> {
        Some(self.direction)
    }
}

/// Looks at the first bytes of a direction.
pub fn probe(direction: Direction, bytes: &[u8]) -> Probe {
    match Request::parse(bytes, direction) {
        Some(_) => Probe::Yes,
        None => Probe::No,
    }
}

/// TFTP's control needs no state.
#[derive(Debug)]
struct TftpParser;

impl Parser for TftpParser {
    fn data(&mut self, direction: Direction, bytes: &[u8], cx: &mut AppContext<'_>) {
        if let Some(request) = Request::parse(bytes, direction) {
            let moment = cx.moment();
            cx.transactions.open_message(request, direction, moment);
        }
    }

    fn gap(&mut self, _direction: Direction, _missing: u64, _cx: &mut AppContext<'_>) {}

    fn end(&mut self, _direction: Direction, _cx: &mut AppContext<'_>) {}
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests() {
        let request = Request::parse(b"\0\x02a.txt\0OCTET\0", Direction::ToServer).unwrap();
        assert_eq!(
            request.object(&RecordOptions::default()),
            Some(json!({"packet": "write", "file": "a.txt", "mode": "octet"}))
        );
        for wrong in [
            &b"\0\x03a\0octet\0"[..],
            b"\0\x01a\0octet",
            b"\0\x01a\0other\0",
            b"\0",
        ] {
            assert_eq!(probe(Direction::ToServer, wrong), Probe::No);
        }
    }
}
