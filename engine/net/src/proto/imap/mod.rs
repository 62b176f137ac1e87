//! IMAP (RFC 9051): the protocol is told by its greeting and its commands, and not parsed.

use crate::app::{AppProto, DetectionOnly, Probe};
use crate::flow::Direction;
use crate::proto::{AppConfig, Protocol};

/// IMAP for the table of protocols.
pub const PROTOCOL: Protocol = Protocol {
    proto: AppProto::Imap,
    transports: &[6],
    ports: &[143],
    bound: false,
    probe,
    parser: |_: &AppConfig, _: u8| Box::new(DetectionOnly),
};

/// Commands that begin a session; longer lines are none.
const COMMANDS: [&[u8]; 5] = [b"CAPABILITY", b"LOGIN", b"STARTTLS", b"AUTHENTICATE", b"NOOP"];
const MAX_LINE: usize = 512;

/// Looks at the first bytes of a direction.
pub fn probe(direction: Direction, bytes: &[u8]) -> Probe {
    let Some(end) = memchr::memchr(b'\n', bytes) else {
        return if bytes.len() < MAX_LINE && !bytes.contains(&0) {
            Probe::Unsure
        } else {
            Probe::No
        };
    };
    let line = bytes.get(..end).unwrap_or_default();
    let mut words = line.trim_ascii().split(|byte| *byte == b' ');
    let (tag, word) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let is_imap = match direction {
        Direction::ToClient => tag == b"*" && matches!(word, b"OK" | b"PREAUTH" | b"BYE"),
        Direction::ToServer => {
            let is_tag = (1..=16).contains(&tag.len()) && tag.iter().all(u8::is_ascii_alphanumeric);
            let has_number = tag.iter().any(u8::is_ascii_digit);
            is_tag && has_number && COMMANDS.iter().any(|command| word.eq_ignore_ascii_case(command))
        }
    };
    if is_imap { Probe::Yes } else { Probe::No }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn probes() {
        for (direction, bytes, verdict) in [
            (Direction::ToClient, &b"* OK IMAP4rev1 ready\r\n"[..], Probe::Yes),
            (Direction::ToServer, b"a1 LOGIN me x\r\n", Probe::Yes),
            (Direction::ToServer, b"GET / HTTP/1.1\r\n", Probe::No),
            (Direction::ToClient, b"* O", Probe::Unsure),
        ] {
            assert_eq!(probe(direction, bytes), verdict);
        }
    }
}
