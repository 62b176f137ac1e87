//! JSON lines as events, for tests and measurements: the real parsers live in `saola-logs`.

use std::borrow::Cow;
use std::fmt;

use saola_event::{Event, Fields, Timestamp, Value};
use serde::Deserialize;
use serde::de::{MapAccess, SeqAccess, Visitor};

use crate::windows::SourceTable;

/// A value borrowed from the line where it can be.
pub(crate) struct Json<'a>(pub(crate) Value<'a>);

impl<'de> Deserialize<'de> for Json<'de> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(JsonVisitor)
    }
}

struct Name<'a>(Cow<'a, str>);

impl<'de> Deserialize<'de> for Name<'de> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Json::deserialize(deserializer)?.0 {
            Value::Text(text) => Ok(Self(text)),
            _ => Err(serde::de::Error::custom("a name must be text")),
        }
    }
}

struct JsonVisitor;

impl<'de> Visitor<'de> for JsonVisitor {
    type Value = Json<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }
    fn visit_unit<E>(self) -> Result<Json<'de>, E> {
        Ok(Json(Value::Null))
    }
    fn visit_bool<E>(self, value: bool) -> Result<Json<'de>, E> {
        Ok(Json(Value::Bool(value)))
    }
    fn visit_i64<E>(self, value: i64) -> Result<Json<'de>, E> {
        Ok(Json(Value::Int(value)))
    }
    fn visit_u64<E>(self, value: u64) -> Result<Json<'de>, E> {
        Ok(Json(Value::from(value)))
    }
    fn visit_f64<E>(self, value: f64) -> Result<Json<'de>, E> {
        Ok(Json(Value::Float(value)))
    }
    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Json<'de>, E> {
        Ok(Json(Value::Text(Cow::Borrowed(text))))
    }
    fn visit_str<E>(self, text: &str) -> Result<Json<'de>, E> {
        Ok(Json(Value::Text(Cow::Owned(text.to_owned()))))
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Json<'de>, A::Error> {
        let mut items = Vec::new();
        while let Some(Json(item)) = access.next_element()? {
            items.push(item);
        }
        Ok(Json(Value::List(items)))
    }
    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Json<'de>, A::Error> {
        let mut fields = Fields::new();
        while let Some((Name(name), Json(value))) = access.next_entry()? {
            fields.push(name, value);
        }
        Ok(Json(Value::Map(fields)))
    }
}

/// A JSON line as an event of the log sources that the table tells.
pub(crate) fn event<'a>(line: &'a str, table: &mut SourceTable) -> Event<'a> {
    let fields = match serde_json::from_str(line) {
        Ok(Json(Value::Map(fields))) => fields,
        _ => Fields::new(),
    };
    Event {
        time: Timestamp::EPOCH,
        received_at: Timestamp::EPOCH,
        source: "test".into(),
        agency: "test".into(),
        seq: 0,
        parser: "json",
        sources: table.of(&fields),
        fields,
        raw: Cow::Borrowed(line),
    }
}
