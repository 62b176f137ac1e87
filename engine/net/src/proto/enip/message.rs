//! One message of the encapsulation and the CIP in it.

use crate::proto::reader::Reader;

/// Bytes of the encapsulation's header.
pub(super) const HEADER: usize = 24;
/// Items and segments that are read.
const MAX_ITEMS: usize = 32;

const SEND_RR_DATA: u16 = 0x6f;
const SEND_UNIT_DATA: u16 = 0x70;
const LIST_SERVICES: u16 = 0x04;
const LIST_IDENTITY: u16 = 0x63;

/// A step of a path: what it selects, and which.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Segment {
    pub(super) kind: &'static str,
    pub(super) value: u32,
}

/// A service that is asked for or answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Cip {
    pub(super) service: u8,
    pub(super) path: Vec<Segment>,
    /// Status of an answer.
    pub(super) status: Option<u8>,
}

/// What a device says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Identity {
    pub(super) vendor: u16,
    pub(super) device: u16,
    pub(super) product: u16,
    pub(super) revision: (u8, u8),
    pub(super) status: u16,
    pub(super) serial: u32,
    pub(super) name: Vec<u8>,
    pub(super) state: u8,
}

/// One message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Message {
    pub(super) command: u16,
    length: u16,
    session: u32,
    pub(super) status: u32,
    context: u64,
    pub(super) cip: Option<Cip>,
    pub(super) identity: Option<Identity>,
    /// Name of a service that is offered.
    pub(super) service: Option<Vec<u8>>,
}

impl Message {
    /// Reads a header, and what follows it as far as it is there.
    pub(super) fn parse(bytes: &[u8]) -> Option<Self> {
        let mut reader = Reader::new(bytes);
        let mut message = Self {
            command: reader.le16()?,
            length: reader.le16()?,
            session: reader.le32()?,
            status: reader.le32()?,
            context: reader.le64()?,
            cip: None,
            identity: None,
            service: None,
        };
        reader.le32()?;
        if let Some(body) = reader.take(message.length.into()) {
            message.items(body);
        }
        Some(message)
    }

    pub(super) fn length(&self) -> usize {
        HEADER + usize::from(self.length)
    }

    /// Commands that end at the server.
    pub(super) fn is_unanswered(&self) -> bool {
        matches!(self.command, 0 | 0x66)
    }

    pub(super) fn answers(&self, request: &Self) -> bool {
        self.command == request.command
            && (self.context == request.context || self.session == request.session)
    }

    fn items(&mut self, body: &[u8]) -> Option<()> {
        let mut reader = Reader::new(body);
        match self.command {
            SEND_RR_DATA | SEND_UNIT_DATA => {
                reader.take(6)?;
            }
            LIST_IDENTITY | LIST_SERVICES if !body.is_empty() => {}
            _ => return None,
        }
        for _ in 0..usize::from(reader.le16()?).min(MAX_ITEMS) {
            let (kind, length) = (reader.le16()?, reader.le16()?);
            let item = reader.take(length.into())?;
            match kind {
                0x0c => self.identity = identity(item),
                0xb2 => self.cip = cip(item),
                0xb1 => self.cip = cip(item.get(2..)?),
                0x100 => {
                    let name = item.get(4..)?.split(|byte| *byte == 0).next();
                    self.service = name.map(<[u8]>::to_vec);
                }
                _ => {}
            }
        }
        Some(())
    }
}

fn identity(item: &[u8]) -> Option<Identity> {
    let mut reader = Reader::new(item);
    reader.take(18)?;
    let (vendor, device, product) = (reader.le16()?, reader.le16()?, reader.le16()?);
    let revision = (reader.u8()?, reader.u8()?);
    let (status, serial) = (reader.le16()?, reader.le32()?);
    let length = reader.u8()?;
    let name = reader.take(length.into())?.to_vec();
    Some(Identity {
        vendor,
        device,
        product,
        revision,
        status,
        serial,
        name,
        state: reader.u8()?,
    })
}

fn cip(bytes: &[u8]) -> Option<Cip> {
    let mut reader = Reader::new(bytes);
    let service = reader.u8()?;
    if service & 0x80 != 0 {
        reader.u8()?;
        return Some(Cip {
            service: service & 0x7f,
            path: Vec::new(),
            status: reader.u8(),
        });
    }
    let words = usize::from(reader.u8()?);
    let mut path = Reader::new(reader.take(words * 2)?);
    let mut segments = Vec::new();
    while let Some(kind) = path.u8()
        && segments.len() < MAX_ITEMS
    {
        let name = match kind & 0xfc {
            0x20 => "class",
            0x24 => "instance",
            0x28 => "member",
            0x2c => "connection_point",
            0x30 => "attribute_id",
            _ => break,
        };
        let value = match kind & 3 {
            0 => path.u8().map(u32::from),
            1 => path.u8().and_then(|_| path.le16()).map(u32::from),
            _ => path.u8().and_then(|_| path.le32()),
        };
        let Some(value) = value else { break };
        segments.push(Segment { kind: name, value });
    }
    Some(Cip {
        service,
        path: segments,
        status: None,
    })
}
