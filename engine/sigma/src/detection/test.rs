//! Comparing values one by one: the slow and plain way, for what the automata cannot tell and for explanations.

use std::fmt::Write;

use saola_event::{Fields, Value};

use super::text::{TextPattern, fold, unfold_span};
use super::{FieldRef, Place, Test, TestKind};

/// Calls `visit` with every single value: the value itself, or the elements of a list, to any depth. Stops and
/// tells when `visit` says yes. Nested objects have no single value of their own.
pub(crate) fn any_single(value: &Value<'_>, visit: &mut dyn FnMut(&Value<'_>) -> bool) -> bool {
    match value {
        Value::List(items) => items.iter().any(|item| any_single(item, visit)),
        Value::Map(_) | Value::Null => false,
        single => visit(single),
    }
}

/// Like [`any_single`], but objects too, to any depth: what keywords look at.
pub(crate) fn any_leaf(value: &Value<'_>, visit: &mut dyn FnMut(&Value<'_>) -> bool) -> bool {
    match value {
        Value::List(items) => items.iter().any(|item| any_leaf(item, visit)),
        Value::Map(fields) => fields.iter().any(|(_, inner)| any_leaf(inner, visit)),
        Value::Null => false,
        single => visit(single),
    }
}

/// The text of a single value, written to the buffer unless it is text already.
pub(crate) fn text_of<'v>(value: &'v Value<'_>, buffer: &'v mut String) -> Option<&'v str> {
    buffer.clear();
    let written = match value {
        Value::Text(text) => return Some(text),
        Value::Bool(value) => write!(buffer, "{value}"),
        Value::Int(value) => {
            write_int(*value, buffer);
            Ok(())
        }
        Value::Uint(value) => write!(buffer, "{value}"),
        Value::Float(value) => write!(buffer, "{value}"),
        Value::Null | Value::List(_) | Value::Map(_) => return None,
    };
    written.ok().map(|()| buffer.as_str())
}

/// Decimal digits without the formatting machinery: this runs for every number a rule asks of.
fn write_int(value: i64, buffer: &mut String) {
    if value < 0 {
        buffer.push('-');
    }
    let (mut rest, mut scale) = (value.unsigned_abs(), 1_u64);
    while rest / scale >= 10 {
        scale *= 10;
    }
    while scale > 0 {
        buffer.push(char::from(b'0' + (rest / scale) as u8));
        rest %= scale;
        scale /= 10;
    }
}

/// Calls `visit` with everything at a field name and tells whether there is anything. A flat name with dots wins over
/// nesting; lists on the way are entered.
pub(crate) fn visit_path(fields: &Fields<'_>, path: &str, visit: &mut dyn FnMut(&Value<'_>)) -> bool {
    if let Some(value) = fields.find(path) {
        visit(value);
        return true;
    }
    path.match_indices('.').any(|(dot, _)| {
        let (Some(head), Some(tail)) = (path.get(..dot), path.get(dot + 1..)) else {
            return false;
        };
        fields.find(head).is_some_and(|value| enter(value, tail, visit))
    })
}

fn enter(value: &Value<'_>, tail: &str, visit: &mut dyn FnMut(&Value<'_>)) -> bool {
    match value {
        Value::Map(inner) => visit_path(inner, tail, visit),
        Value::List(items) => {
            // Every element is entered, not only the first that has something.
            let found: usize = items
                .iter()
                .map(|item| usize::from(enter(item, tail, visit)))
                .sum();
            found > 0
        }
        _ => false,
    }
}

impl Test {
    /// Whether a single value passes.
    pub(crate) fn matches(&self, value: &Value<'_>, event: &Fields<'_>) -> bool {
        let mut buffer = String::new();
        match &self.kind {
            TestKind::Number(test) => test.matches(value),
            TestKind::Null => false,
            TestKind::Present => true,
            TestKind::FieldRef(reference) => reference.matches(value, event),
            _ => text_of(value, &mut buffer).is_some_and(|text| self.find(text).is_some()),
        }
    }

    /// Where a text passes a text, expression or network test, in bytes.
    pub(crate) fn find(&self, text: &str) -> Option<(usize, usize)> {
        match &self.kind {
            TestKind::Text(pattern) => find_text(pattern, text),
            TestKind::Regex(regex) => regex.find(text),
            TestKind::Cidr(cidr) => cidr.matches(text).then_some((0, text.len())),
            TestKind::Number(_) | TestKind::FieldRef(_) | TestKind::Null | TestKind::Present => None,
        }
    }
}

/// Where a pattern matches a text that has not been folded.
pub(crate) fn find_text(pattern: &TextPattern, text: &str) -> Option<(usize, usize)> {
    if pattern.cased() {
        return pattern.find(text);
    }
    pattern.find(&fold(text)).map(|span| unfold_span(text, span))
}

impl FieldRef {
    /// Whether a single value stands as asked to any value of the other field.
    pub(crate) fn matches(&self, value: &Value<'_>, event: &Fields<'_>) -> bool {
        let (mut left, mut right) = (String::new(), String::new());
        let Some(text) = text_of(value, &mut left) else {
            return false;
        };
        let mut any = false;
        visit_path(event, &self.field, &mut |other| {
            any = any
                || any_single(other, &mut |single| {
                    text_of(single, &mut right).is_some_and(|other| self.holds(text, other))
                });
        });
        any
    }

    fn holds(&self, text: &str, other: &str) -> bool {
        if self.cased {
            self.place.holds(text, other)
        } else {
            self.place.holds(&fold(text), &fold(other))
        }
    }
}

impl Place {
    fn holds(self, text: &str, part: &str) -> bool {
        match self {
            Self::Whole => text == part,
            Self::Start => text.starts_with(part),
            Self::End => text.ends_with(part),
            Self::Anywhere => text.contains(part),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_as_text() {
        for value in [0, 7, -7, 10, 4104, i64::MAX, i64::MIN, 1_000_000_000_000_000_000] {
            let mut buffer = String::new();
            assert_eq!(
                text_of(&Value::Int(value), &mut buffer),
                Some(value.to_string().as_str())
            );
        }
        let mut buffer = String::new();
        assert_eq!(text_of(&Value::Float(4104.0), &mut buffer), Some("4104"));
        assert_eq!(text_of(&Value::Bool(true), &mut buffer), Some("true"));
    }

    #[test]
    fn paths_enter_objects_and_lists() {
        let mut inner = Fields::new();
        inner.push("name", "a");
        let mut other = Fields::new();
        other.push("name", "b");
        let mut fields = Fields::new();
        fields.push("items", Value::List(vec![Value::Map(inner), Value::Map(other)]));
        let seen = |fields: &Fields<'_>, path: &str| {
            let mut seen = Vec::new();
            visit_path(fields, path, &mut |value| {
                seen.push(value.as_text().unwrap_or("").to_owned());
            });
            seen
        };
        assert_eq!(seen(&fields, "items.name"), ["a", "b"]);
        assert!(seen(&fields, "items.none").is_empty());
        fields.push("items.name", "flat");
        assert_eq!(seen(&fields, "items.name"), ["flat"]);
    }
}
