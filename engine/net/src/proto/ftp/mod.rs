//! FTP, the control connection (RFC 959, RFC 2428): commands and their replies, and the data ports they agree on.
//!
//! A transaction is one command with its replies; what the server says unasked (its greeting) is one of its own. Files go
//! over other connections; [`Transaction::data_port`] says over which.

pub mod eve;

use crate::app::{AppContext, AppProto, Parser, Probe, TxData};
use crate::flow::Direction;
use crate::proto::{AppConfig, Protocol};

/// FTP for the table of protocols.
pub const PROTOCOL: Protocol = Protocol {
    proto: AppProto::Ftp,
    transports: &[6],
    ports: &[21],
    bound: false,
    probe,
    parser: |_: &AppConfig, _: u8| Box::new(FtpParser::default()),
};

/// How far a direction came.
pub mod progress {
    /// The command, or a preliminary reply, is there.
    pub const LINE: u8 = 1;
    /// The direction has said all.
    pub const COMPLETE: u8 = 2;
}

/// Longest line that is kept, with its end.
const MAX_LINE: usize = 4096;

/// Reply lines of a command that are kept.
const MAX_REPLIES: usize = 64;

/// Which side opens the data connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// The server connects to the client (PORT, EPRT).
    Active,
    /// The client connects to the server (PASV, EPSV).
    Passive,
}

/// One command and its replies.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Transaction {
    /// The command in capitals; empty for what the server said unasked.
    pub command: Vec<u8>,
    /// What follows it.
    pub argument: Vec<u8>,
    /// The command line was longer than is kept.
    pub command_truncated: bool,
    /// Codes of the replies, in order.
    pub codes: Vec<Vec<u8>>,
    /// Texts of the replies, without codes.
    pub replies: Vec<Vec<u8>>,
    /// A reply line was longer than is kept.
    pub reply_truncated: bool,
    /// Port of the data connection that was agreed on.
    pub data_port: Option<u16>,
    /// Who opens it.
    pub mode: Option<Mode>,
}

/// Commands that a client may begin with.
const FIRST_COMMANDS: &[&[u8]] = &[
    b"USER ",
    b"PASS ",
    b"PORT ",
    b"FEAT\r",
    b"QUIT\r",
    b"AUTH TLS",
    b"AUTH SSL",
    b"SYST\r",
];

/// Looks at the first bytes of a direction.
pub fn probe(direction: Direction, bytes: &[u8]) -> Probe {
    let upper: Vec<u8> = bytes.iter().take(256).map(u8::to_ascii_uppercase).collect();
    match direction {
        Direction::ToServer => {
            if FIRST_COMMANDS.iter().any(|word| upper.starts_with(word)) {
                Probe::Yes
            } else if FIRST_COMMANDS.iter().any(|word| word.starts_with(&upper)) {
                Probe::Unsure
            } else {
                Probe::No
            }
        }
        Direction::ToClient => match upper.as_slice() {
            [b'2', b'2', b'0', b' ' | b'-', rest @ ..] => {
                if rest.windows(3).any(|window| window == b"FTP") {
                    Probe::Yes
                } else if rest.windows(4).any(|window| window == b"SMTP") {
                    Probe::No
                } else {
                    Probe::Unsure
                }
            }
            short if b"220 ".starts_with(short) => Probe::Unsure,
            _ => Probe::No,
        },
    }
}

#[derive(Debug, Default)]
struct Lines {
    held: Vec<u8>,
    cut: bool,
}

impl Lines {
    /// Takes a line without its end from the front of `input`; `None` while none is whole. `true`: it was cut.
    fn next(&mut self, input: &mut &[u8]) -> Option<(Vec<u8>, bool)> {
        let end = memchr::memchr(b'\n', input);
        let (piece, rest) = input.split_at(end.map_or(input.len(), |end| end + 1));
        *input = rest;
        let room = MAX_LINE.saturating_sub(self.held.len());
        self.cut |= piece.len() > room;
        self.held.extend(piece.iter().take(room));
        end?;
        let mut line = std::mem::take(&mut self.held);
        while line.last().is_some_and(|last| matches!(last, b'\n' | b'\r')) {
            line.pop();
        }
        Some((line, std::mem::take(&mut self.cut)))
    }
}

