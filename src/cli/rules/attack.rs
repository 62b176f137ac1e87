//! Which ATT&CK techniques the log rules are tagged with, as a layer for MITRE's Navigator. Network rules state theirs in
//! `metadata`, which the packet engine does not keep; they are not in the layer.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::ExitCode;

use serde_json::{Value, json};

use crate::cli::output::LineWriter;
use crate::detect::log::LogRules;

/// Techniques shown with the titles of at most so many rules; the score counts them all.
const MOST_TITLES: usize = 40;

/// Writes the layer.
pub(super) fn write(log: &LogRules, file: &Path) -> anyhow::Result<ExitCode> {
    let mut techniques = Techniques::default();
    let set = log.rule_set();
    let detections = set.rules().iter().map(|rule| &rule.metadata);
    for metadata in detections.chain(set.correlations().iter().map(|rule| &rule.metadata)) {
        let rule = metadata.rule_ref();
        rule.tags.iter().for_each(|tag| techniques.add(tag, &rule.title));
    }
    let mut writer = LineWriter::open(Some(file))?;
    writer.line(&serde_json::to_vec_pretty(&techniques.layer())?)?;
    writer.finish()?;
    Ok(ExitCode::SUCCESS)
}

/// Titles of rules by technique.
#[derive(Default)]
struct Techniques(BTreeMap<String, Vec<String>>);

impl Techniques {
    /// Takes a tag when it is a technique: `T1190`, `T1110.001`.
    fn add(&mut self, tag: &str, title: &str) {
        let tag = tag.to_ascii_uppercase();
        let number = tag.strip_prefix('T').unwrap_or_default();
        if number.len() >= 4 && number.bytes().all(|b| b.is_ascii_digit() || b == b'.') {
            self.0.entry(tag).or_default().push(title.to_owned());
        }
    }

    fn layer(&self) -> Value {
        let most = self.0.values().map(Vec::len).max().unwrap_or(1);
        let techniques: Vec<Value> = self.0.iter().map(|(id, titles)| technique(id, titles)).collect();
        json!({
            "name": "Saola",
            "description": "Techniques that the rules in force are tagged with; the score is the number of rules",
            "domain": "enterprise-attack",
            "versions": { "layer": "4.5", "navigator": "5.0.0" },
            "gradient": { "colors": ["#e8f3ec", "#1f7a4d"], "minValue": 0, "maxValue": most },
            "techniques": techniques,
        })
    }
}

fn technique(id: &str, titles: &[String]) -> Value {
    let shown: Vec<&str> = titles.iter().take(MOST_TITLES).map(String::as_str).collect();
    let more = titles.len().saturating_sub(MOST_TITLES);
    let comment = if more == 0 {
        shown.join("\n")
    } else {
        format!("{}\n+ {more}", shown.join("\n"))
    };
    json!({ "techniqueID": id, "score": titles.len(), "comment": comment, "enabled": true })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn techniques_are_counted_and_other_tags_are_not() {
        let mut techniques = Techniques::default();
        for (tag, title) in [
            ("T1110.001", "one"),
            ("t1110.001", "two"),
            ("initial-access", "one"),
            ("TLP", "one"),
            ("T1190", "three"),
        ] {
            techniques.add(tag, title);
        }
        let layer = techniques.layer();
        let found = layer.get("techniques").and_then(Value::as_array).unwrap();
        assert_eq!(found.len(), 2);
        assert_eq!(found[0].get("techniqueID"), Some(&json!("T1110.001")));
        assert_eq!(found[0].get("score"), Some(&json!(2)));
        assert_eq!(found[0].get("comment"), Some(&json!("one\ntwo")));
    }
}
