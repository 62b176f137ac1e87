//! SMTP (RFC 5321) with the messages it carries: commands and replies, DATA and BDAT, STARTTLS.
//!
//! A transaction is one mail: from its first command to the end of its data. Replies answer commands in order; the reply
//! to DATA decides whether what follows is a message.

mod decode;
pub mod eve;
mod mime;

use std::collections::VecDeque;

pub use mime::{Email, MailState, addresses};

use mime::{MailReader, MailSettings, MailSink};

use crate::app::{AppContext, AppProto, File, Parser, Probe, Transaction as AppTransaction, TxData};
use crate::flow::Direction;
use crate::proto::{AppConfig, Protocol};

/// SMTP for the table of protocols.
pub const PROTOCOL: Protocol = Protocol {
    proto: AppProto::Smtp,
    transports: &[6],
    ports: &[25, 465, 587, 2525],
    bound: false,
    probe,
    parser: |_: &AppConfig, _: u8| Box::new(SmtpParser::default()),
};

/// How far a transaction came.
pub mod progress {
    /// Commands are there.
    pub const COMMANDS: u8 = 1;
    /// The message is coming.
    pub const DATA: u8 = 2;
    /// The mail is over.
    pub const COMPLETE: u8 = 3;
}

/// Longest line that is kept; what is longer is cut.
const MAX_LINE: usize = 4096;

/// Longest command line (RFC 5321 section 4.5.3.1.4, with room for extensions).
const MAX_COMMAND: usize = 2048;

/// Longest reply line.
const MAX_REPLY: usize = 510;

/// Commands that may wait for their reply.
const MAX_WAITING: usize = 1000;

/// Receivers of a mail that are kept.
const MAX_RECEIVERS: usize = 1024;

/// One mail.
#[derive(Clone, Debug, Default)]
pub struct Transaction {
    /// Name the client gave itself (HELO, EHLO).
    pub helo: Option<Vec<u8>>,
    /// Envelope sender, as sent.
    pub mail_from: Option<Vec<u8>>,
    /// Envelope receivers, as sent.
    pub rcpt_to: Vec<Vec<u8>>,
    /// The message, once its data begin.
    pub email: Option<Email>,
}