/// The state of one flow.
#[derive(Debug, Default)]
struct FtpParser {
    client: Lines,
    server: Lines,
    /// Code of a reply of several lines that is not over (RFC 959 section 4.2).
    several: Option<Vec<u8>>,
    stopped: bool,
}

impl Parser for FtpParser {
    fn data(&mut self, direction: Direction, bytes: &[u8], cx: &mut AppContext<'_>) {
        let mut rest = bytes;
        while !rest.is_empty() && !self.stopped {
            match direction {
                Direction::ToServer => {
                    if let Some((line, cut)) = self.client.next(&mut rest) {
                        command(&line, cut, cx);
                    }
                }
                Direction::ToClient => {
                    if let Some((line, cut)) = self.server.next(&mut rest) {
                        self.reply(&line, cut, cx);
                    }
                }
            }
        }
    }

    fn gap(&mut self, direction: Direction, _missing: u64, _cx: &mut AppContext<'_>) {
        match direction {
            Direction::ToServer => self.client = Lines::default(),
            Direction::ToClient => self.server = Lines::default(),
        }
    }

    fn end(&mut self, direction: Direction, cx: &mut AppContext<'_>) {
        if direction == Direction::ToClient {
            for tx in cx.transactions.iter_mut() {
                tx.finish(Direction::ToServer);
                tx.finish(Direction::ToClient);
            }
        }
    }

    fn is_done(&self, _direction: Direction) -> bool {
        self.stopped
    }
}

fn command(line: &[u8], cut: bool, cx: &mut AppContext<'_>) {
    if line.is_empty() {
        return;
    }
    let end = line.iter().position(|byte| *byte == b' ').unwrap_or(line.len());
    let (word, argument) = line.split_at(end);
    let word = word.to_ascii_uppercase();
    let argument = argument.get(1..).unwrap_or_default().to_vec();
    let port = match word.as_slice() {
        b"PORT" => six_numbers(&argument),
        b"EPRT" => extended_port(&argument),
        _ => None,
    };
    let data = Transaction {
        command: word,
        argument,
        command_truncated: cut,
        mode: port.map(|_| Mode::Active),
        data_port: port,
        ..Transaction::default()
    };
    let limit = cx
        .config
        .limit("ftp", "max-tx")
        .unwrap_or(cx.config.max_open_transactions as u64);
    let moment = cx.moment();
    let crowded = bound(limit, cx);
    let tx = cx.transactions.open(TxData::Ftp(Box::new(data)), moment);
    tx.updated = [false; 2];
    tx.touch(Direction::ToServer, moment);
    tx.advance(Direction::ToServer, progress::COMPLETE);
    tx.finish(Direction::ToServer);
    if cut {
        tx.event(
            "request_command_too_long",
            Direction::ToServer,
            moment.packet_number,
        );
    }
    if crowded {
        tx.event("too_many_transactions", Direction::ToServer, moment.packet_number);
    }
}

/// When too many commands wait, the oldest is let go; tells whether that was so.
fn bound(limit: u64, cx: &mut AppContext<'_>) -> bool {
    let open = cx.transactions.iter().filter(|tx| !tx.is_complete()).count() as u64;
    if open < limit {
        return false;
    }
    if let Some(oldest) = cx.transactions.iter_mut().find(|tx| !tx.is_complete()) {
        oldest.finish(Direction::ToClient);
    }
    true
}

