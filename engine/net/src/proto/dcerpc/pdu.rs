//! PDUs of connection-oriented DCE/RPC (C706 chapter 12, MS-RPCE).

use crate::proto::reader::Reader;

/// Bytes of the common header.
pub(crate) const HEADER: usize = 16;

pub(crate) const REQUEST: u8 = 0;
pub(crate) const RESPONSE: u8 = 2;
pub(crate) const FAULT: u8 = 3;
pub(crate) const BIND: u8 = 11;
pub(crate) const BIND_ACK: u8 = 12;
pub(crate) const ALTER: u8 = 14;
pub(crate) const ALTER_RESPONSE: u8 = 15;

/// First fragment of a call.
pub(crate) const FIRST: u8 = 1;
/// Last fragment of a call.
pub(crate) const LAST: u8 = 2;
/// An object's identifier follows the request's header.
pub(crate) const OBJECT: u8 = 0x80;
/// Its bytes.
pub(crate) const OBJECT_SIZE: u64 = 16;
/// Bytes of a response's own header.
pub(crate) const RESPONSE_HEADER: u64 = 8;

/// Interfaces of one bind that are kept.
const MAX_CONTEXTS: usize = 64;

const NAMES: [&str; 20] = [
    "REQUEST",
    "PING",
    "RESPONSE",
    "FAULT",
    "WORKING",
    "NOCALL",
    "REJECT",
    "ACK",
    "CL_CANCEL",
    "FACK",
    "CANCEL_ACK",
    "BIND",
    "BINDACK",
    "BINDNAK",
    "ALTER_CONTEXT",
    "ALTER_CONTEXT_RESP",
    "AUTH3",
    "SHUTDOWN",
    "CO_CANCEL",
    "ORPHANED",
];

/// Name of a PDU type, as records write it.
pub(crate) fn name(kind: u8) -> &'static str {
    NAMES.get(usize::from(kind)).copied().unwrap_or("UNKNOWN")
}

/// An interface that a bind asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Context {
    pub(crate) id: u16,
    pub(crate) uuid: u128,
    pub(crate) major: u16,
    pub(crate) minor: u16,
}

/// What a PDU carries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Body<'a> {
    Bind(Vec<Context>),
    /// Result and reason for each interface of the bind.
    BindAck(Vec<(u16, u16)>),
    Request {
        context: u16,
        opnum: u16,
        stub: &'a [u8],
    },
    Response {
        stub: &'a [u8],
    },
    Other,
}

/// One PDU.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Pdu<'a> {
    pub(crate) version: (u8, u8),
    pub(crate) kind: u8,
    pub(crate) flags: u8,
    pub(crate) call: u32,
    pub(crate) body: Body<'a>,
}

/// The length that a header names; `None` when it is no header or not whole.
pub(crate) fn length(bytes: &[u8]) -> Option<usize> {
    let [5, 0 | 1, kind, _, order, _, _, _, low, high, ..] = bytes else {
        return None;
    };
    let length = if order & 0x10 == 0 {
        u16::from_be_bytes([*low, *high])
    } else {
        u16::from_le_bytes([*low, *high])
    };
    (usize::from(*kind) < NAMES.len() && usize::from(length) >= HEADER).then_some(length.into())
}

/// Numbers in the sender's byte order.
struct Ordered<'a> {
    reader: Reader<'a>,
    little: bool,
}

impl Ordered<'_> {
    fn u16(&mut self) -> Option<u16> {
        if self.little {
            self.reader.le16()
        } else {
            self.reader.be16()
        }
    }

    fn u32(&mut self) -> Option<u32> {
        if self.little {
            self.reader.le32()
        } else {
            self.reader.be32()
        }
    }

    /// In the order of its text.
    fn uuid(&mut self) -> Option<u128> {
        let (low, mid, high) = (self.u32()?, self.u16()?, self.u16()?);
        let rest = self.reader.be64()?;
        Some(u128::from(low) << 96 | u128::from(mid) << 80 | u128::from(high) << 64 | u128::from(rest))
    }
}

/// Reads one whole PDU.
pub(crate) fn parse(bytes: &[u8]) -> Option<Pdu<'_>> {
    let length = length(bytes)?;
    let bytes = bytes.get(..length.min(bytes.len()))?;
    let mut reader = Reader::new(bytes);
    let (major, minor, kind, flags) = (reader.u8()?, reader.u8()?, reader.u8()?, reader.u8()?);
    let little = reader.u8()? & 0x10 != 0;
    reader.take(5)?;
    let mut ordered = Ordered { reader, little };
    let _auth_length = ordered.u16()?;
    let call = ordered.u32()?;
    let body = match kind {
        BIND | ALTER => bind(&mut ordered).map(Body::Bind),
        BIND_ACK | ALTER_RESPONSE => bind_ack(&mut ordered).map(Body::BindAck),
        REQUEST => request(&mut ordered, flags),
        RESPONSE => ordered.reader.take(8).map(|_| Body::Response {
            stub: ordered.reader.rest(),
        }),
        _ => Some(Body::Other),
    };
    Some(Pdu {
        version: (major, minor),
        kind,
        flags,
        call,
        body: body.unwrap_or(Body::Other),
    })
}

fn request<'a>(ordered: &mut Ordered<'a>, flags: u8) -> Option<Body<'a>> {
    ordered.u32()?;
    let (context, opnum) = (ordered.u16()?, ordered.u16()?);
    if flags & OBJECT != 0 {
        ordered.reader.take(16)?;
    }
    Some(Body::Request {
        context,
        opnum,
        stub: ordered.reader.rest(),
    })
}

fn bind(ordered: &mut Ordered<'_>) -> Option<Vec<Context>> {
    ordered.reader.take(8)?;
    let count = ordered.reader.u8()?;
    ordered.reader.take(3)?;
    let mut contexts = Vec::new();
    for _ in 0..usize::from(count).min(MAX_CONTEXTS) {
        let id = ordered.u16()?;
        let transfers = usize::from(ordered.reader.u8()?);
        ordered.reader.take(1)?;
        let uuid = ordered.uuid()?;
        let (major, minor) = (ordered.u16()?, ordered.u16()?);
        contexts.push(Context {
            id,
            uuid,
            major,
            minor,
        });
        if ordered.reader.take(transfers * 20).is_none() {
            break;
        }
    }
    Some(contexts)
}

fn bind_ack(ordered: &mut Ordered<'_>) -> Option<Vec<(u16, u16)>> {
    ordered.reader.take(8)?;
    let address = usize::from(ordered.u16()?);
    ordered.reader.take(address)?;
    let pad = ordered.reader.position().wrapping_neg() & 3;
    ordered.reader.take(pad)?;
    let count = ordered.reader.u8()?;
    ordered.reader.take(3)?;
    let mut results = Vec::new();
    for _ in 0..usize::from(count).min(MAX_CONTEXTS) {
        results.push((ordered.u16()?, ordered.u16()?));
        ordered.reader.take(20)?;
    }
    Some(results)
}
