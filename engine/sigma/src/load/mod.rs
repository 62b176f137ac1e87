//! Rule texts to a rule set: documents, collections, filters, correlations; a bad document is a diagnostic and the
//! others load.

mod collection;

use std::collections::BTreeMap;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use crate::correlation::CorrelationRule;
use crate::detection::build;
use crate::rule::{self, Filter, Metadata, Rule};
use crate::yaml::{self, Node};
use crate::{Diagnostic, DiagnosticLevel, Fault};

/// A rule file handed in: the engine itself reads no files.
#[derive(Clone, Copy, Debug)]
pub struct RuleText<'a> {
    /// Path for diagnostics.
    pub path: &'a str,
    /// The YAML text.
    pub text: &'a str,
}

/// What loading depends on besides the texts.
#[derive(Clone, Debug, Default)]
pub struct LoadOptions {
    /// Values of `%name%` placeholders for the `expand` modifier; wildcards work in them.
    pub placeholders: BTreeMap<String, Vec<String>>,
    /// Seconds east of UTC of the clock on which time-part modifiers (`hour`, …) are read.
    pub zone_offset_secs: i32,
}

/// Loaded rules and correlations.
#[derive(Clone, Debug, Default)]
pub struct RuleSet {
    rules: Vec<Rule>,
    correlations: Vec<CorrelationRule>,
}

impl RuleSet {
    /// Loads texts. Every fault is a diagnostic with file, line, column and reason.
    pub fn load<'a>(
        texts: impl IntoIterator<Item = RuleText<'a>>,
        options: &LoadOptions,
    ) -> (Self, Vec<Diagnostic>) {
        let mut loader = Loader {
            options,
            set: Self::default(),
            filters: Vec::new(),
            ids: FxHashMap::default(),
            diagnostics: Vec::new(),
        };
        for text in texts {
            loader.text(text);
        }
        loader.finish()
    }

    /// The detection rules, in the order of their texts. A rule's index is its name within [`crate::Plan`].
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// The correlation rules, in the order of their texts.
    pub fn correlations(&self) -> &[CorrelationRule] {
        &self.correlations
    }

    /// The index of the rule of this id (any case) or name.
    pub fn find(&self, reference: &str) -> Option<usize> {
        self.rules
            .iter()
            .position(|rule| rule.metadata.is_called(reference))
    }
}

struct Loader<'o> {
    options: &'o LoadOptions,
    set: RuleSet,
    filters: Vec<Filter>,
    ids: FxHashMap<String, Arc<str>>,
    diagnostics: Vec<Diagnostic>,
}

