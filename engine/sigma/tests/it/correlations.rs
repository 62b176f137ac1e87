//! Correlations over time: windows, groups, chains, bounds on memory, restarts.

use std::sync::Arc;

use saola_event::{Alert, Engine, Timestamp};
use saola_sigma::{Correlator, CorrelatorLimits, DiagnosticLevel, LoadOptions, Plan, RuleSet, Scratch};

use super::{event_at, load};

/// Rules `fail`, `ok` and `scan` that ask for the field `is`.
fn base() -> String {
    ["fail", "ok", "scan"]
        .map(|name| {
            format!(
                "title: {name}\nname: {name}\nid: id-{name}\nlogsource: {{product: test}}\n\
                 detection: {{s: {{is: {name}}}, condition: s}}\n"
            )
        })
        .join("---\n")
}

fn correlation(id: &str, body: &str) -> String {
    format!("---\ntitle: {id}\nid: {id}\nname: {id}\nlevel: high\ncorrelation:\n{body}\n")
}

struct Bench {
    plan: Plan,
    scratch: Scratch,
    correlator: Correlator,
}

fn set(correlations: &[String]) -> Arc<RuleSet> {
    let text = base() + &correlations.concat();
    let (set, diagnostics) = load(&[&text], &LoadOptions::default());
    assert!(diagnostics.is_empty(), "{diagnostics:?}");
    Arc::new(set)
}

impl Bench {
    fn new(correlations: &[String]) -> Self {
        Self::limited(correlations, CorrelatorLimits::default())
    }

    fn limited(correlations: &[String], limits: CorrelatorLimits) -> Self {
        let set = set(correlations);
        Self {
            plan: Plan::compile(Arc::clone(&set)),
            scratch: Scratch::new(),
            correlator: Correlator::new(set, limits),
        }
    }

    /// Feeds an event and gives what fired.
    fn feed(&mut self, second: i64, json: &str) -> Vec<Alert> {
        let event = event_at(json, second);
        let rules = self.plan.evaluate(&event, &mut self.scratch).to_vec();
        let mut alerts = self.correlator.advance(event.time);
        for rule in rules {
            alerts.extend(self.correlator.observe(rule, &event));
        }
        alerts
    }

    fn ids(&mut self, second: i64, json: &str) -> Vec<String> {
        self.feed(second, json)
            .iter()
            .map(|alert| alert.rule.id.to_string())
            .collect()
    }
}

