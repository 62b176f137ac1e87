//! DNP3 over TCP (IEEE 1815): link frames, transport, application fragments. Each fragment is a transaction.

mod eve;
mod link;
mod names;
mod object;

pub use eve::Fragment;
pub use names::{function_number, indication_mask};

use crate::app::{AppContext, AppProto, Parser, Probe};
use crate::flow::Direction;
use crate::proto::held::Held;
use crate::proto::{AppConfig, Protocol};
use link::Header;

/// DNP3 for the table of protocols.
pub const PROTOCOL: Protocol = Protocol {
    proto: AppProto::Dnp3,
    transports: &[6],
    ports: &[20_000],
    bound: false,
    probe,
    parser: |_: &AppConfig, _: u8| Box::new(Dnp3Parser::default()),
};

/// Longest fragment that is put together from transport segments.
const MAX_FRAGMENT: usize = 65_535;
/// Requests without an answer after which a flood is reported.
const MAX_UNANSWERED: u32 = 32;

/// Looks at the first bytes of a direction: the start octets, a length, and a header whose checksum fits.
pub fn probe(_: Direction, bytes: &[u8]) -> Probe {
    match bytes {
        [] | [0x05] => Probe::Unsure,
        [0x05, 0x64, ..] if bytes.len() < link::HEADER => Probe::Unsure,
        [0x05, 0x64, ..] if Header::parse(bytes).is_some_and(|header| header.is_valid) => Probe::Yes,
        _ => Probe::No,
    }
}

#[derive(Debug)]
struct Side {
    held: Held,
    fragment: Vec<u8>,
    building: bool,
}

impl Default for Side {
    fn default() -> Self {
        Self {
            held: Held::with_limit(128 * 1024),
            fragment: Vec::new(),
            building: false,
        }
    }
}

/// The state of one flow.
#[derive(Debug, Default)]
struct Dnp3Parser {
    sides: [Side; 2],
    unanswered: u32,
}

impl Parser for Dnp3Parser {
    fn data(&mut self, direction: Direction, bytes: &[u8], cx: &mut AppContext<'_>) {
        for piece in bytes.chunks(64 * 1024) {
            let Some(side) = self.sides.get_mut(direction.index()) else {
                return;
            };
            // The buffer holds many times the longest frame: it cannot run over while frames are taken.
            if !side.held.push(piece) {
                return;
            }
            while self.frame(direction, cx).is_some() {}
        }
    }

    fn gap(&mut self, direction: Direction, _missing: u64, _cx: &mut AppContext<'_>) {
        if let Some(side) = self.sides.get_mut(direction.index()) {
            *side = Side::default();
        }
    }

    fn end(&mut self, _direction: Direction, _cx: &mut AppContext<'_>) {}
}

impl Dnp3Parser {
    /// Takes the next frame; `None` when it is not whole.
    fn frame(&mut self, direction: Direction, cx: &mut AppContext<'_>) -> Option<()> {
        let side = self.sides.get_mut(direction.index())?;
        let header = Header::parse(side.held.bytes())?;
        if !header.has_start {
            // Looks for the next start of a frame.
            let next = memchr::memmem::find(side.held.bytes().get(1..)?, b"\x05\x64");
            let skip = next.map_or_else(|| side.held.bytes().len().saturating_sub(1), |at| at + 1);
            side.held.eat(skip.max(1));
            return Some(());
        }
        if !header.is_valid {
            side.held.eat(2);
            event("bad_link_crc", direction, cx);
            return Some(());
        }
        let length = header.frame_length();
        if side.held.bytes().len() < length {
            return None;
        }
        let frame = side.held.take(length);
        let Some(data) = header.user_data(&frame) else {
            side.building = false;
            event("bad_transport_crc", direction, cx);
            return Some(());
        };
        if let Some((transport, segment)) = data.split_first() {
            self.segment(header, *transport, segment, direction, cx);
        }
        Some(())
    }

    /// Takes one transport segment (first: 0x40, final: 0x80).
    fn segment(
        &mut self,
        header: Header,
        transport: u8,
        segment: &[u8],
        direction: Direction,
        cx: &mut AppContext<'_>,
    ) -> Option<()> {
        let side = self.sides.get_mut(direction.index())?;
        if transport & 0x40 != 0 {
            side.fragment.clear();
            side.building = true;
        }
        if !side.building {
            return None;
        }
        if side.fragment.len() + segment.len() > MAX_FRAGMENT {
            side.fragment = Vec::new();
            side.building = false;
            event("too_long_reassembly", direction, cx);
            return None;
        }
        side.fragment.extend_from_slice(segment);
        if transport & 0x80 != 0 {
            side.building = false;
            let bytes = std::mem::take(&mut side.fragment);
            self.fragment(header, bytes, direction, cx);
        }
        Some(())
    }

