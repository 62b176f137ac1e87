//! MQTT 3.1, 3.1.1 and 5.0.
//!
//! Packets that belong together (a PUBLISH and its acknowledgements, a SUBSCRIBE and its SUBACK …) are one transaction,
//! joined by their packet identifier; all others are transactions of their own.

pub mod eve;
mod message;

pub use message::{Body, Connect, Header, Message, Property, PropertyValue, kind};

use message::{parse_body, variable};

use crate::app::{AppContext, AppProto, Parser, Probe, TxData};
use crate::flow::Direction;
use crate::proto::{AppConfig, Protocol};

/// MQTT for the table of protocols.
pub const PROTOCOL: Protocol = Protocol {
    proto: AppProto::Mqtt,
    transports: &[6],
    ports: &[1883],
    bound: false,
    probe,
    parser: |_: &AppConfig, _: u8| Box::new(MqttParser::default()),
};

/// How far a transaction came, in both directions.
pub mod progress {
    /// Messages are there.
    pub const MESSAGES: u8 = 1;
    /// No further message belongs to it.
    pub const COMPLETE: u8 = 2;
}

/// Messages that belong together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Transaction {
    /// The messages, in order.
    pub messages: Vec<Message>,
    /// Protocol version of the connection: 3, 4, 5; 0 when its CONNECT was not seen.
    pub version: u8,
}

/// Looks at the first bytes of a direction.
pub fn probe(direction: Direction, bytes: &[u8]) -> Probe {
    let Some(first) = bytes.first() else {
        return Probe::Unsure;
    };
    let rest = bytes.get(1..).unwrap_or_default();
    match (direction, *first) {
        (Direction::ToServer, 0x10) => match variable(rest) {
            None => Probe::Unsure,
            Some(Err(())) => Probe::No,
            Some(Ok((_, length))) => probe_name(rest.get(length..).unwrap_or_default()),
        },
        // A connection picked up midway, or whose client is not seen: only packets of fixed form are believed.
        (Direction::ToServer, 0xc0) | (Direction::ToClient, 0xd0) if bytes == [*first, 0] => Probe::Yes,
        (_, 0x20) => match rest {
            [length, ..] if !(2..128).contains(length) => Probe::No,
            [_, flags, ..] if *flags > 1 => Probe::No,
            [length, ..] if rest.len() > usize::from(*length) => Probe::Yes,
            _ => Probe::Unsure,
        },
        _ => Probe::No,
    }
}

fn probe_name(rest: &[u8]) -> Probe {
    let names = [&b"\0\x04MQTT"[..], b"\0\x06MQIsdp"];
    if names.iter().any(|name| rest.starts_with(name)) {
        Probe::Yes
    } else if names.iter().any(|name| name.starts_with(rest)) {
        Probe::Unsure
    } else {
        Probe::No
    }
}

#[derive(Debug, Default)]
struct Side {
    held: Vec<u8>,
    /// Bytes of a message over the limit that are still to be passed over.
    skip: u64,
    stopped: bool,
}

/// The state of one flow.
#[derive(Debug, Default)]
struct MqttParser {
    sides: [Side; 2],
    version: u8,
    /// CONNECT was seen; CONNACK was seen.
    connect_seen: bool,
    connected: bool,
}

impl Parser for MqttParser {
    fn data(&mut self, direction: Direction, bytes: &[u8], cx: &mut AppContext<'_>) {
        let side = self.side(direction);
        if side.stopped {
            return;
        }
        let skipped = side.skip.min(bytes.len() as u64);
        side.skip -= skipped;
        side.held
            .extend_from_slice(bytes.get(skipped as usize..).unwrap_or_default());
        let held = std::mem::take(&mut side.held);
        let mut rest = held.as_slice();
        while self.packet(&mut rest, direction, cx) {}
        let side = self.side(direction);
        if !side.stopped {
            side.held = rest.to_vec();
        }
    }

    fn gap(&mut self, direction: Direction, missing: u64, _cx: &mut AppContext<'_>) {
        let side = self.side(direction);
        if side.skip >= missing && side.held.is_empty() {
            side.skip -= missing;
        } else {
            side.stopped = true;
            side.held = Vec::new();
        }
    }

    fn end(&mut self, direction: Direction, _cx: &mut AppContext<'_>) {
        let side = self.side(direction);
        side.stopped = true;
        side.held = Vec::new();
    }

