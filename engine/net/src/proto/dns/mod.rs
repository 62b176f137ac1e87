//! DNS over UDP and TCP, mDNS and LLMNR: the same messages, told apart by their port.

mod codes;
pub mod eve;
mod message;
mod name;
mod transaction;

pub use codes::{rcode_name, rcode_number, type_name, type_number};
pub use message::{Header, Message, Question, Record, RecordData};
pub use name::{MAX_NAME_BYTES, Name};
pub use transaction::{Kind, Transaction, progress};

use crate::app::{AppContext, AppProto, Parser, Probe, TxData};
use crate::flow::Direction;
use crate::proto::{AppConfig, Protocol};

const UDP: u8 = 17;
const TCP: u8 = 6;

/// DNS over UDP for the table of protocols.
pub const OVER_UDP: Protocol = Protocol {
    proto: AppProto::Dns,
    transports: &[UDP],
    ports: &[53],
    bound: false,
    probe: probe_message,
    parser: |_: &AppConfig, _: u8| DnsParser::boxed(Kind::Dns, false),
};
/// DNS over TCP.
pub const OVER_TCP: Protocol = Protocol {
    transports: &[TCP],
    probe: probe_stream,
    parser: |_: &AppConfig, _: u8| DnsParser::boxed(Kind::Dns, true),
    ..OVER_UDP
};
/// Multicast DNS (RFC 6762).
pub const MDNS: Protocol = Protocol {
    proto: AppProto::Mdns,
    ports: &[5353],
    parser: |_: &AppConfig, _: u8| DnsParser::boxed(Kind::Mdns, false),
    ..OVER_UDP
};
/// LLMNR (RFC 4795) over UDP.
pub const LLMNR_UDP: Protocol = Protocol {
    proto: AppProto::Llmnr,
    ports: &[5355],
    parser: |_: &AppConfig, _: u8| DnsParser::boxed(Kind::Llmnr, false),
    ..OVER_UDP
};
/// LLMNR over TCP.
pub const LLMNR_TCP: Protocol = Protocol {
    proto: AppProto::Llmnr,
    ports: &[5355],
    parser: |_: &AppConfig, _: u8| DnsParser::boxed(Kind::Llmnr, true),
    ..OVER_TCP
};

/// Operation codes from here on are not assigned.
const FIRST_UNASSIGNED_OPCODE: u8 = 7;

/// Classes that a question may ask for: IN, CH, HS, NONE, ANY, also with mDNS's unicast bit.
fn plausible_class(class: u16) -> bool {
    matches!(class & 0x7fff, 1 | 3 | 4 | 254 | 255)
}

/// Whether bytes begin a DNS message: `None` while the first question is not whole.
fn plausible(bytes: &[u8], whole: bool) -> Option<bool> {
    let header = Header::parse(bytes)?;
    let [questions, answers, authorities, additionals] = header.counts;
    if questions == 0 {
        let short_answer = header.is_response() && (bytes.len() == 12 || answers > 0 || header.rcode() != 0);
        return Some(short_answer && answers <= 256 && (!whole || message::parse(bytes).is_some()));
    }
    if questions > 4096 || answers > 4096 || authorities > 4096 || additionals > 4096 {
        return Some(false);
    }
    if header.flags & 0x8000 == 0 && (header.rcode() != 0 && answers > 0) {
        return Some(false);
    }
    let Some((name, behind)) = name::parse(bytes, 12) else {
        return whole.then_some(false);
    };
    let word = |at: usize| bytes.get(at..at + 2)?.try_into().ok().map(u16::from_be_bytes);
    let (Some(rrtype), Some(class)) = (word(behind), word(behind + 2)) else {
        return whole.then_some(false);
    };
    // NetBIOS names look like DNS, but for their 32-letter encoded label and their types.
    let netbios = name.value.len() >= 32 && matches!(rrtype, 0x20 | 0x21) && class == 1;
    Some(plausible_class(class) && !netbios)
}

fn probe_message(_: Direction, bytes: &[u8]) -> Probe {
    match plausible(bytes, true) {
        Some(true) => Probe::Yes,
        _ => Probe::No,
    }
}

/// Over TCP a length stands before each message (RFC 1035 section 4.2.2).
fn probe_stream(_: Direction, bytes: &[u8]) -> Probe {
    let Some((length, rest)) = bytes.split_at_checked(2) else {
        return Probe::Unsure;
    };
    let length = usize::from(u16::from_be_bytes(length.try_into().unwrap_or_default()));
    if length < 12 {
        return Probe::No;
    }
    if rest.len() < 12 {
        return Probe::Unsure;
    }
    let message = rest.get(..length.min(rest.len())).unwrap_or_default();
    match plausible(message, message.len() == length) {
        Some(true) => Probe::Yes,
        Some(false) => Probe::No,
        None => Probe::Unsure,
    }
}

