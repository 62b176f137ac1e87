//! One RELP connection: a task that reads and hands on, and one that answers in the order of the frames.

use std::net::IpAddr;

use saola_collect::stream::ByteStream;
use saola_collect::{Intake, Loss, Receipt};
use tokio::io::{AsyncReadExt, AsyncWriteExt, ReadHalf, WriteHalf};
use tokio::sync::mpsc;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::Limits;
use super::frame::{Command, Frame, Frames};

/// What is to be answered, in order.
enum Answer {
    /// The messages with these numbers, once they are durable.
    Taken(Receipt, Vec<u32>),
    /// At once.
    Now(Vec<u8>),
}

/// Batches read ahead of their answers; the sender's own window is the tighter limit.
const MOST_UNANSWERED: usize = 64;
const READ_BYTES: usize = 64 * 1024;
const OFFERS: &str = "200 OK\nrelp_version=0\nrelp_software=saola,1\ncommands=syslog";

pub(super) struct Connection {
    limits: Limits,
    intake: Intake,
    peer: IpAddr,
    frames: Frames,
    answers: mpsc::Sender<Answer>,
    begun: Option<Instant>,
}

/// Why reading ended.
enum End {
    /// The client said so.
    Closed,
    /// The client is gone, too slow, or talks something else.
    Broken,
    /// We stop: the client is told and sends the rest elsewhere or later.
    Stop,
}

impl Connection {
    pub(super) async fn serve(
        limits: Limits,
        intake: Intake,
        stream: Box<dyn ByteStream>,
        peer: IpAddr,
        stop: CancellationToken,
    ) {
        let (reader, writer) = tokio::io::split(stream);
        let (answers, waiting) = mpsc::channel(MOST_UNANSWERED);
        let connection = Self {
            frames: Frames::new(limits.max_message_bytes),
            limits,
            intake,
            peer,
            answers,
            begun: None,
        };
        // Reading ends by itself; answering ends when all that was read has been answered, or cannot be.
        tokio::join!(connection.read(reader, stop), answer(writer, waiting));
    }

    async fn read(mut self, mut reader: ReadHalf<Box<dyn ByteStream>>, stop: CancellationToken) {
        let mut buffer = vec![0; READ_BYTES];
        let end = loop {
            let deadline = self.deadline();
            let read = tokio::select! {
                biased;
                () = stop.cancelled() => break End::Stop,
                () = self.answers.closed() => break End::Broken,
                read = tokio::time::timeout_at(deadline, reader.read(&mut buffer)) => read,
            };
            match read {
                Ok(Ok(0) | Err(_)) => break End::Broken,
                Err(_) => {
                    self.intake.health().lost(Loss::TimedOut, 1);
                    break End::Broken;
                }
                Ok(Ok(count)) => {
                    if let Some(end) = self.take(buffer.get(..count).unwrap_or_default()).await {
                        break end;
                    }
                }
            }
        };
        if matches!(end, End::Stop | End::Closed) {
            self.answers
                .send(Answer::Now(b"0 serverclose 0\n".to_vec()))
                .await
                .ok();
        }
    }

    fn deadline(&self) -> Instant {
        let idle = Instant::now() + self.limits.idle_timeout;
        self.begun
            .map_or(idle, |begun| idle.min(begun + self.limits.message_timeout))
    }

    async fn take(&mut self, bytes: &[u8]) -> Option<End> {
        let mut frames = Vec::new();
        let read = self.frames.push(bytes, &mut frames);
        self.begun = match (self.frames.is_partial(), frames.is_empty()) {
            (false, _) => None,
            (true, false) => Some(Instant::now()),
            (true, true) => self.begun.or_else(|| Some(Instant::now())),
        };
        if let Some(end) = self.act(frames).await {
            return Some(end);
        }
        read.err().map(|_| {
            self.intake.health().lost(Loss::BadFrame, 1);
            End::Broken
        })
    }

    /// Messages that came together go on together; what stands between them is answered in its place.
    async fn act(&self, frames: Vec<Frame>) -> Option<End> {
        let (mut messages, mut numbers) = (Vec::new(), Vec::new());
        for frame in frames {
            if frame.command == Command::Syslog {
                if frame.cut {
                    self.intake.health().lost(Loss::TooLong, 1);
                }
                numbers.push(frame.number);
                messages.extend(trimmed(frame.data));
                continue;
            }
            let taken = (std::mem::take(&mut messages), std::mem::take(&mut numbers));
            if let Some(end) = self.hand_on(taken).await {
                return Some(end);
            }
            let text = match frame.command {
                Command::Open => OFFERS,
                Command::Close => "",
                _ => "500 command not known here",
            };
            let answer = Answer::Now(response(frame.number, text));
            if self.answers.send(answer).await.is_err() {
                return Some(End::Broken);
            }
            if frame.command == Command::Close {
                return Some(End::Closed);
            }
        }
        self.hand_on((messages, numbers)).await
    }

    async fn hand_on(&self, (messages, numbers): (Vec<Vec<u8>>, Vec<u32>)) -> Option<End> {
        if numbers.is_empty() {
            return None;
        }
        let Ok(receipt) = self.intake.send_for_receipt(messages, self.peer).await else {
            return Some(End::Broken);
        };
        let sent = self.answers.send(Answer::Taken(receipt, numbers)).await;
        sent.err().map(|_| End::Broken)
    }
}

/// Answers until there is nothing more to answer, or a batch turns out not to be durable: its sender sends it again
/// over its next connection.
async fn answer(mut writer: WriteHalf<Box<dyn ByteStream>>, mut waiting: mpsc::Receiver<Answer>) {
    while let Some(answer) = waiting.recv().await {
        let bytes = match answer {
            Answer::Now(bytes) => bytes,
            Answer::Taken(receipt, numbers) => {
                if receipt.settled().await.is_err() {
                    break;
                }
                numbers
                    .into_iter()
                    .flat_map(|number| response(number, "200 OK"))
                    .collect()
            }
        };
        if writer.write_all(&bytes).await.is_err() || writer.flush().await.is_err() {
            break;
        }
    }
    // Nobody is left to be told when this fails.
    writer.shutdown().await.ok();
}

fn response(number: u32, text: &str) -> Vec<u8> {
    if text.is_empty() {
        return format!("{number} rsp 0\n").into_bytes();
    }
    format!("{number} rsp {} {text}\n", text.len()).into_bytes()
}

/// The message without the line end that templates leave; nothing when there is nothing.
fn trimmed(mut message: Vec<u8>) -> Option<Vec<u8>> {
    while let Some(b'\n' | b'\r' | 0) = message.last() {
        message.pop();
    }
    (!message.is_empty()).then_some(message)
}
