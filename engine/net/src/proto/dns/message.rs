//! A DNS message taken apart (RFC 1035 section 4), also of mDNS and LLMNR.
//!
//! Questions and answers must be whole, or the message is malformed; what is wrong in the authority and additional
//! sections is only noted, as resolvers do.

use std::net::{Ipv4Addr, Ipv6Addr};

use super::name::{self, Name};

/// Records of one section that are kept; the rest is passed over.
const MAX_RECORDS: usize = 512;

/// The twelve bytes at the start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Header {
    /// Identifier that joins query and answer.
    pub id: u16,
    /// Flags, operation code and response code.
    pub flags: u16,
    /// Counts of the four sections.
    pub counts: [u16; 4],
}

/// One question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// Name asked for.
    pub name: Name,
    /// Record type.
    pub rrtype: u16,
    /// Record class.
    pub class: u16,
}

/// One resource record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// Owner.
    pub name: Name,
    /// Record type.
    pub rrtype: u16,
    /// Record class.
    pub class: u16,
    /// Seconds it may be kept.
    pub ttl: u32,
    /// Its data.
    pub data: RecordData,
}

/// What a record holds, as far as its type is known here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RecordData {
    /// A.
    V4(Ipv4Addr),
    /// AAAA.
    V6(Ipv6Addr),
    /// CNAME, NS, PTR, DNAME.
    Name(Name),
    /// MX.
    Exchange {
        /// Lower is tried first.
        preference: u16,
        /// Mail server.
        name: Name,
    },
    /// SOA.
    Authority {
        /// Primary server.
        mname: Name,
        /// Mailbox of the person.
        rname: Name,
        /// Serial, refresh, retry, expire, minimum.
        numbers: [u32; 5],
    },
    /// SRV.
    Service {
        /// Priority, weight, port.
        numbers: [u16; 3],
        /// Host.
        name: Name,
    },
    /// TXT.
    Text(Vec<Vec<u8>>),
    /// SSHFP.
    Fingerprint {
        /// Algorithm.
        algorithm: u8,
        /// Kind of fingerprint.
        kind: u8,
        /// Its bytes.
        bytes: Vec<u8>,
    },
    /// Any other.
    Other(Vec<u8>),
}

/// A whole message.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Message {
    /// The header.
    pub header: Header,
    /// Questions.
    pub queries: Vec<Question>,
    /// Answers.
    pub answers: Vec<Record>,
    /// Authority section.
    pub authorities: Vec<Record>,
    /// Additional section.
    pub additionals: Vec<Record>,
    /// The authority section could not be read to its end.
    pub invalid_authorities: bool,
    /// The additional section could not be read to its end.
    pub invalid_additionals: bool,
    /// Bytes follow the last record.
    pub trailing: bool,
}

impl Header {
    /// Reads the first twelve bytes.
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        let word = |at: usize| bytes.get(at..at + 2)?.try_into().ok().map(u16::from_be_bytes);
        Some(Self {
            id: word(0)?,
            flags: word(2)?,
            counts: [word(4)?, word(6)?, word(8)?, word(10)?],
        })
    }

    /// Answer (QR).
    pub const fn is_response(self) -> bool {
        self.flags & 0x8000 != 0
    }

    /// Operation code.
    pub const fn opcode(self) -> u8 {
        (self.flags >> 11 & 0x0f) as u8
    }

    /// Response code without its extension.
    pub const fn rcode(self) -> u8 {
        (self.flags & 0x0f) as u8
    }

    /// The bit that must be zero (Z).
    pub const fn has_z(self) -> bool {
        self.flags & 0x0040 != 0
    }
}