    fn is_done(&self, direction: Direction) -> bool {
        self.sides.get(direction.index()).is_some_and(|side| side.stopped)
    }
}

impl MqttParser {
    fn side(&mut self, direction: Direction) -> &mut Side {
        let [client, server] = &mut self.sides;
        match direction {
            Direction::ToServer => client,
            Direction::ToClient => server,
        }
    }

    /// Takes one packet from the front; `false` when none is whole.
    fn packet(&mut self, rest: &mut &[u8], direction: Direction, cx: &mut AppContext<'_>) -> bool {
        let Some((first, after)) = rest.split_first() else {
            return false;
        };
        let (length, used) = match variable(after) {
            None => return false,
            Some(Err(())) => {
                self.malformed(Header::from_byte(*first), direction, cx);
                return false;
            }
            Some(Ok(found)) => found,
        };
        let header = Header::from_byte(*first);
        let after = after.get(used..).unwrap_or_default();
        if u64::from(length) > cx.config.mqtt_max_message_bytes {
            let whole = u64::from(length) + 1 + used as u64;
            let here = after.len().min(length as usize);
            self.side(direction).skip = u64::from(length) - here as u64;
            *rest = after.get(here..).unwrap_or_default();
            // What is passed over is not shown as a frame; its header is.
            cx.frame("header", direction, &head(*first, length), 1 + used as u64, None);
            let body = Body::Truncated { skipped_bytes: whole };
            self.message(Message { header, body }, direction, cx);
            return true;
        }
        let Some((body, after)) = after.split_at_checked(length as usize) else {
            return false;
        };
        if cx.wants_frames() {
            let head = head(*first, length);
            cx.frame("header", direction, &head, head.len() as u64, None);
            if !body.is_empty() {
                cx.frame("data", direction, body, body.len() as u64, None);
            }
            let pdu = [&head, body].concat();
            cx.frame("pdu", direction, &pdu, pdu.len() as u64, None);
        }
        *rest = after;
        match parse_body(header, body, self.version) {
            Some(body) => self.message(Message { header, body }, direction, cx),
            None => {
                self.malformed(header, direction, cx);
                return false;
            }
        }
        true
    }

    /// What cannot be read: the rest of the direction cannot either.
    fn malformed(&mut self, header: Header, direction: Direction, cx: &mut AppContext<'_>) {
        let message = Message {
            header,
            body: Body::Empty,
        };
        self.open(vec![message], &["malformed_traffic"], true, direction, cx);
        self.side(direction).stopped = true;
    }

    fn message(&mut self, message: Message, direction: Direction, cx: &mut AppContext<'_>) {
        let mut events = Vec::new();
        let kind = message.header.kind;
        if kind == 0 || kind == kind::AUTH && self.version != 5 {
            events.push("unassigned_msg_type");
        }
        if message.header.qos == 3 && kind == kind::PUBLISH {
            events.push("invalid_qos_level");
        }
        match (&message.body, kind) {
            (Body::Connect(connect), _) => {
                if self.connect_seen {
                    events.push("double_connect");
                }
                self.connect_seen = true;
                self.version = connect.version;
                self.open(vec![message], &events, false, direction, cx);
            }
            (Body::Truncated { .. }, _) => self.open(vec![message], &events, true, direction, cx),
            (_, kind::CONNACK) => {
                self.connected = true;
                self.join(message, events, direction, cx);
            }
            (
                _,
                kind::PUBACK | kind::PUBREC | kind::PUBREL | kind::PUBCOMP | kind::SUBACK | kind::UNSUBACK,
            ) => {
                if !self.connected {
                    events.push("unintroduced_message");
                }
                self.join(message, events, direction, cx);
            }
            _ => {
                if !self.connected && kind != kind::AUTH {
                    events.push("unintroduced_message");
                }
                let waits = matches!(kind, kind::SUBSCRIBE | kind::UNSUBSCRIBE)
                    || kind == kind::PUBLISH && matches!(message.header.qos, 1 | 2);
                self.open(vec![message], &events, !waits, direction, cx);
            }
        }
    }

