//! One LDAP message: its number, its operation, and the object that records show.

use serde_json::{Map, Value, json};

use super::names;
use crate::proto::ber::{Element, Elements};
use crate::proto::text;

/// Items of a list that are kept.
const MAX_ITEMS: usize = 256;
/// The extended operation after which TLS begins (RFC 4511 section 4.14).
const START_TLS: &[u8] = b"1.3.6.1.4.1.1466.20037";

/// One message.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Message {
    pub(super) id: u64,
    /// Number of the operation's tag.
    pub(super) operation: u8,
    /// Result code of an answer.
    pub(super) result: Option<u32>,
    /// The entry that the operation is about.
    pub(super) dn: Option<Vec<u8>>,
    /// What the server says in words.
    pub(super) words: Option<Vec<u8>>,
    /// Types of attributes in it.
    pub(super) attributes: Vec<Vec<u8>>,
    /// Name of an extended operation.
    extended: Option<Vec<u8>>,
    detail: Option<Value>,
}

impl Message {
    pub(super) fn is_request(&self) -> bool {
        matches!(self.operation, 0 | 2 | 3 | 6 | 8 | 10 | 12 | 14 | 16 | 23)
    }

    /// Unbind and abandon have no answer.
    pub(super) fn is_unanswered(&self) -> bool {
        matches!(self.operation, 2 | 16)
    }

    /// Whether no further answer comes.
    pub(super) fn is_last(&self) -> bool {
        !matches!(self.operation, 4 | 19 | 25)
    }

    pub(super) fn is_start_tls(&self) -> bool {
        self.extended.as_deref() == Some(START_TLS)
    }

    pub(super) fn is_success_of_extended(&self) -> bool {
        self.operation == 24 && self.result == Some(0)
    }

    pub(super) fn object(&self) -> Value {
        let name = names::operation(self.operation);
        let mut object = Map::new();
        object.insert("message_id".to_owned(), self.id.into());
        object.insert("operation".to_owned(), name.into());
        if let Some(detail) = &self.detail {
            object.insert(name.to_owned(), detail.clone());
        }
        object.into()
    }
}

fn words(element: Option<Element<'_>>) -> String {
    element.map(|element| text(element.content)).unwrap_or_default()
}

fn number(element: Option<Element<'_>>) -> i64 {
    element.and_then(|element| element.integer()).unwrap_or(0)
}

/// Reads one whole message.
pub(super) fn parse(bytes: &[u8]) -> Option<Message> {
    let mut parts = Elements(bytes).next().filter(|whole| whole.tag == 0x30)?.inner();
    let id = parts.next().filter(|id| id.tag == 2)?.unsigned()?;
    let operation = parts.next().filter(|operation| operation.tag & 0xc0 == 0x40)?;
    let kind = operation.tag & 0x1f;
    if !names::is_operation(kind) {
        return None;
    }
    let mut message = Message {
        id,
        operation: kind,
        result: None,
        dn: None,
        words: None,
        attributes: Vec::new(),
        extended: None,
        detail: None,
    };
    message.detail = match kind {
        1 | 5 | 7 | 9 | 11 | 13 | 15 | 24 => message.outcome(operation),
        10 => {
            message.dn = Some(operation.content.to_vec());
            Some(json!({"dn": text(operation.content)}))
        }
        16 => operation.integer().map(|number| json!({"message_id": number})),
        19 => Some(
            operation
                .inner()
                .take(MAX_ITEMS)
                .map(|url| text(url.content))
                .collect::<Vec<_>>()
                .into(),
        ),
        2 => None,
        _ => message.request(operation),
    };
    Some(message)
}

impl Message {
    /// Result code, matched entry, words; and what an extended answer adds.
    fn outcome(&mut self, operation: Element<'_>) -> Option<Value> {
        let mut parts = operation.inner();
        let code = u32::try_from(parts.next()?.integer()?).ok()?;
        let (matched, said) = (parts.next(), parts.next());
        self.result = Some(code);
        self.words = said.map(|said| said.content.to_vec());
        self.dn = matched.map(|matched| matched.content.to_vec());
        let mut object = json!({
            "result_code": names::result(code), "matched_dn": words(matched), "message": words(said),
        });
        let map = object.as_object_mut()?;
        for part in parts {
            match (self.operation, part.tag) {
                (24, 0x8a) => {
                    map.insert("name".to_owned(), text(part.content).into());
                }
                (24, 0x8b) => {
                    map.insert("value".to_owned(), text(part.content).into());
                }
                (1, 0x87) => {
                    map.insert("server_sasl_creds".to_owned(), text(part.content).into());
                }
                _ => {}
            }
        }
        Some(object)
    }

