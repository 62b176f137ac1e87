//! SSH: identification strings, and HASSH out of the key exchange (RFC 4253). What follows NEWKEYS is encrypted.

pub mod eve;

use md5::Digest as _;

use crate::app::{AppContext, AppProto, Parser, Probe, TxData};
use crate::flow::Direction;
use crate::proto::{AppConfig, Protocol, hex_string};

/// SSH for the table of protocols.
pub const PROTOCOL: Protocol = Protocol {
    proto: AppProto::Ssh,
    transports: &[6],
    ports: &[22, 2222],
    bound: false,
    probe,
    parser: |_: &AppConfig, _: u8| Box::new(SshParser::default()),
};

/// How far a direction came.
pub mod progress {
    /// The identification string is there.
    pub const BANNER: u8 = 1;
    /// The key exchange is there, or will not be seen.
    pub const KEY_EXCHANGE: u8 = 2;
    /// The rest is encrypted.
    pub const COMPLETE: u8 = 3;
}

/// Longest identification string that is kept (RFC 4253 section 4.2 allows 255).
const MAX_BANNER: usize = 512;

/// Longest packet before encryption.
const MAX_PACKET: usize = 64 * 1024;

const KEXINIT: u8 = 20;
const NEWKEYS: u8 = 21;

/// A HASSH fingerprint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hassh {
    /// The algorithm lists it is made of.
    pub string: String,
    /// MD5 of them, lower-case hexadecimal.
    pub hash: String,
}

/// What one side said.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Peer {
    /// Protocol version, such as `2.0`.
    pub protocol: Vec<u8>,
    /// Software version, with its comments.
    pub software: Vec<u8>,
    /// Fingerprint of its algorithms.
    pub hassh: Option<Hassh>,
}

/// One SSH session.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Transaction {
    /// The client.
    pub client: Peer,
    /// The server.
    pub server: Peer,
}

