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
///
/// Behind a pointer, so that a [`Value`] stays small. Parsers ask for dozens of names that are not there; a byte made
/// from each name (its *tag*) answers most of those questions without looking at the names.
#[derive(Clone, Debug, Default)]
pub struct Fields<'a>(Option<Box<Inner<'a>>>);

type Field<'a> = (Cow<'a, str>, Value<'a>);

/// Tags kept; fields beyond are searched one by one.
const TAGS: usize = 64;

#[derive(Clone, Debug)]
struct Inner<'a> {
    list: Vec<Field<'a>>,
    /// Of the field at the same place, as far as there is room.
    tags: [u8; TAGS],
}

/// A byte that differs between most names.
fn tag(name: &str) -> u8 {
    let bytes = name.as_bytes();
    let byte = |at: usize| bytes.get(at).copied().unwrap_or(0);
    let middle = byte(bytes.len() / 2).rotate_left(3);
    let ends = byte(0) ^ byte(bytes.len().wrapping_sub(1)).rotate_left(5);
    (bytes.len() as u8).wrapping_mul(0x35) ^ ends ^ middle
}

impl PartialEq for Fields<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.list() == other.list()
    }
}

impl<'a> Inner<'a> {
    fn with_capacity(fields: usize) -> Self {
        Self {
            list: Vec::with_capacity(fields),
            tags: [0; TAGS],
        }
    }

    fn push(&mut self, field: Field<'a>) {
        if let Some(place) = self.tags.get_mut(self.list.len()) {
            *place = tag(&field.0);
        }
        self.list.push(field);
    }

    /// Compares eight tags at once, and names only where a tag is the same.
    fn position(&self, name: &str) -> Option<usize> {
        const ONES: u64 = 0x0101_0101_0101_0101;
        let wanted = u64::from(tag(name)) * ONES;
        let used = self.list.len().min(TAGS).div_ceil(8);
        let is = |at: usize| self.list.get(at).is_some_and(|(key, _)| key == name);
        for (block, tags) in self.tags.as_chunks::<8>().0.iter().take(used).enumerate() {
            let differing = u64::from_le_bytes(*tags) ^ wanted;
            // A bit for each byte that is zero, and sometimes for one above it: the name decides.
            let mut same = differing.wrapping_sub(ONES) & !differing & (ONES << 7);
            while same != 0 {
                let at = block * 8 + same.trailing_zeros() as usize / 8;
                if is(at) {
                    return Some(at);
                }
                same &= same - 1;
            }
        }
        (TAGS..self.list.len()).find(|at| is(*at))
    }

    fn remove(&mut self, at: usize) -> Field<'a> {
        let field = self.list.remove(at);
        self.tag_from(at);
        field
    }

    /// Makes the tags from a place on anew.
    fn tag_from(&mut self, at: usize) {
        let fields = self.list.iter().skip(at);
        for (place, (name, _)) in self.tags.iter_mut().skip(at).zip(fields) {
            *place = tag(name);
        }
    }
}

impl<'a> Fields<'a> {
    /// No fields.
    pub const fn new() -> Self {
        Self(None)
    }

    /// No fields yet, with room for some.
    pub fn with_capacity(fields: usize) -> Self {
        Self(Some(Box::new(Inner::with_capacity(fields))))
    }

    fn list(&self) -> &[Field<'a>] {
        self.0.as_ref().map_or(&[], |inner| &inner.list)
    }

    /// Adds a field at the end.
    pub fn push(&mut self, name: impl Into<Cow<'a, str>>, value: impl Into<Value<'a>>) {
        self.0
            .get_or_insert_with(|| Box::new(Inner::with_capacity(8)))
            .push((name.into(), value.into()));
    }

    /// Adds a text field unless the text is absent.
    pub fn push_some(&mut self, name: &'static str, value: Option<impl Into<Value<'a>>>) {
        if let Some(value) = value {
            self.push(name, value);
        }
    }

    /// The first value of exactly this name, at this level. A flat name with dots wins over nesting.
    pub fn find(&self, name: &str) -> Option<&Value<'a>> {
        let inner = self.0.as_ref()?;
        inner.list.get(inner.position(name)?).map(|(_, value)| value)
    }

    /// The same, to be changed in place.
    pub fn find_mut(&mut self, name: &str) -> Option<&mut Value<'a>> {
        let inner = self.0.as_mut()?;
        let at = inner.position(name)?;
        inner.list.get_mut(at).map(|(_, value)| value)
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
        let inner = self.0.as_mut()?;
        let at = inner.position(name)?;
        Some(inner.remove(at).1)
    }

    /// Gives the first field of a name another name, in its place.
    pub fn rename(&mut self, from: &str, to: &'static str) {
        let Some(inner) = self.0.as_mut() else {
            return;
        };
        if let Some(at) = inner.position(from)
            && let Some((name, _)) = inner.list.get_mut(at)
        {
            *name = Cow::Borrowed(to);
            inner.tag_from(at);
        }
    }

    /// Moves all fields of another set to the end of this one.
    pub fn append(&mut self, other: Self) {
        for (name, value) in other {
            self.push(name, value);
        }
    }

    /// Values in order, to be changed in place, with their names.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = (&str, &mut Value<'a>)> {
        self.0
            .as_mut()
            .into_iter()
            .flat_map(|inner| inner.list.iter_mut())
            .map(|(name, value)| {
                let name: &Cow<'a, str> = name;
                (name.as_ref(), value)
            })
    }

    /// Fields in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, &Value<'a>)> {
        self.list().iter().map(|(name, value)| (name.as_ref(), value))
    }

    /// How many fields.
    pub fn len(&self) -> usize {
        self.list().len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.list().is_empty()
    }

    /// A copy that borrows nothing.
    pub fn into_owned(self) -> Fields<'static> {
        let mut owned = Fields::with_capacity(self.len());
        for (name, value) in self {
            owned.push(name.into_owned(), value.into_owned());
        }
        owned
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
        self.iter()
            .try_for_each(|(name, value)| map.serialize_entry(name, value))?;
        map.end()
    }
}

impl<'a> IntoIterator for Fields<'a> {
    type Item = (Cow<'a, str>, Value<'a>);
    type IntoIter = std::vec::IntoIter<Self::Item>;
    fn into_iter(self) -> Self::IntoIter {
        self.0.map_or_else(Vec::new, |inner| inner.list).into_iter()
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
    fn names_are_found_wherever_they_stand() {
        let names: Vec<String> = (0..100).map(|i| format!("name{i}")).collect();
        let mut fields = Fields::new();
        assert_eq!(fields.find("name0"), None);
        for (at, name) in names.iter().enumerate() {
            fields.push(name.as_str(), at as i64);
        }
        for (at, name) in names.iter().enumerate() {
            assert_eq!(fields.find(name).and_then(Value::as_i64), Some(at as i64));
        }
        assert_eq!(fields.take("name3"), Some(Value::Int(3)));
        assert_eq!(fields.find("name3"), None);
        assert_eq!(fields.find("name64").and_then(Value::as_i64), Some(64));
        assert_eq!(fields.find("name99").and_then(Value::as_i64), Some(99));
        fields.rename("name7", "seven");
        assert_eq!(
            (fields.find("name7"), fields.find("seven")),
            (None, Some(&Value::Int(7)))
        );
        assert_eq!((fields.len(), fields.iter().count()), (99, 99));
    }

    #[test]
    fn an_empty_set_equals_an_empty_set_with_room() {
        assert_eq!(Fields::new(), Fields::with_capacity(3));
        assert_eq!(Value::Map(Fields::new()).to_json(), serde_json::json!({}));
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
