//! One SNMP message and its record.

use std::net::Ipv4Addr;

use serde_json::{Map, Value, json};

use crate::app::{FieldNumbers, FieldValues, Record, RecordOptions, number, one};
use crate::flow::Direction;
use crate::proto::ber::{Element, Elements};
use crate::proto::text;

/// Variables of a message that are kept.
const MAX_VARIABLES: usize = 128;

/// What a message does.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Pdu {
    kind: u8,
    error: u64,
    trap: Option<Trap>,
    variables: Vec<String>,
}

/// What only SNMPv1 traps have.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Trap {
    kind: u64,
    oid: String,
    address: String,
}

/// One message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    direction: Direction,
    version: u8,
    community: Option<Vec<u8>>,
    usm: Option<Vec<u8>>,
    encrypted: bool,
    pdu: Option<Pdu>,
    malformed: bool,
}

const PDUS: [&str; 9] = [
    "get_request",
    "get_next_request",
    "response",
    "set_request",
    "trap_v1",
    "get_bulk_request",
    "inform_request",
    "trap_v2",
    "report",
];

const ERRORS: [&str; 6] = [
    "no_error",
    "too_big",
    "no_such_name",
    "bad_value",
    "read_only",
    "generic_error",
];

const TRAPS: [&str; 7] = [
    "cold_start",
    "warm_start",
    "link_down",
    "link_up",
    "authentication_failure",
    "egp_neighbor_loss",
    "enterprise_specific",
];

fn name(names: &[&str], number: u64) -> String {
    let known = usize::try_from(number).ok().and_then(|at| names.get(at));
    known.map_or_else(|| number.to_string(), |name| (*name).to_owned())
}

impl Message {
    pub(super) fn malformed(direction: Direction, version: u8) -> Self {
        Self {
            direction,
            version,
            community: None,
            usm: None,
            encrypted: false,
            pdu: None,
            malformed: true,
        }
    }

    /// 1, 2 or 3.
    pub fn version(&self) -> u8 {
        self.version
    }

    pub(super) fn parse(bytes: &[u8], direction: Direction) -> Option<Self> {
        let whole = Elements(bytes).next().filter(|element| element.tag == 0x30)?;
        let mut parts = whole.inner();
        let version = match parts.next().filter(|element| element.tag == 2)?.integer()? {
            0 => 1,
            1 => 2,
            3 => 3,
            _ => return None,
        };
        let mut message = Self {
            malformed: false,
            ..Self::malformed(direction, version)
        };
        if version == 3 {
            message.parse_v3(parts)?;
        } else {
            message.community = Some(parts.next().filter(|element| element.tag == 4)?.content.to_vec());
            message.pdu = Some(pdu(parts.next()?)?);
        }
        Some(message)
    }

    /// Header, security parameters (RFC 3414 section 2.4), and the scoped PDU or its encryption.
    fn parse_v3(&mut self, mut parts: Elements<'_>) -> Option<()> {
        parts.next().filter(|header| header.tag == 0x30)?;
        let security = parts.next().filter(|element| element.tag == 4)?;
        self.usm = security
            .inner()
            .next()
            .and_then(|parameters| parameters.inner().nth(3))
            .map(|user| user.content.to_vec());
        let data = parts.next()?;
        if data.tag == 4 {
            self.encrypted = true;
        } else {
            self.pdu = Some(pdu(data.inner().nth(2)?)?);
        }
        Some(())
    }

    fn kind(&self) -> Option<String> {
        if self.encrypted {
            return Some("encrypted".to_owned());
        }
        self.pdu.as_ref().map(|pdu| name(&PDUS, pdu.kind.into()))
    }
}

fn pdu(element: Element<'_>) -> Option<Pdu> {
    let kind = element.tag.checked_sub(0xa0).filter(|kind| *kind <= 8)?;
    let mut parts = element.inner();
    let mut pdu = Pdu {
        kind,
        ..Pdu::default()
    };
    if kind == 4 {
        let (oid, address, generic) = (parts.next()?, parts.next()?, parts.next()?);
        let address = address.content.first_chunk::<4>().copied().map(Ipv4Addr::from)?;
        pdu.trap = Some(Trap {
            kind: generic.unsigned()?,
            oid: oid.oid()?,
            address: address.to_string(),
        });
        parts.next()?;
        parts.next()?;
    } else {
        parts.next()?;
        pdu.error = parts.next()?.unsigned().unwrap_or(0);
        parts.next()?;
    }
    let variables = parts.next().map(|list| list.inner().take(MAX_VARIABLES));
    pdu.variables = variables
        .into_iter()
        .flatten()
        .filter_map(|variable| variable.inner().next()?.oid())
        .collect();
    Some(pdu)
}

impl Record for Message {
    fn event_type(&self) -> &'static str {
        "snmp"
    }

    fn is_recorded(&self, _options: &RecordOptions) -> bool {
        !self.malformed
    }

    fn object(&self, _options: &RecordOptions) -> Option<Value> {
        let mut object = Map::new();
        object.insert("version".to_owned(), self.version.into());
        if let Some(user) = &self.usm {
            object.insert("usm".to_owned(), text(user).into());
        }
        if let Some(kind) = self.kind() {
            object.insert("pdu_type".to_owned(), kind.into());
        }
        if let Some(pdu) = &self.pdu {
            if pdu.error != 0 && pdu.trap.is_none() && pdu.kind != 5 {
                object.insert("error".to_owned(), name(&ERRORS, pdu.error).into());
            }
            if let Some(trap) = &pdu.trap {
                object.insert("trap_type".to_owned(), name(&TRAPS, trap.kind).into());
                object.insert("trap_oid".to_owned(), trap.oid.as_str().into());
                object.insert("trap_address".to_owned(), trap.address.as_str().into());
            }
            if !pdu.variables.is_empty() {
                object.insert("vars".to_owned(), json!(pdu.variables));
            }
        }
        if let Some(community) = &self.community {
            object.insert("community".to_owned(), text(community).into());
        }
        Some(Value::Object(object))
    }

    fn direction(&self) -> Option<Direction> {
        Some(self.direction)
    }

    fn bytes(&self, field: &str, direction: Direction) -> FieldValues<'_> {
        if direction != self.direction {
            return FieldValues::new();
        }
        let trap = self.pdu.as_ref().and_then(|pdu| pdu.trap.as_ref());
        let value = match field {
            "snmp.community" => self.community.as_deref(),
            "snmp.usm" => self.usm.as_deref(),
            "snmp.trap_oid" => trap.map(|trap| trap.oid.as_bytes()),
            "snmp.trap_address" => trap.map(|trap| trap.address.as_bytes()),
            _ => None,
        };
        value.map(one).unwrap_or_default()
    }

    fn numbers(&self, field: &str, direction: Direction) -> FieldNumbers {
        if direction != self.direction {
            return FieldNumbers::new();
        }
        let pdu = self.pdu.as_ref();
        number(match field {
            "snmp.version" => Some(u64::from(self.version)),
            "snmp.pdu_type" => pdu.map(|pdu| pdu.kind.into()),
            "snmp.trap_type" => pdu.and_then(|pdu| pdu.trap.as_ref()).map(|trap| trap.kind),
            _ => None,
        })
    }
}
