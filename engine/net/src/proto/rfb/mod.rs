//! RFB, the protocol of VNC (RFC 6143): the handshake up to the server's name. One transaction per connection.

mod eve;
mod handshake;

pub use eve::Session;

use crate::app::{AppContext, AppProto, Parser, Probe};
use crate::flow::Direction;
use crate::proto::held::Held;
use crate::proto::{AppConfig, Protocol};
use handshake::Stage;

/// RFB for the table of protocols.
pub const PROTOCOL: Protocol = Protocol {
    proto: AppProto::Rfb,
    transports: &[6],
    ports: &[5900, 5901],
    bound: false,
    probe,
    parser: |_: &AppConfig, _: u8| Box::new(RfbParser::default()),
};

/// Longest message of the handshake.
const MAX_HELD: usize = 64 * 1024;

/// Looks at the first bytes of a direction: `RFB 003.008` and a line feed.
pub fn probe(_: Direction, bytes: &[u8]) -> Probe {
    const START: &[u8] = b"RFB ";
    match bytes.get(..12) {
        Some(line) if line.starts_with(START) && line.ends_with(b"\n") => Probe::Yes,
        None if START.starts_with(bytes) || bytes.starts_with(START) => Probe::Unsure,
        _ => Probe::No,
    }
}

/// The state of one flow.
#[derive(Debug)]
struct RfbParser {
    held: [Held; 2],
    stage: Stage,
    tx: Option<u64>,
}

impl Default for RfbParser {
    fn default() -> Self {
        Self {
            held: [Held::with_limit(MAX_HELD), Held::with_limit(MAX_HELD)],
            stage: Stage::ServerVersion,
            tx: None,
        }
    }
}

impl Parser for RfbParser {
    fn data(&mut self, direction: Direction, bytes: &[u8], cx: &mut AppContext<'_>) {
        let (moment, packet_number) = (cx.moment(), cx.packet_number);
        if self.stage == Stage::Done {
            return;
        }
        let kept = self
            .held
            .get_mut(direction.index())
            .is_some_and(|held| held.push(bytes));
        if !kept {
            self.finish(cx);
            return;
        }
        let id = match self.tx {
            Some(id) => id,
            None => cx.transactions.open_record(Session::default(), moment).id,
        };
        self.tx = Some(id);
        let Some(tx) = cx.transactions.find(id) else {
            return;
        };
        loop {
            let from = self.stage.from();
            let (Some(held), Some(session)) = (self.held.get_mut(from.index()), tx.record_mut::<Session>())
            else {
                return;
            };
            let Some((used, next)) = session.take(self.stage, held.bytes()) else {
                break;
            };
            held.eat(used);
            tx.touch(from, moment);
            if let Stage::Unsupported(event) = next {
                tx.event(event, from, packet_number);
                self.stage = Stage::Done;
            } else {
                self.stage = next;
            }
            if self.stage == Stage::Done {
                tx.finish_both();
                for direction in Direction::BOTH {
                    tx.touch(direction, moment);
                }
                break;
            }
        }
    }

    fn gap(&mut self, _direction: Direction, _missing: u64, cx: &mut AppContext<'_>) {
        self.finish(cx);
    }

    fn end(&mut self, _direction: Direction, _cx: &mut AppContext<'_>) {}

    fn is_done(&self, _direction: Direction) -> bool {
        self.stage == Stage::Done
    }
}

impl RfbParser {
    fn finish(&mut self, cx: &mut AppContext<'_>) {
        self.stage = Stage::Done;
        if let Some(tx) = self.tx.and_then(|id| cx.transactions.find(id)) {
            tx.finish_both();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::{Record, RecordOptions};
    use crate::proto::testing::Talk;

    fn session(talk: &Talk) -> serde_json::Value {
        let tx = talk.transactions.iter().next().unwrap();
        tx.record::<Session>()
            .unwrap()
            .object(&RecordOptions::default())
            .unwrap()
    }

    #[test]
    fn a_log_in_with_a_password() {
        let mut talk = Talk::new(Box::<RfbParser>::default());
        talk.data(Direction::ToClient, b"RFB 003.008\n");
        talk.data(Direction::ToServer, b"RFB 003.008\n");
        talk.data(Direction::ToClient, b"\x02\x01\x02");
        talk.data(Direction::ToServer, b"\x02");
        talk.data(Direction::ToClient, &[7; 16]);
        talk.data(Direction::ToServer, &[8; 16]);
        talk.data(Direction::ToClient, &[0; 4]);
        talk.data(Direction::ToServer, b"\x01");
        let mut init = vec![
            0, 80, 0, 60, 32, 24, 0, 1, 0, 255, 0, 255, 0, 255, 16, 8, 0, 0, 0, 0,
        ];
        init.extend(b"\0\0\0\x04name");
        for byte in init {
            talk.data(Direction::ToClient, &[byte]);
        }
        let object = session(&talk);
        assert_eq!(object["framebuffer"]["name"], "name");
        assert_eq!(object["authentication"]["security_result"], "OK");
        assert!(talk.transactions.iter().all(crate::app::Transaction::is_complete));
    }

    #[test]
    fn other_ways_to_log_in_end_the_handshake() {
        let mut talk = Talk::new(Box::<RfbParser>::default());
        talk.data(Direction::ToClient, b"RFB 003.889\n");
        talk.data(Direction::ToServer, b"RFB 003.008\n");
        talk.data(Direction::ToClient, b"\x01\x1e");
        talk.data(Direction::ToServer, b"\x1e");
        assert_eq!(session(&talk)["authentication"]["security_type"], 30);
        let tx = talk.transactions.iter().next().unwrap();
        assert_eq!(tx.events[0].name, "unimplemented_security_type");
    }
}
