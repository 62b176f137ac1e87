//! MQTT control packets of versions 3.1, 3.1.1 and 5.0 (OASIS MQTT 5.0, chapter 2 and 3).

/// Entries of a list (topics, codes, properties) that are kept.
const MAX_ENTRIES: usize = 256;

/// Types of control packets.
pub mod kind {
    #![allow(missing_docs, reason = "the names are those of the standard")]
    pub const CONNECT: u8 = 1;
    pub const CONNACK: u8 = 2;
    pub const PUBLISH: u8 = 3;
    pub const PUBACK: u8 = 4;
    pub const PUBREC: u8 = 5;
    pub const PUBREL: u8 = 6;
    pub const PUBCOMP: u8 = 7;
    pub const SUBSCRIBE: u8 = 8;
    pub const SUBACK: u8 = 9;
    pub const UNSUBSCRIBE: u8 = 10;
    pub const UNSUBACK: u8 = 11;
    pub const PINGREQ: u8 = 12;
    pub const PINGRESP: u8 = 13;
    pub const DISCONNECT: u8 = 14;
    pub const AUTH: u8 = 15;

    /// Name in records, lower case.
    pub const fn name(kind: u8) -> &'static str {
        match kind {
            CONNECT => "connect",
            CONNACK => "connack",
            PUBLISH => "publish",
            PUBACK => "puback",
            PUBREC => "pubrec",
            PUBREL => "pubrel",
            PUBCOMP => "pubcomp",
            SUBSCRIBE => "subscribe",
            SUBACK => "suback",
            UNSUBSCRIBE => "unsubscribe",
            UNSUBACK => "unsuback",
            PINGREQ => "pingreq",
            PINGRESP => "pingresp",
            DISCONNECT => "disconnect",
            AUTH => "auth",
            _ => "unassigned",
        }
    }
}

/// The first byte of a packet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Header {
    /// See [`kind`].
    pub kind: u8,
    /// Sent before.
    pub dup: bool,
    /// Quality of service: 0, 1, 2 (3 is invalid).
    pub qos: u8,
    /// Kept by the server for later subscribers.
    pub retain: bool,
}

/// A property of version 5: name and value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Property {
    /// Name as in the standard, lower case with underscores; of a user property its own name.
    pub name: Vec<u8>,
    /// Its value.
    pub value: PropertyValue,
}

/// Value of a property.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PropertyValue {
    /// A number.
    Number(u32),
    /// Text or bytes.
    Bytes(Vec<u8>),
}

/// A CONNECT.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Connect {
    /// `MQTT` or `MQIsdp`.
    pub protocol: Vec<u8>,
    /// 3, 4 (3.1.1) or 5.
    pub version: u8,
    /// User name, password, will retain, will QoS, will, clean session: bits as sent.
    pub flags: u8,
    /// Seconds.
    pub keep_alive: u16,
    /// Properties.
    pub properties: Vec<Property>,
    /// Client identifier.
    pub client_id: Vec<u8>,
    /// Properties of the will.
    pub will_properties: Vec<Property>,
    /// Topic of the will.
    pub will_topic: Option<Vec<u8>>,
    /// Message of the will.
    pub will_message: Option<Vec<u8>>,
    /// User name.
    pub username: Option<Vec<u8>>,
    /// Password.
    pub password: Option<Vec<u8>>,
}

