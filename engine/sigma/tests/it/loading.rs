//! Documents, metadata, collections, filters, and what is said of the bad ones.

use saola_event::{Engine, LogSource, LogSources, Severity};
use saola_sigma::{DiagnosticLevel, LoadOptions, Plan, Scratch, alert};

use super::{event, load, rule};

const WHOLE: &str = "
title: Web shell upload
id: 5f1d2a9e-0000-4000-8000-000000000001
name: web_shell
status: stable
level: high
description: d
author: a
date: 2026-11-22
references: [https://example.org]
tags: [attack.initial-access, attack.t1190, cve.2021-44228]
falsepositives: none
related: [{id: x, type: derived}]
logsource: {product: test, category: webserver}
saola:
  title: {vi: Tải lên web shell, en: Web shell upload}
  advice: {vi: Cách ly máy chủ}
regression_tests_path: p
detection:
  s: {c-ip: 10.0.0.1}
  condition: s
";

#[test]
fn metadata_is_kept_and_reaches_alerts() {
    let (set, diagnostics) = load(&[WHOLE], &LoadOptions::default());
    assert!(diagnostics.is_empty(), "{diagnostics:?}");
    let rule = &set.rules()[0];
    assert_eq!(rule.metadata.custom["saola"]["advice"]["vi"], "Cách ly máy chủ");
    assert_eq!(rule.metadata.custom["regression_tests_path"], "p");
    assert_eq!(rule.metadata.related[0].kind, "derived");
    assert_eq!(set.find("WEB_SHELL"), None);
    assert_eq!(set.find("web_shell"), Some(0));
    let alert = alert(rule, &event(r#"{"c-ip":"10.0.0.1","cs-host":"dvc"}"#), Vec::new());
    assert_eq!(alert.engine, Engine::Log);
    assert_eq!(alert.severity, Severity::High);
    assert_eq!(alert.rule.title_vi.as_deref(), Some("Tải lên web shell"));
    assert_eq!(*alert.rule.tags, ["initial-access", "T1190", "cve.2021-44228"]);
    assert_eq!(&*alert.rule.class, "webserver");
    assert_eq!(alert.entities.src_ip.unwrap().to_string(), "10.0.0.1");
    assert_eq!(alert.entities.domain.as_deref(), Some("dvc"));
    assert_eq!(alert.event["cs-host"], "dvc");
}

#[test]
fn a_bad_rule_does_not_stop_the_others() {
    let good = rule("  s: {A: x}\n  condition: s");
    let same_id = WHOLE.replace("Web shell upload", "copy");
    let texts = [
        "title: [",
        &good,
        "- a\n- b\n",
        WHOLE,
        &same_id,
        "title: no source\ndetection: {s: {A: x}, condition: s}\n",
        "logsource: {product: test}\n",
        "title: t\ntaxonomy: ecs\nlogsource: {product: test}\ndetection: {s: {A: x}, condition: s}\n",
        "",
    ];
    let (set, diagnostics) = load(&texts, &LoadOptions::default());
    assert_eq!(set.rules().len(), 2);
    let errors: Vec<String> = diagnostics
        .iter()
        .filter(|d| d.level == DiagnosticLevel::Error)
        .map(ToString::to_string)
        .collect();
    for (path, hint) in [
        ("0.yml", "YAML"),
        ("2.yml", "mapping"),
        ("4.yml", "taken by 3.yml"),
        ("5.yml", "logsource"),
        ("6.yml", "title"),
        ("7.yml", "taxonomy"),
    ] {
        assert!(
            errors.iter().any(|e| e.starts_with(path) && e.contains(hint)),
            "{path}: {errors:?}"
        );
    }
    assert_eq!(errors.len(), 6, "{errors:?}");
    assert!(
        diagnostics
            .iter()
            .any(|d| &*d.path == "8.yml" && d.level == DiagnosticLevel::Warning)
    );
}

#[test]
fn odd_metadata_is_a_warning() {
    let text = rule("  s: {A: x}\n  condition: s") + "level: terrible\nstatus: fine\n";
    let (set, diagnostics) = load(&[&text], &LoadOptions::default());
    assert_eq!(set.rules()[0].metadata.level, Severity::Medium);
    assert_eq!(diagnostics.len(), 2, "{diagnostics:?}");
    assert!(diagnostics.iter().all(|d| d.level == DiagnosticLevel::Warning));
}

#[test]
fn collections_share_parts() {
    let text = "action: global\ntitle: base\nlogsource: {product: test}\ndetection: {condition: s}\n\
                ---\nid: a\ndetection: {s: {A: x}}\n\
                ---\naction: repeat\nid: b\ndetection: {s: {A: y}}\n\
                ---\naction: reset\n\
                ---\ntitle: own\nid: c\nlogsource: {product: test}\ndetection: {s: {A: z}, condition: s}\n";
    let (set, diagnostics) = load(&[text], &LoadOptions::default());
    assert!(diagnostics.is_empty(), "{diagnostics:?}");
    let ids: Vec<(&str, &str)> = set
        .rules()
        .iter()
        .map(|r| (&*r.metadata.id, &*r.metadata.title))
        .collect();
    assert_eq!(ids, [("a", "base"), ("b", "base"), ("c", "own")]);
    let plan = Plan::compile(set.into());
    let mut scratch = Scratch::new();
    assert_eq!(plan.evaluate(&event(r#"{"A":"y"}"#), &mut scratch), [1]);
    assert_eq!(plan.evaluate(&event(r#"{"A":"z"}"#), &mut scratch), [2]);
    let (_, diagnostics) = load(
        &["action: repeat\ntitle: t\n---\naction: frob\n"],
        &LoadOptions::default(),
    );
    assert_eq!(diagnostics.len(), 2, "{diagnostics:?}");
}

#[test]
fn filters_take_out_what_they_name() {
    let rule = rule("  s: {A: x}\n  condition: s") + "id: r1\n";
    let filter = "title: known scanner\nid: f1\nlogsource: {product: test}\n\
                  filter: {rules: [r1], sel: {User: scanner}, condition: sel}\n";
    let other = filter.replace("f1", "f2").replace("[r1]", "[nosuch]");
    let elsewhere = filter
        .replace("f1", "f3")
        .replace("[r1]", "any")
        .replace("product: test", "product: linux");
    let (set, diagnostics) = load(&[filter, &rule, &other, &elsewhere], &LoadOptions::default());
    assert_eq!(set.rules()[0].filters.len(), 1);
    assert!(diagnostics[0].reason.contains("'nosuch'"), "{diagnostics:?}");
    let plan = Plan::compile(set.into());
    let mut scratch = Scratch::new();
    assert_eq!(plan.evaluate(&event(r#"{"A":"x"}"#), &mut scratch), [0]);
    assert!(
        plan.evaluate(&event(r#"{"A":"x","User":"Scanner"}"#), &mut scratch)
            .is_empty()
    );
}

#[test]
fn lint_says_what_can_never_fire() {
    let text = "
title: t
id: 5f1d2a9e-0000-4000-8000-000000000009
logsource: {product: test, category: process_creation}
detection:
  s: {commandline|contains: x, CommandLine|contains: y}
  left_over: {Image: z}
  condition: s
";
    let (set, diagnostics) = load(&[text], &LoadOptions::default());
    assert!(diagnostics.is_empty(), "{diagnostics:?}");
    let given = |category| [LogSources::new([LogSource::new("test", category, "")])];
    let reasons = |given: &[LogSources]| -> Vec<String> {
        let found = set.lint(given);
        assert!(found.iter().all(|fault| fault.level == DiagnosticLevel::Warning));
        found
            .iter()
            .map(|fault| format!("{} {}", fault.at.line, fault.reason))
            .collect()
    };
    assert_eq!(
        reasons(&given("process_creation")),
        [
            "7 no condition uses the selection 'left_over': name it in the condition or take it out",
            "6 no parser writes the field 'commandline': write 'CommandLine'",
        ]
    );
    let elsewhere = reasons(&given("webserver"));
    assert_eq!(elsewhere.len(), 3);
    assert!(
        elsewhere[2].contains("no parser gives the log source product test, category process_creation"),
        "{elsewhere:?}"
    );
}