    /// Adds an answer to the transaction that waits for it; without one it stands alone and an event tells.
    fn join(
        &self,
        message: Message,
        mut events: Vec<&'static str>,
        direction: Direction,
        cx: &mut AppContext<'_>,
    ) {
        let kind = message.header.kind;
        let (asks, missing) = match kind {
            kind::CONNACK => (kind::CONNECT, "missing_connect"),
            kind::SUBACK => (kind::SUBSCRIBE, "missing_subscribe"),
            kind::UNSUBACK => (kind::UNSUBSCRIBE, "missing_unsubscribe"),
            _ => (kind::PUBLISH, "missing_publish"),
        };
        let moment = cx.moment();
        let waiting = cx.transactions.iter_mut().find(|tx| {
            !tx.is_complete()
                && matches!(&tx.data, TxData::Mqtt(mqtt) if mqtt.messages.first().is_some_and(|first| {
                    first.header.kind == asks && first.id() == message.id()
                }))
        });
        let Some(tx) = waiting else {
            events.push(missing);
            self.open(vec![message], &events, true, direction, cx);
            return;
        };
        for event in events {
            tx.event(event, direction, moment.packet_number);
        }
        if let TxData::Mqtt(mqtt) = &mut tx.data {
            mqtt.messages.push(message);
        }
        tx.touch(direction, moment);
        if !matches!(kind, kind::PUBREC | kind::PUBREL) {
            complete(tx);
        }
    }

