//! The compiled plan and a slow reference evaluator agree on random rules and random events.

use std::sync::Arc;

use proptest::prelude::*;
use saola_event::{Event, Fields, LogSource, LogSources, Timestamp, Value};
use saola_sigma::{LoadOptions, Plan, RuleSet, RuleText, Scratch};
use serde_json::{Map, Value as Json, json};

use crate::reference;

/// Words that random values and patterns are put together from, so that they meet often.
const WORDS: [&str; 16] = [
    "cmd",
    ".exe",
    "\\",
    "Windows",
    "-enc",
    " /c ",
    "powershell",
    "ADMIN",
    "a",
    "ß",
    "Đăng",
    "\u{212a}elvin",
    "10.0.0.7",
    "4104",
    "/",
    "–x",
];
const FIELDS: [&str; 6] = ["Image", "CommandLine", "EventID", "a.b", "User", "List"];

fn word() -> impl Strategy<Value = String> {
    prop::sample::select(WORDS.to_vec()).prop_map(str::to_owned)
}

fn text() -> impl Strategy<Value = String> {
    prop::collection::vec(word(), 0..5).prop_map(|words| words.concat())
}

fn pattern() -> impl Strategy<Value = String> {
    let part = prop_oneof![6 => word(), 1 => Just("*".to_owned()), 1 => Just("?".to_owned())];
    prop::collection::vec(part, 0..4).prop_map(|parts| parts.concat())
}

/// A key with modifiers and its values as JSON, which is YAML.
fn item() -> impl Strategy<Value = (String, Json)> {
    let field = prop::sample::select(FIELDS.to_vec());
    let plain = prop::sample::select(vec![
        "",
        "|contains",
        "|startswith",
        "|endswith",
        "|contains|all",
        "|contains|windash",
        "|cased",
        "|contains|cased",
        "|neq",
        "|startswith|cased",
        "|endswith|windash",
    ]);
    let texts = prop_oneof![
        pattern().prop_map(Json::from),
        prop::collection::vec(pattern(), 1..4).prop_map(Json::from),
    ];
    prop_oneof![
        8 => (field.clone(), plain, texts).prop_map(|(field, modifiers, values)| (format!("{field}{modifiers}"), values)),
        1 => field.clone().prop_map(|field| (field.to_owned(), Json::Null)),
        1 => field.clone().prop_map(|field| (field.to_owned(), json!(""))),
        1 => (field.clone(), any::<bool>()).prop_map(|(field, there)| (format!("{field}|exists"), json!(there))),
        1 => (field.clone(), 0_i64..5000).prop_map(|(field, number)| (format!("{field}|gte"), json!(number))),
        1 => (field.clone(), prop::sample::select(vec!["cmd.*exe", "(?i)POWER(shell|x)", "a+", "^10\\.", "ß|Đ"]))
            .prop_map(|(field, regex)| (format!("{field}|re"), json!(regex))),
        1 => field.clone().prop_map(|field| (format!("{field}|cidr"), json!(["10.0.0.0/8", "::1/128"]))),
        1 => (field, prop::sample::select(vec!["User", "a.b", "Image"]), prop::sample::select(vec!["", "|contains", "|neq"]))
            .prop_map(|(field, other, how)| (format!("{field}|fieldref{how}"), json!(other))),
    ]
}

fn map() -> impl Strategy<Value = Json> {
    prop::collection::vec(item(), 1..4)
        .prop_map(|items| Json::Object(items.into_iter().collect::<Map<_, _>>()))
}

fn selection() -> impl Strategy<Value = Json> {
    let keywords =
        || prop::collection::vec(pattern().prop_filter("a keyword", |text| !text.is_empty()), 1..3);
    prop_oneof![
        6 => map(),
        2 => prop::collection::vec(map(), 1..3).prop_map(Json::from),
        1 => keywords().prop_map(Json::from),
        1 => keywords().prop_map(|words| json!({"|all": words})),
    ]
}

