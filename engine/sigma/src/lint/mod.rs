//! What is wrong with rules that load all the same: parts that nothing uses, fields that no parser writes so, log sources
//! that nothing gives.

mod names;

use std::sync::Arc;

use rustc_hash::FxHashSet;
use saola_event::LogSources;

use crate::detection::{Block, Condition, Detection, Item};
use crate::rule::{Metadata, Rule};
use crate::{Diagnostic, DiagnosticLevel, Fault, RuleSet};

impl RuleSet {
    /// Looks at every rule that was loaded. `given` are the sets of log sources that parsers give events.
    pub fn lint(&self, given: &[LogSources]) -> Vec<Diagnostic> {
        let mut found = Vec::new();
        for rule in self.rules() {
            let mut faults = Vec::new();
            unused_selections(&rule.detection, &mut faults);
            misspelt_fields(&rule.detection, &mut faults);
            faults.extend(ungiven_source(rule, given));
            found.extend(faults.into_iter().map(|fault| diagnostic(&rule.metadata, fault)));
        }
        found
    }
}

fn diagnostic(metadata: &Metadata, fault: Fault) -> Diagnostic {
    Diagnostic {
        path: Arc::clone(&metadata.path),
        at: fault.at,
        rule: Some(Arc::clone(&metadata.id)),
        level: DiagnosticLevel::Warning,
        reason: fault.reason,
    }
}

/// Selections that no condition names.
fn unused_selections(detection: &Detection, faults: &mut Vec<Fault>) {
    let mut used = FxHashSet::default();
    for condition in &detection.conditions {
        uses(condition, &mut used);
    }
    for (index, selection) in detection.selections.iter().enumerate() {
        if !used.contains(&index) {
            let reason = format!(
                "no condition uses the selection '{}': name it in the condition or take it out",
                selection.name
            );
            faults.push(Fault::new(selection.at, reason));
        }
    }
}

fn uses(condition: &Condition, used: &mut FxHashSet<usize>) {
    match condition {
        Condition::All(parts) | Condition::Any(parts) => parts.iter().for_each(|part| uses(part, used)),
        Condition::Not(inner) => uses(inner, used),
        Condition::Selection(index) => {
            used.insert(*index);
        }
        Condition::AtLeast(_, chosen) => used.extend(chosen),
    }
}

/// Field names are compared exactly, so a name in another case never meets a field.
fn misspelt_fields(detection: &Detection, faults: &mut Vec<Fault>) {
    let mut seen = FxHashSet::default();
    for selection in &detection.selections {
        items(&selection.block, &mut |item| {
            let Some(field) = &item.field else { return };
            if let Some(right) = names::of_other_case(field)
                && seen.insert(field.clone())
            {
                let reason = format!("no parser writes the field '{field}': write '{right}'");
                faults.push(Fault::new(item.at, reason));
            }
        });
    }
}

fn items<'b>(block: &'b Block, visit: &mut dyn FnMut(&'b Item)) {
    match block {
        Block::All(parts) | Block::Any(parts) => parts.iter().for_each(|part| items(part, visit)),
        Block::Item(item) => visit(item),
    }
}

/// A log source that no parser gives.
fn ungiven_source(rule: &Rule, given: &[LogSources]) -> Option<Fault> {
    if given.iter().any(|set| set.admit(&rule.logsource)) {
        return None;
    }
    let source = &rule.logsource;
    let parts = [
        ("product", &source.product),
        ("category", &source.category),
        ("service", &source.service),
    ];
    let asked: Vec<String> = parts
        .into_iter()
        .filter(|(_, value)| !value.is_empty())
        .map(|(name, value)| format!("{name} {value}"))
        .collect();
    let reason = format!(
        "no parser gives the log source {}: the rule fires only on JSON records that name it themselves",
        asked.join(", ")
    );
    Some(Fault::new(rule.metadata.at, reason))
}
