//! TLS 1.0 to 1.3 and SSL: the handshake, as far as it is readable. What follows it is encrypted and left alone.

mod certificate;
pub mod eve;
mod fingerprint;
mod hello;
mod record;
mod transaction;

pub use certificate::{Certificate, date_text};
pub use fingerprint::{Ja3, ja4};
pub use hello::{ClientHello, ServerHello};
pub use transaction::{Transaction, progress, version_name};

use hello::Cursor;
use record::{Record, RecordReader, Step, content};

use crate::app::{AppContext, AppEvent, AppProto, Parser, Probe, TxData};
use crate::flow::Direction;
use crate::proto::{AppConfig, Protocol};

/// TLS for the table of protocols.
pub const PROTOCOL: Protocol = Protocol {
    proto: AppProto::Tls,
    transports: &[6],
    ports: &[443, 465, 636, 853, 989, 990, 992, 993, 994, 995, 8443],
    bound: false,
    probe,
    parser: |_: &AppConfig, _: u8| Box::new(TlsParser::default()),
};

/// Handshake bytes of a direction that are put together; certificate chains are shorter.
const MAX_HANDSHAKE: usize = 256 * 1024;

/// Certificates of a chain that are kept.
const MAX_CERTIFICATES: usize = 32;

/// Records in one piece of data above which something is played at.
const MAX_RECORDS_AT_ONCE: usize = 255;

/// Handshake message types.
mod message {
    pub(super) const CLIENT_HELLO: u8 = 1;
    pub(super) const SERVER_HELLO: u8 = 2;
    pub(super) const CERTIFICATE: u8 = 11;
    pub(super) const SERVER_HELLO_DONE: u8 = 14;
    pub(super) const CLIENT_KEY_EXCHANGE: u8 = 16;
}

/// Looks at the first bytes of a direction.
pub fn probe(direction: Direction, bytes: &[u8]) -> Probe {
    match bytes {
        [] => Probe::Unsure,
        [first, ..] if first & 0x80 != 0 => probe_v2(direction, bytes),
        [content::HANDSHAKE, rest @ ..] => {
            probe_record(rest, &[message::CLIENT_HELLO, message::SERVER_HELLO])
        }
        // A client may be refused before the server says hello.
        [content::ALERT, rest @ ..] if direction == Direction::ToClient => probe_record(rest, &[1, 2]),
        _ => Probe::No,
    }
}

/// The rest of a record header, and the first byte of its payload.
fn probe_record(rest: &[u8], first_bytes: &[u8]) -> Probe {
    match rest {
        [major, ..] if *major != 3 => Probe::No,
        [_, minor, ..] if *minor > 4 => Probe::No,
        [_, _, high, ..] if *high > 0x48 => Probe::No,
        [_, _, _, _, first, ..] if first_bytes.contains(first) => Probe::Yes,
        [_, _, _, _, _, ..] => Probe::No,
        _ => Probe::Unsure,
    }
}

/// SSL 2.0: two length bytes (the first bit set), message type, version.
fn probe_v2(direction: Direction, bytes: &[u8]) -> Probe {
    let (kind, at) = match direction {
        Direction::ToServer => (1, 3),
        Direction::ToClient => (4, 5),
    };
    match (bytes.get(2), bytes.get(at), bytes.get(at + 1)) {
        (Some(found), ..) if *found != kind => Probe::No,
        (Some(_), Some(major), Some(minor)) if matches!((major, minor), (0, 2) | (3, 0..=3)) => {
            // The length must hold the fixed part and be that of a hello.
            let length = bytes
                .first_chunk::<2>()
                .map_or(0, |length| u16::from_be_bytes(*length) & 0x7fff);
            if (9..=2048).contains(&length) {
                Probe::Yes
            } else {
                Probe::No
            }
        }
        (Some(_), Some(_), Some(_)) => Probe::No,
        _ => Probe::Unsure,
    }
}

#[derive(Debug, Default)]
struct Side {
    records: RecordReader,
    handshake: Vec<u8>,
    started: bool,
    /// Handshake messages from here on are encrypted.
    encrypted: bool,
    /// Nothing more can be read.
    done: bool,
}

/// The state of one flow.
#[derive(Debug, Default)]
struct TlsParser {
    sides: [Side; 2],
    tx: Option<u64>,
}

