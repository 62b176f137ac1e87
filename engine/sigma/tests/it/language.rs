//! Every modifier and form of selection: a hit, a near miss, and what a wrong use is told.

use saola_event::{LogSource, LogSources};
use saola_sigma::{LoadOptions, Plan, Scratch};

use super::{event, fires, fires_with, load, refusal, rule};

/// One line of a selection on one event.
fn line(line: &str, json: &str) -> bool {
    fires(&format!("  s:\n    {line}\n  condition: s"), json)
}

#[test]
fn values_without_modifier() {
    for (rule, json, wanted) in [
        ("A: cmd.exe", r#"{"A":"CMD.EXE"}"#, true),
        ("A: cmd.exe", r#"{"A":"cmd.exe "}"#, false),
        ("A: cmd.exe", r#"{"a":"cmd.exe"}"#, false),
        (r"A: '*\cmd.exe'", r#"{"A":"C:\\x\\cmd.exe"}"#, true),
        ("A: 4104", r#"{"A":4104}"#, true),
        ("A: 4104", r#"{"A":"4104"}"#, true),
        ("A: '4104'", r#"{"A":4104}"#, true),
        ("A: 4104", r#"{"A":41040}"#, false),
        ("A: 0x10", r#"{"A":16}"#, true),
        ("A: 0x10", r#"{"A":"0x10"}"#, true),
        ("A: '0x10'", r#"{"A":16}"#, false),
        ("A: true", r#"{"A":"True"}"#, true),
        ("A: 'true'", r#"{"A":true}"#, true),
        ("A: [x, y]", r#"{"A":"y"}"#, true),
        ("A: '*'", r#"{"A":""}"#, true),
        ("A: '*'", r#"{"A":null}"#, false),
        ("A: '*'", r#"{}"#, false),
        ("A: ''", r#"{"A":""}"#, true),
        ("A: ''", r#"{}"#, false),
        ("A: null", r#"{}"#, true),
        ("A: null", r#"{"A":null}"#, true),
        ("A: null", r#"{"A":""}"#, false),
        ("A: [x, null]", r#"{}"#, true),
        ("A: x", r#"{"A":["w","x"]}"#, true),
        ("A: x", r#"{"A":["w",["x"]]}"#, true),
        ("A: ĐĂNG", r#"{"A":"đăng"}"#, true),
        ("a.b: x", r#"{"a":{"b":"x"}}"#, true),
        ("a.b: x", r#"{"a":[{"b":"w"},{"b":"x"}]}"#, true),
        ("a.b: x", r#"{"a.b":"w","a":{"b":"x"}}"#, false),
    ] {
        assert_eq!(line(rule, json), wanted, "{rule} on {json}");
    }
}

#[test]
fn text_modifiers() {
    for (rule, json, wanted) in [
        ("A|contains: ell", r#"{"A":"PowerShell"}"#, true),
        ("A|contains: eel", r#"{"A":"PowerShell"}"#, false),
        ("A|contains: 'p?w*ll'", r#"{"A":"a Powershell b"}"#, true),
        ("A|startswith: pow", r#"{"A":"PowerShell"}"#, true),
        ("A|startswith: ower", r#"{"A":"PowerShell"}"#, false),
        ("A|endswith: SHELL", r#"{"A":"PowerShell"}"#, true),
        ("A|endswith: shel", r#"{"A":"PowerShell"}"#, false),
        ("A|contains|all: [pow, ell]", r#"{"A":"PowerShell"}"#, true),
        ("A|contains|all: [pow, zzz]", r#"{"A":"PowerShell"}"#, false),
        ("A|cased: Ab", r#"{"A":"Ab"}"#, true),
        ("A|cased: Ab", r#"{"A":"ab"}"#, false),
        ("A|contains|cased: Ab", r#"{"A":"xAbx"}"#, true),
        ("A|endswith|cased: Ab", r#"{"A":"xab"}"#, false),
        ("A|contains|windash: ' -enc'", r#"{"A":"x /enc y"}"#, true),
        ("A|contains|windash: ' -enc'", "{\"A\":\"x \u{2015}enc y\"}", true),
        ("A|contains|windash: ' /enc'", r#"{"A":"x -enc y"}"#, true),
        ("A|contains|windash: 'a-enc'", r#"{"A":"a/enc"}"#, false),
        (
            "A|contains|windash: ' -a -b -c -d'",
            r#"{"A":" -a /b -c /d"}"#,
            true,
        ),
        (
            "A|contains|windash: ' -a -b -c -d'",
            r#"{"A":" -a /b -c +d"}"#,
            false,
        ),
        ("A|neq: x", r#"{"A":"y"}"#, true),
        ("A|neq: x", r#"{"A":"X"}"#, false),
        ("A|neq: x", r#"{}"#, false),
        ("A|neq: [x, y]", r#"{"A":"z"}"#, true),
        ("A|neq: [x, y]", r#"{"A":["z","y"]}"#, false),
        ("A|contains|neq: x", r#"{"A":"axb"}"#, false),
    ] {
        assert_eq!(line(rule, json), wanted, "{rule} on {json}");
    }
}

#[test]
fn expressions_networks_numbers() {
    for (rule, json, wanted) in [
        ("A|re: '^po.er'", r#"{"A":"power"}"#, true),
        ("A|re: '^po.er'", r#"{"A":"Power"}"#, false),
        ("A|re|i: '^po.er'", r#"{"A":"POWER"}"#, true),
        ("A|re: 'a.c'", r#"{"A":"a\nc"}"#, false),
        ("A|re|s: 'a.c'", r#"{"A":"a\nc"}"#, true),
        ("A|re|m: '^c$'", r#"{"A":"a\nc\nd"}"#, true),
        ("A|re|ignorecase|dotall: 'A.C'", r#"{"A":"a\nc"}"#, true),
        ("A|re: '[0-9]{4}'", r#"{"A":4104}"#, true),
        ("A|cidr: 10.0.0.0/8", r#"{"A":"10.9.9.9"}"#, true),
        (
            "A|cidr: [192.168.0.0/16, 'fe80::/10']",
            r#"{"A":"fe80::1"}"#,
            true,
        ),
        ("A|cidr: 10.0.0.0/8", r#"{"A":"11.0.0.1"}"#, false),
        ("A|cidr: 10.0.0.0/8", r#"{"A":"10.0.0.1:80"}"#, false),
        ("A|gt: 5", r#"{"A":6}"#, true),
        ("A|gt: 5", r#"{"A":"5"}"#, false),
        ("A|gte: 5", r#"{"A":"5"}"#, true),
        ("A|lt: -1", r#"{"A":-1.5}"#, true),
        ("A|lte: 5", r#"{"A":[9,5]}"#, true),
        ("A|lt: 5", r#"{"A":"many"}"#, false),
        ("A|lt: 5", r#"{}"#, false),
        ("A|hour: 7", r#"{"A":"2026-11-22T07:30:00Z"}"#, true),
        ("A|hour|gte: 22", r#"{"A":"2026-11-22T21:59:59Z"}"#, false),
        ("A|minute: 30", r#"{"A":"2026-11-22T07:30:00Z"}"#, true),
        ("A|day|lt: 22", r#"{"A":"2026-11-22T07:30:00Z"}"#, false),
        ("A|week: 47", r#"{"A":"2026-11-22T07:30:00Z"}"#, true),
        ("A|month: 11", r#"{"A":1795332600}"#, true),
        ("A|year: 2025", r#"{"A":"2026-11-22T07:30:00Z"}"#, false),
        ("A|exists: true", r#"{"A":null}"#, true),
        ("A|exists: true", r#"{}"#, false),
        ("A|exists: false", r#"{}"#, true),
        ("A|exists: 'false'", r#"{"A":1}"#, false),
    ] {
        assert_eq!(line(rule, json), wanted, "{rule} on {json}");
    }
}

#[test]
fn encodings_and_references() {
    // base64 of UTF-16LE "ping", and "xping" shifted by one byte.
    for (rule, json, wanted) in [
        ("A|base64: ping", r#"{"A":"cGluZw=="}"#, true),
        (
            "A|base64offset|contains: ping it",
            r#"{"A":"eHBpbmcgaXQh"}"#,
            true,
        ),
        (
            "A|base64offset|contains: ping it",
            r#"{"A":"eHBvbmcgaXQh"}"#,
            false,
        ),
        ("A|utf16le|base64: hi", r#"{"A":"aABpAA=="}"#, true),
        ("A|wide|base64offset|contains: hi", r#"{"A":"aABpAA=="}"#, true),
        ("A|utf16be|base64: hi", r#"{"A":"AGgAaQ=="}"#, true),
        ("A|utf16|base64: hi", r#"{"A":"//5oAGkA"}"#, true),
        ("A|fieldref: B", r#"{"A":"x","B":"X"}"#, true),
        ("A|fieldref: B", r#"{"A":"x"}"#, false),
        ("A|fieldref|cased: B", r#"{"A":"x","B":"X"}"#, false),
        ("A|fieldref|endswith: B", r#"{"A":"ab","B":"b"}"#, true),
        ("A|fieldref|startswith: B", r#"{"A":"ab","B":"b"}"#, false),
        ("A|fieldref|contains: B", r#"{"A":"abc","B":["z","b"]}"#, true),
        ("A|fieldref|neq: B", r#"{"A":"x","B":"y"}"#, true),
        ("A|fieldref|neq: B", r#"{"A":"x","B":"x"}"#, false),
    ] {
        assert_eq!(line(rule, json), wanted, "{rule} on {json}");
    }
}

#[test]
fn placeholders_come_from_the_options_or_the_rule_is_refused() {
    let mut options = LoadOptions::default();
    options
        .placeholders
        .insert("Admins".into(), vec!["an".into(), "b*h".into()]);
    let rule = "  s:\n    User|expand: 'CORP\\%Admins%'\n  condition: s";
    assert!(fires_with(rule, r#"{"User":"corp\\AN"}"#, &options));
    assert!(fires_with(rule, r#"{"User":"corp\\binh"}"#, &options));
    assert!(!fires_with(rule, r#"{"User":"corp\\cuong"}"#, &options));
    assert!(refusal(rule).contains("%Admins%"), "{}", refusal(rule));
    assert!(line("A: '%Admins%'", r#"{"A":"%admins%"}"#));
}

#[test]
fn selections_and_keywords() {
    for (detection, json, wanted) in [
        ("  s: {A: x, B: y}\n  condition: s", r#"{"A":"x","B":"z"}"#, false),
        ("  s: [{A: x}, {B: y}]\n  condition: s", r#"{"B":"y"}"#, true),
        (
            "  k: [foo, bar]\n  condition: k",
            r#"{"x":{"y":["a foobar"]}}"#,
            true,
        ),
        ("  k: foo\n  condition: k", r#"{"foo":"x"}"#, false),
        (
            "  k:\n    '|all': [foo, bar]\n  condition: k",
            r#"{"a":"foo","b":"BAR"}"#,
            true,
        ),
        (
            "  k:\n    '|all': [foo, bar]\n  condition: k",
            r#"{"a":"foo"}"#,
            false,
        ),
        ("  k: ['f?o*r']\n  condition: k", r#"{"a":"xx foo bar"}"#, true),
        ("  k:\n    '|re': 'fo+$'\n  condition: k", r#"{"a":"xfoo"}"#, true),
        ("  k: [4625]\n  condition: k", r#"{"a":4625}"#, true),
        (
            "  s: {A: x}\n  f: {B: y}\n  condition: s and not f",
            r#"{"A":"x"}"#,
            true,
        ),
        (
            "  s: {A: x}\n  f: {B: y}\n  condition: s and not f",
            r#"{"A":"x","B":"y"}"#,
            false,
        ),
        (
            "  s: {A: x}\n  t: {B: y}\n  condition: [s, t]",
            r#"{"B":"y"}"#,
            true,
        ),
        (
            "  _s: {A: x}\n  t: {B: y}\n  condition: 1 of them",
            r#"{"A":"x"}"#,
            false,
        ),
        ("  s: {A: x}\n  condition: not s", r#"{}"#, true),
    ] {
        assert_eq!(fires(detection, json), wanted, "{detection} on {json}");
    }
}

#[test]
fn keywords_look_into_the_raw_text() {
    let (set, _) = load(
        &[&rule("  k: ['segfault at']\n  condition: k")],
        &LoadOptions::default(),
    );
    let plan = Plan::compile(set.into());
    let mut event = event("{}");
    event.raw = "kernel: x[1]: SEGFAULT at 0".into();
    assert_eq!(plan.evaluate(&event, &mut Scratch::new()), [0]);
    event.raw = "{\"segfault at\":1}".into();
    assert!(
        plan.evaluate(&event, &mut Scratch::new()).is_empty(),
        "names are no values"
    );
}

#[test]
fn the_log_source_decides_who_may_look() {
    let text = "title: t\nlogsource: {product: Windows, category: process_creation}\n\
                detection: {s: {A: x}, condition: s}\n";
    let (set, _) = load(&[text], &LoadOptions::default());
    let plan = Plan::compile(set.into());
    let mut scratch = Scratch::new();
    let mut event = event(r#"{"A":"x"}"#);
    let mut fires = |sources: &[LogSource]| {
        event.sources = LogSources::new(sources.iter().cloned());
        !plan.evaluate(&event, &mut scratch).is_empty()
    };
    assert!(fires(&[LogSource::new("windows", "process_creation", "sysmon")]));
    assert!(!fires(&[LogSource::new("windows", "", "")]));
    assert!(!fires(&[
        LogSource::new("windows", "", ""),
        LogSource::new("", "process_creation", "")
    ]));
    assert!(!fires(&[LogSource::new("linux", "process_creation", "")]));
    assert!(!fires(&[]));
}

#[test]
fn evidence_says_field_value_and_place() {
    let detection = "  s:\n    Image|endswith: '\\cmd.exe'\n    CommandLine|contains|all: [WHOAMI, /c]\n  \
                     f: {User: system}\n  condition: s and not f";
    let (set, _) = load(&[&rule(detection)], &LoadOptions::default());
    let plan = Plan::compile(set.into());
    let long = format!("{} /c whoami {}", "x".repeat(100), "y".repeat(100));
    let event = event(&format!(r#"{{"Image":"C:\\cmd.exe","CommandLine":"{long}"}}"#));
    let evidence = plan.explain(0, &event);
    let seen: Vec<(&str, &str, &str, u64)> = evidence
        .iter()
        .map(|e| {
            let span = e.span.unwrap();
            let part = &e.window[span.start as usize..span.end as usize];
            (e.place.as_str(), e.pattern.as_str(), part, e.offset)
        })
        .collect();
    assert_eq!(
        seen,
        [
            ("Image", r"\cmd.exe", r"\cmd.exe", 2),
            ("CommandLine", "WHOAMI", "whoami", 104),
            ("CommandLine", "/c", "/c", 101),
        ]
    );
    assert!(evidence.iter().all(|e| e.window.len() <= 64));
}

#[test]
fn faults_name_place_and_remedy() {
    for (detection, place, hint) in [
        ("  s:\n    A|frob: x\n  condition: s", "5:5", "unknown modifier"),
        ("  s:\n    A|re: '(?=x)'\n  condition: s", "5:11", "look-around"),
        ("  s:\n    A|cidr: 10.0.0\n  condition: s", "5:13", "10.0.0.0/8"),
        ("  s:\n    A|gt: many\n  condition: s", "5:11", "number"),
        (
            "  s:\n    A|exists: maybe\n  condition: s",
            "5:15",
            "true or false",
        ),
        ("  s:\n    A: []\n  condition: s", "5:5", "no value"),
        ("  s:\n    A: {b: c}\n  condition: s", "5:8", "list of values"),
        ("  s:\n    A|contains: null\n  condition: s", "5:17", "null"),
        ("  s:\n    A|base64: 'x*'\n  condition: s", "5:15", "wildcard"),
        ("  s: {}\n  condition: s", "4:6", "empty"),
        ("  s: {A: x}", "4:3", "condition is missing"),
        ("  s: {A: x}\n  condition: s | count() > 5", "5:14", "event_count"),
        ("  s: {A: x}\n  timeframe: 5m\n  condition: s", "5:3", "timespan"),
        ("  condition: s", "4:3", "no selection"),
    ] {
        let text = refusal(detection);
        assert!(
            text.starts_with(&format!("0.yml:{place}:")),
            "{detection}: {text}"
        );
        assert!(text.contains(hint), "{detection}: {text}");
    }
}