fn rule() -> impl Strategy<Value = Json> {
    let conditions = prop::sample::select(vec![
        "one",
        "one and two",
        "one or two",
        "one and not two",
        "not one",
        "1 of them",
        "all of them",
        "2 of them",
        "one and not (two or three)",
        "not one and not two",
        "(one or two) and three",
    ]);
    let source = prop::sample::select(vec![
        json!({"product": "windows"}),
        json!({"product": "windows", "category": "process_creation"}),
        json!({"service": "sysmon"}),
    ]);
    (selection(), selection(), selection(), conditions, source).prop_map(
        |(one, two, three, condition, source)| {
            json!({
                "title": "random", "logsource": source,
                "detection": {"one": one, "two": two, "three": three, "condition": condition},
            })
        },
    )
}

fn value() -> impl Strategy<Value = Value<'static>> {
    let single = prop_oneof![
        6 => text().prop_map(Value::from),
        1 => Just(Value::Null),
        1 => any::<bool>().prop_map(Value::Bool),
        2 => (0_i64..5000).prop_map(Value::Int),
        1 => Just(Value::Int(4104)),
        1 => (-10.0_f64..10.0).prop_map(Value::Float),
    ];
    single.prop_recursive(2, 8, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Value::List),
            inner.prop_map(|inner| {
                let mut fields = Fields::new();
                fields.push("b", inner);
                Value::Map(fields)
            }),
        ]
    })
}

fn event() -> impl Strategy<Value = Event<'static>> {
    let names = prop::sample::select(vec![
        "Image",
        "CommandLine",
        "EventID",
        "a.b",
        "a",
        "User",
        "List",
        "Other",
    ]);
    let sources = prop::sample::select(vec![
        LogSources::new([
            LogSource::new("windows", "process_creation", ""),
            LogSource::new("windows", "", "sysmon"),
        ]),
        LogSources::new([LogSource::new("windows", "", "security")]),
        LogSources::new([LogSource::new("linux", "", "auth")]),
    ]);
    let raw = prop_oneof![text(), text().prop_map(|text| format!("{{{text}"))];
    (prop::collection::vec((names, value()), 0..7), sources, raw).prop_map(|(named, sources, raw)| {
        let mut fields = Fields::new();
        for (name, value) in named {
            fields.push(name, value);
        }
        Event {
            time: Timestamp::EPOCH,
            received_at: Timestamp::EPOCH,
            source: "test".into(),
            agency: "test".into(),
            seq: 0,
            parser: "test",
            sources,
            fields,
            raw: raw.into(),
        }
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn plan_and_reference_agree(
        rules in prop::collection::vec(rule(), 1..12),
        events in prop::collection::vec(event(), 1..12),
    ) {
        let texts: Vec<(String, String)> = rules
            .iter()
            .enumerate()
            .map(|(index, rule)| (format!("{index}.yml"), rule.to_string()))
            .collect();
        let (set, diagnostics) =
            RuleSet::load(texts.iter().map(|(path, text)| RuleText { path, text }), &LoadOptions::default());
        prop_assert_eq!(set.rules().len(), rules.len(), "{:?}", diagnostics);
        let plan = Plan::compile(Arc::new(set));
        let mut scratch = Scratch::new();
        // Twice, so that remembered values are asked too.
        for event in events.iter().chain(&events) {
            let expected: Vec<usize> = (0..rules.len())
                .filter(|index| reference::fires(&plan.rule_set().rules()[*index], event))
                .collect();
            prop_assert_eq!(plan.evaluate(event, &mut scratch), &expected[..]);
            for (index, rule) in plan.rule_set().rules().iter().enumerate() {
                let tree = plan.explain_tree(index, event).unwrap();
                prop_assert_eq!(tree.holds, reference::fires(rule, event), "{:?}", tree);
            }
        }
    }
}
