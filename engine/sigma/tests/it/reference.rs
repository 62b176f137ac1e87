//! The slow reference evaluator: walks the tree as loaded, one value at a time, with its own ways of comparing. It
//! knows nothing of the plan.

use saola_event::{Event, Fields, Value};
use saola_sigma::Rule;
use saola_sigma::detection::text::{DASHES, fold_char};
use saola_sigma::detection::{Block, Condition, Detection, Item, Piece, Place, Test, TestKind, TextPattern};

/// Whether a rule fires on an event.
pub(crate) fn fires(rule: &Rule, event: &Event<'_>) -> bool {
    event.sources.iter().any(|source| rule.logsource.admits(source))
        && detects(&rule.detection, event)
        && !rule
            .filters
            .iter()
            .any(|filter| detects(&filter.detection, event))
}

fn detects(detection: &Detection, event: &Event<'_>) -> bool {
    detection
        .conditions
        .iter()
        .any(|c| condition(c, detection, event))
}

fn condition(asked: &Condition, detection: &Detection, event: &Event<'_>) -> bool {
    let selection = |index: &usize| block(&detection.selections[*index].block, event);
    match asked {
        Condition::All(parts) => parts.iter().all(|part| condition(part, detection, event)),
        Condition::Any(parts) => parts.iter().any(|part| condition(part, detection, event)),
        Condition::Not(inner) => !condition(inner, detection, event),
        Condition::Selection(index) => selection(index),
        Condition::AtLeast(least, chosen) => chosen.iter().filter(|index| selection(index)).count() >= *least,
    }
}

fn block(asked: &Block, event: &Event<'_>) -> bool {
    match asked {
        Block::All(parts) => parts.iter().all(|part| block(part, event)),
        Block::Any(parts) => parts.iter().any(|part| block(part, event)),
        Block::Item(asked) => item(asked, event),
    }
}

fn item(asked: &Item, event: &Event<'_>) -> bool {
    let found: Vec<&Value<'_>> = match &asked.field {
        Some(name) => at_path(&event.fields, name),
        None => Vec::new(),
    };
    let one = |tests: &Vec<Test>| tests.iter().any(|t| test(t, asked, &found, event));
    let positive = if asked.all {
        asked.values.iter().all(one)
    } else {
        asked.values.iter().any(one)
    };
    if !asked.negated {
        return positive;
    }
    let exists = asked
        .values
        .iter()
        .flatten()
        .all(|t| matches!(t.kind, TestKind::Present));
    let there = found.iter().any(|value| **value != Value::Null);
    !positive && (exists || there || asked.field.is_none())
}

fn test(asked: &Test, item: &Item, found: &[&Value<'_>], event: &Event<'_>) -> bool {
    match &asked.kind {
        TestKind::Null => found.iter().all(|value| **value == Value::Null),
        TestKind::Present => !found.is_empty(),
        kind => {
            let mut singles = Vec::new();
            if item.field.is_some() {
                for value in found {
                    flatten(value, false, &mut singles);
                }
            } else {
                for (_, value) in event.fields.iter() {
                    flatten(value, true, &mut singles);
                }
            }
            let raw = Value::from(event.raw.to_string());
            if item.field.is_none() && !event.raw.trim_start().starts_with(['{', '[']) {
                singles.push(&raw);
            }
            singles.iter().any(|value| single(kind, value, event))
        }
    }
}

fn single(kind: &TestKind, value: &Value<'_>, event: &Event<'_>) -> bool {
    let text = text(value);
    match kind {
        TestKind::Text(pattern) => matches(pattern, &text),
        TestKind::Regex(regex) => regex.matches(&text),
        TestKind::Cidr(cidr) => text.parse().is_ok_and(|address| cidr.contains(address)),
        TestKind::Number(test) => test.matches(value),
        TestKind::FieldRef(other) => {
            let mut others = Vec::new();
            for value in at_path(&event.fields, &other.field) {
                flatten(value, false, &mut others);
            }
            others.iter().any(|value| {
                let (mut left, mut right) = (text.clone(), self::text(value));
                if !other.cased {
                    left = left.chars().map(fold_char).collect();
                    right = right.chars().map(fold_char).collect();
                }
                match other.place {
                    Place::Whole => left == right,
                    Place::Start => left.starts_with(&right),
                    Place::End => left.ends_with(&right),
                    Place::Anywhere => left.contains(&right),
                }
            })
        }
        TestKind::Null | TestKind::Present => unreachable!("asked of the field"),
    }
}

fn text(value: &Value<'_>) -> String {
    match value {
        Value::Text(text) => text.to_string(),
        Value::Bool(value) => value.to_string(),
        Value::Int(value) => value.to_string(),
        Value::Uint(value) => value.to_string(),
        Value::Float(value) => value.to_string(),
        Value::Null | Value::List(_) | Value::Map(_) => unreachable!("not a single value"),
    }
}

fn flatten<'v>(value: &'v Value<'v>, objects: bool, singles: &mut Vec<&'v Value<'v>>) {
    match value {
        Value::Null => {}
        Value::List(items) => items.iter().for_each(|item| flatten(item, objects, singles)),
        Value::Map(fields) if objects => fields
            .iter()
            .for_each(|(_, inner)| flatten(inner, objects, singles)),
        Value::Map(_) => {}
        single => singles.push(single),
    }
}

fn at_path<'e>(fields: &'e Fields<'e>, path: &str) -> Vec<&'e Value<'e>> {
    if let Some((_, value)) = fields.iter().find(|(name, _)| *name == path) {
        return vec![value];
    }
    let dots: Vec<usize> = path.match_indices('.').map(|(at, _)| at).collect();
    for dot in dots {
        let head = fields.iter().find(|(name, _)| *name == &path[..dot]);
        let found = head
            .map(|(_, value)| below(value, &path[dot + 1..]))
            .unwrap_or_default();
        if !found.is_empty() {
            return found;
        }
    }
    Vec::new()
}

fn below<'e>(value: &'e Value<'e>, path: &str) -> Vec<&'e Value<'e>> {
    match value {
        Value::Map(inner) => at_path(inner, path),
        Value::List(items) => items.iter().flat_map(|item| below(item, path)).collect(),
        _ => Vec::new(),
    }
}

/// Wildcards by the textbook: every way to split the text.
fn matches(pattern: &TextPattern, text: &str) -> bool {
    let text: Vec<char> = if pattern.cased() {
        text.chars().collect()
    } else {
        text.chars().map(fold_char).collect()
    };
    let mut pieces = Vec::new();
    for piece in pattern.pieces() {
        match piece {
            Piece::Text(text) => pieces.extend(text.chars().map(Step::Char)),
            Piece::AnyRun => pieces.push(Step::Run),
            Piece::AnyOne => pieces.push(Step::One),
            Piece::Dash => pieces.push(Step::Dash),
        }
    }
    // reach[i]: the pieces so far can match the first i characters.
    let mut reach = vec![false; text.len() + 1];
    reach[0] = true;
    for step in pieces {
        let mut next = vec![false; text.len() + 1];
        for at in 0..=text.len() {
            next[at] = match step {
                Step::Run => reach[at] || (at > 0 && next[at - 1]),
                Step::One => at > 0 && reach[at - 1],
                Step::Dash => at > 0 && reach[at - 1] && DASHES.contains(&text[at - 1]),
                Step::Char(c) => at > 0 && reach[at - 1] && text[at - 1] == c,
            };
        }
        reach = next;
    }
    reach[text.len()]
}

#[derive(Clone, Copy)]
enum Step {
    Char(char),
    Run,
    One,
    Dash,
}
