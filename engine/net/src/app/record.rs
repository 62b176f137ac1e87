//! Transactions of protocols that are shown by field names: what rules and EVE records ask of them.
//!
//! The protocols with a variant of their own in [`super::TxData`] are asked by type; all others implement [`Record`],
//! so that a new protocol is one folder and needs no arm in the observers.

use std::any::Any;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt::Debug;

use serde_json::Value;
use smallvec::SmallVec;

use crate::flow::Direction;

/// The values of a field: none when the transaction does not have it.
pub type FieldValues<'a> = SmallVec<[Cow<'a, [u8]>; 1]>;

/// The numbers of a field.
pub type FieldNumbers = SmallVec<[u64; 2]>;

/// Switches of the records (`eve.types.PROTOCOL.OPTION`).
#[derive(Clone, Debug, Default)]
pub struct RecordOptions {
    options: BTreeMap<String, String>,
}

impl RecordOptions {
    /// Notes the option of a record type, such as `dhcp.extended`.
    pub fn set(&mut self, record: &str, option: &str, value: &str) {
        self.options
            .insert(format!("{record}.{option}"), value.to_owned());
    }

    /// The value of an option, when one was set.
    pub fn value(&self, name: &str) -> Option<&str> {
        self.options.get(name).map(String::as_str)
    }

    /// Whether a switch is on; `default` while it is not set.
    pub fn is_on(&self, name: &str, default: bool) -> bool {
        self.value(name).map_or(default, |value| {
            matches!(value.trim(), "" | "yes" | "true" | "on" | "1")
        })
    }

    /// The values of a list, which come as `name` or as `name.0`, `name.1`, …
    pub fn list<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        let items = self.options.iter().filter(move |(key, _)| {
            key.strip_prefix(name)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        });
        items
            .flat_map(|(_, value)| value.trim_matches(['[', ']']).split(','))
            .map(str::trim)
            .filter(|item| !item.is_empty())
    }
}

/// What a protocol's parser found in one transaction.
pub trait Record: Any + Debug + Send {
    /// `event_type` of its record, which is also the name of its object.
    fn event_type(&self) -> &'static str;

    /// Its object; `None` writes none.
    fn object(&self, options: &RecordOptions) -> Option<Value>;

    /// Its object in alerts, where that differs.
    fn alert_object(&self, options: &RecordOptions) -> Option<Value> {
        self.object(options)
    }

    /// The record's addresses go as the flow does, although it is one message.
    fn follows_flow(&self) -> bool {
        false
    }

    /// Whether a record is written when it is finished; alerts show the object all the same.
    fn is_recorded(&self, _options: &RecordOptions) -> bool {
        true
    }

    /// A second object that goes with it in the record.
    fn beside(&self, _options: &RecordOptions) -> Option<(&'static str, Value)> {
        None
    }

    /// The way it went, when it is one message and not a request with its answer.
    fn direction(&self) -> Option<Direction> {
        None
    }

    /// The bytes that the sticky buffer `field` shows for a direction.
    fn bytes(&self, _field: &str, _direction: Direction) -> FieldValues<'_> {
        FieldValues::new()
    }

    /// The numbers that the keyword `field` compares.
    fn numbers(&self, _field: &str, _direction: Direction) -> FieldNumbers {
        FieldNumbers::new()
    }
}

impl dyn Record {
    /// The record as its own type.
    pub fn downcast<T: Record>(&self) -> Option<&T> {
        let any: &dyn Any = self;
        any.downcast_ref()
    }

    /// The record as its own type, to write to.
    pub fn downcast_mut<T: Record>(&mut self) -> Option<&mut T> {
        let any: &mut dyn Any = self;
        any.downcast_mut()
    }
}

/// One value, unless it is empty.
pub fn one(bytes: &[u8]) -> FieldValues<'_> {
    std::iter::once(bytes)
        .filter(|bytes| !bytes.is_empty())
        .map(Cow::Borrowed)
        .collect()
}

/// One number, if there is one.
pub fn number(value: Option<impl Into<u64>>) -> FieldNumbers {
    value.map(Into::into).into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_switches_and_lists() {
        let mut options = RecordOptions::default();
        options.set("dhcp", "extended", "true");
        options.set("smb", "types.0", "file");
        options.set("smb", "types.1", "create");
        assert!(options.is_on("dhcp.extended", false) && !options.is_on("other", false));
        assert_eq!(options.list("smb.types").collect::<Vec<_>>(), ["file", "create"]);
    }
}