    fn open(
        &self,
        messages: Vec<Message>,
        events: &[&'static str],
        is_complete: bool,
        direction: Direction,
        cx: &mut AppContext<'_>,
    ) {
        limit(cx);
        let moment = cx.moment();
        let data = Transaction {
            messages,
            version: self.version,
        };
        let tx = cx.transactions.open(TxData::Mqtt(Box::new(data)), moment);
        for event in events {
            tx.event(event, direction, moment.packet_number);
        }
        tx.updated = [false; 2];
        tx.touch(direction, moment);
        tx.advance(direction, progress::MESSAGES);
        if is_complete {
            complete(tx);
        }
    }
}

/// The fixed header of a packet: its first byte and its length in groups of seven bits.
fn head(first: u8, length: u32) -> Vec<u8> {
    let mut head = vec![first];
    let mut rest = length;
    loop {
        let byte = (rest & 0x7f) as u8;
        rest >>= 7;
        head.push(if rest > 0 { byte | 0x80 } else { byte });
        if rest == 0 {
            return head;
        }
    }
}

/// So many transactions may wait; then the oldest is let go.
fn limit(cx: &mut AppContext<'_>) {
    let limit = cx.config.max_open_transactions;
    let packet_number = cx.packet_number;
    let open = cx.transactions.iter().filter(|tx| !tx.is_complete()).count();
    if open < limit {
        return;
    }
    if let Some(oldest) = cx.transactions.iter_mut().find(|tx| !tx.is_complete()) {
        oldest.event("too_many_transactions", Direction::ToServer, packet_number);
        complete(oldest);
    }
}

fn complete(tx: &mut crate::app::Transaction) {
    for direction in Direction::BOTH {
        tx.advance(direction, progress::COMPLETE);
        tx.finish(direction);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::proto::testing::Talk;

    const CONNECT: &[u8] = b"\x10\x0d\0\x04MQTT\x04\x02\0\x3c\0\x01a";
    const CONNACK: &[u8] = b"\x20\x02\0\0";

    fn talk() -> Talk {
        Talk::new(Box::new(MqttParser::default()))
    }

    fn shape(talk: &Talk) -> Vec<(Vec<u8>, bool, Vec<&'static str>)> {
        let of = |tx: &crate::app::Transaction| match &tx.data {
            TxData::Mqtt(mqtt) => (
                mqtt.messages.iter().map(|message| message.header.kind).collect(),
                tx.is_complete(),
                tx.events.iter().map(|event| event.name).collect(),
            ),
            _ => panic!("not MQTT"),
        };
        talk.transactions.iter().map(of).collect()
    }

    #[test]
    fn messages_that_belong_together_are_one_transaction() {
        let mut talk = talk();
        talk.data(Direction::ToServer, CONNECT);
        talk.data(Direction::ToClient, CONNACK);
        talk.data(
            Direction::ToServer,
            b"\x34\x06\0\x01t\0\x07m\x34\x06\0\x01t\0\x08m",
        );
        talk.data(Direction::ToClient, b"\x50\x02\0\x07");
        talk.data(Direction::ToServer, b"\x62\x02\0\x07");
        talk.data(Direction::ToClient, b"\x70\x02\0\x07");
        talk.data(Direction::ToServer, b"\xc0\0");
        assert_eq!(
            shape(&talk),
            [
                (vec![1, 2], true, vec![]),
                (vec![3, 5, 6, 7], true, vec![]),
                (vec![3], false, vec![]),
                (vec![12], true, vec![]),
            ]
        );
    }

    #[test]
    fn oddities_raise_events() {
        for (direction, bytes, event) in [
            (Direction::ToClient, &b"\x20\x02\0\0"[..], "missing_connect"),
            (Direction::ToClient, b"\x40\x02\0\x01", "missing_publish"),
            (Direction::ToClient, b"\x90\x03\0\x01\0", "missing_subscribe"),
            (Direction::ToClient, b"\xb0\x02\0\x01", "missing_unsubscribe"),
            (Direction::ToServer, b"\xc0\0", "unintroduced_message"),
            (Direction::ToServer, b"\x00\0", "unassigned_msg_type"),
            (
                Direction::ToServer,
                b"\x36\x06\0\x01t\0\x07m",
                "invalid_qos_level",
            ),
            (Direction::ToServer, b"\x10\x02\0\x04", "malformed_traffic"),
            (Direction::ToServer, b"\x30\xff\xff\xff\xff", "malformed_traffic"),
        ] {
            let mut talk = talk();
            talk.data(direction, bytes);
            let all = shape(&talk);
            assert!(all[0].2.contains(&event), "{event}: {all:?}");
        }
        let mut talk = talk();
        talk.data(Direction::ToServer, &[CONNECT, CONNECT].concat());
        assert_eq!(shape(&talk)[1].2, ["double_connect"]);
    }

    #[test]
    fn messages_over_the_limit_are_passed_over() {
        let mut talk = talk();
        talk.config.mqtt_max_message_bytes = 50;
        talk.data(Direction::ToServer, CONNECT);
        talk.data(
            Direction::ToServer,
            &[b"\x30\x64".as_slice(), &[b'x'; 60]].concat(),
        );
        talk.data(Direction::ToServer, &[&[b'x'; 40][..], b"\xc0\0"].concat());
        assert_eq!(shape(&talk).len(), 3);
        match &talk.transactions.iter().nth(1).unwrap().data {
            TxData::Mqtt(mqtt) => assert_eq!(mqtt.messages[0].body, Body::Truncated { skipped_bytes: 102 }),
            _ => panic!("not MQTT"),
        }
    }

    #[test]
    fn a_flood_is_bounded() {
        let mut talk = talk();
        for id in 0..5000_u16 {
            let [high, low] = id.to_be_bytes();
            talk.data(Direction::ToServer, &[0x32, 6, 0, 1, b't', high, low, b'm']);
        }
        let open = talk.transactions.iter().filter(|tx| !tx.is_complete()).count();
        assert!(open <= talk.config.max_open_transactions, "{open}");
    }

    #[test]
    fn probes() {
        for (direction, bytes, verdict) in [
            (Direction::ToServer, CONNECT, Probe::Yes),
            (Direction::ToServer, &CONNECT[..5], Probe::Unsure),
            (Direction::ToServer, b"\x10\x05hello", Probe::No),
            (Direction::ToServer, b"\xc0\0", Probe::Yes),
            (Direction::ToServer, b"\xc0\0\x01", Probe::No),
            (Direction::ToClient, CONNACK, Probe::Yes),
            (Direction::ToClient, &CONNACK[..3], Probe::Unsure),
            (Direction::ToClient, b" hello", Probe::No),
        ] {
            assert_eq!(probe(direction, bytes), verdict, "{bytes:?}");
        }
    }

    proptest! {
        #[test]
        fn cuts_do_not_matter(step in 1_usize..30) {
            let bytes = [CONNECT, b"\x34\x06\0\x01t\0\x07m", b"\xc0\0"].concat();
            let mut whole = talk();
            whole.data(Direction::ToServer, &bytes);
            let mut cut = talk();
            for piece in bytes.chunks(step) {
                cut.data(Direction::ToServer, piece);
            }
            prop_assert_eq!(shape(&whole), shape(&cut));
        }

        #[test]
        fn no_bytes_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let mut talk = talk();
            talk.data(Direction::ToServer, CONNECT);
            talk.data(Direction::ToServer, &bytes);
            talk.data(Direction::ToClient, &bytes);
            prop_assert!(!talk.transactions.is_empty());
        }
    }
}
