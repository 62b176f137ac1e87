//! `saola rules test`: every log rule over its samples.
//!
//! A sample is an event as its parser would give it, one JSON object a line. It stands for the log source that the rule
//! asks for, on top of those that the event itself shows.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context, bail};
use saola_event::{LogSources, RawRecord};
use saola_logs::{Config, Parsers};
use saola_sigma::{LoadOptions, Rule, Scratch};
use serde_json::json;

use crate::cli::output::{LineWriter, say};
use crate::detect::log::LogRules;
use crate::detect::rules::{Language, read};

/// How far above the rules a folder of samples is looked for.
const LEVELS: usize = 6;

/// What came of one file of samples.
struct Outcome {
    rule: Arc<str>,
    title: Arc<str>,
    /// `positive` or `negative`.
    kind: &'static str,
    samples: usize,
    /// Lines (from 1) that did what they must not.
    wrong: Vec<usize>,
}

/// Runs the samples of all rules and says which did what they must not.
pub(super) fn run(
    paths: &[PathBuf],
    samples: Option<&Path>,
    junit: Option<&Path>,
    json: bool,
) -> anyhow::Result<ExitCode> {
    let rules = LogRules::load(&read(paths, Language::Log)?, &LoadOptions::default());
    let folder = match samples {
        Some(folder) => folder.to_owned(),
        None => found_folder(paths)
            .context("no folder named `samples` beside or above the rules: name one with --samples")?,
    };
    let (mut outcomes, mut without) = (Vec::new(), 0);
    for (index, rule) in rules.rule_set().rules().iter().enumerate() {
        let before = outcomes.len();
        for kind in ["positive", "negative"] {
            let file = folder.join(&*rule.metadata.id).join(kind).with_extension("jsonl");
            if file.is_file() {
                outcomes.push(outcome(&rules, (index, rule), kind, &file)?);
            }
        }
        without += usize::from(outcomes.len() == before);
    }
    if outcomes.is_empty() {
        bail!("{}: no samples of these rules are there", folder.display());
    }
    if let Some(file) = junit {
        let mut writer = LineWriter::open(Some(file))?;
        writer.line(junit_report(&outcomes).as_bytes())?;
        writer.finish()?;
    }
    report(&outcomes, without, json)?;
    let refused = rules.failed() > 0;
    Ok(
        if refused || outcomes.iter().any(|outcome| !outcome.wrong.is_empty()) {
            ExitCode::FAILURE
        } else {
            ExitCode::SUCCESS
        },
    )
}

fn found_folder(paths: &[PathBuf]) -> Option<PathBuf> {
    let near = paths.iter().flat_map(|path| path.ancestors().take(LEVELS));
    near.map(|folder| folder.join("samples"))
        .find(|folder| folder.is_dir())
}

fn outcome(
    rules: &LogRules,
    (index, rule): (usize, &Rule),
    kind: &'static str,
    file: &Path,
) -> anyhow::Result<Outcome> {
    let text =
        std::fs::read_to_string(file).with_context(|| format!("{}: cannot be read", file.display()))?;
    let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    let must_fire = kind == "positive";
    let mut scratch = Scratch::new();
    let numbered = (1..).zip(&lines);
    let wrong = numbered
        .filter(|(_, line)| fires(rules, index, rule, line, &mut scratch) != must_fire)
        .map(|(number, _)| number)
        .collect();
    Ok(Outcome {
        rule: Arc::clone(&rule.metadata.id),
        title: Arc::clone(&rule.metadata.title),
        kind,
        samples: lines.len(),
        wrong,
    })
}

fn fires(rules: &LogRules, index: usize, rule: &Rule, line: &str, scratch: &mut Scratch) -> bool {
    let record = RawRecord {
        source: Arc::from("sample"),
        agency: Arc::from(""),
        parser: None,
        peer: None,
        received_at: saola_collect::now(),
        seq: 1,
        bytes: line.as_bytes().to_vec(),
    };
    let parsers = Parsers::new(Config::default());
    let mut event = parsers.parse(&record);
    let shown = event.sources.iter().cloned();
    event.sources = LogSources::new(shown.chain([rule.logsource.clone()]));
    rules.plan().evaluate(&event, scratch).contains(&index)
}

fn report(outcomes: &[Outcome], without: usize, json: bool) -> anyhow::Result<()> {
    let samples: usize = outcomes.iter().map(|outcome| outcome.samples).sum();
    let wrong: usize = outcomes.iter().map(|outcome| outcome.wrong.len()).sum();
    for outcome in outcomes.iter().filter(|outcome| !outcome.wrong.is_empty()) {
        let Outcome {
            rule,
            title,
            kind,
            wrong,
            ..
        } = outcome;
        say(&if json {
            json!({ "id": rule, "title": title, "kind": kind, "lines": wrong }).to_string()
        } else {
            format!("{rule} {title}: {}", fault(kind, wrong))
        })?;
    }
    say(&if json {
        json!({ "samples": samples, "wrong": wrong, "rules_without_samples": without }).to_string()
    } else {
        format!("{samples} samples, {wrong} wrong; {without} rules have no samples")
    })
}

fn fault(kind: &str, lines: &[usize]) -> String {
    let lines: Vec<String> = lines.iter().map(usize::to_string).collect();
    let done = if kind == "positive" {
        "does not fire"
    } else {
        "fires"
    };
    format!("{kind}.jsonl: the rule {done} on line {}", lines.join(", "))
}

fn junit_report(outcomes: &[Outcome]) -> String {
    let failures = outcomes
        .iter()
        .filter(|outcome| !outcome.wrong.is_empty())
        .count();
    let cases: Vec<String> = outcomes.iter().map(junit_case).collect();
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites tests=\"{tests}\" failures=\"{failures}\">\n<testsuite name=\"saola rules\" tests=\"{tests}\" failures=\"{failures}\">\n{}\n</testsuite>\n</testsuites>",
        cases.join("\n"),
        tests = outcomes.len(),
    )
}

fn junit_case(outcome: &Outcome) -> String {
    let Outcome {
        rule,
        title,
        kind,
        wrong,
        ..
    } = outcome;
    let head = format!(
        "<testcase classname=\"{}\" name=\"{}: {kind}\"",
        escaped(rule),
        escaped(title)
    );
    if wrong.is_empty() {
        format!("{head}/>")
    } else {
        format!(
            "{head}><failure message=\"{}\"/></testcase>",
            escaped(&fault(kind, wrong))
        )
    }
}

/// Text within an XML attribute; characters that XML cannot hold are left out.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            c if c.is_control() => {}
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_sample_is_a_failure_with_its_line() {
        let outcome = |wrong: &[usize]| Outcome {
            rule: Arc::from("id-1"),
            title: Arc::from("A <b> & \"c\""),
            kind: "negative",
            samples: 3,
            wrong: wrong.to_vec(),
        };
        let report = junit_report(&[outcome(&[]), outcome(&[2, 3])]);
        assert!(report.contains("tests=\"2\" failures=\"1\""), "{report}");
        assert!(
            report.contains("A &lt;b&gt; &amp; &quot;c&quot;: negative"),
            "{report}"
        );
        assert!(
            report.contains("negative.jsonl: the rule fires on line 2, 3"),
            "{report}"
        );
    }

    #[test]
    fn the_projects_own_rules_do_what_their_samples_say() {
        let rules = Path::new(env!("CARGO_MANIFEST_DIR")).join("rules/log");
        let code = run(&[rules], None, None, true).unwrap();
        assert_eq!(format!("{code:?}"), format!("{:?}", ExitCode::SUCCESS));
    }
}