/// What a packet holds behind its header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Body {
    /// CONNECT.
    Connect(Box<Connect>),
    /// CONNACK.
    ConnAck {
        /// The server kept a session.
        session_present: bool,
        /// Return code or reason code.
        code: u8,
        /// Properties.
        properties: Vec<Property>,
    },
    /// PUBLISH.
    Publish {
        /// Topic.
        topic: Vec<u8>,
        /// Packet identifier, with QoS above 0.
        id: Option<u16>,
        /// Properties.
        properties: Vec<Property>,
        /// The message.
        message: Vec<u8>,
    },
    /// PUBACK, PUBREC, PUBREL, PUBCOMP.
    Acknowledgement {
        /// Packet identifier.
        id: u16,
        /// Reason code (version 5).
        code: Option<u8>,
        /// Properties.
        properties: Vec<Property>,
    },
    /// SUBSCRIBE.
    Subscribe {
        /// Packet identifier.
        id: u16,
        /// Properties.
        properties: Vec<Property>,
        /// Topics and the QoS asked for.
        topics: Vec<(Vec<u8>, u8)>,
    },
    /// UNSUBSCRIBE.
    Unsubscribe {
        /// Packet identifier.
        id: u16,
        /// Properties.
        properties: Vec<Property>,
        /// Topics.
        topics: Vec<Vec<u8>>,
    },
    /// SUBACK and UNSUBACK.
    Granted {
        /// Packet identifier.
        id: u16,
        /// Properties.
        properties: Vec<Property>,
        /// A code for each topic.
        codes: Vec<u8>,
    },
    /// DISCONNECT and AUTH.
    Reason {
        /// Reason code; none before version 5.
        code: Option<u8>,
        /// Properties.
        properties: Vec<Property>,
    },
    /// PINGREQ and PINGRESP.
    Empty,
    /// Longer than the limit: left unread.
    Truncated {
        /// Its whole length, header and all.
        skipped_bytes: u64,
    },
}

/// One control packet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// The first byte.
    pub header: Header,
    /// What it holds.
    pub body: Body,
}

impl Header {
    /// From the first byte.
    pub const fn from_byte(byte: u8) -> Self {
        Self {
            kind: byte >> 4,
            dup: byte & 0x08 != 0,
            qos: byte >> 1 & 0x03,
            retain: byte & 0x01 != 0,
        }
    }
}

impl Message {
    /// The packet identifier that joins it with others.
    pub fn id(&self) -> Option<u16> {
        match &self.body {
            Body::Publish { id, .. } => *id,
            Body::Acknowledgement { id, .. }
            | Body::Subscribe { id, .. }
            | Body::Unsubscribe { id, .. }
            | Body::Granted { id, .. } => Some(*id),
            _ => None,
        }
    }

    /// Return or reason code: of CONNACK, acknowledgements, DISCONNECT and AUTH one; of SUBACK and UNSUBACK several.
    pub fn codes(&self) -> Vec<u8> {
        match &self.body {
            Body::ConnAck { code, .. } => vec![*code],
            Body::Acknowledgement { code, .. } | Body::Reason { code, .. } => code.iter().copied().collect(),
            Body::Granted { codes, .. } => codes.clone(),
            _ => Vec::new(),
        }
    }
}

/// A number of one to four bytes of seven bits: value and length. `None` while it is not whole, an error when too long.
pub(super) fn variable(bytes: &[u8]) -> Option<Result<(u32, usize), ()>> {
    let mut value = 0;
    for (index, byte) in bytes.iter().take(4).enumerate() {
        value |= u32::from(byte & 0x7f) << (7 * index);
        if byte & 0x80 == 0 {
            return Some(Ok((value, index + 1)));
        }
    }
    (bytes.len() >= 4).then_some(Err(()))
}

struct Cursor<'a>(&'a [u8]);

impl<'a> Cursor<'a> {
    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    fn u8(&mut self) -> Option<u8> {
        self.take(1)?.first().copied()
    }

    fn u16(&mut self) -> Option<u16> {
        self.take(2)?.try_into().ok().map(u16::from_be_bytes)
    }

    fn u32(&mut self) -> Option<u32> {
        self.take(4)?.try_into().ok().map(u32::from_be_bytes)
    }

    fn variable(&mut self) -> Option<u32> {
        let (value, length) = variable(self.0)?.ok()?;
        self.take(length)?;
        Some(value)
    }

    fn bytes(&mut self) -> Option<Vec<u8>> {
        let length = self.u16()?;
        self.take(usize::from(length)).map(<[u8]>::to_vec)
    }

    fn properties(&mut self, version: u8) -> Option<Vec<Property>> {
        if version < 5 {
            return Some(Vec::new());
        }
        let length = self.variable()?;
        let mut inner = Cursor(self.take(length as usize)?);
        let mut list = Vec::new();
        while !inner.0.is_empty() {
            let property = inner.property()?;
            if list.len() < MAX_ENTRIES {
                list.push(property);
            }
        }
        Some(list)
    }