impl Parser for TlsParser {
    fn data(&mut self, direction: Direction, bytes: &[u8], cx: &mut AppContext<'_>) {
        if self.side(direction).done {
            return;
        }
        self.open(direction, cx);
        self.side(direction).records.feed(bytes);
        if !self.side(direction).started && !self.first(direction, cx) {
            return;
        }
        let mut count = 0;
        loop {
            match self.side(direction).records.next() {
                Step::More => break,
                Step::Broken(event) => {
                    self.event(event, direction, cx);
                    self.event("invalid_ssl_record", direction, cx);
                    self.stop(direction, cx);
                    break;
                }
                Step::Record(record) => {
                    count += 1;
                    if count > MAX_RECORDS_AT_ONCE {
                        self.event("too_many_records_in_packet", direction, cx);
                        self.stop(direction, cx);
                        break;
                    }
                    self.frames(&record, direction, cx);
                    self.record(&record, direction, cx);
                }
            }
            if self.side(direction).done {
                break;
            }
        }
    }

    fn gap(&mut self, direction: Direction, missing: u64, cx: &mut AppContext<'_>) {
        if !self.side(direction).records.gap(missing) {
            self.stop(direction, cx);
        }
    }

    fn end(&mut self, direction: Direction, cx: &mut AppContext<'_>) {
        self.stop(direction, cx);
    }

    fn is_done(&self, direction: Direction) -> bool {
        self.sides.get(direction.index()).is_some_and(|side| side.done)
    }
}

impl TlsParser {
    fn side(&mut self, direction: Direction) -> &mut Side {
        let [client, server] = &mut self.sides;
        match direction {
            Direction::ToServer => client,
            Direction::ToClient => server,
        }
    }

    fn open(&mut self, direction: Direction, cx: &mut AppContext<'_>) {
        let moment = cx.moment();
        match self.tx {
            None => {
                let tx = cx.transactions.open(TxData::Tls(Box::default()), moment);
                self.tx = Some(tx.id);
            }
            Some(id) => {
                if let Some(tx) = cx.transactions.find(id) {
                    tx.touch(direction, moment);
                }
            }
        }
    }

    /// The very first bytes may be a SSL 2.0 hello; `false` while too few are there.
    fn first(&mut self, direction: Direction, cx: &mut AppContext<'_>) -> bool {
        let side = self.side(direction);
        let Some(first) = side.records.held().first() else {
            return false;
        };
        if first & 0x80 == 0 {
            side.started = true;
            return true;
        }
        let Some(([high, low], rest)) = side.records.held().split_first_chunk::<2>() else {
            return false;
        };
        let length = usize::from(u16::from_be_bytes([*high, *low]) & 0x7fff);
        let Some(body) = rest.get(..length) else {
            return false;
        };
        let hello = match body {
            [1, body @ ..] => hello::parse_client_v2(body),
            _ => None,
        };
        side.records.discard(2 + length);
        side.started = true;
        match hello {
            Some(hello) if direction == Direction::ToServer => {
                // A client that can do no more than SSL 2.0 will not speak in records.
                let only_v2 = hello.version == 2;
                self.client_hello(hello, cx);
                if only_v2 {
                    self.stop(direction, cx);
                }
            }
            Some(_) => {}
            None if direction == Direction::ToClient => self.stop(direction, cx),
            None => {
                self.event("invalid_sslv2_header", direction, cx);
                self.stop(direction, cx);
            }
        }
        true
    }

    /// A record as frames: whole, its header, its payload.
    fn frames(&self, record: &Record, direction: Direction, cx: &mut AppContext<'_>) {
        if !cx.wants_frames() {
            return;
        }
        let ([major, minor], [high, low]) = (
            record.version.to_be_bytes(),
            u16::try_from(record.length).unwrap_or(u16::MAX).to_be_bytes(),
        );
        let header = [record.kind, major, minor, high, low];
        let length = record.length as u64;
        cx.frame("hdr", direction, &header, 5, self.tx);
        cx.frame("data", direction, &record.payload, length, self.tx);
        let special = match record.kind {
            content::ALERT => Some("alert"),
            content::HEARTBEAT => Some("heartbeat"),
            _ => None,
        };
        if let Some(kind) = special {
            cx.frame(kind, direction, &record.payload, length, self.tx);
        }
        let pdu = [&header[..], &record.payload].concat();
        cx.frame("pdu", direction, &pdu, 5 + length, self.tx);
    }