    fn fragment(&mut self, header: Header, bytes: Vec<u8>, direction: Direction, cx: &mut AppContext<'_>) {
        let (moment, packet_number) = (cx.moment(), cx.packet_number);
        if direction == Direction::ToServer {
            self.unanswered = self.unanswered.saturating_add(1);
            if self.unanswered > MAX_UNANSWERED + 1 {
                return;
            }
        } else {
            self.unanswered = 0;
        }
        let limit = |name: &str, default| {
            let set = cx
                .config
                .limit("dnp3", name)
                .and_then(|limit| usize::try_from(limit).ok());
            set.unwrap_or(default)
        };
        let limits = object::Limits {
            objects: limit("max-objects", 2048),
            points: limit("max-points", 16_384),
        };
        let Some((fragment, events)) = Fragment::parse(header, bytes, direction, limits) else {
            return;
        };
        let tx = cx.transactions.open_message(fragment, direction, moment);
        for event in events {
            tx.event(event, direction, packet_number);
        }
        if self.unanswered > MAX_UNANSWERED {
            tx.event("flooded", direction, packet_number);
        }
    }
}

/// An event of what is no fragment: a transaction of its own carries it.
fn event(name: &'static str, direction: Direction, cx: &mut AppContext<'_>) {
    let (moment, packet_number) = (cx.moment(), cx.packet_number);
    let known = cx
        .transactions
        .last_mut()
        .filter(|tx| tx.record::<Fragment>().is_some_and(Fragment::is_empty));
    let tx = match known {
        Some(tx) => tx,
        None => cx
            .transactions
            .open_message(Fragment::empty(direction), direction, moment),
    };
    tx.event(name, direction, packet_number);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::{Record, RecordOptions};
    use crate::proto::testing::Talk;

    fn frame(data: &[u8]) -> Vec<u8> {
        let mut bytes = vec![0x05, 0x64, data.len() as u8 + 5, 0xc4, 2, 0, 3, 0];
        bytes.extend(link::checksum(&bytes).to_le_bytes());
        for block in data.chunks(16) {
            bytes.extend_from_slice(block);
            bytes.extend(link::checksum(block).to_le_bytes());
        }
        bytes
    }

    #[test]
    fn fragments_objects_and_points() {
        let request = [
            &[0xc0, 0xc7, 3, 12, 1, 0x17, 1, 1, 3, 1][..],
            &100_u32.to_le_bytes(),
            &200_u32.to_le_bytes(),
            &[0],
        ];
        let bytes = frame(&request.concat());
        assert_eq!(probe(Direction::ToServer, &bytes), Probe::Yes);
        for step in [1, 1000] {
            let mut talk = Talk::new(Box::<Dnp3Parser>::default());
            for piece in bytes.chunks(step) {
                talk.data(Direction::ToServer, piece);
            }
            let tx = talk.transactions.iter().next().unwrap();
            let fragment = tx.record::<Fragment>().unwrap();
            let object = fragment.object(&RecordOptions::default()).unwrap();
            assert_eq!(
                (&object["src"], &object["dst"], &object["type"]),
                (&3.into(), &2.into(), &"request".into())
            );
            let point = &object["application"]["objects"][0]["points"][0];
            assert_eq!(
                (&point["ontime"], &point["offtime"], &point["index"]),
                (&100.into(), &200.into(), &1.into())
            );
            assert!(tx.events.is_empty());
        }
    }

    #[test]
    fn damage_and_floods_are_told() {
        let mut talk = Talk::new(Box::<Dnp3Parser>::default());
        let good = frame(&[0xc0, 0xc1, 1, 60, 1, 6]);
        let mut bad = good.clone();
        bad[8] ^= 1;
        talk.data(Direction::ToServer, &bad);
        assert_eq!(
            talk.transactions.iter().next().unwrap().events[0].name,
            "bad_link_crc"
        );
        let mut worse = good.clone();
        *worse.last_mut().unwrap() ^= 1;
        talk.data(Direction::ToServer, &worse);
        for _ in 0..40 {
            talk.data(Direction::ToServer, &good);
        }
        let events: Vec<_> = talk
            .transactions
            .iter()
            .flat_map(|tx| &tx.events)
            .map(|event| event.name)
            .collect();
        assert!(events.contains(&"bad_transport_crc") && events.contains(&"flooded"));
        assert!(talk.transactions.len() <= 35);
    }
}
