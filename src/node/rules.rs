//! The rules of a running node: loaded from their folders, swapped whole, shown in the console.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arc_swap::ArcSwap;
use parking_lot::Mutex;
use saola_event::RuleRef;
use saola_sigma::{Diagnostic, DiagnosticLevel, LoadOptions, Rule};
use serde::Serialize;

use crate::api::RuleCatalogue;
use crate::api::dto::{RuleDetail, RuleEngine, RuleRow, RuleState, RuleSummary, RuleText};
use crate::detect::log::LogRules;
use crate::detect::network::{Listed, NetworkRules, NetworkSettings};
use crate::detect::rules::{Bilingual, Language, SideText, read};
use crate::telemetry::{Happening, Metrics, RulesLoaded, RulesNotReloaded};

/// Both rule sets in force, and how to load them again.
pub(super) struct RuleBook {
    network: NetworkSettings,
    log: Arc<ArcSwap<LogRules>>,
    network_paths: Vec<PathBuf>,
    log_paths: Vec<PathBuf>,
    page: ArcSwap<Page>,
    hits: Mutex<HashMap<Arc<str>, u64>>,
    metrics: Metrics,
}

/// What a reload did.
#[derive(Clone, Copy, Debug, Serialize)]
pub(super) struct Reloaded {
    /// Network rules in force.
    pub network_loaded: usize,
    /// Network rules refused.
    pub network_failed: usize,
    /// Log rules in force.
    pub log_loaded: usize,
    /// Log rules refused.
    pub log_failed: usize,
}

/// What the rules page shows, made once for each load.
#[derive(Default)]
struct Page {
    rows: Vec<RuleRow>,
    words: HashMap<String, SideText>,
    references: HashMap<String, Vec<String>>,
}

/// Most bytes of a rule's text that are shown.
const MOST_TEXT_BYTES: u64 = 64 << 10;
/// Different rules whose hits are counted.
const MOST_COUNTED: usize = 100_000;

impl RuleBook {
    /// A book without rules; [`RuleBook::reload`] loads them.
    pub(super) fn new(
        network: NetworkSettings,
        network_paths: Vec<PathBuf>,
        log_paths: Vec<PathBuf>,
        metrics: Metrics,
    ) -> Self {
        Self {
            network,
            log: Arc::new(ArcSwap::from_pointee(LogRules::none())),
            network_paths,
            log_paths,
            page: ArcSwap::default(),
            hits: Mutex::default(),
            metrics,
        }
    }

    /// The packet engine's settings with the network rules in them.
    pub(super) fn network(&self) -> &NetworkSettings {
        &self.network
    }

    /// The log rules, for the pipeline.
    pub(super) fn log(&self) -> &Arc<ArcSwap<LogRules>> {
        &self.log
    }

    /// Loads both sets and puts them in force; when a folder cannot be read, both old sets stay.
    pub(super) fn reload(&self) -> anyhow::Result<Reloaded> {
        self.try_reload().inspect_err(|error| {
            RulesNotReloaded {
                reason: format!("{error:#}"),
            }
            .emit(&self.metrics);
        })
    }

    fn try_reload(&self) -> anyhow::Result<Reloaded> {
        let network_files = read(&self.network_paths, Language::Network)?;
        let log = LogRules::load(&read(&self.log_paths, Language::Log)?, &LoadOptions::default());
        self.network.load_rules(&network_files)?;
        let network = self.network.rules.load();
        self.page.store(Arc::new(Page::of(&network, &log)));
        let done = Reloaded {
            network_loaded: network.loaded(),
            network_failed: network.failed(),
            log_loaded: log.loaded(),
            log_failed: log.failed(),
        };
        self.log.store(Arc::new(log));
        RulesLoaded {
            engine: "network",
            loaded: done.network_loaded,
            failed: done.network_failed,
        }
        .emit(&self.metrics);
        RulesLoaded {
            engine: "log",
            loaded: done.log_loaded,
            failed: done.log_failed,
        }
        .emit(&self.metrics);
        Ok(done)
    }

    /// Counts an alert of a rule.
    pub(super) fn count(&self, rule: &RuleRef) {
        let mut hits = self.hits.lock();
        if let Some(count) = hits.get_mut(&rule.id) {
            *count += 1;
        } else if hits.len() < MOST_COUNTED {
            hits.insert(Arc::clone(&rule.id), 1);
        }
    }

    /// What to do when a rule fires, Vietnamese then English.
    pub(super) fn advice(&self, rule: &str) -> Option<Bilingual> {
        self.page.load().words.get(rule).map(|words| words.advice.clone())
    }
}

impl Page {
    fn of(network: &NetworkRules, log: &LogRules) -> Self {
        let mut page = Self::default();
        for rule in network.rules() {
            page.add_network(rule, network.texts().of(&rule.id));
        }
        for diagnostic in network.diagnostics() {
            let id = diagnostic.sid.map_or_else(
                || format!("{}:{}", diagnostic.path, diagnostic.line),
                |sid| sid.to_string(),
            );
            page.rows.push(failed(
                id,
                RuleEngine::Network,
                &diagnostic.path,
                diagnostic.line,
                diagnostic.reason.to_string(),
            ));
        }
        log.rule_set().rules().iter().for_each(|rule| page.add_log(rule));
        for correlation in log.rule_set().correlations() {
            page.add_log_metadata(&correlation.metadata);
        }
        let errors = log
            .diagnostics()
            .iter()
            .filter(|diagnostic| diagnostic.level == DiagnosticLevel::Error);
        page.rows.extend(errors.map(failed_log));
        page
    }

