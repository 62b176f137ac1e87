//! Lists that rules name by file: values of data sets, reputations, hashes of files.
//!
//! The engine reads no files: whoever loads the rules hands over a [`ReadList`]. Everything read is bounded, and a
//! line that cannot be read refuses the rule with the line's number.

use std::fmt;
use std::sync::Arc;

use base64::Engine as _;
use rustc_hash::{FxHashMap, FxHashSet};
use serde_json::Value;

use crate::rule::dataset::{Dataset, Entry, SetKind};

/// Values of one list.
const MAX_VALUES: usize = 2_000_000;
/// Bytes of one value.
const MAX_VALUE_BYTES: usize = 64 << 10;

/// Reads a list for a rule.
pub trait ReadList: Send + Sync + fmt::Debug {
    /// The bytes of list `name`, which a rule of the text `rules` (as [`crate::RuleText::path`] has it) asks for.
    fn read(&self, rules: &str, name: &str) -> Result<Vec<u8>, ListError>;
}

/// Why a list cannot be had.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ListError {
    /// There is no such list.
    #[error("list `{0}` is not there; put it beside the rule file")]
    Missing(String),
    /// The name leads where rules may not read.
    #[error(
        "list `{0}`: a rule may only name a list beside its own file, without `..` and not from the root"
    )]
    Outside(String),
    /// It cannot be read.
    #[error("list `{name}` cannot be read: {reason}")]
    Unreadable {
        /// Its name.
        name: String,
        /// Why.
        reason: String,
    },
    /// A line is no value of the set.
    #[error("list `{name}` line {line}: {reason}")]
    Line {
        /// Its name.
        name: String,
        /// From 1.
        line: usize,
        /// What is wrong.
        reason: String,
    },
}

/// How a list is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Format {
    /// A value a line, with a reputation after a comma in `datarep` lists.
    #[default]
    Lines,
    /// One JSON document that holds an array of objects.
    Json,
    /// A JSON object a line.
    JsonLines,
}

/// How JSON lists are taken apart.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct JsonKeys<'a> {
    /// Where the value stands in an object, parts joined by dots.
    pub(crate) value: &'a str,
    /// Where the array stands in the document.
    pub(crate) array: &'a str,
    /// The value is left out of the context.
    pub(crate) remove: bool,
}

/// Reads the values of a set.
pub(crate) fn parse(
    set: &Dataset,
    name: &str,
    bytes: &[u8],
    format: Format,
    keys: JsonKeys<'_>,
) -> Result<FxHashMap<Box<[u8]>, Entry>, ListError> {
    let mut values = FxHashMap::default();
    let fault = |line, reason: &str| ListError::Line {
        name: name.to_owned(),
        line,
        reason: reason.to_owned(),
    };
    if format == Format::Json {
        let document: Value =
            serde_json::from_slice(bytes).map_err(|error| fault(error.line(), &error.to_string()))?;
        let array = at(&document, keys.array).and_then(Value::as_array);
        let array = array.ok_or_else(|| fault(1, "there is no array of objects at array_key"))?;
        for (index, object) in array.iter().enumerate() {
            json_value(set, object, keys, &mut values).map_err(|reason| fault(index + 1, reason))?;
        }
        return Ok(values);
    }
    for (index, line) in bytes.split(|byte| *byte == b'\n').enumerate() {
        let line = line.trim_ascii();
        if line.is_empty() {
            continue;
        }
        let result = if format == Format::JsonLines {
            serde_json::from_slice(line)
                .map_err(|_| "is no JSON")
                .and_then(|object| json_value(set, &object, keys, &mut values))
        } else {
            plain_value(set.kind, line, &mut values)
        };
        result.map_err(|reason| fault(index + 1, reason))?;
    }
    Ok(values)
}

fn insert(values: &mut FxHashMap<Box<[u8]>, Entry>, key: Vec<u8>, entry: Entry) -> Result<(), &'static str> {
    if values.len() >= MAX_VALUES || key.len() > MAX_VALUE_BYTES {
        return Err("the list or the value is longer than is allowed");
    }
    values.insert(key.into_boxed_slice(), entry);
    Ok(())
}

fn plain_value(
    kind: SetKind,
    line: &[u8],
    values: &mut FxHashMap<Box<[u8]>, Entry>,
) -> Result<(), &'static str> {
    let text = std::str::from_utf8(line).map_err(|_| "is no text")?;
    let (value, reputation) = match text.split_once(',') {
        Some((value, reputation)) => (
            value.trim(),
            reputation
                .trim()
                .parse()
                .map_err(|_| "the reputation is no number")?,
        ),
        None => (text, 0),
    };
    let key = match kind {
        SetKind::Text => base64::engine::general_purpose::STANDARD
            .decode(value)
            .map_err(|_| "is no base64")?,
        _ => typed(kind, value)?,
    };
    insert(
        values,
        key,
        Entry {
            reputation,
            context: None,
        },
    )
}