/// Looks at the first bytes of a direction.
pub fn probe(direction: Direction, bytes: &[u8]) -> Probe {
    let upper: Vec<u8> = bytes.iter().take(512).map(u8::to_ascii_uppercase).collect();
    match direction {
        Direction::ToServer => {
            let words = [
                &b"EHLO"[..],
                b"HELO",
                b"LHLO",
                b"MAIL FROM:",
                b"RCPT TO:",
                b"RSET\r\n",
                b"STARTTLS",
            ];
            if words.iter().any(|word| upper.starts_with(word)) {
                Probe::Yes
            } else if words.iter().any(|word| word.starts_with(&upper)) {
                Probe::Unsure
            } else {
                Probe::No
            }
        }
        Direction::ToClient => match upper.as_slice() {
            [b'2', b'2', b'0', b' ' | b'-', ..] | [b'5', b'5', b'4', b' ' | b'-', ..] => {
                let has = |word: &[u8]| upper.windows(word.len()).any(|window| window == word);
                if has(b"FTP") {
                    Probe::No
                } else if has(b"SMTP") {
                    Probe::Yes
                } else {
                    Probe::Unsure
                }
            }
            short if b"220 ".starts_with(short) => Probe::Unsure,
            _ => Probe::No,
        },
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Command {
    Data,
    StartTls,
    Bdat,
    /// The end of a message's data, which is answered too.
    EndOfData,
    Other,
}

#[derive(Debug, Default)]
enum Mode {
    #[default]
    Commands,
    /// DATA was sent and not answered yet.
    Asked,
    Data,
    /// A BDAT chunk: bytes left, and whether it is the last one.
    Chunk(u64, bool),
}

#[derive(Debug, Default)]
struct Lines {
    held: Vec<u8>,
    /// The line was longer than is kept: its rest is passed over.
    cut: bool,
}

impl Lines {
    /// Takes a line (without its end) from the front of `input`; `None` while none is whole. `true`: it was cut.
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
struct SmtpParser {
    mode: Mode,
    client: Lines,
    server: Lines,
    /// Lines of a message that comes in chunks: they may go over the end of one.
    chunk: Lines,
    waiting: VecDeque<Command>,
    tx: Option<u64>,
    /// Mails whose data are over and not answered yet, oldest first.
    ended: VecDeque<u64>,
    helo: Option<Vec<u8>>,
    reader: Option<Box<MailReader>>,
    welcomed: bool,
    stopped: bool,
}

impl Parser for SmtpParser {
    fn data(&mut self, direction: Direction, bytes: &[u8], cx: &mut AppContext<'_>) {
        let mut rest = bytes;
        while !rest.is_empty() && !self.stopped {
            match direction {
                Direction::ToServer => self.client_bytes(&mut rest, cx),
                Direction::ToClient => {
                    if let Some((line, _)) = self.server.next(&mut rest) {
                        self.reply(&line, cx);
                    }
                }
            }
        }
    }

    fn gap(&mut self, direction: Direction, missing: u64, cx: &mut AppContext<'_>) {
        match (direction, &mut self.mode) {
            (Direction::ToServer, Mode::Chunk(left, _)) if missing <= *left => *left -= missing,
            (Direction::ToServer, Mode::Data) => {
                if let Some(tx) = self.tx.and_then(|id| cx.transactions.find(id)) {
                    for file in &mut tx.files {
                        if file.state == crate::app::FileState::Open {
                            file.gap(missing);
                        }
                    }
                }
            }
            _ => {}
        }
        match direction {
            Direction::ToServer => self.client = Lines::default(),
            Direction::ToClient => self.server = Lines::default(),
        }
    }

    fn end(&mut self, direction: Direction, cx: &mut AppContext<'_>) {
        if direction == Direction::ToServer {
            self.end_mail(false, cx);
            self.close(cx);
        }
        while let Some(id) = self.ended.pop_front() {
            close(Some(id), cx);
        }
    }

    fn is_done(&self, _direction: Direction) -> bool {
        self.stopped
    }
}

impl SmtpParser {
    fn client_bytes(&mut self, rest: &mut &[u8], cx: &mut AppContext<'_>) {
        if let Mode::Chunk(left, last) = self.mode {
            let take = left.min(rest.len() as u64) as usize;
            let (mut chunk, after) = rest.split_at(take);
            *rest = after;
            while let Some((line, _)) = self.chunk.next(&mut chunk) {
                self.mail_line(&line, &line, cx);
            }
            let left = left - take as u64;
            self.mode = Mode::Chunk(left, last);
            if left == 0 {
                self.end_chunk(last, cx);
            }
            return;
        }
        let Some((line, cut)) = self.client.next(rest) else {
            return;
        };
        if cut {
            self.event("truncated_line", Direction::ToServer, cx);
        }
        match self.mode {
            Mode::Data => self.data_line(&line, cx),
            // The answer was not seen: commands tell themselves apart from a message.
            Mode::Asked if !is_command(&line) => {
                self.begin_mail(cx);
                self.mode = Mode::Data;
                self.data_line(&line, cx);
            }
            _ => self.command(&line, cx),
        }
    }

    /// A line of DATA: a dot alone ends it, a dot before others is doubled (RFC 5321 section 4.5.2).
    fn data_line(&mut self, line: &[u8], cx: &mut AppContext<'_>) {
        match line {
            b"." => {
                self.end_mail(true, cx);
                self.mode = Mode::Commands;
                self.wait(Command::EndOfData);
            }
            [b'.', rest @ ..] => self.mail_line(rest, line, cx),
            _ => self.mail_line(line, line, cx),
        }
    }

    fn end_chunk(&mut self, last: bool, cx: &mut AppContext<'_>) {
        if last {
            let mut rest: &[u8] = b"\n";
            if !self.chunk.held.is_empty()
                && let Some((line, _)) = self.chunk.next(&mut rest)
            {
                self.mail_line(&line, &line, cx);
            }
            self.end_mail(true, cx);
        }
        self.mode = Mode::Commands;
    }

    fn command(&mut self, line: &[u8], cx: &mut AppContext<'_>) {
        // Lines come without their ends; what ended them is as good as always this.
        let sent = [line, b"\r\n"].concat();
        cx.frame(
            "command_line",
            Direction::ToServer,
            &sent,
            sent.len() as u64,
            self.tx,
        );
        if line.is_empty() {
            return;
        }
        if line.len() > MAX_COMMAND {
            self.event("max_command_line_len_exceeded", Direction::ToServer, cx);
        }
        let upper: Vec<u8> = line.iter().take(16).map(u8::to_ascii_uppercase).collect();
        let argument = |length: usize| line.get(length..).unwrap_or_default().trim_ascii().to_vec();
        let mut command = Command::Other;
        if upper.starts_with(b"HELO") || upper.starts_with(b"EHLO") || upper.starts_with(b"LHLO") {
            // A greeting begins anew: what was begun of a mail is dropped (RFC 5321 section 4.1.4).
            if self.helo.replace(argument(4)).is_some() {
                self.event("duplicate_fields", Direction::ToServer, cx);
                self.close(cx);
                self.tx = None;
            }
            let helo = self.helo.clone();
            self.with(cx, |smtp| smtp.helo = helo);
        } else if upper.starts_with(b"MAIL FROM:") {
            self.new_mail_if_over(cx);
            let sender = path(&argument(10));
            let again = self.with(cx, |smtp| smtp.mail_from.replace(sender).is_some());
            if again == Some(true) {
                self.event("duplicate_fields", Direction::ToServer, cx);
            }
        } else if upper.starts_with(b"RCPT TO:") {
            let receiver = path(&argument(8));
            self.with(cx, |smtp| {
                if smtp.rcpt_to.len() < MAX_RECEIVERS {
                    smtp.rcpt_to.push(receiver);
                }
            });
        } else if upper.starts_with(b"DATA") && line.trim_ascii().len() == 4 {
            command = Command::Data;
            self.mode = Mode::Asked;
        } else if upper.starts_with(b"BDAT") {
            command = Command::Bdat;
            if self.bdat(&argument(4), cx) {
                command = Command::EndOfData;
            }
        } else if upper.starts_with(b"STARTTLS") {
            command = Command::StartTls;
        }
        self.touch(Direction::ToServer, progress::COMMANDS, cx);
        self.wait(command);
    }

    /// RFC 3030: `BDAT size [LAST]`. Returns whether it is the last chunk.
    fn bdat(&mut self, argument: &[u8], cx: &mut AppContext<'_>) -> bool {
        let mut words = argument
            .split(|byte| *byte == b' ')
            .filter(|word| !word.is_empty());
        let size = words
            .next()
            .and_then(|word| std::str::from_utf8(word).ok())
            .and_then(|word| word.parse::<u64>().ok());
        let word = words.next();
        let last = word.is_some_and(|word| word.eq_ignore_ascii_case(b"LAST"));
        // A server refuses a wrong command and takes no bytes for it.
        let Some(size) = size.filter(|_| word.is_none() || last) else {
            self.event("invalid_bdat", Direction::ToServer, cx);
            return false;
        };
        if self.reader.is_none() {
            self.begin_mail(cx);
        }
        self.mode = Mode::Chunk(size, last);
        if size == 0 {
            self.end_chunk(last, cx);
        }
        last
    }

    fn wait(&mut self, command: Command) {
        if self.waiting.len() < MAX_WAITING {
            self.waiting.push_back(command);
        }
    }

    /// A line of the server.
    fn reply(&mut self, line: &[u8], cx: &mut AppContext<'_>) {
        let sent = [line, b"\r\n"].concat();
        cx.frame(
            "response_line",
            Direction::ToClient,
            &sent,
            sent.len() as u64,
            self.tx,
        );
        if line.len() > MAX_REPLY {
            self.event("max_reply_line_len_exceeded", Direction::ToClient, cx);
        }
        let Some((code, rest)) = line.split_at_checked(3) else {
            self.event("invalid_reply", Direction::ToClient, cx);
            return;
        };
        if !code.iter().all(u8::is_ascii_digit) {
            self.event("invalid_reply", Direction::ToClient, cx);
            return;
        }
        if !self.welcomed {
            self.welcomed = true;
            if code != b"220" && self.waiting.is_empty() {
                self.event("no_server_welcome_message", Direction::ToClient, cx);
            }
            if self.waiting.is_empty() {
                self.welcomed = rest.first() != Some(&b'-');
                return;
            }
        }
        if rest.first() == Some(&b'-') {
            return;
        }
        let positive = code.first().is_some_and(|first| matches!(first, b'2' | b'3'));
        self.touch(Direction::ToClient, progress::COMMANDS, cx);
        match self.waiting.pop_front() {
            None if code != b"421" => {
                self.event("unable_to_match_reply_with_request", Direction::ToClient, cx);
            }
            Some(Command::Data) => self.data_answered(code == b"354", cx),
            Some(Command::StartTls) if positive => {
                self.close(cx);
                self.stopped = true;
                *cx.probe_again = true;
            }
            Some(Command::StartTls) => self.event("tls_rejected", Direction::ToClient, cx),
            Some(Command::EndOfData) => {
                let ended = self.ended.pop_front();
                close(ended, cx);
            }
            Some(Command::Bdat | Command::Other) | None => {}
        }
    }

    fn data_answered(&mut self, accepted: bool, cx: &mut AppContext<'_>) {
        if !accepted {
            self.event("data_command_rejected", Direction::ToClient, cx);
        }
        if matches!(self.mode, Mode::Asked) {
            if accepted {
                self.begin_mail(cx);
                self.mode = Mode::Data;
            } else {
                self.mode = Mode::Commands;
            }
        }
    }

    fn begin_mail(&mut self, cx: &mut AppContext<'_>) {
        self.new_mail_if_over(cx);
        self.reader = Some(Box::new(MailReader::new(MailSettings {
            hashes: cx.config.file_hashes(),
            window: cx.config.file_window_bytes,
            schemes: cx.config.smtp.url_schemes.clone(),
            body_md5: cx.config.smtp.body_md5,
        })));
        self.with(cx, |smtp| smtp.email = Some(Email::default()));
        self.touch(Direction::ToServer, progress::DATA, cx);
    }

    fn mail_line(&mut self, line: &[u8], sent: &[u8], cx: &mut AppContext<'_>) {
        let Some(reader) = &mut self.reader else {
            return;
        };
        let (moment, known) = (cx.moment(), reader.events.len());
        let Some(tx) = self.tx.and_then(|id| cx.transactions.find(id)) else {
            return;
        };
        if let Some((email, files)) = mail_parts(tx) {
            reader.line(line, sent, &mut MailSink { email, files });
        }
        for event in reader.events.iter().skip(known) {
            tx.event(event, Direction::ToServer, moment.packet_number);
        }
        tx.touch(Direction::ToServer, moment);
    }

    /// The message is over; its transaction with it when it is whole.
    fn end_mail(&mut self, whole: bool, cx: &mut AppContext<'_>) {
        let Some(mut reader) = self.reader.take() else {
            return;
        };
        if let Some(tx) = self.tx.and_then(|id| cx.transactions.find(id))
            && let Some((email, files)) = mail_parts(tx)
        {
            reader.finish(whole, &mut MailSink { email, files });
        }
        self.touch(Direction::ToServer, progress::COMPLETE, cx);
        if let Some(id) = self.tx.take() {
            if let Some(tx) = cx.transactions.find(id) {
                tx.finish(Direction::ToServer);
            }
            self.ended.push_back(id);
        }
        if self.ended.len() > MAX_WAITING {
            close(self.ended.pop_front(), cx);
        }
    }

    /// A mail after one that is over is a new transaction.
    fn new_mail_if_over(&mut self, cx: &mut AppContext<'_>) {
        let over = self
            .tx
            .and_then(|id| cx.transactions.find(id))
            .is_none_or(|tx| tx.is_complete());
        if over {
            self.tx = None;
        }
    }

    /// Runs `change` on the current transaction, which is opened when there is none.
    fn with<T>(&mut self, cx: &mut AppContext<'_>, change: impl FnOnce(&mut Transaction) -> T) -> Option<T> {
        let id = match self.tx {
            Some(id) => id,
            None => {
                let data = Transaction {
                    helo: self.helo.clone(),
                    ..Transaction::default()
                };
                let moment = cx.moment();
                let id = cx.transactions.open(TxData::Smtp(Box::new(data)), moment).id;
                self.tx = Some(id);
                id
            }
        };
        match &mut cx.transactions.find(id)?.data {
            TxData::Smtp(smtp) => Some(change(smtp)),
            _ => None,
        }
    }

    fn touch(&self, direction: Direction, progress: u8, cx: &mut AppContext<'_>) {
        let moment = cx.moment();
        if let Some(tx) = self.tx.and_then(|id| cx.transactions.find(id)) {
            tx.touch(direction, moment);
            tx.advance(direction, progress);
        }
    }

    fn close(&self, cx: &mut AppContext<'_>) {
        close(self.tx, cx);
    }

    /// On the current transaction, which is opened when there is none.
    fn event(&mut self, name: &'static str, direction: Direction, cx: &mut AppContext<'_>) {
        self.with(cx, |_| ());
        let packet_number = cx.packet_number;
        if let Some(tx) = self.tx.and_then(|id| cx.transactions.find(id)) {
            tx.event(name, direction, packet_number);
        }
    }
}

/// Marks a mail as over in both directions.
fn close(id: Option<u64>, cx: &mut AppContext<'_>) {
    let moment = cx.moment();
    if let Some(tx) = id.and_then(|id| cx.transactions.find(id)) {
        tx.touch(Direction::ToClient, moment);
        for direction in Direction::BOTH {
            tx.advance(direction, progress::COMPLETE);
            tx.finish(direction);
        }
    }
}

/// The message and the files of a transaction.
fn mail_parts(tx: &mut AppTransaction) -> Option<(&mut Email, &mut Vec<File>)> {
    match &mut tx.data {
        TxData::Smtp(smtp) => smtp.email.as_mut().map(|email| (email, &mut tx.files)),
        _ => None,
    }
}

/// A path without the parameters behind it: `<a@b> SIZE=3` gives `<a@b>`.
fn path(argument: &[u8]) -> Vec<u8> {
    let end = if argument.first() == Some(&b'<') {
        argument.iter().position(|byte| *byte == b'>').map(|at| at + 1)
    } else {
        argument.iter().position(|byte| *byte == b' ')
    };
    argument
        .get(..end.unwrap_or(argument.len()))
        .unwrap_or_default()
        .to_vec()
}

/// Whether a line is one of the commands that a client sends when DATA was refused.
fn is_command(line: &[u8]) -> bool {
    let upper: Vec<u8> = line.iter().take(10).map(u8::to_ascii_uppercase).collect();
    [
        &b"QUIT"[..],
        b"RSET",
        b"MAIL FROM:",
        b"RCPT TO:",
        b"NOOP",
        b"EHLO ",
        b"HELO ",
        b"VRFY ",
    ]
    .iter()
    .any(|word| upper.starts_with(word))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::proto::testing::Talk;

    fn smtp(talk: &Talk) -> Vec<&Transaction> {
        talk.transactions
            .iter()
            .map(|tx| match &tx.data {
                TxData::Smtp(smtp) => smtp.as_ref(),
                _ => panic!("not SMTP"),
            })
            .collect()
    }

    fn events(talk: &Talk) -> Vec<&'static str> {
        talk.transactions
            .iter()
            .flat_map(|tx| tx.events.iter().map(|event| event.name))
            .collect()
    }

    /// Lines of a conversation: `C:` and `S:`.
    fn play(step: usize, lines: &[&str]) -> Talk {
        let mut talk = Talk::new(Box::new(SmtpParser::default()));
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

    const MAIL: &[&str] = &[
        "S:220 mx ESMTP",
        "C:EHLO me",
        "S:250-mx",
        "S:250 SIZE",
        "C:MAIL FROM:<a@x> SIZE=3",
        "S:250 ok",
        "C:RCPT TO:<b@y>",
        "S:250 ok",
        "C:DATA",
        "S:354 go",
        "C:Subject: hello",
        "C:",
        "C:..dot",
        "C:.",
        "S:250 queued",
    ];

    #[test]
    fn a_mail_is_a_transaction() {
        for step in [1, 5, 1000] {
            let talk = play(
                step,
                &[MAIL, &["C:MAIL FROM:<c@x>", "S:250 ok", "C:QUIT", "S:221 bye"]].concat(),
            );
            let all = smtp(&talk);
            assert_eq!(all.len(), 2);
            assert_eq!(all[0].helo.as_deref(), Some(b"me".as_slice()));
            assert_eq!(all[0].mail_from.as_deref(), Some(b"<a@x>".as_slice()));
            assert_eq!(all[0].rcpt_to, [b"<b@y>".to_vec()]);
            let email = all[0].email.as_ref().unwrap();
            assert_eq!(email.state, MailState::Done);
            assert_eq!(email.value("subject"), Some(b"hello".as_slice()));
            assert_eq!(all[1].helo.as_deref(), Some(b"me".as_slice()));
            assert!(events(&talk).is_empty());
        }
    }

    #[test]
    fn chunks_of_bdat() {
        let talk = play(
            7,
            &[
                "S:220 x",
                "C:EHLO me",
                "S:250 ok",
                "C:MAIL FROM:<a>",
                "S:250 ok",
                "C:BDAT 14",
                "C:Subject: hi\r",
                "S:250 ok",
                "C:BDAT 2 LAST",
                "C:",
                "S:250 ok",
            ],
        );
        let all = smtp(&talk);
        assert_eq!(
            all[0].email.as_ref().unwrap().value("subject"),
            Some(b"hi".as_slice())
        );
    }

    #[test]
    fn starttls_hands_the_flow_over() {
        let talk = play(
            100,
            &["S:220 x", "C:EHLO me", "S:250 ok", "C:STARTTLS", "S:220 go"],
        );
        assert!(talk.probe_again);
        let talk = play(
            100,
            &["S:220 x", "C:EHLO me", "S:250 ok", "C:STARTTLS", "S:454 no"],
        );
        assert!(!talk.probe_again && events(&talk).contains(&"tls_rejected"));
    }

    #[test]
    fn oddities_raise_events() {
        let long = format!("C:HELO {}", "x".repeat(5000));
        for (lines, event) in [
            (&["S:hello there"][..], "invalid_reply"),
            (&["S:500 no"], "no_server_welcome_message"),
            (&["S:220 x", "S:250 ok"], "unable_to_match_reply_with_request"),
            (&["S:220 x", "C:DATA", "S:503 no"], "data_command_rejected"),
            (&["S:220 x", "C:BDAT many"], "invalid_bdat"),
            (&["S:220 x", "C:BDAT 5 X"], "invalid_bdat"),
            (
                &["S:220 x", "C:MAIL FROM:<a>", "C:MAIL FROM:<b>"],
                "duplicate_fields",
            ),
            (&["S:220 x", long.as_str()], "truncated_line"),
        ] {
            let talk = play(1000, lines);
            assert!(events(&talk).contains(&event), "{event}: {:?}", events(&talk));
        }
    }

    #[test]
    fn probes() {
        for (direction, bytes, verdict) in [
            (Direction::ToServer, &b"EHLO me\r\n"[..], Probe::Yes),
            (Direction::ToServer, b"EH", Probe::Unsure),
            (Direction::ToServer, b"USER x\r\n", Probe::No),
            (Direction::ToClient, b"220 mx ESMTP ready\r\n", Probe::Yes),
            (Direction::ToClient, b"220 mx ready\r\n", Probe::Unsure),
            (Direction::ToClient, b"220 FTP ready\r\n", Probe::No),
            (Direction::ToClient, b"HTTP/1.1", Probe::No),
        ] {
            assert_eq!(probe(direction, bytes), verdict, "{bytes:?}");
        }
    }

    proptest! {
        #[test]
        fn no_bytes_panic(bytes in prop::collection::vec(any::<u8>(), 0..300), at in 0_usize..15) {
            let mut talk = play(1000, MAIL.get(..at).unwrap());
            talk.data(Direction::ToServer, &bytes);
            talk.data(Direction::ToClient, &bytes);
            talk.end(Direction::ToServer);
            prop_assert!(talk.transactions.len() < 50);
        }
    }
}
