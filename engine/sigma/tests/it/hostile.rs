//! Rules and events that mean harm cost at most their share.

use std::sync::Arc;

use saola_event::{Fields, LogSource, LogSources, Value};
use saola_sigma::{LoadOptions, Plan, RuleSet, RuleText, Scratch};

use super::{event, load, rule};

#[test]
fn any_text_is_a_rule_or_a_diagnostic() {
    let base = rule("  s:\n    A|contains|all: ['x*', y]\n    B|re: 'a+b'\n  condition: 1 of s*");
    // Every prefix, and every byte replaced by one that matters to YAML.
    for end in (0..base.len()).filter(|end| base.is_char_boundary(*end)) {
        load(&[&base[..end]], &LoadOptions::default());
    }
    for at in 0..base.len() {
        for odd in ['|', ':', '{', '*', '&', '\0', '\u{feff}'] {
            let mut text: String = base[..at].to_owned();
            text.push(odd);
            text.push_str(&base[at + 1..]);
            load(&[&text], &LoadOptions::default());
        }
    }
}

#[test]
fn long_and_deep_events() {
    let (set, _) = load(
        &[&rule(
            "  s:\n    A|contains: [needle, 'n*e', e]\n    A|re: '(a+)+$'\n  k: [hay]\n  condition: s or k",
        )],
        &LoadOptions::default(),
    );
    let plan = Plan::compile(set.into());
    let mut scratch = Scratch::new();
    let mut long = event("{}");
    long.fields.push(
        "A",
        format!("{}needle{}", "n".repeat(1 << 20), "a".repeat(1 << 20)),
    );
    assert_eq!(plan.evaluate(&long, &mut scratch), [0]);
    let mut deep = Value::from("hay");
    for _ in 0..200 {
        let mut fields = Fields::new();
        fields.push("A", Value::List(vec![deep]));
        deep = Value::Map(fields);
    }
    let mut event = event("{}");
    event.fields.push("x", deep);
    assert_eq!(plan.evaluate(&event, &mut scratch), [0]);
}

#[test]
fn made_up_log_sources_do_not_grow_the_state() {
    let (set, _) = load(&[&rule("  s: {A: x}\n  condition: s")], &LoadOptions::default());
    let plan = Plan::compile(set.into());
    let mut scratch = Scratch::new();
    let mut event = event(r#"{"A":"x"}"#);
    for number in 0..20_000 {
        event.sources = LogSources::new([LogSource {
            product: "test".into(),
            category: format!("c{number}").into(),
            service: "".into(),
        }]);
        assert_eq!(plan.evaluate(&event, &mut scratch), [0]);
    }
}

#[test]
fn a_scratch_serves_another_plan_after_a_reload() {
    let plan = |word: &str| {
        let text = rule(&format!("  s:\n    A|contains: {word}\n  condition: s"));
        let (set, _) = RuleSet::load(
            [RuleText {
                path: "r",
                text: &text,
            }],
            &LoadOptions::default(),
        );
        Plan::compile(Arc::new(set))
    };
    let (first, second) = (plan("foo"), plan("bar"));
    let mut scratch = Scratch::new();
    let event = event(r#"{"A":"foo"}"#);
    for _ in 0..3 {
        assert_eq!(first.evaluate(&event, &mut scratch), [0]);
        assert!(second.evaluate(&event, &mut scratch).is_empty());
    }
    assert_eq!(scratch.counts.events, 6);
}

#[test]
fn witnesses_measured_anew_change_nothing() {
    let texts: Vec<String> = (0..40)
        .map(|n| {
            rule(&format!(
                "  a:\n    A|contains: w{n}\n  b:\n    B|contains: common\n  condition: a and b"
            ))
        })
        .collect();
    let refs: Vec<&str> = texts.iter().map(String::as_str).collect();
    let (set, _) = load(&refs, &LoadOptions::default());
    let plan = Plan::compile(set.into());
    let mut scratch = Scratch::new();
    for n in 0..20_000 {
        let json = format!(r#"{{"A":"xx w{:02} yy","B":"common {n}"}}"#, n % 50 + 10);
        let expected: Vec<usize> = (10..40).filter(|w| *w == n % 50 + 10).collect();
        let fired: Vec<usize> = plan.evaluate(&event(&json), &mut scratch).to_vec();
        let single = (n % 50 + 10) / 10;
        let expected: Vec<usize> = (0..10).filter(|w| *w == single).chain(expected).collect();
        assert_eq!(fired, expected, "{json}");
    }
}