/// Hashes in hexadecimal and addresses, as both forms of list write them.
fn typed(kind: SetKind, value: &str) -> Result<Vec<u8>, &'static str> {
    match kind {
        SetKind::Text => Ok(value.as_bytes().to_vec()),
        SetKind::Md5 => hex(value, 16),
        SetKind::Sha256 => hex(value, 32),
        SetKind::Ipv4 => value
            .parse::<std::net::Ipv4Addr>()
            .map(|address| address.octets().to_vec())
            .map_err(|_| "is no IPv4 address"),
        SetKind::Ip => match value.parse::<std::net::IpAddr>() {
            Ok(std::net::IpAddr::V4(address)) => Ok(address.to_ipv6_mapped().octets().to_vec()),
            Ok(std::net::IpAddr::V6(address)) => Ok(address.octets().to_vec()),
            Err(_) => Err("is no address"),
        },
    }
}

fn hex(text: &str, length: usize) -> Result<Vec<u8>, &'static str> {
    let digit = |byte: u8| (byte as char).to_digit(16).map(|digit| digit as u8);
    let pairs = text.as_bytes().chunks(2).map(|pair| match pair {
        [high, low] => Some(digit(*high)? << 4 | digit(*low)?),
        _ => None,
    });
    let bytes: Option<Vec<u8>> = pairs.collect();
    bytes
        .filter(|bytes| bytes.len() == length)
        .ok_or("is no hash of this kind in hexadecimal")
}

fn at<'v>(value: &'v Value, path: &str) -> Option<&'v Value> {
    path.split('.')
        .filter(|part| !part.is_empty())
        .try_fold(value, |value, part| value.get(part))
}

fn json_value(
    set: &Dataset,
    object: &Value,
    keys: JsonKeys<'_>,
    values: &mut FxHashMap<Box<[u8]>, Entry>,
) -> Result<(), &'static str> {
    let value = at(object, keys.value).and_then(Value::as_str);
    let value = value.ok_or("has no text at value_key")?;
    let key = typed(set.kind, value)?;
    let mut context = object.clone();
    if keys.remove {
        remove(&mut context, keys.value);
    }
    let entry = Entry {
        reputation: 0,
        context: Some(Arc::new(context)),
    };
    insert(values, key, entry)
}

fn remove(object: &mut Value, path: &str) {
    let (parents, last) = path.rsplit_once('.').unwrap_or(("", path));
    let parent = parents
        .split('.')
        .filter(|part| !part.is_empty())
        .try_fold(object, |value, part| value.get_mut(part));
    if let Some(Value::Object(parent)) = parent {
        parent.remove(last);
    }
}

/// Hashes of files, lower-case hexadecimal, one a line; what follows the hash is a remark.
pub(crate) fn hashes(name: &str, bytes: &[u8], digits: usize) -> Result<FxHashSet<Box<[u8]>>, ListError> {
    let mut found = FxHashSet::default();
    for (index, line) in bytes.split(|byte| *byte == b'\n').enumerate() {
        let line = line.trim_ascii();
        if line.is_empty() || line.starts_with(b"#") {
            continue;
        }
        let fault = |reason: &str| ListError::Line {
            name: name.to_owned(),
            line: index + 1,
            reason: reason.to_owned(),
        };
        let hash = line
            .get(..digits)
            .filter(|hash| hash.iter().all(u8::is_ascii_hexdigit));
        let hash = hash.ok_or_else(|| fault("does not begin with a hash of this kind"))?;
        if found.len() >= MAX_VALUES {
            return Err(fault("the list is longer than is allowed"));
        }
        found.insert(hash.to_ascii_lowercase().into_boxed_slice());
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_lists_with_reputations() {
        let set = Dataset::new("t", SetKind::Text);
        let values = parse(
            &set,
            "l",
            b"Zm9v,7\n\nYmFy\r\n",
            Format::Lines,
            JsonKeys::default(),
        )
        .unwrap();
        assert_eq!(values.get(&b"foo"[..]).unwrap().reputation, 7);
        assert!(values.contains_key(&b"bar"[..]));
        let set = Dataset::new("t", SetKind::Md5);
        let error = parse(&set, "l", b"00\n", Format::Lines, JsonKeys::default()).unwrap_err();
        assert!(error.to_string().contains("line 1"), "{error}");
    }

    #[test]
    fn json_lists_keep_the_object_as_context() {
        let set = Dataset::new("t", SetKind::Ip);
        let keys = JsonKeys {
            value: "who.ip",
            array: "info.list",
            remove: true,
        };
        let text = br#"{"info":{"list":[{"who":{"ip":"10.0.0.9","n":1}}]}}"#;
        let values = parse(&set, "l", text, Format::Json, keys).unwrap();
        let entry = values.get(&*set.key(&[10, 0, 0, 9]).unwrap()).unwrap();
        assert_eq!(
            **entry.context.as_ref().unwrap(),
            serde_json::json!({"who": {"n": 1}})
        );
    }

    #[test]
    fn hash_lists() {
        let list = hashes("l", b"# remark\nD41D8CD98F00B204E9800998ECF8427E  empty\n", 32).unwrap();
        assert!(list.contains(&b"d41d8cd98f00b204e9800998ecf8427e"[..]));
        assert!(hashes("l", b"xyz\n", 32).is_err());
    }
}