    /// MQTT 5.0, section 2.2.2.2.
    fn property(&mut self) -> Option<Property> {
        let id = self.variable()?;
        let (name, value) = match id {
            1 => ("payload_format_indicator", self.byte_value()?),
            2 => ("message_expiry_interval", self.long_value()?),
            3 => ("content_type", self.bytes_value()?),
            8 => ("response_topic", self.bytes_value()?),
            9 => ("correlation_data", self.bytes_value()?),
            11 => ("subscription_identifier", PropertyValue::Number(self.variable()?)),
            17 => ("session_expiry_interval", self.long_value()?),
            18 => ("assigned_client_identifier", self.bytes_value()?),
            19 => ("server_keep_alive", self.word_value()?),
            21 => ("authentication_method", self.bytes_value()?),
            22 => ("authentication_data", self.bytes_value()?),
            23 => ("request_problem_information", self.byte_value()?),
            24 => ("will_delay_interval", self.long_value()?),
            25 => ("request_response_information", self.byte_value()?),
            26 => ("response_information", self.bytes_value()?),
            28 => ("server_reference", self.bytes_value()?),
            31 => ("reason_string", self.bytes_value()?),
            33 => ("receive_maximum", self.word_value()?),
            34 => ("topic_alias_maximum", self.word_value()?),
            35 => ("topic_alias", self.word_value()?),
            36 => ("maximum_qos", self.byte_value()?),
            37 => ("retain_available", self.byte_value()?),
            38 => {
                return Some(Property {
                    name: self.bytes()?,
                    value: self.bytes_value()?,
                });
            }
            39 => ("maximum_packet_size", self.long_value()?),
            40 => ("wildcard_subscription_available", self.byte_value()?),
            41 => ("subscription_identifiers_available", self.byte_value()?),
            42 => ("shared_subscription_available", self.byte_value()?),
            _ => return None,
        };
        Some(Property {
            name: name.as_bytes().to_vec(),
            value,
        })
    }

    fn byte_value(&mut self) -> Option<PropertyValue> {
        Some(PropertyValue::Number(self.u8()?.into()))
    }

    fn word_value(&mut self) -> Option<PropertyValue> {
        Some(PropertyValue::Number(self.u16()?.into()))
    }

    fn long_value(&mut self) -> Option<PropertyValue> {
        Some(PropertyValue::Number(self.u32()?))
    }

    fn bytes_value(&mut self) -> Option<PropertyValue> {
        Some(PropertyValue::Bytes(self.bytes()?))
    }
}

/// Reads what stands behind the header; `None` when it is malformed.
pub(super) fn parse_body(header: Header, body: &[u8], version: u8) -> Option<Body> {
    let mut cursor = Cursor(body);
    Some(match header.kind {
        kind::CONNECT => Body::Connect(Box::new(connect(&mut cursor)?)),
        kind::CONNACK => Body::ConnAck {
            session_present: cursor.u8()? & 1 != 0,
            code: cursor.u8()?,
            properties: if cursor.0.is_empty() {
                Vec::new()
            } else {
                cursor.properties(version)?
            },
        },
        kind::PUBLISH => Body::Publish {
            topic: cursor.bytes()?,
            id: if header.qos > 0 { Some(cursor.u16()?) } else { None },
            properties: cursor.properties(version)?,
            message: cursor.0.to_vec(),
        },
        kind::PUBACK | kind::PUBREC | kind::PUBREL | kind::PUBCOMP => {
            let id = cursor.u16()?;
            let (code, properties) = code_and_properties(&mut cursor, version)?;
            Body::Acknowledgement { id, code, properties }
        }
        kind::SUBSCRIBE => {
            let (id, properties) = (cursor.u16()?, cursor.properties(version)?);
            let mut topics = Vec::new();
            while !cursor.0.is_empty() {
                let topic = (cursor.bytes()?, cursor.u8()?);
                if topics.len() < MAX_ENTRIES {
                    topics.push(topic);
                }
            }
            Body::Subscribe {
                id,
                properties,
                topics,
            }
        }
        kind::UNSUBSCRIBE => {
            let (id, properties) = (cursor.u16()?, cursor.properties(version)?);
            let mut topics = Vec::new();
            while !cursor.0.is_empty() {
                let topic = cursor.bytes()?;
                if topics.len() < MAX_ENTRIES {
                    topics.push(topic);
                }
            }
            Body::Unsubscribe {
                id,
                properties,
                topics,
            }
        }
        kind::SUBACK | kind::UNSUBACK => Body::Granted {
            id: cursor.u16()?,
            properties: if cursor.0.is_empty() {
                Vec::new()
            } else {
                cursor.properties(version)?
            },
            codes: cursor.0.iter().take(MAX_ENTRIES).copied().collect(),
        },
        kind::DISCONNECT | kind::AUTH => {
            let (code, properties) = code_and_properties(&mut cursor, version)?;
            Body::Reason { code, properties }
        }
        _ => Body::Empty,
    })
}