/// The state of one flow.
#[derive(Debug)]
struct DnsParser {
    kind: Kind,
    stream: bool,
    held: [Vec<u8>; 2],
    /// Bytes were missed: the next message begins nobody knows where, until a piece begins with one.
    lost: [bool; 2],
}

impl DnsParser {
    fn boxed(kind: Kind, stream: bool) -> Box<dyn Parser> {
        Box::new(Self {
            kind,
            stream,
            held: [Vec::new(), Vec::new()],
            lost: [false; 2],
        })
    }
}

impl Parser for DnsParser {
    fn data(&mut self, direction: Direction, bytes: &[u8], cx: &mut AppContext<'_>) {
        if !self.stream {
            take_message(self.kind, bytes, direction, cx);
            return;
        }
        let Some(lost) = self.lost.get_mut(direction.index()) else {
            return;
        };
        if *lost {
            if probe_stream(direction, bytes) != Probe::Yes {
                return;
            }
            *lost = false;
        }
        let Some(held) = self.held.get_mut(direction.index()) else {
            return;
        };
        held.extend_from_slice(bytes);
        let mut rest = held.as_slice();
        while let Some((length, after)) = rest.split_at_checked(2) {
            let length = usize::from(u16::from_be_bytes(length.try_into().unwrap_or_default()));
            let Some((message, after)) = after.split_at_checked(length) else {
                break;
            };
            if length > 0 {
                take_message(self.kind, message, direction, cx);
            }
            rest = after;
        }
        let used = held.len() - rest.len();
        held.drain(..used);
    }

    fn gap(&mut self, direction: Direction, _missing: u64, _cx: &mut AppContext<'_>) {
        if let (Some(held), Some(lost)) = (
            self.held.get_mut(direction.index()),
            self.lost.get_mut(direction.index()),
        ) {
            held.clear();
            *lost = true;
        }
    }

    fn end(&mut self, direction: Direction, _cx: &mut AppContext<'_>) {
        if let Some(held) = self.held.get_mut(direction.index()) {
            held.clear();
        }
    }
}

fn take_message(kind: Kind, bytes: &[u8], direction: Direction, cx: &mut AppContext<'_>) {
    let parsed = message::parse(bytes);
    let malformed = parsed.is_none();
    let message = parsed.unwrap_or_else(|| Message {
        header: Header::parse(bytes).unwrap_or_default(),
        ..Message::default()
    });
    let events = events(&message, malformed);
    // The message itself says which way it goes; ports may be the wrong way round when a capture begins midway.
    let moment = cx.moment();
    let tx = cx.transactions.open(
        TxData::Dns(Box::new(Transaction {
            kind,
            direction,
            message,
            malformed,
        })),
        moment,
    );
    for event in events {
        tx.event(event, direction, moment.packet_number);
    }
    tx.advance(direction, progress::COMPLETE);
    tx.updated = [false; 2];
    tx.touch(direction, moment);
    tx.finish(Direction::ToServer);
    tx.finish(Direction::ToClient);
    let id = tx.id;
    cx.frame("pdu", direction, bytes, bytes.len() as u64, Some(id));
}