/// Looks at the first bytes of a direction.
pub fn probe(_: Direction, bytes: &[u8]) -> Probe {
    const START: &[u8] = b"SSH-";
    if bytes.starts_with(START) {
        Probe::Yes
    } else if START.starts_with(bytes) {
        Probe::Unsure
    } else {
        Probe::No
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Stage {
    #[default]
    Banner,
    Packets,
    Done,
}

#[derive(Debug, Default)]
struct Side {
    stage: Stage,
    held: Vec<u8>,
}

/// The state of one flow.
#[derive(Debug, Default)]
struct SshParser {
    sides: [Side; 2],
    tx: Option<u64>,
}

impl Parser for SshParser {
    fn data(&mut self, direction: Direction, bytes: &[u8], cx: &mut AppContext<'_>) {
        let moment = cx.moment();
        if self.tx.is_none() {
            let tx = cx.transactions.open(TxData::Ssh(Box::default()), moment);
            self.tx = Some(tx.id);
        }
        self.side(direction).held.extend_from_slice(bytes);
        while match self.side(direction).stage {
            Stage::Banner => self.banner(direction, cx),
            Stage::Packets => self.packet(direction, cx),
            Stage::Done => false,
        } {}
        if self.side(direction).stage == Stage::Done {
            self.side(direction).held = Vec::new();
        }
    }

    fn gap(&mut self, direction: Direction, _missing: u64, cx: &mut AppContext<'_>) {
        self.stop(direction, cx);
    }

    fn end(&mut self, direction: Direction, cx: &mut AppContext<'_>) {
        self.stop(direction, cx);
    }

    fn is_done(&self, direction: Direction) -> bool {
        self.sides
            .get(direction.index())
            .is_some_and(|side| side.stage == Stage::Done)
    }
}

impl SshParser {
    fn side(&mut self, direction: Direction) -> &mut Side {
        let [client, server] = &mut self.sides;
        match direction {
            Direction::ToServer => client,
            Direction::ToClient => server,
        }
    }

    /// Takes the identification string; a server may send other lines before it.
    fn banner(&mut self, direction: Direction, cx: &mut AppContext<'_>) -> bool {
        let side = self.side(direction);
        let Some(end) = memchr::memchr(b'\n', &side.held) else {
            if side.held.len() > MAX_BANNER {
                self.event("long_banner", direction, cx);
                self.stop(direction, cx);
            }
            return false;
        };
        let mut line: Vec<u8> = side.held.drain(..=end).collect();
        while line.last().is_some_and(|last| matches!(last, b'\r' | b'\n')) {
            line.pop();
        }
        let Some(rest) = line.strip_prefix(b"SSH-") else {
            return true;
        };
        let mut parts = rest.splitn(2, |byte| *byte == b'-');
        let protocol = parts.next().unwrap_or_default().to_vec();
        let Some(software) = parts.next().map(<[u8]>::to_vec) else {
            self.event("invalid_banner", direction, cx);
            self.stop(direction, cx);
            return false;
        };
        self.side(direction).stage = Stage::Packets;
        self.update(direction, progress::BANNER, cx, |peer| {
            peer.protocol = protocol;
            peer.software = software;
        });
        true
    }

    /// Takes one packet of the binary protocol (RFC 4253 section 6).
    fn packet(&mut self, direction: Direction, cx: &mut AppContext<'_>) -> bool {
        let side = self.side(direction);
        let Some((length, rest)) = side.held.split_first_chunk::<4>() else {
            return false;
        };
        let length = u32::from_be_bytes(*length) as usize;
        if !(2..=MAX_PACKET).contains(&length) {
            self.event("invalid_record", direction, cx);
            self.stop(direction, cx);
            return false;
        }
        if rest.len() < length {
            return false;
        }
        let packet: Vec<u8> = side.held.drain(..4 + length).skip(4).collect();
        match packet.get(1).copied() {
            Some(KEXINIT) => {
                let found = hassh(packet.get(2..).unwrap_or_default(), direction);
                self.update(direction, progress::KEY_EXCHANGE, cx, |peer| peer.hassh = found);
                self.complete_when_both(progress::KEY_EXCHANGE, cx);
            }
            Some(NEWKEYS) => {
                self.stop(direction, cx);
                if self.sides.iter().all(|side| side.stage == Stage::Done) {
                    *cx.encrypted = true;
                }
                return false;
            }
            _ => {}
        }
        true
    }

    fn update(
        &self,
        direction: Direction,
        progress: u8,
        cx: &mut AppContext<'_>,
        change: impl FnOnce(&mut Peer),
    ) {
        let moment = cx.moment();
        if let Some(tx) = self.tx.and_then(|id| cx.transactions.find(id))
            && let TxData::Ssh(ssh) = &mut tx.data
        {
            change(match direction {
                Direction::ToServer => &mut ssh.client,
                Direction::ToClient => &mut ssh.server,
            });
            tx.advance(direction, progress);
            tx.touch(direction, moment);
        }
    }

    fn complete_when_both(&self, progress: u8, cx: &mut AppContext<'_>) {
        if let Some(tx) = self.tx.and_then(|id| cx.transactions.find(id))
            && tx.progress.iter().all(|side| *side >= progress)
        {
            for direction in Direction::BOTH {
                tx.finish(direction);
            }
        }
    }

    fn stop(&mut self, direction: Direction, cx: &mut AppContext<'_>) {
        self.side(direction).stage = Stage::Done;
        if let Some(tx) = self.tx.and_then(|id| cx.transactions.find(id)) {
            tx.advance(direction, progress::COMPLETE);
            tx.finish(direction);
        }
    }

    fn event(&self, name: &'static str, direction: Direction, cx: &mut AppContext<'_>) {
        let packet_number = cx.packet_number;
        if let Some(tx) = self.tx.and_then(|id| cx.transactions.find(id)) {
            tx.event(name, direction, packet_number);
        }
    }
}

/// Key exchange, encryption, MAC and compression algorithms of the sender's own direction, joined by semicolons.
fn hassh(body: &[u8], direction: Direction) -> Option<Hassh> {
    let mut rest = body.get(16..)?;
    let mut lists: Vec<&[u8]> = Vec::with_capacity(8);
    while lists.len() < 8 {
        let (length, after) = rest.split_first_chunk::<4>()?;
        let (list, after) = after.split_at_checked(u32::from_be_bytes(*length) as usize)?;
        lists.push(list);
        rest = after;
    }
    let own = match direction {
        Direction::ToServer => [0, 2, 4, 6],
        Direction::ToClient => [0, 3, 5, 7],
    };
    let texts: Vec<String> = own
        .into_iter()
        .map(|at| String::from_utf8_lossy(lists.get(at).copied().unwrap_or_default()).into_owned())
        .collect();
    let string = texts.join(";");
    let hash = hex_string(&md5::Md5::digest(string.as_bytes()));
    Some(Hassh { string, hash })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::proto::testing::Talk;

    fn packet(kind: u8, body: &[u8]) -> Vec<u8> {
        let mut bytes = (body.len() as u32 + 2).to_be_bytes().to_vec();
        bytes.extend_from_slice(&[0, kind]);
        bytes.extend_from_slice(body);
        bytes
    }

    fn kexinit() -> Vec<u8> {
        let mut body = vec![7; 16];
        for list in ["kex", "key", "enc1", "enc2", "mac1", "mac2", "none", "zlib"] {
            body.extend_from_slice(&(list.len() as u32).to_be_bytes());
            body.extend_from_slice(list.as_bytes());
        }
        packet(KEXINIT, &body)
    }

    fn talk() -> Talk {
        Talk::new(Box::new(SshParser::default()))
    }

    fn ssh(talk: &Talk) -> Transaction {
        match &talk.transactions.iter().next().unwrap().data {
            TxData::Ssh(ssh) => ssh.as_ref().clone(),
            _ => panic!("not SSH"),
        }
    }

    #[test]
    fn banners_and_hassh() {
        for step in [1, 10, 1000] {
            let mut talk = talk();
            let client = [
                b"SSH-2.0-OpenSSH_9 x\r\n".as_slice(),
                &kexinit(),
                &packet(NEWKEYS, b""),
            ]
            .concat();
            let server = [
                b"hello\nSSH-1.99-Srv\n".as_slice(),
                &kexinit(),
                &packet(NEWKEYS, b""),
            ]
            .concat();
            for piece in client.chunks(step) {
                talk.data(Direction::ToServer, piece);
            }
            assert!(!talk.transactions.iter().all(crate::app::Transaction::is_complete));
            for piece in server.chunks(step) {
                talk.data(Direction::ToClient, piece);
            }
            let found = ssh(&talk);
            assert_eq!(
                (found.client.protocol.as_slice(), found.client.software.as_slice()),
                (&b"2.0"[..], &b"OpenSSH_9 x"[..])
            );
            assert_eq!(found.client.hassh.unwrap().string, "kex;enc1;mac1;none");
            assert_eq!(found.server.hassh.unwrap().string, "kex;enc2;mac2;zlib");
            assert!(talk.encrypted && talk.transactions.iter().all(crate::app::Transaction::is_complete));
        }
    }

    #[test]
    fn oddities_end_the_side() {
        for (bytes, event) in [
            (b"SSH-2.0\r\n".to_vec(), "invalid_banner"),
            ([b"SSH-".as_slice(), &[b'x'; 600]].concat(), "long_banner"),
            (b"SSH-2.0-x\n\xff\xff\xff\xff".to_vec(), "invalid_record"),
        ] {
            let mut talk = talk();
            talk.data(Direction::ToServer, &bytes);
            let tx = talk.transactions.iter().next().unwrap();
            assert_eq!(tx.events[0].name, event);
            assert!(talk.parser.is_done(Direction::ToServer));
        }
    }

    #[test]
    fn probes() {
        for (bytes, verdict) in [
            (&b"SSH-2.0"[..], Probe::Yes),
            (b"SS", Probe::Unsure),
            (b"HTTP", Probe::No),
        ] {
            assert_eq!(probe(Direction::ToClient, bytes), verdict);
        }
    }

    proptest! {
        #[test]
        fn no_bytes_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
            let mut talk = talk();
            talk.data(Direction::ToServer, b"SSH-2.0-x\n");
            talk.data(Direction::ToServer, &bytes);
            talk.data(Direction::ToClient, &bytes);
            prop_assert!(talk.transactions.len() == 1);
        }
    }
}