#[test]
fn event_count_slides_and_is_quiet_for_a_timespan() {
    let mut bench = Bench::new(&[correlation(
        "brute",
        "  type: event_count\n  rules: [fail]\n  group-by: [src_ip]\n  timespan: 1m\n  condition: {gte: 3}",
    )]);
    let a = r#"{"is":"fail","src_ip":"10.0.0.1"}"#;
    let b = r#"{"is":"fail","src_ip":"10.0.0.2"}"#;
    assert!(bench.feed(0, a).is_empty());
    assert!(bench.feed(30, a).is_empty());
    assert!(bench.feed(40, b).is_empty(), "another group");
    assert!(bench.feed(65, a).is_empty(), "the first has left the window");
    let alerts = bench.feed(70, a);
    assert_eq!(alerts.len(), 1);
    let alert = &alerts[0];
    assert_eq!(alert.engine, Engine::Correlation);
    assert_eq!(alert.entities.src_ip.unwrap().to_string(), "10.0.0.1");
    assert_eq!(alert.event["correlation"]["figure"], "3");
    assert_eq!(alert.event["correlation"]["group"]["src_ip"], "10.0.0.1");
    assert!(bench.feed(71, a).is_empty(), "quiet");
    assert!(bench.feed(129, a).is_empty(), "quiet");
    assert_eq!(bench.feed(130, a).len(), 1, "a timespan after the last alert");
    assert_eq!(bench.correlator.counts().held_back, 2);
    assert!(bench.feed(200, r#"{"is":"fail"}"#).is_empty());
    assert_eq!(bench.correlator.counts().without_group, 1);
}

#[test]
fn value_count_counts_different_values() {
    let mut bench = Bench::new(&[correlation(
        "spray",
        "  type: value_count\n  rules: [fail]\n  group-by: [src_ip]\n  timespan: 1m\n  condition: {gte: 3, field: user}",
    )]);
    let feed = |bench: &mut Bench, second, user: &str| {
        bench
            .feed(
                second,
                &format!(r#"{{"is":"fail","src_ip":"10.0.0.1","user":"{user}"}}"#),
            )
            .len()
    };
    assert_eq!(feed(&mut bench, 0, "a"), 0);
    assert_eq!(feed(&mut bench, 1, "a"), 0);
    assert_eq!(feed(&mut bench, 50, "b"), 0);
    assert_eq!(feed(&mut bench, 62, "c"), 0, "the user a has left the window");
    assert_eq!(feed(&mut bench, 63, "a"), 1);
}

#[test]
fn temporal_in_any_order_and_in_order() {
    let body =
        |kind: &str| format!("  type: {kind}\n  rules: [fail, ok]\n  group-by: [user]\n  timespan: 1m");
    let mut bench = Bench::new(&[
        correlation("any", &body("temporal")),
        correlation("seq", &body("temporal_ordered")),
    ]);
    let fail = r#"{"is":"fail","user":"an"}"#;
    let ok = r#"{"is":"ok","user":"an"}"#;
    assert!(bench.feed(0, ok).is_empty());
    assert_eq!(bench.ids(10, fail), ["any"]);
    assert_eq!(bench.ids(20, ok), ["seq"]);
    assert!(bench.feed(200, fail).is_empty());
    assert!(bench.feed(261, ok).is_empty(), "too late");
    assert!(
        bench.feed(262, r#"{"is":"fail","user":"binh"}"#).is_empty(),
        "another user"
    );
}

#[test]
fn temporal_conditions_with_absence() {
    let mut bench = Bench::new(&[correlation(
        "alone",
        "  type: temporal\n  rules: [scan, fail, ok]\n  group-by: [src_ip]\n  timespan: 1m\n  condition: scan and fail and not ok",
    )]);
    let feed = |bench: &mut Bench, second, is: &str, ip: &str| {
        bench.ids(second, &format!(r#"{{"is":"{is}","src_ip":"{ip}"}}"#))
    };
    assert!(feed(&mut bench, 0, "scan", "10.0.0.1").is_empty());
    assert!(feed(&mut bench, 1, "scan", "10.0.0.2").is_empty());
    assert!(
        feed(&mut bench, 2, "fail", "10.0.0.1").is_empty(),
        "judged when the window closes"
    );
    assert!(feed(&mut bench, 3, "fail", "10.0.0.2").is_empty());
    assert!(feed(&mut bench, 50, "ok", "10.0.0.2").is_empty());
    let alerts = bench.correlator.advance(Timestamp::from_secs_micros(61, 0));
    assert_eq!(alerts.len(), 1);
    assert_eq!(alerts[0].entities.src_ip.unwrap().to_string(), "10.0.0.1");
    assert_eq!(alerts[0].time, Timestamp::from_secs_micros(60, 0));
    assert!(
        bench
            .correlator
            .advance(Timestamp::from_secs_micros(1000, 0))
            .is_empty()
    );
}

#[test]
fn figures_over_numbers() {
    for (kind, condition, wanted) in [
        ("value_sum", "{gt: 100, field: bytes}", [false, false, true]),
        ("value_avg", "{gte: 30, field: bytes}", [false, false, true]),
        ("value_median", "{gte: 20, field: bytes}", [false, false, true]),
        (
            "value_percentile",
            "{gte: 10, field: bytes, percentile: 0}",
            [true, false, false],
        ),
        (
            "value_percentile",
            "{gt: 80, field: bytes, percentile: 100}",
            [false, false, true],
        ),
    ] {
        let body = format!("  type: {kind}\n  rules: [ok]\n  timespan: 1h\n  condition: {condition}");
        let mut bench = Bench::new(&[correlation("sum", &body)]);
        let fired = [10, 20, 90].map(|bytes| {
            !bench
                .feed(bytes, &format!(r#"{{"is":"ok","bytes":"{bytes}"}}"#))
                .is_empty()
        });
        assert_eq!(fired, wanted, "{kind} {condition}");
        bench.feed(99, r#"{"is":"ok"}"#);
        assert_eq!(bench.correlator.counts().without_value, 1);
    }
}

#[test]
fn ranges_wait_for_the_close() {
    let mut bench = Bench::new(&[correlation(
        "few",
        "  type: event_count\n  rules: [fail]\n  group-by: [user]\n  timespan: 10s\n  condition: {gte: 2, lt: 4}",
    )]);
    for (user, count) in [("an", 1), ("binh", 3), ("cuong", 5)] {
        for second in 0..count {
            assert!(
                bench
                    .feed(second, &format!(r#"{{"is":"fail","user":"{user}"}}"#))
                    .is_empty()
            );
        }
    }
    let alerts = bench.correlator.advance(Timestamp::from_secs_micros(60, 0));
    let users: Vec<_> = alerts
        .iter()
        .map(|alert| alert.entities.user.clone().unwrap())
        .collect();
    assert_eq!(users, ["binh"]);
    assert_eq!(bench.correlator.groups(), 0);
}

#[test]
fn chains_aliases_and_generate() {
    let many = correlation(
        "many",
        "  type: event_count\n  rules: [fail]\n  group-by: [who]\n  timespan: 1m\n  condition: {gte: 2}\n  \
         aliases: {who: {fail: TargetUserName}}",
    );
    let then = correlation(
        "then",
        "  type: temporal_ordered\n  rules: [many, ok]\n  group-by: [who]\n  timespan: 5m\n  generate: true\n  \
         aliases: {who: {ok: user}}",
    );
    let mut bench = Bench::new(&[then, many]);
    let reports: Vec<bool> = bench
        .plan
        .rule_set()
        .rules()
        .iter()
        .map(|rule| rule.reports)
        .collect();
    assert_eq!(reports, [false, true, true], "fail feeds one without generate");
    let fail = r#"{"is":"fail","TargetUserName":"an"}"#;
    assert!(bench.feed(0, fail).is_empty());
    assert_eq!(bench.ids(1, fail), ["many"]);
    assert_eq!(bench.ids(9, r#"{"is":"ok","user":"an"}"#), ["then"]);
}

#[test]
fn late_and_out_of_order_matches() {
    let mut bench = Bench::new(&[correlation(
        "brute",
        "  type: event_count\n  rules: [fail]\n  timespan: 1m\n  condition: {gte: 3}",
    )]);
    let fail = r#"{"is":"fail"}"#;
    assert!(bench.feed(100, fail).is_empty());
    assert!(bench.feed(39, fail).is_empty(), "older than the window");
    assert_eq!(bench.correlator.counts().late, 1);
    assert!(bench.feed(90, fail).is_empty());
    assert_eq!(bench.feed(95, fail).len(), 1, "late by less than the window");
}

#[test]
fn groups_are_bounded_and_counted() {
    let limits = CorrelatorLimits {
        groups: 1000,
        matches_per_group: 5,
        ..CorrelatorLimits::default()
    };
    let body = |kind: &str, condition: &str| {
        format!(
            "  type: {kind}\n  rules: [fail]\n  group-by: [user]\n  timespan: 1d\n  condition: {condition}"
        )
    };
    let mut bench = Bench::limited(
        &[correlation("v", &body("value_count", "{gte: 100, field: x}"))],
        limits,
    );
    for n in 0..10_000 {
        bench.feed(n, &format!(r#"{{"is":"fail","user":"u{n}","x":1}}"#));
        assert!(bench.correlator.groups() <= 1000);
    }
    assert!(bench.correlator.counts().evicted_groups >= 9000);
    for n in 0..20 {
        bench.feed(10_000 + n, &format!(r#"{{"is":"fail","user":"same","x":{n}}}"#));
    }
    assert_eq!(bench.correlator.counts().crowded_out, 15);
    bench.correlator.advance(Timestamp::from_secs_micros(200_000, 0));
    assert_eq!(bench.correlator.groups(), 0, "quiet groups are forgotten");
}

#[test]
fn open_windows_are_bounded_like_groups() {
    let limits = CorrelatorLimits {
        groups: 1000,
        ..CorrelatorLimits::default()
    };
    let body =
        "  type: event_count\n  rules: [fail]\n  group-by: [user]\n  timespan: 1d\n  condition: {lt: 5}";
    let mut bench = Bench::limited(&[correlation("few", body)], limits);
    for n in 0..5_000 {
        bench.feed(n, &format!(r#"{{"is":"fail","user":"u{n}"}}"#));
        assert!(bench.correlator.open_windows() <= 1000);
    }
    let groups = bench.correlator.groups();
    let alerts = bench.correlator.advance(Timestamp::from_secs_micros(200_000, 0));
    assert_eq!(alerts.len(), groups);
    assert_eq!(bench.correlator.open_windows(), 0);
}

#[test]
fn state_survives_a_restart_and_a_reload_of_other_rules() {
    let brute = correlation(
        "brute",
        "  type: event_count\n  rules: [fail]\n  group-by: [user]\n  timespan: 1m\n  condition: {gte: 3}",
    );
    let fail = r#"{"is":"fail","user":"an"}"#;
    let mut before = Bench::new(std::slice::from_ref(&brute));
    before.feed(0, fail);
    before.feed(1, fail);
    let saved = serde_json::to_string(&before.correlator.snapshot()).unwrap();
    let other = correlation("other", "  type: temporal\n  rules: [ok, scan]\n  timespan: 1m");
    let mut after = Bench::new(&[other, brute.clone()]);
    assert_eq!(after.correlator.restore(serde_json::from_str(&saved).unwrap()), 1);
    assert_eq!(after.ids(2, fail), ["brute"]);
    let mut changed = Bench::new(&[brute.replace("gte: 3", "gte: 4")]);
    assert_eq!(
        changed.correlator.restore(serde_json::from_str(&saved).unwrap()),
        0
    );
}

#[test]
fn faults_of_correlations() {
    for (body, hint) in [
        (
            "  type: event_count\n  rules: [nosuch]\n  timespan: 1m\n  condition: {gte: 1}",
            "'nosuch'",
        ),
        (
            "  type: event_count\n  rules: [fail]\n  timespan: 1x\n  condition: {gte: 1}",
            "timespan",
        ),
        (
            "  type: event_count\n  rules: [fail]\n  condition: {gte: 1}",
            "timespan is missing",
        ),
        (
            "  type: event_count\n  rules: [fail]\n  timespan: 1m",
            "condition is missing",
        ),
        (
            "  type: event_count\n  rules: [fail]\n  timespan: 1m\n  condition: {about: 1}",
            "'about'",
        ),
        (
            "  type: frob\n  rules: [fail]\n  timespan: 1m\n  condition: {gte: 1}",
            "'frob'",
        ),
        (
            "  type: value_count\n  rules: [fail]\n  timespan: 1m\n  condition: {gte: 1}",
            "'field'",
        ),
        (
            "  type: event_count\n  timespan: 1m\n  condition: {gte: 1}",
            "watches no rule",
        ),
        (
            "  type: event_count\n  rules: [self]\n  timespan: 1m\n  condition: {gte: 1}",
            "itself",
        ),
        (
            "  type: temporal\n  rules: [fail]\n  timespan: 1m\n  condition: fail and nosuch",
            "nosuch",
        ),
        (
            "  type: temporal\n  rules: [fail]\n  timespan: 1m\n  group-by: [a]\n  aliases: {a: {ok: b}}",
            "'ok'",
        ),
    ] {
        let text = base() + &correlation("self", body);
        let (set, diagnostics) = load(&[&text], &LoadOptions::default());
        assert!(set.correlations().is_empty(), "{body}");
        let fault = diagnostics
            .iter()
            .find(|d| d.level == DiagnosticLevel::Error)
            .unwrap();
        assert!(fault.reason.contains(hint), "{body}: {}", fault.reason);
    }
}