    fn add_network(&mut self, rule: &Listed, words: Option<&SideText>) {
        self.rows.push(RuleRow {
            id: rule.id.clone(),
            engine: RuleEngine::Network,
            title: rule.title.to_string(),
            title_vi: words.and_then(|words| words.title.vi.as_deref().map(str::to_owned)),
            severity: Some(rule.severity.into()),
            source_path: rule.path.to_string(),
            line: rule.line,
            enabled: true,
            hits: 0,
            state: RuleState::Loaded,
            reason: None,
        });
        if let Some(words) = words {
            self.words.insert(rule.id.clone(), words.clone());
        }
        if !rule.references.is_empty() {
            self.references.insert(
                rule.id.clone(),
                rule.references.iter().map(ToString::to_string).collect(),
            );
        }
    }

    fn add_log(&mut self, rule: &Rule) {
        self.add_log_metadata(&rule.metadata);
    }

    fn add_log_metadata(&mut self, metadata: &saola_sigma::Metadata) {
        let id = metadata.id.to_string();
        self.rows.push(RuleRow {
            id: id.clone(),
            engine: RuleEngine::Log,
            title: metadata.title.to_string(),
            title_vi: metadata.title_vi.as_deref().map(str::to_owned),
            severity: Some(metadata.level.into()),
            source_path: metadata.path.to_string(),
            line: metadata.at.line,
            enabled: true,
            hits: 0,
            state: RuleState::Loaded,
            reason: None,
        });
        let words = metadata
            .custom
            .get("saola")
            .and_then(|own| serde_json::from_value::<SideText>(own.clone()).ok());
        if let Some(words) = words {
            self.words.insert(id.clone(), words);
        }
        if !metadata.references.is_empty() {
            self.references.insert(id, metadata.references.clone());
        }
    }
}

fn failed_log(diagnostic: &Diagnostic) -> RuleRow {
    let line = diagnostic.at.line;
    let id = diagnostic
        .rule
        .as_deref()
        .map_or_else(|| format!("{}:{line}", diagnostic.path), str::to_owned);
    failed(
        id,
        RuleEngine::Log,
        &diagnostic.path,
        line,
        diagnostic.reason.clone(),
    )
}

fn failed(id: String, engine: RuleEngine, path: &str, line: u32, reason: String) -> RuleRow {
    RuleRow {
        title: id.clone(),
        id,
        engine,
        title_vi: None,
        severity: None,
        source_path: path.to_owned(),
        line,
        enabled: true,
        hits: 0,
        state: RuleState::Failed,
        reason: Some(reason),
    }
}

impl RuleCatalogue for RuleBook {
    fn rows(&self) -> Arc<[RuleRow]> {
        let hits = self.hits.lock();
        let page = self.page.load();
        let counted = page.rows.iter().map(|row| RuleRow {
            hits: hits.get(row.id.as_str()).copied().unwrap_or(0),
            ..row.clone()
        });
        counted.collect()
    }

    fn summary(&self) -> RuleSummary {
        let mut summary = RuleSummary::default();
        let mut reasons: HashMap<String, u64> = HashMap::new();
        for row in &self.page.load().rows {
            let count = match (row.engine, row.state) {
                (RuleEngine::Network, RuleState::Loaded) => &mut summary.network_loaded,
                (RuleEngine::Network, RuleState::Failed) => &mut summary.network_failed,
                (RuleEngine::Log, RuleState::Loaded) => &mut summary.log_loaded,
                (RuleEngine::Log, RuleState::Failed) => &mut summary.log_failed,
            };
            *count += 1;
            if let Some(reason) = &row.reason {
                *reasons.entry(reason.clone()).or_default() += 1;
            }
        }
        summary.reasons = reasons.into_iter().collect();
        summary
            .reasons
            .sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        summary
    }

    fn find(&self, id: &str) -> Option<RuleDetail> {
        let page = self.page.load();
        let row = page.rows.iter().find(|row| row.id == id)?.clone();
        let words = page.words.get(id).cloned().unwrap_or_default();
        let owned = |text: Option<Arc<str>>| text.map(|text| text.to_string());
        let text = RuleText {
            text: rule_text(&row),
            title: row.title.clone(),
            title_vi: row.title_vi.clone(),
            advice_vi: owned(words.advice.vi),
            advice_en: owned(words.advice.en),
            references: page.references.get(id).cloned().unwrap_or_default(),
        };
        let hits = self.hits.lock().get(id).copied().unwrap_or(0);
        Some(RuleDetail {
            row: RuleRow { hits, ..row },
            text,
        })
    }

    fn source_of(&self, id: &str) -> Option<String> {
        let page = self.page.load();
        page.rows
            .iter()
            .find(|row| row.id == id)
            .map(|row| row.source_path.clone())
    }
}

/// The rule as it stands in its file now: one line for network rules, the document for log rules. Empty when the file is
/// gone or too long; the console says so.
fn rule_text(row: &RuleRow) -> String {
    let path = Path::new(&row.source_path);
    let short = std::fs::metadata(path)
        .is_ok_and(|metadata| metadata.len() <= MOST_TEXT_BYTES || row.engine == RuleEngine::Network);
    let Ok(text) = std::fs::read_to_string(path) else {
        return String::new();
    };
    match row.engine {
        RuleEngine::Network => text
            .lines()
            .nth(row.line.saturating_sub(1) as usize)
            .unwrap_or_default()
            .to_owned(),
        RuleEngine::Log if short => text,
        RuleEngine::Log => String::new(),
    }
}