/// Reads a message; `None` when header, questions or answers are cut off or nonsense.
pub(super) fn parse(bytes: &[u8]) -> Option<Message> {
    let header = Header::parse(bytes)?;
    let mut reader = Reader { bytes, at: 12 };
    let mut message = Message {
        header,
        ..Message::default()
    };
    let [questions, answers, authorities, additionals] = header.counts;
    for _ in 0..questions {
        let question = reader.question()?;
        if message.queries.len() < MAX_RECORDS {
            message.queries.push(question);
        }
    }
    if !reader.section(answers, &mut message.answers) {
        return None;
    }
    message.invalid_authorities = !reader.section(authorities, &mut message.authorities);
    if !message.invalid_authorities {
        message.invalid_additionals = !reader.section(additionals, &mut message.additionals);
    }
    message.trailing =
        reader.at < bytes.len() && !message.invalid_additionals && !message.invalid_authorities;
    Some(message)
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let taken = self.bytes.get(self.at..self.at.checked_add(count)?)?;
        self.at += count;
        Some(taken)
    }

    fn u16(&mut self) -> Option<u16> {
        self.take(2)?.try_into().ok().map(u16::from_be_bytes)
    }

    fn u32(&mut self) -> Option<u32> {
        self.take(4)?.try_into().ok().map(u32::from_be_bytes)
    }

    fn name(&mut self) -> Option<Name> {
        let (name, behind) = name::parse(self.bytes, self.at)?;
        self.at = behind;
        Some(name)
    }

    fn question(&mut self) -> Option<Question> {
        Some(Question {
            name: self.name()?,
            rrtype: self.u16()?,
            class: self.u16()?,
        })
    }

    /// `false` when the section is cut off.
    fn section(&mut self, count: u16, records: &mut Vec<Record>) -> bool {
        for _ in 0..count {
            let Some(record) = self.record() else {
                return false;
            };
            if records.len() < MAX_RECORDS {
                records.push(record);
            }
        }
        true
    }

    fn record(&mut self) -> Option<Record> {
        let name = self.name()?;
        let (rrtype, class, ttl, length) = (self.u16()?, self.u16()?, self.u32()?, self.u16()?);
        let start = self.at;
        let raw = self.take(usize::from(length))?;
        let inner = Reader {
            bytes: self.bytes.get(..self.at)?,
            at: start,
        };
        Some(Record {
            name,
            rrtype,
            class,
            ttl,
            data: inner.data(rrtype, raw)?,
        })
    }

    /// Record data; what its type does not let it be is kept as bytes, except names, which must be whole.
    fn data(mut self, rrtype: u16, raw: &[u8]) -> Option<RecordData> {
        if raw.is_empty() {
            return Some(RecordData::Other(Vec::new()));
        }
        Some(match rrtype {
            1 => match <[u8; 4]>::try_from(raw) {
                Ok(address) => RecordData::V4(address.into()),
                Err(_) => RecordData::Other(raw.to_vec()),
            },
            28 => match <[u8; 16]>::try_from(raw) {
                Ok(address) => RecordData::V6(address.into()),
                Err(_) => RecordData::Other(raw.to_vec()),
            },
            2 | 5 | 12 | 39 => RecordData::Name(self.name()?),
            15 => RecordData::Exchange {
                preference: self.u16()?,
                name: self.name()?,
            },
            6 => RecordData::Authority {
                mname: self.name()?,
                rname: self.name()?,
                numbers: [self.u32()?, self.u32()?, self.u32()?, self.u32()?, self.u32()?],
            },
            33 => RecordData::Service {
                numbers: [self.u16()?, self.u16()?, self.u16()?],
                name: self.name()?,
            },
            16 => RecordData::Text(texts(raw)?),
            44 => match raw {
                [algorithm, kind, bytes @ ..] => RecordData::Fingerprint {
                    algorithm: *algorithm,
                    kind: *kind,
                    bytes: bytes.to_vec(),
                },
                _ => RecordData::Other(raw.to_vec()),
            },
            _ => RecordData::Other(raw.to_vec()),
        })
    }
}

