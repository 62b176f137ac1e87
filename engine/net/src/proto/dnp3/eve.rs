//! An application fragment, and the `dnp3` object of EVE.

use std::borrow::Cow;

use serde_json::{Map, Value, json};

use super::link::Header;
use super::names;
use super::object::{self, Limits, Object};
use crate::app::{FieldNumbers, FieldValues, Record, RecordOptions, number, one};
use crate::flow::Direction;
use crate::proto::reader::Reader;

const UNSOLICITED: u8 = 130;

/// An application fragment.
#[derive(Clone, Debug, PartialEq)]
pub struct Fragment {
    direction: Direction,
    header: Option<Header>,
    control: u8,
    function: u8,
    indications: Option<u16>,
    objects: Vec<Object>,
    complete: bool,
    bytes: Vec<u8>,
}

impl Fragment {
    pub(super) fn empty(direction: Direction) -> Self {
        Self {
            direction,
            header: None,
            control: 0,
            function: 0,
            indications: None,
            objects: Vec::new(),
            complete: false,
            bytes: Vec::new(),
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.header.is_none()
    }

    /// Reads a fragment, and says what was odd about it.
    pub(super) fn parse(
        header: Header,
        bytes: Vec<u8>,
        direction: Direction,
        limits: Limits,
    ) -> Option<(Self, Vec<&'static str>)> {
        let mut reader = Reader::new(&bytes);
        let (control, function) = (reader.u8()?, reader.u8()?);
        let indications = match direction {
            Direction::ToServer => None,
            Direction::ToClient => Some(reader.be16()?),
        };
        let (objects, events) = object::parse(reader.rest(), function, limits);
        let fragment = Self {
            header: Some(header),
            control,
            function,
            indications,
            objects,
            complete: events.is_empty(),
            bytes,
            ..Self::empty(direction)
        };
        Some((fragment, events))
    }

    fn kind(&self) -> &'static str {
        match (self.direction, self.function) {
            (Direction::ToServer, _) => "request",
            (Direction::ToClient, UNSOLICITED) => "unsolicited_response",
            (Direction::ToClient, _) => "response",
        }
    }
}

fn bit(byte: u8, mask: u8) -> bool {
    byte & mask != 0
}

impl Record for Fragment {
    fn event_type(&self) -> &'static str {
        "dnp3"
    }

    fn is_recorded(&self, _options: &RecordOptions) -> bool {
        !self.is_empty()
    }

    fn object(&self, _options: &RecordOptions) -> Option<Value> {
        let header = self.header?;
        let mut application = json!({
            "control": {
                "fir": bit(self.control, 0x80), "fin": bit(self.control, 0x40), "con": bit(self.control, 0x20),
                "uns": bit(self.control, 0x10), "sequence": self.control & 0xf,
            },
            "function_code": self.function,
        });
        let map = application.as_object_mut()?;
        if !self.objects.is_empty() {
            let objects: Vec<Value> = self.objects.iter().map(Object::object).collect();
            map.insert("objects".to_owned(), objects.into());
        }
        map.insert("complete".to_owned(), self.complete.into());
        let mut object = json!({
            "type": self.kind(),
            "control": {
                "dir": bit(header.control, 0x80), "pri": bit(header.control, 0x40),
                "fcb": bit(header.control, 0x20), "fcv": bit(header.control, 0x10),
                "function_code": header.control & 0xf,
            },
            "src": header.source, "dst": header.destination, "application": application,
        });
        if let (Some(set), Some(map)) = (self.indications, object.as_object_mut()) {
            let named = names::INDICATIONS.iter().filter(|(bit, _)| set & bit != 0);
            let named: Vec<&str> = named.map(|(_, name)| *name).collect();
            map.insert("iin".to_owned(), json!({"indicators": named}));
        }
        Some(object)
    }

    fn alert_object(&self, options: &RecordOptions) -> Option<Value> {
        let key = match self.direction {
            Direction::ToServer => "request",
            Direction::ToClient => "response",
        };
        let mut object = Map::new();
        object.insert(key.to_owned(), self.object(options)?);
        Some(object.into())
    }

    fn direction(&self) -> Option<Direction> {
        Some(self.direction)
    }

    fn follows_flow(&self) -> bool {
        true
    }

    fn bytes(&self, field: &str, direction: Direction) -> FieldValues<'_> {
        if direction != self.direction || self.is_empty() {
            return FieldValues::new();
        }
        match (field, self.indications) {
            ("dnp3.data", _) => one(&self.bytes),
            ("dnp3_ind", Some(set)) => std::iter::once(Cow::Owned(set.to_be_bytes().to_vec())).collect(),
            ("dnp3_obj", _) => {
                let pairs = self
                    .objects
                    .iter()
                    .map(|object| vec![object.group, object.variation]);
                pairs.map(Cow::Owned).collect()
            }
            _ => FieldValues::new(),
        }
    }

    fn numbers(&self, field: &str, direction: Direction) -> FieldNumbers {
        let own = direction == self.direction && field == "dnp3_func" && !self.is_empty();
        number(own.then_some(self.function))
    }
}
