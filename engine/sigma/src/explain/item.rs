//! One line of a rule against one event, with the value that answered it.

use saola_event::{Event, Evidence, Span, Value};

use super::Explanation;
use crate::detection::test::{any_leaf, any_single, text_of, visit_path};
use crate::detection::{Item, Test, TestKind};

/// Longest window of a value in evidence, in bytes.
const WINDOW: usize = 64;
/// Most values of a line that a tree lists.
const MAX_VALUES: usize = 100;

/// The line with each of its values.
pub(super) fn tree(item: &Item, event: &Event<'_>) -> Explanation {
    let answers: Vec<Answer> = item
        .values
        .iter()
        .map(|tests| any_test(item, tests, event))
        .collect();
    let holds = holds(item, event, answers.iter().map(Answer::holds));
    let name = if item.key.is_empty() {
        "keywords"
    } else {
        &item.key
    };
    let children: Vec<Explanation> = item
        .values
        .iter()
        .zip(answers)
        .take(MAX_VALUES)
        .map(|(tests, answer)| {
            let written = tests.first().map_or("", |test| test.written.as_str());
            let mut node = Explanation::new(format!("{name}: {written}"), answer.holds(), Vec::new());
            if let Answer::Yes(evidence) = answer {
                node.evidence = Some(evidence);
            }
            node
        })
        .collect();
    match <[Explanation; 1]>::try_from(children) {
        Ok([mut only]) => {
            only.holds = holds;
            only
        }
        Err(children) => {
            let how = match (item.all, item.negated) {
                (true, _) => "all values",
                (false, true) => "none of the values",
                (false, false) => "any value",
            };
            Explanation::new(format!("{name}: {how}"), holds, children)
        }
    }
}

/// Adds the evidence of a line that holds; tells whether it does.
pub(super) fn collect(item: &Item, event: &Event<'_>, evidence: &mut Vec<Evidence>) -> bool {
    let answers: Vec<Answer> = item
        .values
        .iter()
        .map(|tests| any_test(item, tests, event))
        .collect();
    let holds = holds(item, event, answers.iter().map(Answer::holds));
    if holds && item.negated {
        evidence.push(Evidence {
            place: item.field.clone().unwrap_or_default(),
            pattern: item.key.clone(),
            window: shown(item, event),
            span: None,
            offset: 0,
        });
    } else if holds {
        let wanted = if item.all { usize::MAX } else { 1 };
        let found = answers.into_iter().filter_map(|answer| match answer {
            Answer::Yes(evidence) => Some(evidence),
            Answer::No => None,
        });
        evidence.extend(found.take(wanted));
    }
    holds
}

fn holds(item: &Item, event: &Event<'_>, mut answers: impl Iterator<Item = bool>) -> bool {
    let positive = if item.all {
        answers.all(|yes| yes)
    } else {
        answers.any(|yes| yes)
    };
    if !item.negated {
        return positive;
    }
    let exists = item
        .values
        .iter()
        .flatten()
        .all(|test| matches!(test.kind, TestKind::Present));
    let there = match &item.field {
        Some(field) if !exists => !is_null(field, event),
        _ => true,
    };
    there && !positive
}

enum Answer {
    Yes(Evidence),
    No,
}

impl Answer {
    fn holds(&self) -> bool {
        matches!(self, Self::Yes(_))
    }
}

fn any_test(item: &Item, tests: &[Test], event: &Event<'_>) -> Answer {
    let mut found = tests.iter().filter_map(|test| match &item.field {
        Some(field) => in_field(test, field, event),
        None => in_event(test, event),
    });
    found.next().map_or(Answer::No, Answer::Yes)
}

fn in_field(test: &Test, field: &str, event: &Event<'_>) -> Option<Evidence> {
    let mut found = None;
    match test.kind {
        TestKind::Null => {
            return is_null(field, event).then(|| evidence(field, test, "", None));
        }
        TestKind::Present => {
            let there = visit_path(&event.fields, field, &mut |_| {});
            return there.then(|| evidence(field, test, "", None));
        }
        _ => {}
    }
    visit_path(&event.fields, field, &mut |value| {
        if found.is_none() {
            any_single(value, &mut |single| {
                found = in_value(test, field, single, event);
                found.is_some()
            });
        }
    });
    found
}

fn in_event(test: &Test, event: &Event<'_>) -> Option<Evidence> {
    let mut found = None;
    for (name, value) in event.fields.iter() {
        any_leaf(value, &mut |leaf| {
            found = in_value(test, name, leaf, event);
            found.is_some()
        });
        if found.is_some() {
            return found;
        }
    }
    if crate::plan::is_structured(&event.raw) {
        return None;
    }
    in_value(test, "raw", &Value::from(&*event.raw), event)
}

fn in_value(test: &Test, place: &str, value: &Value<'_>, event: &Event<'_>) -> Option<Evidence> {
    if !test.matches(value, &event.fields) {
        return None;
    }
    let mut buffer = String::new();
    let text = text_of(value, &mut buffer).unwrap_or_default();
    Some(evidence(place, test, text, test.find(text)))
}

fn is_null(field: &str, event: &Event<'_>) -> bool {
    let mut null = true;
    visit_path(&event.fields, field, &mut |value| {
        null &= matches!(value, Value::Null);
    });
    null
}

/// The text of a field, cut to a window, for lines that hold because nothing matched.
fn shown(item: &Item, event: &Event<'_>) -> String {
    let mut text = String::new();
    if let Some(field) = &item.field {
        let mut buffer = String::new();
        visit_path(&event.fields, field, &mut |value| {
            any_single(value, &mut |single| {
                text_of(single, &mut buffer)
                    .unwrap_or_default()
                    .clone_into(&mut text);
                true
            });
        });
    }
    window(&text, 0, 0).0
}

fn evidence(place: &str, test: &Test, text: &str, span: Option<(usize, usize)>) -> Evidence {
    let (start, end) = span.unwrap_or((0, 0));
    let (window, from) = window(text, start, end);
    let within = |at: usize| u32::try_from(at.saturating_sub(from).min(window.len())).unwrap_or(0);
    Evidence {
        place: place.to_owned(),
        pattern: test.written.clone(),
        span: span.map(|(start, end)| Span {
            start: within(start),
            end: within(end),
        }),
        offset: start as u64,
        window,
    }
}

/// At most [`WINDOW`] bytes of the text around a match, and where the window begins.
fn window(text: &str, start: usize, end: usize) -> (String, usize) {
    if text.len() <= WINDOW {
        return (text.to_owned(), 0);
    }
    let spare = WINDOW.saturating_sub(end - start);
    let from = start.saturating_sub(spare / 2).min(text.len() - WINDOW);
    let from = text.ceil_char_boundary(from.min(start));
    let to = text.floor_char_boundary((from + WINDOW).min(text.len()));
    (text.get(from..to).unwrap_or_default().to_owned(), from)
}
