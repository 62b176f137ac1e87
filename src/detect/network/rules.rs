//! The Suricata rules in force, and what did not load.

use std::sync::Arc;

use saola_event::Severity;
use saola_suricata::rule::{Rule, RuleId};
use saola_suricata::{CompiledRules, Diagnostic, RuleConfig, RuleSet, RuleText};

use crate::detect::rules::{BadSideText, RuleFile, SideTexts};

/// Why a set of network rules cannot be made at all. A bad rule is a diagnostic, not this.
#[derive(Debug, thiserror::Error)]
pub enum BadRules {
    /// A side file cannot be read.
    #[error(transparent)]
    Texts(#[from] BadSideText),
}

/// A loaded set of network rules.
pub struct NetworkRules {
    compiled: Arc<CompiledRules>,
    listed: Vec<Listed>,
    diagnostics: Vec<Diagnostic>,
    texts: SideTexts,
}

/// What people see of a rule that is in force.
#[derive(Clone, Debug)]
pub struct Listed {
    /// `sid`, or `gid:sid` beyond gid 1.
    pub id: String,
    /// Its `msg`.
    pub title: Arc<str>,
    /// How bad.
    pub severity: Severity,
    /// File it stands in.
    pub path: Arc<str>,
    /// Line there, from 1.
    pub line: u32,
    /// Where to read more.
    pub references: Arc<[Arc<str>]>,
}

impl Listed {
    fn of(rule: &Rule) -> Self {
        Self {
            id: id_text(rule.id),
            title: Arc::clone(&rule.message),
            severity: Severity::from_priority(rule.priority),
            path: Arc::clone(&rule.path),
            line: rule.line,
            references: Arc::clone(&rule.references),
        }
    }
}

impl NetworkRules {
    /// Loads rule files. Rules that cannot be loaded are in [`NetworkRules::diagnostics`].
    pub fn load(files: &[RuleFile], config: &RuleConfig) -> Result<Self, BadRules> {
        let mut texts = SideTexts::default();
        files.iter().try_for_each(|file| texts.add_beside(&file.path))?;
        let paths: Vec<_> = files.iter().map(|file| file.path.to_string_lossy()).collect();
        let rules: Vec<_> = files
            .iter()
            .zip(&paths)
            .map(|(file, path)| RuleText {
                path,
                text: &file.text,
            })
            .collect();
        let (set, diagnostics) = RuleSet::load(&rules, config);
        let listed = set.rules.iter().map(Listed::of).collect();
        Ok(Self {
            compiled: CompiledRules::compile(set),
            listed,
            diagnostics,
            texts,
        })
    }

    /// The set that detectors run.
    pub fn compiled(&self) -> &Arc<CompiledRules> {
        &self.compiled
    }

    /// The rules in force.
    pub fn rules(&self) -> &[Listed] {
        &self.listed
    }

    /// What is wrong with which rule.
    pub fn diagnostics(&self) -> &[Diagnostic] {
        &self.diagnostics
    }

    /// Rules in force.
    pub fn loaded(&self) -> usize {
        self.listed.len()
    }

    /// Rules that were refused.
    pub fn failed(&self) -> usize {
        self.diagnostics.len()
    }

    /// Vietnamese and English words for rules.
    pub fn texts(&self) -> &SideTexts {
        &self.texts
    }
}

/// How a rule is named everywhere: the sid alone for gid 1.
fn id_text(id: RuleId) -> String {
    if id.gid == 1 {
        id.sid.to_string()
    } else {
        format!("{}:{}", id.gid, id.sid)
    }
}
