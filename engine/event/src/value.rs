//! Field values of events, borrowed from the record where they can be.

use std::borrow::Cow;

use serde::ser::{SerializeMap, SerializeSeq};
use serde::{Serialize, Serializer};

/// A field's value. Texts borrow from the raw record unless they had to be unescaped or decoded.
#[derive(Clone, Debug, PartialEq)]
pub enum Value<'a> {
    /// JSON null, or a field known to be empty of meaning.
    Null,
    /// True or false.
    Bool(bool),
    /// A signed integer.
    Int(i64),
    /// An integer beyond `i64`.
    Uint(u64),
    /// Any other number.
    Float(f64),
    /// Text; what was not UTF-8 has been replaced, the raw record keeps the bytes.
    Text(Cow<'a, str>),
    /// A list, in order.
    List(Vec<Value<'a>>),
    /// An object: nested fields.
    Map(Fields<'a>),
}

/// Named values in the order the record gave them. A later value of the same name does not replace an earlier one;
/// [`Fields::find`] gives the first.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Fields<'a>(Vec<(Cow<'a, str>, Value<'a>)>);

impl<'a> Fields<'a> {
    /// No fields.
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// No fields yet, with room for some.
    pub fn with_capacity(fields: usize) -> Self {
        Self(Vec::with_capacity(fields))
    }

    /// Adds a field at the end.
    pub fn push(&mut self, name: impl Into<Cow<'a, str>>, value: impl Into<Value<'a>>) {
        self.0.push((name.into(), value.into()));
    }

    /// Adds a text field unless the text is absent.
    pub fn push_some(&mut self, name: &'static str, value: Option<impl Into<Value<'a>>>) {
        if let Some(value) = value {
            self.push(name, value);
        }
    }

    /// The first value of exactly this name, at this level. A flat name with dots wins over nesting.
    pub fn find(&self, name: &str) -> Option<&Value<'a>> {
        self.0.iter().find(|(key, _)| key == name).map(|(_, value)| value)
    }

    /// The value at a name or, when there is none, at the dotted path (`process.parent.name`).
    pub fn find_path(&self, path: &str) -> Option<&Value<'a>> {
        self.find(path).or_else(|| {
            path.match_indices('.').find_map(|(dot, _)| {
                let (head, tail) = (path.get(..dot)?, path.get(dot + 1..)?);
                match self.find(head)? {
                    Value::Map(inner) => inner.find_path(tail),
                    _ => None,
                }
            })
        })
    }

    /// The text at a name, when it is a text.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.find(name).and_then(Value::as_text)
    }

    /// Takes a field out, so that it can be put elsewhere or under another name. The first of that name.
    pub fn take(&mut self, name: &str) -> Option<Value<'a>> {
        let place = self.0.iter().position(|(key, _)| key == name)?;
        Some(self.0.remove(place).1)
    }

    /// Moves all fields of another set to the end of this one.
    pub fn append(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    /// Fields in order, to be changed in place.
    pub fn iter_mut(&mut self) -> impl ExactSizeIterator<Item = (&mut Cow<'a, str>, &mut Value<'a>)> {
        self.0.iter_mut().map(|(name, value)| (name, value))
    }

    /// Fields in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, &Value<'a>)> {
        self.0.iter().map(|(name, value)| (name.as_ref(), value))
    }

    /// How many fields.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// A copy that borrows nothing.
    pub fn into_owned(self) -> Fields<'static> {
        Fields(
            self.0
                .into_iter()
                .map(|(name, value)| (name.into_owned().into(), value.into_owned()))
                .collect(),
        )
    }
}

impl<'a> Value<'a> {
    /// The text, when it is one.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The text with the lifetime of the record where it borrows from it.
    pub fn as_borrowed(&self) -> Option<&'a str> {
        match self {
            Self::Text(Cow::Borrowed(text)) => Some(text),
            _ => None,
        }
    }

    /// The number, when it is an integer that fits.
    pub fn as_i64(&self) -> Option<i64> {
        match *self {
            Self::Int(number) => Some(number),
            Self::Uint(number) => i64::try_from(number).ok(),
            _ => None,
        }
    }

    /// A copy that borrows nothing.
    pub fn into_owned(self) -> Value<'static> {
        match self {
            Self::Null => Value::Null,
            Self::Bool(value) => Value::Bool(value),
            Self::Int(value) => Value::Int(value),
            Self::Uint(value) => Value::Uint(value),
            Self::Float(value) => Value::Float(value),
            Self::Text(text) => Value::Text(text.into_owned().into()),
            Self::List(items) => Value::List(items.into_iter().map(Value::into_owned).collect()),
            Self::Map(fields) => Value::Map(fields.into_owned()),
        }
    }

    /// The same as a JSON value, for output and storage.
    pub fn to_json(&self) -> serde_json::Value {
        serde_json::to_value(self).unwrap_or(serde_json::Value::Null)
    }
}

impl From<bool> for Value<'_> {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<i64> for Value<'_> {
    fn from(value: i64) -> Self {
        Self::Int(value)
    }
}

impl From<u64> for Value<'_> {
    fn from(value: u64) -> Self {
        i64::try_from(value).map_or(Self::Uint(value), Self::Int)
    }
}

impl<'a> From<&'a str> for Value<'a> {
    fn from(text: &'a str) -> Self {
        Self::Text(Cow::Borrowed(text))
    }
}

impl From<String> for Value<'_> {
    fn from(text: String) -> Self {
        Self::Text(Cow::Owned(text))
    }
}

impl<'a> From<Cow<'a, str>> for Value<'a> {
    fn from(text: Cow<'a, str>) -> Self {
        Self::Text(text)
    }
}

impl Serialize for Value<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => serializer.serialize_unit(),
            Self::Bool(value) => serializer.serialize_bool(*value),
            Self::Int(value) => serializer.serialize_i64(*value),
            Self::Uint(value) => serializer.serialize_u64(*value),
            Self::Float(value) => serializer.serialize_f64(*value),
            Self::Text(text) => serializer.serialize_str(text),
            Self::List(items) => {
                let mut seq = serializer.serialize_seq(Some(items.len()))?;
                items.iter().try_for_each(|item| seq.serialize_element(item))?;
                seq.end()
            }
            Self::Map(fields) => fields.serialize(serializer),
        }
    }
}

impl Serialize for Fields<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.len()))?;
        self.0
            .iter()
            .try_for_each(|(name, value)| map.serialize_entry(name, value))?;
        map.end()
    }
}

impl<'a> IntoIterator for Fields<'a> {
    type Item = (Cow<'a, str>, Value<'a>);
    type IntoIter = std::vec::IntoIter<Self::Item>;
    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flat_dotted_name_wins_over_nesting() {
        let mut inner = Fields::new();
        inner.push("name", "nested");
        let mut fields = Fields::new();
        fields.push("process", Value::Map(inner));
        assert_eq!(
            fields.find_path("process.name").and_then(Value::as_text),
            Some("nested")
        );
        fields.push("process.name", "flat");
        assert_eq!(
            fields.find_path("process.name").and_then(Value::as_text),
            Some("flat")
        );
        assert_eq!(fields.find_path("process.none"), None);
    }

    #[test]
    fn writes_json() {
        let mut fields = Fields::new();
        fields.push("id", 1_u64 << 63);
        fields.push("list", Value::List(vec![Value::Null, Value::Bool(true)]));
        assert_eq!(
            serde_json::to_string(&fields).unwrap(),
            r#"{"id":9223372036854775808,"list":[null,true]}"#
        );
    }
}