    fn record(&mut self, record: &Record, direction: Direction, cx: &mut AppContext<'_>) {
        match record.kind {
            content::HANDSHAKE if !self.side(direction).encrypted => {
                let side = self.side(direction);
                if side.handshake.len() + record.payload.len() > MAX_HANDSHAKE {
                    self.event("handshake_invalid_length", direction, cx);
                    self.stop(direction, cx);
                    return;
                }
                side.handshake.extend_from_slice(&record.payload);
                self.messages(direction, cx);
            }
            content::CHANGE_CIPHER_SPEC => {
                self.side(direction).encrypted = true;
                if direction == Direction::ToClient {
                    self.server_changes_cipher(cx);
                }
            }
            content::HEARTBEAT => self.heartbeat(record, direction, cx),
            content::ALERT if !self.side(direction).encrypted && record.payload.first() == Some(&2) => {
                self.event("error_message_encountered", direction, cx);
            }
            content::APPLICATION_DATA => {
                self.side(direction).encrypted = true;
                if self.sides.iter().all(|side| side.encrypted) {
                    self.complete(cx);
                    for side in &mut self.sides {
                        // The records themselves are still of use to rules on frames.
                        side.done = !cx.wants_frames();
                    }
                    *cx.encrypted = true;
                }
            }
            _ => {}
        }
    }

    /// RFC 6520: a request whose payload length reaches beyond its record is how memory was read out.
    fn heartbeat(&mut self, record: &Record, direction: Direction, cx: &mut AppContext<'_>) {
        if self.side(direction).encrypted {
            return;
        }
        let event = match record.payload.as_slice() {
            [1 | 2, high, low, rest @ ..] => {
                let claimed = usize::from(u16::from_be_bytes([*high, *low]));
                (claimed > rest.len()).then_some("overflow_heartbeat_message")
            }
            _ => Some("invalid_heartbeat_message"),
        };
        if let Some(event) = event {
            self.event(event, direction, cx);
        }
    }

    /// Takes whole handshake messages from the front.
    fn messages(&mut self, direction: Direction, cx: &mut AppContext<'_>) {
        loop {
            let side = self.side(direction);
            let mut cursor = Cursor(&side.handshake);
            let (Some(kind), Some(length)) = (cursor.u8(), cursor.u24()) else {
                return;
            };
            if length > MAX_HANDSHAKE {
                self.event("handshake_invalid_length", direction, cx);
                self.stop(direction, cx);
                return;
            }
            let Some(body) = cursor.take(length) else {
                return;
            };
            let body = body.to_vec();
            side.handshake.drain(..4 + length);
            self.message(kind, &body, direction, cx);
        }
    }

    fn message(&self, kind: u8, body: &[u8], direction: Direction, cx: &mut AppContext<'_>) {
        match (kind, direction) {
            (message::CLIENT_HELLO, Direction::ToServer) => {
                let mut events = Vec::new();
                match hello::parse_client(body, &mut events) {
                    Some(hello) => self.client_hello(hello, cx),
                    None => events.push("invalid_handshake_message"),
                }
                for event in events {
                    self.event(event, direction, cx);
                }
            }
            (message::SERVER_HELLO, Direction::ToClient) => match hello::parse_server(body) {
                Some(hello) => self.server_hello(hello, cx),
                None => self.event("invalid_handshake_message", direction, cx),
            },
            (message::CERTIFICATE, _) => self.certificates(body, direction, cx),
            (message::SERVER_HELLO_DONE, Direction::ToClient) => self.complete(cx),
            (message::CLIENT_KEY_EXCHANGE, Direction::ToServer) => {
                self.update(direction, progress::COMPLETE, cx, |_| {});
            }
            _ => {}
        }
    }

    fn client_hello(&self, hello: ClientHello, cx: &mut AppContext<'_>) {
        self.update(Direction::ToServer, progress::HELLO, cx, |tx| {
            tx.ja3 = Some(fingerprint::ja3(&hello));
            tx.ja4 = Some(ja4(&hello, 't'));
            tx.client = Some(hello);
        });
    }

    fn server_hello(&self, hello: ServerHello, cx: &mut AppContext<'_>) {
        /// SHA-256 of `HelloRetryRequest` stands in its random field (RFC 8446 section 4.1.3): the true hello follows.
        const RETRY: &[u8] = &[0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11];
        let retry = hello.random.starts_with(RETRY);
        let mut tls13 = false;
        self.update(Direction::ToClient, progress::HELLO, cx, |tx| {
            tx.ja3s = Some(fingerprint::ja3s(&hello));
            tx.server = Some(hello);
            tls13 = tx.is_tls13();
        });
        if tls13 && !retry {
            self.complete(cx);
        }
    }

