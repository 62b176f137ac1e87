//! The little XML that logs are written in: elements, attributes and text, in document order.
//!
//! No document type, no entities but the five and character numbers, so there is nothing to expand and nothing to fetch.

use std::borrow::Cow;

/// What comes next in a document.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Item<'r> {
    /// `<name attributes>`; `closed` for `<name/>`.
    Open {
        name: &'r str,
        attributes: &'r str,
        closed: bool,
    },
    /// `</name>`.
    Close(&'r str),
    /// Text between tags, with its entities resolved; never blank.
    Text(Cow<'r, str>),
}

/// Reads a document from its left. Stops at the first thing that is no XML.
pub(crate) struct Items<'r>(&'r str);

/// More than any event has.
const MAX_ITEMS: usize = 4096;

/// The items of a document.
pub(crate) fn items(text: &str) -> impl Iterator<Item = Item<'_>> {
    Items(text).take(MAX_ITEMS)
}

impl<'r> Iterator for Items<'r> {
    type Item = Item<'r>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let Some(tag) = self.0.strip_prefix('<') else {
                let end = memchr::memchr(b'<', self.0.as_bytes()).unwrap_or(self.0.len());
                let (text, rest) = self.0.split_at_checked(end)?;
                self.0 = rest;
                if text.is_empty() {
                    return None;
                }
                if !text.trim().is_empty() {
                    return Some(Item::Text(resolved(text)));
                }
                continue;
            };
            let end = end_of_tag(tag)?;
            let (inner, rest) = (tag.get(..end)?, tag.get(end + 1..)?);
            self.0 = rest;
            if inner.starts_with(['?', '!']) {
                continue;
            }
            if let Some(name) = inner.strip_prefix('/') {
                return Some(Item::Close(name.trim()));
            }
            let closed = inner.ends_with('/');
            let inner = inner.strip_suffix('/').unwrap_or(inner);
            let (name, attributes) = inner.split_once([' ', '\t', '\n', '\r']).unwrap_or((inner, ""));
            return Some(Item::Open {
                name,
                attributes,
                closed,
            });
        }
    }
}

/// The `>` that is in no quotes.
fn end_of_tag(tag: &str) -> Option<usize> {
    let mut quote = None;
    tag.bytes().position(|b| match (quote, b) {
        (None, b'>') => true,
        (None, b'"' | b'\'') => {
            quote = Some(b);
            false
        }
        (Some(open), b) if open == b => {
            quote = None;
            false
        }
        _ => false,
    })
}

/// `name="value"` pairs.
pub(crate) fn attributes(text: &str) -> impl Iterator<Item = (&str, Cow<'_, str>)> {
    super::kv::Pairs::with(text, b'=', None).map(|(name, value)| match value {
        Cow::Borrowed(value) => (name, resolved(value)),
        Cow::Owned(value) => (name, Cow::Owned(resolved(&value).into_owned())),
    })
}

/// The five entities and character numbers; anything else stays as it is.
fn resolved(text: &str) -> Cow<'_, str> {
    if !text.contains('&') {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('&') {
        out.push_str(before);
        let entity = after.split_once(';').filter(|(name, _)| name.len() <= 8);
        match entity.and_then(|(name, tail)| Some((character(name)?, tail))) {
            Some((character, tail)) => {
                out.push(character);
                rest = tail;
            }
            None => {
                out.push('&');
                rest = after;
            }
        }
    }
    out.push_str(rest);
    Cow::Owned(out)
}

fn character(name: &str) -> Option<char> {
    Some(match name {
        "lt" => '<',
        "gt" => '>',
        "amp" => '&',
        "quot" => '"',
        "apos" => '\'',
        _ => {
            let number = name.strip_prefix('#')?;
            let code = match number.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                None => number.parse().ok()?,
            };
            char::from_u32(code)?
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents() {
        let read: Vec<Item<'_>> =
            items("<?xml version='1.0'?><a x=\"1>2\"> <b/>a &lt; b &#7879; &none;</a>").collect();
        assert_eq!(
            read,
            [
                Item::Open {
                    name: "a",
                    attributes: "x=\"1>2\"",
                    closed: false
                },
                Item::Open {
                    name: "b",
                    attributes: "",
                    closed: true
                },
                Item::Text("a < b ệ &none;".into()),
                Item::Close("a"),
            ]
        );
        for text in ["", "<", "<a", "<a b=\"", "</"] {
            assert_eq!(items(text).count(), 0, "{text}");
        }
        assert_eq!(items(&"<a>".repeat(10_000)).count(), MAX_ITEMS);
    }
}
