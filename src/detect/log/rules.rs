//! The Sigma rules in force: compiled plan, and what did not load.

use std::sync::Arc;

use saola_event::{Alert, Event};
use saola_sigma::{Diagnostic, DiagnosticLevel, LoadOptions, Plan, RuleSet, RuleText, Scratch};

use crate::detect::rules::RuleFile;

/// A compiled set of log rules.
pub struct LogRules {
    plan: Plan,
    diagnostics: Vec<Diagnostic>,
}

impl LogRules {
    /// Loads and compiles. Rules that cannot be loaded are in [`LogRules::diagnostics`]; the others are in force.
    pub fn load(files: &[RuleFile], options: &LoadOptions) -> Self {
        let paths: Vec<_> = files.iter().map(|file| file.path.to_string_lossy()).collect();
        let texts = files.iter().zip(&paths).map(|(file, path)| RuleText {
            path,
            text: &file.text,
        });
        let (set, diagnostics) = RuleSet::load(texts, options);
        Self {
            plan: Plan::compile(Arc::new(set)),
            diagnostics,
        }
    }

    /// No rules.
    pub fn none() -> Self {
        Self::load(&[], &LoadOptions::default())
    }

    /// Calls `found` for every rule that the event makes true: its index, and its alert unless it only feeds
    /// correlations.
    pub fn matches(
        &self,
        event: &Event<'_>,
        scratch: &mut Scratch,
        mut found: impl FnMut(usize, Option<Alert>),
    ) {
        for &index in self.plan.evaluate(event, scratch) {
            let rule = self.rule_set().rules().get(index).filter(|rule| rule.reports);
            found(
                index,
                rule.map(|rule| saola_sigma::alert(rule, event, self.plan.explain(index, event))),
            );
        }
    }

    /// Whether any rule correlates matches.
    pub fn correlates(&self) -> bool {
        !self.rule_set().correlations().is_empty()
    }

    /// The plan, for explaining.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// The rules.
    pub fn rule_set(&self) -> &Arc<RuleSet> {
        self.plan.rule_set()
    }

    /// What is wrong with which rule text.
    pub fn diagnostics(&self) -> &[Diagnostic] {
        &self.diagnostics
    }

    /// Rules in force, correlations included.
    pub fn loaded(&self) -> usize {
        self.rule_set().rules().len() + self.rule_set().correlations().len()
    }

    /// Rules that were refused.
    pub fn failed(&self) -> usize {
        self.diagnostics
            .iter()
            .filter(|diagnostic| diagnostic.level == DiagnosticLevel::Error)
            .count()
    }
}