    fn certificates(&self, body: &[u8], direction: Direction, cx: &mut AppContext<'_>) {
        let mut cursor = Cursor(body);
        let length = cursor.u24();
        let Some(list) = length.and_then(|length| cursor.take(length)) else {
            self.event("invalid_certificate", direction, cx);
            return;
        };
        let mut list = Cursor(list);
        let mut chain = Vec::new();
        while !list.0.is_empty() && chain.len() < MAX_CERTIFICATES {
            let length = list.u24();
            let Some(der) = length.and_then(|length| list.take(length)) else {
                self.event("certificate_invalid_length", direction, cx);
                break;
            };
            chain.push(der.to_vec());
        }
        let Some(own) = chain.first() else {
            return;
        };
        let certificate = certificate::parse(own);
        if certificate.is_none() {
            self.event("invalid_certificate", direction, cx);
        }
        self.update(direction, progress::CERTIFICATE, cx, |tx| match direction {
            Direction::ToClient => {
                tx.certificates = chain;
                tx.certificate = certificate;
            }
            Direction::ToServer => {
                tx.client_certificates = chain;
                tx.client_certificate = certificate;
            }
        });
    }

    /// The server switches to encryption without having shown a certificate: an earlier session goes on.
    fn server_changes_cipher(&self, cx: &mut AppContext<'_>) {
        self.update(Direction::ToClient, progress::HELLO, cx, |tx| {
            if tx.server.is_some() && tx.certificates.is_empty() && !tx.is_tls13() {
                tx.session_resumed = true;
            }
        });
        self.complete(cx);
    }

    fn update(
        &self,
        direction: Direction,
        progress: u8,
        cx: &mut AppContext<'_>,
        change: impl FnOnce(&mut Transaction),
    ) {
        let moment = cx.moment();
        if let Some(tx) = self.tx.and_then(|id| cx.transactions.find(id))
            && let TxData::Tls(tls) = &mut tx.data
        {
            change(tls);
            tx.advance(direction, progress);
            tx.touch(direction, moment);
        }
    }

    /// All that will be readable of the handshake is there.
    fn complete(&self, cx: &mut AppContext<'_>) {
        if let Some(tx) = self.tx.and_then(|id| cx.transactions.find(id)) {
            for direction in Direction::BOTH {
                tx.advance(direction, progress::COMPLETE);
                tx.finish(direction);
            }
        }
    }

    /// This direction is over or cannot be read any further.
    fn stop(&mut self, direction: Direction, cx: &mut AppContext<'_>) {
        let side = self.side(direction);
        side.done = true;
        side.handshake = Vec::new();
        if let Some(tx) = self.tx.and_then(|id| cx.transactions.find(id)) {
            tx.finish(direction);
        }
    }