fn texts(mut raw: &[u8]) -> Option<Vec<Vec<u8>>> {
    let mut texts = Vec::new();
    while let [length, rest @ ..] = raw {
        let (text, after) = rest.split_at_checked(usize::from(*length))?;
        texts.push(text.to_vec());
        raw = after;
    }
    Some(texts)
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// A message with header flags and counts, then `body`.
    pub(in crate::proto::dns) fn message(flags: u16, counts: [u16; 4], body: &[u8]) -> Vec<u8> {
        let mut bytes = 0x1234_u16.to_be_bytes().to_vec();
        bytes.extend_from_slice(&flags.to_be_bytes());
        for count in counts {
            bytes.extend_from_slice(&count.to_be_bytes());
        }
        bytes.extend_from_slice(body);
        bytes
    }

    pub(in crate::proto::dns) const QUESTION: &[u8] = b"\x03www\x07example\0\0\x01\0\x01";

    /// A record that points to the name of the first question.
    pub(in crate::proto::dns) fn record(rrtype: u16, data: &[u8]) -> Vec<u8> {
        let mut bytes = b"\xc0\x0c".to_vec();
        bytes.extend_from_slice(&rrtype.to_be_bytes());
        bytes.extend_from_slice(b"\0\x01\0\0\0\x3c");
        bytes.extend_from_slice(&(data.len() as u16).to_be_bytes());
        bytes.extend_from_slice(data);
        bytes
    }

    #[test]
    fn every_kind_of_record() {
        for (rrtype, data, expected) in [
            (1, &b"\x7f\0\0\x01"[..], RecordData::V4(Ipv4Addr::LOCALHOST)),
            (28, &[0; 16], RecordData::V6(Ipv6Addr::UNSPECIFIED)),
            (
                16,
                b"\x01a\0\x02bc",
                RecordData::Text(vec![b"a".to_vec(), Vec::new(), b"bc".to_vec()]),
            ),
            (
                44,
                b"\x01\x02\xab",
                RecordData::Fingerprint {
                    algorithm: 1,
                    kind: 2,
                    bytes: vec![0xab],
                },
            ),
            (99, b"xyz", RecordData::Other(b"xyz".to_vec())),
            (1, b"\x7f", RecordData::Other(vec![0x7f])),
            (5, b"", RecordData::Other(Vec::new())),
        ] {
            let bytes = message(0x8180, [1, 1, 0, 0], &[QUESTION, &record(rrtype, data)].concat());
            let parsed = parse(&bytes).unwrap();
            assert_eq!(parsed.answers[0].data, expected, "type {rrtype}");
            assert_eq!(parsed.answers[0].name.value, b"www.example");
        }
        let bytes = message(
            0x8180,
            [1, 1, 0, 0],
            &[QUESTION, &record(15, b"\0\x0a\xc0\x10")].concat(),
        );
        match &parse(&bytes).unwrap().answers[0].data {
            RecordData::Exchange { preference: 10, name } => assert_eq!(name.value, b"example"),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn cut_messages_are_refused_at_every_place() {
        let bytes = message(
            0x8180,
            [1, 1, 0, 0],
            &[QUESTION, &record(1, b"\x7f\0\0\x01")].concat(),
        );
        assert!(parse(&bytes).is_some());
        for length in 0..bytes.len() {
            assert_eq!(parse(&bytes[..length]), None, "{length}");
        }
    }

    #[test]
    fn later_sections_are_only_noted() {
        let bytes = message(0x8180, [1, 0, 0, 1], &[QUESTION, b"\xc0"].concat());
        assert!(parse(&bytes).unwrap().invalid_additionals);
        let bytes = message(0x8180, [1, 0, 1, 0], &[QUESTION, b"\xc0"].concat());
        assert!(parse(&bytes).unwrap().invalid_authorities);
    }

    #[test]
    fn counts_that_lie_do_not_allocate() {
        assert_eq!(parse(&message(0, [0xffff; 4], QUESTION)), None);
    }
}