impl FtpParser {
    fn reply(&mut self, line: &[u8], cut: bool, cx: &mut AppContext<'_>) {
        let coded = line
            .split_at_checked(3)
            .filter(|(code, _)| code.iter().all(u8::is_ascii_digit));
        let (code, last, text) = match (&self.several, coded) {
            (None, None) => return,
            (None, Some((code, [b'-', text @ ..]))) => {
                self.several = Some(code.to_vec());
                (Some(code), false, text)
            }
            (None, Some((code, text))) => (Some(code), true, text.get(1..).unwrap_or_default()),
            (Some(first), Some((code, [b' ', text @ ..]))) if first == code => {
                self.several = None;
                (Some(code), true, text)
            }
            (Some(_), _) => (None, false, line),
        };
        // 1xx says that another reply follows.
        let preliminary = code.is_some_and(|code| code.first() == Some(&b'1'));
        let moment = cx.moment();
        let waiting = cx.transactions.iter_mut().find(|tx| !tx.is_complete());
        let tx = match waiting {
            Some(tx) => tx,
            None => {
                let tx = cx.transactions.open(TxData::Ftp(Box::default()), moment);
                tx.finish(Direction::ToServer);
                tx
            }
        };
        let mut tls = false;
        if let TxData::Ftp(ftp) = &mut tx.data {
            ftp.answer(code, text, cut);
            tls = ftp.command == b"AUTH" && last && code == Some(b"234");
        }
        if cut {
            tx.event(
                "response_command_too_long",
                Direction::ToClient,
                moment.packet_number,
            );
        }
        tx.touch(Direction::ToClient, moment);
        tx.advance(Direction::ToClient, progress::LINE);
        if last && !preliminary {
            tx.advance(Direction::ToClient, progress::COMPLETE);
            tx.finish(Direction::ToClient);
        }
        if tls {
            self.stopped = true;
            *cx.probe_again = true;
        }
    }
}

impl Transaction {
    fn answer(&mut self, code: Option<&[u8]>, text: &[u8], cut: bool) {
        self.reply_truncated |= cut;
        if self.replies.len() >= MAX_REPLIES {
            return;
        }
        if let Some(code) = code
            && self.codes.last().is_none_or(|last| last != code)
        {
            self.codes.push(code.to_vec());
        }
        self.replies.push(text.to_vec());
        let port = match code {
            Some(b"227") => text
                .iter()
                .position(u8::is_ascii_digit)
                .and_then(|at| six_numbers(text.get(at..)?)),
            Some(b"229") => text
                .iter()
                .position(|byte| *byte == b'(')
                .and_then(|at| extended_port(text.get(at + 1..)?)),
            _ => None,
        };
        if let Some(port) = port {
            self.data_port = Some(port);
            self.mode = Some(Mode::Passive);
        }
    }
}

/// `h1,h2,h3,h4,p1,p2`.
fn six_numbers(text: &[u8]) -> Option<u16> {
    let mut numbers = text.split(|byte| !byte.is_ascii_digit()).take(6).map(|digits| {
        let digits = std::str::from_utf8(digits).ok()?;
        digits.parse::<u8>().ok()
    });
    for _ in 0..4 {
        numbers.next()??;
    }
    Some(u16::from_be_bytes([numbers.next()??, numbers.next()??]))
}

