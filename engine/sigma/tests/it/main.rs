//! The rule language, the plan and correlations, from texts to what fires.

#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod correlations;
mod differential;
mod hostile;
mod language;
mod loading;
mod reference;

use std::sync::Arc;

use saola_event::{Event, Fields, LogSource, LogSources, Timestamp, Value};
use saola_sigma::{Diagnostic, LoadOptions, Plan, RuleSet, RuleText, Scratch};

/// An event of `product: test` with the fields of a JSON object.
fn event(json: &str) -> Event<'static> {
    event_at(json, 0)
}

/// The same at a second of event time.
fn event_at(json: &str, second: i64) -> Event<'static> {
    let Value::Map(fields) = value(&serde_json::from_str(json).unwrap()) else {
        panic!("{json}: an object")
    };
    Event {
        time: Timestamp::from_secs_micros(second, 0),
        received_at: Timestamp::from_secs_micros(second, 0),
        source: "test".into(),
        agency: "so-tttt".into(),
        seq: 0,
        parser: "test",
        sources: LogSources::new([LogSource::new("test", "", "")]),
        fields,
        raw: "".into(),
    }
}

fn value(json: &serde_json::Value) -> Value<'static> {
    match json {
        serde_json::Value::Null => Value::Null,
        serde_json::Value::Bool(value) => Value::Bool(*value),
        serde_json::Value::Number(number) => match (number.as_i64(), number.as_u64()) {
            (Some(int), _) => Value::Int(int),
            (None, Some(int)) => Value::from(int),
            (None, None) => Value::Float(number.as_f64().unwrap()),
        },
        serde_json::Value::String(text) => Value::from(text.clone()),
        serde_json::Value::Array(items) => Value::List(items.iter().map(value).collect()),
        serde_json::Value::Object(entries) => {
            let mut fields = Fields::new();
            for (name, inner) in entries {
                fields.push(name.clone(), value(inner));
            }
            Value::Map(fields)
        }
    }
}

/// Loads texts named `0.yml`, `1.yml` …
fn load(texts: &[&str], options: &LoadOptions) -> (RuleSet, Vec<Diagnostic>) {
    let paths: Vec<String> = (0..texts.len()).map(|index| format!("{index}.yml")).collect();
    let texts = paths
        .iter()
        .zip(texts)
        .map(|(path, text)| RuleText { path, text });
    RuleSet::load(texts, options)
}

/// A rule of `product: test` with this detection section (indented by two).
fn rule(detection: &str) -> String {
    format!("title: t\nlogsource: {{product: test}}\ndetection:\n{detection}\n")
}

/// Whether a detection fires on a JSON event; the detection must load.
fn fires(detection: &str, json: &str) -> bool {
    fires_with(detection, json, &LoadOptions::default())
}

fn fires_with(detection: &str, json: &str, options: &LoadOptions) -> bool {
    let (set, diagnostics) = load(&[&rule(detection)], options);
    assert_eq!(set.rules().len(), 1, "{detection}: {diagnostics:?}");
    let plan = Plan::compile(Arc::new(set));
    let event = event(json);
    let fired = !plan.evaluate(&event, &mut Scratch::new()).is_empty();
    assert_eq!(
        fired,
        reference::fires(&plan.rule_set().rules()[0], &event),
        "{detection} on {json}"
    );
    assert_eq!(
        fired,
        plan.explain_tree(0, &event).unwrap().holds,
        "{detection} on {json}"
    );
    fired
}

/// The reason why a detection does not load.
fn refusal(detection: &str) -> String {
    let (set, diagnostics) = load(&[&rule(detection)], &LoadOptions::default());
    assert!(set.rules().is_empty(), "{detection} loads");
    diagnostics.last().unwrap().to_string()
}
