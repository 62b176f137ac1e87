//! The message: its fixed part and its options, also those in the overloaded fields.

use crate::flow::Direction;
use crate::proto::reader::Reader;

/// Options that are kept.
const MAX_OPTIONS: usize = 256;
/// Cookie before the options.
const COOKIE: u32 = 0x6382_5363;
/// "Option overload" (RFC 2132 section 9.3).
const OVERLOAD: u8 = 52;
const END: u8 = 255;

/// One message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// Which way it went.
    pub direction: Direction,
    /// 1 for a request, 2 for a reply.
    pub operation: u8,
    /// Number that ties replies to requests.
    pub id: u32,
    /// Client, assigned, next server's and relay's address.
    pub addresses: [[u8; 4]; 4],
    /// The client's hardware address.
    pub mac: [u8; 6],
    /// Options in order.
    pub options: Vec<(u8, Vec<u8>)>,
    /// The options end in the middle of one.
    pub malformed: bool,
}

impl Message {
    pub(super) fn parse(bytes: &[u8], direction: Direction) -> Option<Self> {
        let mut reader = Reader::new(bytes);
        let operation = reader.u8().filter(|operation| matches!(operation, 1 | 2))?;
        reader.take(3)?;
        let id = reader.be32()?;
        reader.take(4)?;
        let mut addresses = [[0; 4]; 4];
        for address in &mut addresses {
            *address = reader.be32()?.to_be_bytes();
        }
        let mac = *reader.take(16)?.first_chunk::<6>()?;
        let (name, file) = (reader.take(64)?, reader.take(128)?);
        reader.be32().filter(|cookie| *cookie == COOKIE)?;
        let mut message = Self {
            direction,
            operation,
            id,
            addresses,
            mac,
            options: Vec::new(),
            malformed: false,
        };
        message.read_options(reader.rest());
        let overload = message.option(OVERLOAD).and_then(|value| value.first()).copied();
        if matches!(overload, Some(1 | 3)) {
            message.read_options(file);
        }
        if matches!(overload, Some(2 | 3)) {
            message.read_options(name);
        }
        Some(message)
    }

    fn read_options(&mut self, bytes: &[u8]) {
        let mut reader = Reader::new(bytes);
        while let Some(code) = reader.u8().filter(|code| *code != END) {
            if code == 0 {
                continue;
            }
            let Some(value) = reader.u8().and_then(|length| reader.take(length.into())) else {
                self.malformed = true;
                return;
            };
            if self.options.len() < MAX_OPTIONS {
                self.options.push((code, value.to_vec()));
            }
        }
    }

    /// The first value of an option.
    pub fn option(&self, code: u8) -> Option<&[u8]> {
        let (_, value) = self.options.iter().find(|(found, _)| *found == code)?;
        Some(value)
    }

    /// An option that is a number of 32 bits.
    pub fn number(&self, code: u8) -> Option<u32> {
        self.option(code)?.try_into().ok().map(u32::from_be_bytes)
    }
}