    /// On the transaction while it is there, else on the flow.
    fn event(&self, name: &'static str, direction: Direction, cx: &mut AppContext<'_>) {
        let packet_number = cx.packet_number;
        if let Some(tx) = self.tx.and_then(|id| cx.transactions.find(id)) {
            tx.event(name, direction, packet_number);
        } else if cx.events.iter().all(|event| event.name != name) {
            cx.events.push(AppEvent {
                name,
                direction,
                packet_number,
                logged: false,
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::hello::tests::{SNI, client_body};
    use super::*;
    use crate::proto::testing::Talk;

    fn record(kind: u8, payload: &[u8]) -> Vec<u8> {
        let mut bytes = vec![kind, 3, 1];
        bytes.extend_from_slice(&(payload.len() as u16).to_be_bytes());
        bytes.extend_from_slice(payload);
        bytes
    }

    fn handshake(kind: u8, body: &[u8]) -> Vec<u8> {
        let length = (body.len() as u32).to_be_bytes();
        [&[kind][..], &length[1..], body].concat()
    }

    fn client_hello() -> Vec<u8> {
        record(
            22,
            &handshake(1, &client_body(&[(0, SNI), (16, b"\0\x03\x02h2")])),
        )
    }

    fn server_hello(version: &[u8]) -> Vec<u8> {
        let mut body = b"\x03\x03".to_vec();
        body.extend_from_slice(&[9; 32]);
        body.extend_from_slice(b"\0\xc0\x2f\0");
        if !version.is_empty() {
            body.extend_from_slice(b"\0\x06\0\x2b\0\x02");
            body.extend_from_slice(version);
        }
        handshake(2, &body)
    }

    fn tls(talk: &Talk) -> &Transaction {
        match &talk.transactions.iter().next().unwrap().data {
            TxData::Tls(tls) => tls,
            _ => panic!("not TLS"),
        }
    }

    fn talk() -> Talk {
        Talk::new(Box::new(TlsParser::default()))
    }

    #[test]
    fn handshake_1_2_is_complete_at_hello_done() {
        for step in [1, 7, 1000] {
            let mut talk = talk();
            for piece in client_hello().chunks(step) {
                talk.data(Direction::ToServer, piece);
            }
            let messages = [server_hello(b""), handshake(11, b"\0\0\x07\0\0\x04junk")].concat();
            for piece in record(22, &messages).chunks(step) {
                talk.data(Direction::ToClient, piece);
            }
            assert!(!talk.transactions.iter().next().unwrap().is_complete());
            talk.data(Direction::ToClient, &record(22, &handshake(14, b"")));
            let tx = talk.transactions.iter().next().unwrap();
            assert!(tx.is_complete());
            assert_eq!(
                tx.events.iter().map(|event| event.name).collect::<Vec<_>>(),
                ["invalid_certificate"]
            );
            let tls = tls(&talk);
            assert_eq!(tls.certificates, [b"junk".to_vec()]);
            assert_eq!(tls.version(), Some(0x303));
            assert!(!tls.session_resumed);
        }
    }

    #[test]
    fn tls_1_3_ends_readable_with_the_server_hello() {
        let mut talk = talk();
        talk.data(Direction::ToServer, &client_hello());
        talk.data(Direction::ToClient, &record(22, &server_hello(b"\x03\x04")));
        assert!(talk.transactions.iter().all(crate::app::Transaction::is_complete));
        assert_eq!(tls(&talk).version(), Some(0x304));
        assert!(!talk.encrypted);
        talk.data(Direction::ToClient, &record(23, &[1; 50]));
        talk.data(Direction::ToServer, &record(23, &[1; 50]));
        assert!(talk.encrypted && talk.parser.is_done(Direction::ToServer));
    }

    #[test]
    fn a_session_without_certificate_is_resumed() {
        let mut talk = talk();
        talk.data(Direction::ToServer, &client_hello());
        talk.data(Direction::ToClient, &record(22, &server_hello(b"")));
        talk.data(Direction::ToClient, &record(20, &[1]));
        assert!(tls(&talk).session_resumed);
    }

    #[test]
    fn damage_is_named_and_ends_the_side() {
        for (bytes, event) in [
            (record(99, b"x"), "invalid_record_type"),
            (record(22, &handshake(1, b"short")), "invalid_handshake_message"),
            (record(22, b"\x01\xff\xff\xff"), "handshake_invalid_length"),
            (record(24, b"\x01\x40\0abc"), "overflow_heartbeat_message"),
            (record(24, b"\x09"), "invalid_heartbeat_message"),
            (record(24, b"").repeat(300), "invalid_heartbeat_message"),
        ] {
            let mut talk = talk();
            talk.data(Direction::ToServer, &bytes);
            let tx = talk.transactions.iter().next().unwrap();
            assert!(
                tx.events.iter().any(|found| found.name == event),
                "{event}: {:?}",
                tx.events
            );
        }
    }

    #[test]
    fn handshakes_are_bounded() {
        let mut talk = talk();
        let endless = record(22, &[b"\x0b\x03\xff\xff".as_slice(), &[0; 16_000]].concat());
        for _ in 0..100 {
            talk.data(Direction::ToClient, &endless);
        }
        assert!(talk.parser.is_done(Direction::ToClient));
    }

    #[test]
    fn probes() {
        for (direction, bytes, verdict) in [
            (Direction::ToServer, &client_hello()[..], Probe::Yes),
            (Direction::ToServer, b"\x16\x03", Probe::Unsure),
            (Direction::ToServer, b"\x16\x03\x01\x01\x00\x05", Probe::No),
            (Direction::ToServer, b"\x80\x2e\x01\x03\x00\0\x15", Probe::Yes),
            (Direction::ToServer, b"\x80\x2e\x07\x03\x00", Probe::No),
            (Direction::ToClient, b"\x15\x03\x03\0\x02\x02\x28", Probe::Yes),
            (Direction::ToServer, b"GET /", Probe::No),
        ] {
            assert_eq!(probe(direction, bytes), verdict, "{bytes:?}");
        }
    }

    proptest! {
        #[test]
        fn no_bytes_panic(bytes in prop::collection::vec(any::<u8>(), 0..300), at in 0_usize..80, step in 1_usize..50) {
            let mut damaged = client_hello();
            damaged.splice(at.min(damaged.len()).., bytes);
            let mut talk = talk();
            for piece in damaged.chunks(step) {
                talk.data(Direction::ToServer, piece);
                talk.data(Direction::ToClient, piece);
            }
            prop_assert!(talk.transactions.len() == 1);
        }
    }
}
