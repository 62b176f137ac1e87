//! What a rule document says about itself.

use std::borrow::Cow;
use std::sync::Arc;

use saola_event::{LogSource, RuleRef, Severity};
use serde::Serialize;

use crate::yaml::{Key, Node};
use crate::{Fault, Position};

/// Everything of a document but its detection.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Metadata {
    /// Path of the text it came from.
    pub path: Arc<str>,
    /// Where the document begins.
    pub at: Position,
    /// The UUID; where the rule has none, its name or `path:line`.
    pub id: Arc<str>,
    /// Name for references.
    pub name: Option<String>,
    /// Title.
    pub title: Arc<str>,
    /// Vietnamese title (`saola: {title: {vi: …}}`).
    pub title_vi: Option<Arc<str>>,
    /// How bad; medium where the rule does not say.
    pub level: Severity,
    /// `stable`, `test`, `experimental`, `deprecated`, `unsupported`.
    pub status: Option<String>,
    /// What it detects.
    pub description: Option<String>,
    /// SPDX name of the rule's licence.
    pub license: Option<String>,
    /// Who wrote it.
    pub author: Option<String>,
    /// ISO date of writing.
    pub date: Option<String>,
    /// ISO date of the last change.
    pub modified: Option<String>,
    /// Where the technique is described.
    pub references: Vec<String>,
    /// Fields worth showing.
    pub fields: Vec<String>,
    /// Known benign causes.
    pub falsepositives: Vec<String>,
    /// Tags as written (`attack.t1190`).
    pub tags: Vec<String>,
    /// Kinds of machines it is meant for.
    pub scope: Vec<String>,
    /// Other rules it stems from or replaces.
    pub related: Vec<Related>,
    /// Keys the specification does not know, as they are.
    pub custom: serde_json::Map<String, serde_json::Value>,
    #[serde(skip)]
    reference: Option<RuleRef>,
}

/// A relation to another rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Related {
    /// The other rule's id.
    pub id: String,
    /// `derived`, `obsolete`, `merged`, `renamed` or `similar`.
    #[serde(rename = "type")]
    pub kind: String,
}

const KNOWN: [&str; 24] = [
    "action",
    "author",
    "correlation",
    "date",
    "description",
    "detection",
    "falsepositives",
    "fields",
    "filter",
    "id",
    "level",
    "license",
    "logsource",
    "modified",
    "name",
    "references",
    "related",
    "scope",
    "status",
    "tags",
    "taxonomy",
    "title",
    "generate",
    "aliases",
];

impl Metadata {
    /// Whether a reference of a filter or correlation means this document.
    pub fn is_called(&self, reference: &str) -> bool {
        self.id.eq_ignore_ascii_case(reference) || self.name.as_deref() == Some(reference)
    }

    /// What alerts carry.
    pub fn rule_ref(&self) -> RuleRef {
        self.reference.clone().unwrap_or_else(|| self.make_ref(""))
    }

    pub(crate) fn set_class(&mut self, class: &str) {
        self.reference = Some(self.make_ref(class));
    }

    fn make_ref(&self, class: &str) -> RuleRef {
        RuleRef {
            id: Arc::clone(&self.id),
            revision: 0,
            title: Arc::clone(&self.title),
            title_vi: self.title_vi.clone(),
            tags: self.tags.iter().map(|tag| alert_tag(tag)).collect(),
            class: class.into(),
        }
    }
}

/// `attack.t1190` is `T1190`, `attack.initial-access` is `initial-access`; other tags stay.
fn alert_tag(tag: &str) -> String {
    let Some(name) = tag.strip_prefix("attack.") else {
        return tag.to_owned();
    };
    let mut bytes = name.bytes();
    let technique =
        matches!(bytes.next(), Some(b't' | b's' | b'g')) && bytes.next().is_some_and(|b| b.is_ascii_digit());
    if technique {
        name.to_ascii_uppercase()
    } else {
        name.replace('_', "-")
    }
}

/// Reads the metadata of a document; what is odd but harmless goes to `warnings`.
pub(crate) fn metadata(path: &Arc<str>, node: &Node, warnings: &mut Vec<Fault>) -> Result<Metadata, Fault> {
    let mut reader = Reader { node, warnings };
    let Some(title) = reader.text("title") else {
        return Err(Fault::new(node.at, "the title is missing: write 'title: …'"));
    };
    let name = reader.text("name");
    let id = reader
        .text("id")
        .or_else(|| name.clone())
        .unwrap_or_else(|| format!("{path}:{}", node.at.line));
    let mut metadata = Metadata {
        path: Arc::clone(path),
        at: node.at,
        id: id.into(),
        title: title.into(),
        title_vi: vietnamese_title(node),
        level: reader.level(),
        status: reader.status(),
        description: reader.text("description"),
        license: reader.text("license"),
        author: reader.text("author"),
        date: reader.text("date"),
        modified: reader.text("modified"),
        references: reader.texts("references"),
        fields: reader.texts("fields"),
        falsepositives: reader.texts("falsepositives"),
        tags: reader.texts("tags"),
        scope: reader.texts("scope"),
        related: related(node),
        custom: custom(node),
        name,
        reference: None,
    };
    reader.taxonomy()?;
    metadata.set_class("");
    Ok(metadata)
}