/// `|1|132.235.1.2|6275|`, or `|||6446|`: any delimiter.
fn extended_port(text: &[u8]) -> Option<u16> {
    let delimiter = *text.first()?;
    let port = text.split(|byte| *byte == delimiter).nth(3)?;
    std::str::from_utf8(port).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::proto::testing::Talk;

    fn play(step: usize, lines: &[&str]) -> Talk {
        let mut talk = Talk::new(Box::new(FtpParser::default()));
        for line in lines {
            let (side, text) = line.split_once(':').unwrap();
            let direction = if side == "C" {
                Direction::ToServer
            } else {
                Direction::ToClient
            };
            for piece in format!("{text}\r\n").as_bytes().chunks(step) {
                talk.data(direction, piece);
            }
        }
        talk
    }

    fn ftp(talk: &Talk) -> Vec<Transaction> {
        let of = |tx: &crate::app::Transaction| match &tx.data {
            TxData::Ftp(ftp) => ftp.as_ref().clone(),
            _ => panic!("not FTP"),
        };
        talk.transactions.iter().map(of).collect()
    }

    #[test]
    fn commands_and_replies() {
        for step in [1, 4, 1000] {
            let talk = play(
                step,
                &[
                    "S:220-hello",
                    "S:220 ready",
                    "C:user bob",
                    "S:331 password",
                    "C:RETR a b",
                    "S:150 opening",
                    "S:226 done",
                    "C:EPSV",
                    "S:229 Entering (|||58612|)",
                    "C:PASV",
                    "S:227 Entering (10,0,0,1,4,1).",
                    "C:PORT 10,0,0,1,4,2",
                    "S:200 ok",
                ],
            );
            let all = ftp(&talk);
            assert!(talk.transactions.iter().all(crate::app::Transaction::is_complete));
            let commands: Vec<_> = all.iter().map(|ftp| ftp.command.as_slice()).collect();
            assert_eq!(commands, [&b""[..], b"USER", b"RETR", b"EPSV", b"PASV", b"PORT"]);
            assert_eq!(all[0].replies, [b"hello".to_vec(), b"ready".to_vec()]);
            assert_eq!((all[2].argument.as_slice(), all[2].codes.len()), (&b"a b"[..], 2));
            let ports: Vec<_> = all.iter().filter_map(|ftp| ftp.data_port).collect();
            assert_eq!(ports, [58612, 1025, 1026]);
            assert_eq!(
                (all[4].mode, all[5].mode),
                (Some(Mode::Passive), Some(Mode::Active))
            );
        }
    }

    #[test]
    fn long_lines_are_cut_and_named() {
        let talk = play(
            1000,
            &[
                &format!("C:RETR {}", "x".repeat(10_000)),
                &format!("S:200 {}", "y".repeat(10_000)),
            ],
        );
        let tx = talk.transactions.iter().next().unwrap();
        let names: Vec<_> = tx.events.iter().map(|event| event.name).collect();
        assert_eq!(names, ["request_command_too_long", "response_command_too_long"]);
        assert_eq!(ftp(&talk)[0].argument.len(), 4091);
    }

    #[test]
    fn waiting_commands_are_bounded() {
        let lines: Vec<String> = (0..5000).map(|index| format!("C:NOOP {index}")).collect();
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        let talk = play(1000, &lines);
        let open = talk.transactions.iter().filter(|tx| !tx.is_complete()).count();
        assert!(open <= talk.config.max_open_transactions);
    }

    #[test]
    fn ports_that_are_none() {
        for text in ["", "1,2,3", "1,2,3,4,5,256", "a"] {
            assert_eq!(six_numbers(text.as_bytes()), None, "{text}");
        }
        for text in ["", "|||", "|||x|", "|1|h|70000|"] {
            assert_eq!(extended_port(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn probes() {
        for (direction, bytes, verdict) in [
            (Direction::ToServer, &b"USER bob\r\n"[..], Probe::Yes),
            (Direction::ToServer, b"US", Probe::Unsure),
            (Direction::ToServer, b"EHLO x", Probe::No),
            (Direction::ToClient, b"220 ProFTPD ready\r\n", Probe::Yes),
            (Direction::ToClient, b"220 mx ESMTP\r\n", Probe::No),
            (Direction::ToClient, b"220 hello\r\n", Probe::Unsure),
        ] {
            assert_eq!(probe(direction, bytes), verdict, "{bytes:?}");
        }
    }

    proptest! {
        #[test]
        fn no_bytes_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
            let mut talk = play(1000, &["S:220 x", "C:PASV"]);
            talk.data(Direction::ToClient, &bytes);
            talk.data(Direction::ToServer, &bytes);
            prop_assert!(talk.transactions.len() < 400);
        }
    }
}