impl Loader<'_> {
    fn text(&mut self, RuleText { path, text }: RuleText<'_>) {
        let path: Arc<str> = path.into();
        let (documents, error) = yaml::documents(text);
        if documents.is_empty() && error.is_none() {
            let fault = Fault::new(crate::Position::START, "the file has no rule");
            self.report(&path, None, DiagnosticLevel::Warning, fault);
        }
        let (documents, faults) = collection::expand(documents);
        for document in &documents {
            self.document(&path, document);
        }
        let yaml_fault = error.map(|error| Fault::new(error.at, error.reason));
        for fault in faults.into_iter().chain(yaml_fault) {
            self.report(&path, None, DiagnosticLevel::Error, fault);
        }
    }

    fn document(&mut self, path: &Arc<str>, node: &Node) {
        let mut warnings = Vec::new();
        let result = self.read(path, node, &mut warnings);
        let text = |key| node.at_key(key).and_then(Node::as_text).map(Arc::from);
        let rule: Option<Arc<str>> = text("id").or_else(|| text("title"));
        for warning in warnings {
            self.report(path, rule.clone(), DiagnosticLevel::Warning, warning);
        }
        if let Err(fault) = result {
            self.report(path, rule, DiagnosticLevel::Error, fault);
        }
    }

    fn read(&mut self, path: &Arc<str>, node: &Node, warnings: &mut Vec<Fault>) -> Result<(), Fault> {
        if node.as_map().is_none() {
            let reason = format!("a rule must be a mapping, not {}", node.kind());
            return Err(Fault::new(node.at, reason));
        }
        let mut metadata = rule::metadata(path, node, warnings)?;
        if node.at_key("correlation").is_some() {
            let correlation = CorrelationRule::read(metadata, node)?;
            self.claim(&correlation.metadata, node)?;
            self.set.correlations.push(correlation);
        } else if let Some((_, body)) = node.entry("filter") {
            let logsource = rule::log_source(node)?;
            let filter = Filter {
                rules: filter_rules(body)?,
                detection: build::detection(body, &["rules"], self.options)?,
                logsource,
                metadata,
            };
            self.claim(&filter.metadata, node)?;
            self.filters.push(filter);
        } else {
            let logsource = rule::log_source(node)?;
            metadata.set_class(&logsource.category);
            let Some((_, body)) = node.entry("detection") else {
                return Err(Fault::new(
                    node.at,
                    "the detection is missing: add selections and a condition",
                ));
            };
            let detection = build::detection(body, &[], self.options)?;
            self.claim(&metadata, node)?;
            self.set.rules.push(Rule {
                metadata,
                logsource,
                detection,
                filters: Vec::new(),
                reports: true,
            });
        }
        Ok(())
    }

    /// Takes an id; the same id twice is a fault of the second document.
    fn claim(&mut self, metadata: &Metadata, node: &Node) -> Result<(), Fault> {
        let key = metadata.id.to_lowercase();
        if let Some(first) = self.ids.get(&key) {
            let at = node.entry("id").map_or(node.at, |(key, _)| key.at);
            let reason = format!(
                "the id {} is taken by {first}: give this rule a new UUID",
                metadata.id
            );
            return Err(Fault::new(at, reason));
        }
        self.ids.insert(key, Arc::clone(&metadata.path));
        Ok(())
    }

    fn report(&mut self, path: &Arc<str>, rule: Option<Arc<str>>, level: DiagnosticLevel, fault: Fault) {
        self.diagnostics.push(Diagnostic {
            path: Arc::clone(path),
            at: fault.at,
            rule,
            level,
            reason: fault.reason,
        });
    }

    fn report_metadata(&mut self, metadata: &Metadata, level: DiagnosticLevel, fault: Fault) {
        self.report(&metadata.path, Some(Arc::clone(&metadata.id)), level, fault);
    }

    /// Joins what refers to each other once everything is read.
    fn finish(mut self) -> (RuleSet, Vec<Diagnostic>) {
        for filter in std::mem::take(&mut self.filters) {
            self.attach(&filter);
        }
        let faults = crate::correlation::resolve(&mut self.set.rules, &mut self.set.correlations);
        for (metadata, fault) in faults {
            self.report_metadata(&metadata, DiagnosticLevel::Error, fault);
        }
        (self.set, self.diagnostics)
    }

    fn attach(&mut self, filter: &Filter) {
        for reference in &filter.rules {
            if !self
                .set
                .rules
                .iter()
                .any(|rule| rule.metadata.is_called(reference))
            {
                let reason = format!("the filter names '{reference}', which is no loaded rule");
                let fault = Fault::new(filter.metadata.at, reason);
                self.report_metadata(&filter.metadata, DiagnosticLevel::Warning, fault);
            }
        }
        for rule in &mut self.set.rules {
            if filter.names(rule) {
                rule.filters.push(filter.clone());
            }
        }
    }
}

fn filter_rules(body: &Node) -> Result<Vec<String>, Fault> {
    let Some((key, rules)) = body.entry("rules") else {
        return Err(Fault::new(
            body.at,
            "the filter names no rules: write 'rules: [ID]' or 'rules: any'",
        ));
    };
    if rules.as_text() == Some("any") {
        return Ok(Vec::new());
    }
    let names: Vec<String> = rules
        .items()
        .iter()
        .filter_map(Node::as_text)
        .map(str::to_owned)
        .collect();
    if names.is_empty() {
        return Err(Fault::new(
            key.at,
            "the filter names no rules: write 'rules: [ID]' or 'rules: any'",
        ));
    }
    Ok(names)
}