/// The log source of a document, in lower case.
pub(crate) fn log_source(node: &Node) -> Result<LogSource, Fault> {
    let Some((key, body)) = node.entry("logsource") else {
        return Err(Fault::new(
            node.at,
            "the logsource is missing: give product, category or service",
        ));
    };
    if body.as_map().is_none() {
        return Err(Fault::new(
            key.at,
            "the logsource must be a mapping of product, category and service",
        ));
    }
    let part = |name: &str| {
        let text = body.at_key(name).and_then(Node::as_text).unwrap_or_default();
        Cow::Owned(text.to_lowercase())
    };
    let source = LogSource {
        product: part("product"),
        category: part("category"),
        service: part("service"),
    };
    if source == LogSource::default() {
        return Err(Fault::new(
            key.at,
            "the logsource says nothing: give product, category or service",
        ));
    }
    Ok(source)
}

fn vietnamese_title(node: &Node) -> Option<Arc<str>> {
    let title = node.at_key("saola")?.at_key("title")?.at_key("vi")?;
    title.as_text().map(Arc::from)
}

fn related(node: &Node) -> Vec<Related> {
    let entries = node.at_key("related").map(Node::items).unwrap_or_default();
    let text = |entry: &Node, key: &str| entry.at_key(key).and_then(Node::as_text).map(str::to_owned);
    entries
        .iter()
        .filter_map(|entry| {
            Some(Related {
                id: text(entry, "id")?,
                kind: text(entry, "type")?,
            })
        })
        .collect()
}

fn custom(node: &Node) -> serde_json::Map<String, serde_json::Value> {
    let entries = node.as_map().unwrap_or_default().iter();
    entries
        .filter(|(key, _)| !KNOWN.contains(&key.text.as_str()))
        .map(|(key, value)| (key.text.clone(), value.to_json()))
        .collect()
}

struct Reader<'n, 'w> {
    node: &'n Node,
    warnings: &'w mut Vec<Fault>,
}

impl Reader<'_, '_> {
    fn warn(&mut self, key: &Key, reason: String) {
        self.warnings.push(Fault::new(key.at, reason));
    }

    fn text(&mut self, name: &str) -> Option<String> {
        let (key, value) = self.node.entry(name)?;
        if value.as_scalar().is_none() {
            self.warn(key, format!("'{name}' must be text, not {}", value.kind()));
        }
        value.as_text().map(str::to_owned)
    }

    fn texts(&self, name: &str) -> Vec<String> {
        let items = self.node.at_key(name).map(Node::items).unwrap_or_default();
        items
            .iter()
            .filter_map(Node::as_text)
            .map(str::to_owned)
            .collect()
    }

    fn level(&mut self) -> Severity {
        let Some((key, value)) = self.node.entry("level") else {
            return Severity::Medium;
        };
        let text = value.as_text().unwrap_or_default();
        Severity::from_name(text).unwrap_or_else(|| {
            let reason = format!(
                "'{text}' is no level: write informational, low, medium, high or critical (medium is taken)"
            );
            self.warn(key, reason);
            Severity::Medium
        })
    }

    fn status(&mut self) -> Option<String> {
        let status = self.text("status")?;
        let known = ["stable", "test", "experimental", "deprecated", "unsupported"];
        if !known.contains(&status.as_str())
            && let Some((key, _)) = self.node.entry("status")
        {
            self.warn(
                key,
                format!("'{status}' is no status: write one of {}", known.join(", ")),
            );
        }
        Some(status)
    }

    fn taxonomy(&self) -> Result<(), Fault> {
        match self.node.entry("taxonomy") {
            Some((key, value)) if value.as_text().is_some_and(|name| name != "sigma") => Err(Fault::new(
                key.at,
                "only the taxonomy 'sigma' is known: translate the field names and remove this line",
            )),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_as_alerts_carry_them() {
        for (tag, wanted) in [
            ("attack.t1003.005", "T1003.005"),
            ("attack.initial-access", "initial-access"),
            ("attack.defense_evasion", "defense-evasion"),
            ("attack.g0007", "G0007"),
            ("cve.2021-44228", "cve.2021-44228"),
        ] {
            assert_eq!(alert_tag(tag), wanted);
        }
    }
}
