//! A request with its answer, and the `enip` object of EVE.

use std::borrow::Cow;

use serde_json::{Map, Value, json};

use super::message::{Cip, Identity, Message};
use super::names;
use crate::app::{FieldNumbers, FieldValues, Record, RecordOptions, number, one};
use crate::flow::Direction;
use crate::proto::text;

/// A request with its answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Exchange {
    request: Option<Message>,
    response: Option<Message>,
}

impl Exchange {
    pub(super) fn is_answered_by(&self, answer: &Message) -> bool {
        self.request
            .as_ref()
            .is_some_and(|request| answer.answers(request))
    }

    pub(super) fn add(&mut self, message: Message, direction: Direction) {
        match direction {
            Direction::ToServer => self.request = Some(message),
            Direction::ToClient => self.response = Some(message),
        }
    }

    fn side(&self, direction: Direction) -> Option<&Message> {
        match direction {
            Direction::ToServer => self.request.as_ref(),
            Direction::ToClient => self.response.as_ref(),
        }
    }
}

impl Cip {
    fn select(&self, kind: &str) -> Option<u32> {
        self.path
            .iter()
            .find(|segment| segment.kind == kind)
            .map(|segment| segment.value)
    }

    fn object(&self) -> Value {
        let mut object = json!({"service": names::service(self.service)});
        let Some(map) = object.as_object_mut() else {
            return object;
        };
        if let Some(status) = self.status {
            map.insert("status".to_owned(), names::cip_status(status).into());
        }
        if !self.path.is_empty() {
            let segments = self.path.iter();
            let path = segments.map(|step| json!({"segment_type": step.kind, "value": step.value}));
            map.insert("path".to_owned(), path.collect());
        }
        if let Some(class) = self.select("class").and_then(names::class) {
            map.insert("class_name".to_owned(), class.into());
        }
        object
    }
}

impl Identity {
    fn object(&self) -> Value {
        let (major, minor) = self.revision;
        json!({
            "vendor_id": names::vendor(self.vendor), "device_type": self.device, "product_code": self.product,
            "revision": format!("{major}.{minor}"), "status": self.status, "serial": self.serial,
            "product_name": text(&self.name), "state": self.state,
        })
    }
}

impl Message {
    fn object(&self, answers: bool) -> Value {
        let mut object = Map::new();
        object.insert("command".to_owned(), names::command(self.command).into());
        if answers || self.status != 0 {
            object.insert("status".to_owned(), names::status(self.status).into());
        }
        if let Some(identity) = &self.identity {
            object.insert("identity".to_owned(), identity.object());
        }
        if let Some(service) = &self.service {
            object.insert("list_services".to_owned(), json!({"service_name": text(service)}));
        }
        if let Some(cip) = &self.cip {
            object.insert("cip".to_owned(), cip.object());
        }
        object.into()
    }
}

impl Record for Exchange {
    fn event_type(&self) -> &'static str {
        "enip"
    }

    fn object(&self, _options: &RecordOptions) -> Option<Value> {
        let mut object = Map::new();
        if let Some(request) = &self.request {
            object.insert("request".to_owned(), request.object(false));
        }
        if let Some(response) = &self.response {
            object.insert("response".to_owned(), response.object(true));
        }
        Some(object.into())
    }

    fn bytes(&self, field: &str, direction: Direction) -> FieldValues<'_> {
        let Some(message) = self.side(direction) else {
            return FieldValues::new();
        };
        match (field, &message.cip, &message.identity, &message.service) {
            ("enip.product_name", _, Some(identity), _) => one(&identity.name),
            ("enip.service_name", _, _, Some(service)) => one(service),
            // The service, then class and attribute where the path selects them.
            ("enip.cip_service", Some(cip), ..) => {
                let mut value = vec![cip.service];
                for number in [cip.select("class"), cip.select("attribute_id")]
                    .into_iter()
                    .map_while(|part| part)
                {
                    value.extend(number.to_be_bytes());
                }
                std::iter::once(Cow::Owned(value)).collect()
            }
            _ => FieldValues::new(),
        }
    }

    fn numbers(&self, field: &str, direction: Direction) -> FieldNumbers {
        let Some(message) = self.side(direction) else {
            return FieldNumbers::new();
        };
        let (cip, identity) = (message.cip.as_ref(), message.identity.as_ref());
        let of_identity = |of: fn(&Identity) -> u64| identity.map(of);
        number(match field {
            "enip.command" => Some(u64::from(message.command)),
            "enip.status" => Some(message.status.into()),
            "enip.cip_status" => cip.and_then(|cip| cip.status).map(u64::from),
            "enip.cip_class" => cip.and_then(|cip| cip.select("class")).map(u64::from),
            "enip.cip_instance" => cip.and_then(|cip| cip.select("instance")).map(u64::from),
            "enip.cip_attribute" => cip.and_then(|cip| cip.select("attribute_id")).map(u64::from),
            "enip.vendor_id" => of_identity(|identity| identity.vendor.into()),
            "enip.product_code" => of_identity(|identity| identity.product.into()),
            "enip.device_type" => of_identity(|identity| identity.device.into()),
            "enip.revision" => {
                of_identity(|identity| u64::from(identity.revision.0) << 8 | u64::from(identity.revision.1))
            }
            "enip.identity_status" => of_identity(|identity| identity.status.into()),
            "enip.state" => of_identity(|identity| identity.state.into()),
            "enip.serial" => of_identity(|identity| identity.serial.into()),
            _ => None,
        })
    }
}
