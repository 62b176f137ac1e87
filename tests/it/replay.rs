//! `saola replay` as scripts use it: the contract of its outputs, the same for any number of threads, and what it says
//! to bad input. The recording of the demo is the input, so this also holds the demo's promise: every attack is seen.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn saola(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_saola"))
        .args(arguments)
        .current_dir(root())
        .output()
        .unwrap()
}

/// Alerts of a replay, one JSON object each.
fn alerts(arguments: &[&str]) -> Vec<serde_json::Value> {
    let output = saola(&[&["replay"], arguments, &["--alerts", "-"]].concat());
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout)
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

fn rule_ids(alerts: &[serde_json::Value]) -> BTreeSet<String> {
    alerts
        .iter()
        .map(|alert| alert["rule"]["id"].as_str().unwrap().to_owned())
        .collect()
}

fn manifest() -> toml::Table {
    std::fs::read_to_string(root().join("tests/fixtures/demo/manifest.toml"))
        .unwrap()
        .parse()
        .unwrap()
}

/// What the manifest says that each attack must raise.
fn expected(kind: &str) -> BTreeSet<String> {
    let attacks = manifest()["attack"].as_array().unwrap().clone();
    let named = attacks
        .iter()
        .filter_map(|attack| attack.get(kind)?.as_array().cloned())
        .flatten();
    named
        .map(|name| name.as_str().map_or_else(|| name.to_string(), str::to_owned))
        .collect()
}

/// The id that stands in a log rule's file.
fn log_rule_id(path: &str) -> String {
    let text = std::fs::read_to_string(root().join("rules/log").join(format!("{path}.yml"))).unwrap();
    let id = text.lines().find_map(|line| line.strip_prefix("id:")).unwrap();
    id.trim().trim_matches(['"', '\'']).to_owned()
}

/// Whether a correlation names the rule.
fn feeds_a_correlation(path: &str) -> bool {
    let text = std::fs::read_to_string(root().join("rules/log").join(format!("{path}.yml"))).unwrap();
    let names = text
        .lines()
        .filter_map(|line| line.strip_prefix("name:").or_else(|| line.strip_prefix("id:")));
    let names: Vec<String> = names
        .map(|name| name.trim().trim_matches(['"', '\'']).to_owned())
        .collect();
    let files = std::fs::read_dir(root().join("rules/log/correlation")).unwrap();
    let mut texts = files.map(|entry| std::fs::read_to_string(entry.unwrap().path()).unwrap());
    !path.starts_with("correlation/") && texts.any(|text| names.iter().any(|name| text.contains(name)))
}

#[test]
fn every_attack_of_the_recording_is_seen_in_packets_and_threads_change_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let run = |threads: &str| {
        let eve = folder.path().join(threads);
        let capture = "tests/fixtures/demo/traffic.pcap.zst";
        let arguments = [
            capture,
            "--network-rules",
            "rules/network",
            "--threads",
            threads,
            "--eve",
            eve.to_str().unwrap(),
        ];
        (alerts(&arguments), std::fs::read(&eve).unwrap())
    };
    let (one, eve_one) = run("1");
    for threads in ["2", "3", "4"] {
        let (more, eve_more) = run(threads);
        assert_eq!(
            one, more,
            "alerts with {threads} threads are others than with one"
        );
        assert!(
            eve_one == eve_more,
            "EVE records with {threads} threads are others than with one"
        );
    }
    let (found, wanted) = (rule_ids(&one), expected("network_rules"));
    let missing: Vec<_> = wanted.difference(&found).collect();
    assert!(missing.is_empty(), "attacks that no packet rule saw: {missing:?}");
}

#[test]
fn every_attack_of_the_recording_is_seen_in_logs() {
    let logs = manifest()["log"].as_array().unwrap().clone();
    let mut found = BTreeSet::new();
    for log in logs {
        let path = format!("tests/fixtures/demo/{}", log["path"].as_str().unwrap());
        found.extend(rule_ids(&alerts(&[
            &path,
            "--log-rules",
            "rules/log",
            "--threads",
            "2",
        ])));
    }
    // A rule that feeds a correlation speaks through it.
    let unseen = |path: &String| !found.contains(&log_rule_id(path)) && !feeds_a_correlation(path);
    let missing: Vec<_> = expected("log_rules").into_iter().filter(unseen).collect();
    assert!(missing.is_empty(), "attacks that no log rule saw: {missing:?}");
}

#[test]
fn figures_come_as_one_json_object_at_the_end() {
    let output = saola(&[
        "replay",
        "tests/fixtures/packets",
        "--network-rules",
        "rules/network",
        "--stats",
    ]);
    let text = String::from_utf8(output.stdout).unwrap();
    let figures: serde_json::Value = serde_json::from_str(text.lines().last().unwrap()).unwrap();
    for key in [
        "packets",
        "bytes",
        "events",
        "alerts",
        "drops",
        "rules",
        "seconds",
        "peak_rss_kib",
    ] {
        assert!(figures.get(key).is_some(), "{key} is not in {figures}");
    }
    assert!(figures["packets"].as_u64().unwrap() > 100);
    assert_eq!(figures["rules"]["network"]["failed"], 0);
}

#[test]
fn a_damaged_capture_is_named_and_what_stands_before_the_damage_counts() {
    let folder = tempfile::tempdir().unwrap();
    let whole = whole_capture(folder.path());
    let bytes = std::fs::read(&whole).unwrap();
    let cut = folder.path().join("cut.pcap");
    write(&cut, bytes.split_last_chunk::<7>().unwrap().0);
    let output = saola(&["replay", cut.to_str().unwrap(), "--stats"]);
    assert!(!output.status.success());
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(
        said.contains("ends in the middle of packet") && said.contains("cut.pcap"),
        "{said}"
    );
    let figures: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert!(figures["packets"].as_u64().unwrap() > 0, "{figures}");
}

#[test]
fn wrong_input_is_refused_in_words() {
    let cases: [(&[&str], &str); 4] = [
        (&["replay", "/nowhere/at/all"], "/nowhere/at/all"),
        (
            &["replay", "README.md", "--log-rules", "/nowhere/rules"],
            "/nowhere/rules: cannot be read",
        ),
        (
            &["replay", "README.md", "--set", "nonsense"],
            "'nonsense' is not of the form KEY=VALUE",
        ),
        (
            &["serve", "--config", "/nowhere/saola.toml"],
            "/nowhere/saola.toml: cannot be read",
        ),
    ];
    for (arguments, expected) in cases {
        let output = saola(arguments);
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(
            !output.status.success() && said.contains(expected),
            "{arguments:?} said: {said}"
        );
    }
}

/// Some uncompressed pcap of the fixtures.
fn whole_capture(folder: &Path) -> PathBuf {
    let captures = std::fs::read_dir(root().join("tests/fixtures/packets")).unwrap();
    let pcap = captures
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|e| e == "pcap"))
        .min();
    let copy = folder.join("whole.pcap");
    std::fs::copy(pcap.unwrap(), &copy).unwrap();
    copy
}

#[expect(clippy::disallowed_methods, reason = "a fresh file of the test")]
fn write(path: &Path, bytes: &[u8]) {
    std::fs::write(path, bytes).unwrap();
}