    /// The operations that name an entry first, and search results.
    fn request(&mut self, operation: Element<'_>) -> Option<Value> {
        let mut parts = operation.inner();
        let first = parts.next()?;
        if !matches!(self.operation, 0 | 23) {
            self.dn = Some(first.content.to_vec());
        }
        let entry = text(first.content);
        Some(match self.operation {
            0 => bind(first, parts),
            3 => self.search(&entry, parts),
            4 => json!({"base_object": entry, "attributes": self.attributes(parts.next()?)}),
            6 => json!({"object": entry, "changes": self.changes(parts.next()?)}),
            8 => json!({"entry": entry, "attributes": self.attributes(parts.next()?)}),
            12 => {
                let (rdn, delete) = (parts.next(), parts.next());
                let mut object = json!({
                    "entry": entry, "new_rdn": words(rdn), "delete_old_rdn": number(delete) != 0,
                });
                if let (Some(superior), Some(map)) = (parts.next(), object.as_object_mut()) {
                    map.insert("new_superior".to_owned(), text(superior.content).into());
                }
                object
            }
            14 => {
                let mut assertion = parts.next()?.inner();
                let (description, value) = (assertion.next(), assertion.next());
                self.attributes
                    .extend(description.map(|description| description.content.to_vec()));
                json!({
                    "entry": entry,
                    "attribute_value_assertion": {"description": words(description), "value": words(value)},
                })
            }
            23 => {
                self.extended = Some(first.content.to_vec());
                let mut object = json!({"name": entry});
                if let (Some(value), Some(map)) = (parts.next(), object.as_object_mut()) {
                    map.insert("value".to_owned(), text(value.content).into());
                }
                object
            }
            _ => return None,
        })
    }

    fn search(&mut self, base: &str, mut parts: Elements<'_>) -> Value {
        let (scope, aliases) = (number(parts.next()), number(parts.next()));
        let (size, time) = (number(parts.next()), number(parts.next()));
        let types_only = number(parts.next()) != 0;
        let _filter = parts.next();
        let attributes = parts.next().map(|list| list.inner().take(MAX_ITEMS));
        self.attributes = attributes
            .into_iter()
            .flatten()
            .map(|attribute| attribute.content.to_vec())
            .collect();
        let attributes: Vec<String> = self.attributes.iter().map(|attribute| text(attribute)).collect();
        json!({
            "base_object": base, "scope": scope, "deref_alias": aliases, "size_limit": size,
            "time_limit": time, "types_only": types_only, "attributes": attributes,
        })
    }

    /// A list of attributes, each with its values.
    fn attributes(&mut self, list: Element<'_>) -> Value {
        let mut shown = Vec::new();
        for attribute in list.inner().take(MAX_ITEMS) {
            let mut parts = attribute.inner();
            let kind = parts.next();
            self.attributes.extend(kind.map(|kind| kind.content.to_vec()));
            shown.push(json!({"type": words(kind), "values": values(parts.next())}));
        }
        shown.into()
    }

    fn changes(&mut self, list: Element<'_>) -> Value {
        let mut shown = Vec::new();
        for change in list.inner().take(MAX_ITEMS) {
            let mut parts = change.inner();
            let operation = match number(parts.next()) {
                0 => "add",
                1 => "delete",
                2 => "replace",
                3 => "increment",
                _ => "unknown",
            };
            let mut modification = parts.next().map(|inner| inner.inner());
            let kind = modification.as_mut().and_then(Iterator::next);
            self.attributes.extend(kind.map(|kind| kind.content.to_vec()));
            let values = values(modification.as_mut().and_then(Iterator::next));
            shown.push(json!({
                "operation": operation,
                "modification": {"attribute_type": words(kind), "attribute_values": values},
            }));
        }
        shown.into()
    }
}

fn values(set: Option<Element<'_>>) -> Vec<String> {
    let values = set.map(|set| set.inner().take(MAX_ITEMS));
    values
        .into_iter()
        .flatten()
        .map(|value| text(value.content))
        .collect()
}

fn bind(version: Element<'_>, mut parts: Elements<'_>) -> Value {
    let name = words(parts.next());
    let mut object = json!({"version": number(Some(version)), "name": name});
    let (Some(login), Some(map)) = (parts.next(), object.as_object_mut()) else {
        return object;
    };
    if login.tag == 0xa3 {
        let mut sasl = login.inner();
        let (mechanism, credentials) = (sasl.next(), sasl.next());
        let mut shown = json!({"mechanism": words(mechanism)});
        if let (Some(credentials), Some(shown)) = (credentials, shown.as_object_mut()) {
            shown.insert("credentials".to_owned(), text(credentials.content).into());
        }
        map.insert("sasl".to_owned(), shown);
    }
    object
}