/// In version 5 both may be left out: the code is then 0.
fn code_and_properties(cursor: &mut Cursor<'_>, version: u8) -> Option<(Option<u8>, Vec<Property>)> {
    if version < 5 {
        return Some((None, Vec::new()));
    }
    if cursor.0.is_empty() {
        return Some((Some(0), Vec::new()));
    }
    let code = cursor.u8()?;
    let properties = if cursor.0.is_empty() {
        Vec::new()
    } else {
        cursor.properties(version)?
    };
    Some((Some(code), properties))
}

fn connect(cursor: &mut Cursor<'_>) -> Option<Connect> {
    let mut connect = Connect {
        protocol: cursor.bytes()?,
        version: cursor.u8()?,
        flags: cursor.u8()?,
        keep_alive: cursor.u16()?,
        ..Connect::default()
    };
    connect.properties = cursor.properties(connect.version)?;
    connect.client_id = cursor.bytes()?;
    if connect.flags & 0x04 != 0 {
        connect.will_properties = cursor.properties(connect.version)?;
        connect.will_topic = Some(cursor.bytes()?);
        connect.will_message = Some(cursor.bytes()?);
    }
    if connect.flags & 0x80 != 0 {
        connect.username = Some(cursor.bytes()?);
    }
    if connect.flags & 0x40 != 0 {
        connect.password = Some(cursor.bytes()?);
    }
    Some(connect)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(first: u8, body: &[u8], version: u8) -> Option<Body> {
        parse_body(Header::from_byte(first), body, version)
    }

    #[test]
    fn variable_lengths() {
        for (bytes, value) in [
            (&b"\x00"[..], Some(Ok((0, 1)))),
            (b"\x7f", Some(Ok((127, 1)))),
            (b"\x80\x01", Some(Ok((128, 2)))),
            (b"\xff\xff\xff\x7f", Some(Ok((268_435_455, 4)))),
            (b"\x80", None),
            (b"\xff\xff\xff\xff", Some(Err(()))),
        ] {
            assert_eq!(variable(bytes), value, "{bytes:?}");
        }
    }

    #[test]
    fn connects_of_all_versions() {
        let old = parse(0x10, b"\0\x06MQIsdp\x03\x02\0\x3c\0\x01a", 0).unwrap();
        let new = parse(
            0x10,
            b"\0\x04MQTT\x05\xc6\0\x3c\x03\x21\0\x14\0\x01a\0\0\x01t\0\x01m\0\x04user\0\x04pass",
            0,
        )
        .unwrap();
        match (old, new) {
            (Body::Connect(old), Body::Connect(new)) => {
                assert_eq!(
                    (old.version, old.client_id.as_slice(), old.username),
                    (3, &b"a"[..], None)
                );
                assert_eq!(new.properties[0].value, PropertyValue::Number(20));
                assert_eq!(new.will_topic.as_deref(), Some(&b"t"[..]));
                assert_eq!(new.password.as_deref(), Some(&b"pass"[..]));
            }
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn malformed_bodies_are_refused() {
        for (first, body, version) in [
            (0x10, &b"\0\x04MQTT"[..], 0),
            (0x20, b"\0", 4),
            (0x30, b"\0\x09short", 4),
            (0x32, b"\0\x01t", 4),
            (0x82, b"\0\x01\0\x01t", 4),
            (0xe0, b"\0\x05\x7f", 5),
            (0xe0, b"\0\x01\x63", 5),
        ] {
            assert_eq!(parse(first, body, version), None, "{first:#x} {body:?}");
        }
    }
}