fn events(message: &Message, malformed: bool) -> Vec<&'static str> {
    if malformed {
        return vec!["malformed_data"];
    }
    let names = || {
        let owners = message
            .answers
            .iter()
            .chain(&message.authorities)
            .chain(&message.additionals)
            .map(|record| &record.name);
        message.queries.iter().map(|query| &query.name).chain(owners)
    };
    [
        (message.header.has_z(), "z_flag_set"),
        (
            message.header.opcode() >= FIRST_UNASSIGNED_OPCODE,
            "invalid_opcode",
        ),
        (message.invalid_authorities, "invalid_authorities"),
        (message.invalid_additionals, "invalid_additionals"),
        (names().any(|name| name.truncated), "name_too_long"),
        (names().any(|name| name.looped), "infinite_loop"),
        (names().any(|name| name.too_many_labels), "too_many_labels"),
    ]
    .into_iter()
    .filter_map(|(seen, name)| seen.then_some(name))
    .collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::message::tests::{QUESTION, message, record};
    use super::*;
    use crate::proto::testing::Talk;

    fn talk(protocol: &Protocol, transport: u8) -> Talk {
        Talk::new((protocol.parser)(&AppConfig::default(), transport))
    }

    fn answer() -> Vec<u8> {
        message(
            0x8180,
            [1, 1, 0, 0],
            &[QUESTION, &record(1, b"\x7f\0\0\x01")].concat(),
        )
    }

    fn framed(message: &[u8]) -> Vec<u8> {
        [&(message.len() as u16).to_be_bytes()[..], message].concat()
    }

    #[test]
    fn each_message_is_a_transaction() {
        let mut talk = talk(&OVER_UDP, UDP);
        talk.data(Direction::ToServer, &message(0x0100, [1, 0, 0, 0], QUESTION));
        talk.data(Direction::ToClient, &answer());
        let kinds: Vec<_> = talk
            .transactions
            .iter()
            .map(|tx| match &tx.data {
                TxData::Dns(dns) => (tx.id, dns.is_query(), dns.message.answers.len(), tx.is_complete()),
                _ => panic!("not DNS"),
            })
            .collect();
        assert_eq!(kinds, [(0, true, 0, true), (1, false, 1, true)]);
    }

    #[test]
    fn oddities_raise_events() {
        for (bytes, event) in [
            (message(0x0140, [1, 0, 0, 0], QUESTION), "z_flag_set"),
            (message(0x4800, [1, 0, 0, 0], QUESTION), "invalid_opcode"),
            (message(0x0100, [2, 0, 0, 0], QUESTION), "malformed_data"),
            (message(0x0100, [1, 0, 0, 1], QUESTION), "invalid_additionals"),
            (message(0x0100, [1, 0, 1, 0], QUESTION), "invalid_authorities"),
            (
                message(0x0100, [1, 0, 0, 0], b"\xc0\x0c\0\x01\0\x01"),
                "infinite_loop",
            ),
        ] {
            let mut talk = talk(&OVER_UDP, UDP);
            talk.data(Direction::ToServer, &bytes);
            let tx = talk.transactions.iter().next().unwrap();
            assert_eq!(
                tx.events.iter().map(|event| event.name).collect::<Vec<_>>(),
                [event]
            );
        }
        let mut talk = talk(&OVER_UDP, UDP);
        talk.data(Direction::ToServer, &message(0x0100, [1, 0, 0, 0], QUESTION));
        assert!(talk.transactions.iter().next().unwrap().events.is_empty());
    }

    #[test]
    fn after_a_hole_the_stream_is_found_again() {
        let mut talk = talk(&OVER_TCP, TCP);
        talk.data(Direction::ToClient, &framed(&answer())[..10]);
        talk.gap(Direction::ToClient, 20);
        talk.data(Direction::ToClient, b"\0\0rest of something");
        talk.data(Direction::ToClient, &framed(&answer()));
        assert_eq!(talk.transactions.len(), 1);
    }

    #[test]
    fn probes() {
        let query = message(0x0100, [1, 0, 0, 0], QUESTION);
        assert_eq!(probe_message(Direction::ToServer, &query), Probe::Yes);
        assert_eq!(probe_message(Direction::ToServer, &answer()), Probe::Yes);
        for wrong in [&b""[..], b"GET / HTTP/1.1\r\n\r\n", &[0; 40], &query[..14]] {
            assert_eq!(probe_message(Direction::ToServer, wrong), Probe::No, "{wrong:?}");
        }
        let netbios = message(
            0x0110,
            [1, 0, 0, 0],
            b"\x20CKAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\0\0\x21\0\x01",
        );
        assert_eq!(probe_message(Direction::ToServer, &netbios), Probe::No);
        let stream = framed(&query);
        assert_eq!(probe_stream(Direction::ToServer, &stream), Probe::Yes);
        assert_eq!(probe_stream(Direction::ToServer, &stream[..15]), Probe::Unsure);
        assert_eq!(
            probe_stream(Direction::ToServer, b"GET / HTTP/1.1\r\n\r\n"),
            Probe::No
        );
    }

    proptest! {
        #[test]
        fn cuts_of_the_stream_do_not_matter(step in 1_usize..40) {
            let bytes = [framed(&answer()), framed(&answer()), framed(&answer())].concat();
            let mut talk = talk(&OVER_TCP, TCP);
            for piece in bytes.chunks(step) {
                talk.data(Direction::ToClient, piece);
            }
            prop_assert_eq!(talk.transactions.len(), 3);
            prop_assert!(talk.transactions.iter().all(|tx| tx.events.is_empty()));
        }

        #[test]
        fn no_bytes_panic(bytes in prop::collection::vec(any::<u8>(), 0..200), at in 0_usize..60) {
            let mut damaged = answer();
            damaged.splice(at.min(damaged.len()).., bytes);
            let mut udp = talk(&OVER_UDP, UDP);
            udp.data(Direction::ToServer, &damaged);
            let mut tcp = talk(&OVER_TCP, TCP);
            tcp.data(Direction::ToServer, &damaged);
            prop_assert!(udp.transactions.len() == 1);
        }
    }
}
