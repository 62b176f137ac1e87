//! Rules: what is loaded and what is not, with the reason.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{RuleText, SeverityName};

/// Which language a rule is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RuleEngine {
    /// Suricata rules on packets.
    Network,
    /// Sigma rules on logs.
    Log,
}

/// Whether a rule runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RuleState {
    /// Runs.
    Loaded,
    /// Did not load; `reason` says why.
    Failed,
}

/// A row of the rules page.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct RuleRow {
    /// Signature id or UUID; for a rule too broken to have one, file and line.
    pub id: String,
    /// Its language.
    pub engine: RuleEngine,
    /// Title as the rule has it.
    pub title: String,
    /// Vietnamese title.
    pub title_vi: Option<String>,
    /// How bad.
    pub severity: Option<SeverityName>,
    /// File it is in.
    pub source_path: String,
    /// Line in the file, from 1.
    pub line: u32,
    /// Whether it is meant to run.
    pub enabled: bool,
    /// Alerts since start.
    pub hits: u64,
    /// Whether it runs.
    pub state: RuleState,
    /// Why it does not run.
    pub reason: Option<String>,
}

/// How many rules there are.
#[derive(Clone, Debug, Default, Serialize, ToSchema)]
pub struct RuleSummary {
    /// Network rules that run.
    pub network_loaded: u64,
    /// Network rules that did not load.
    pub network_failed: u64,
    /// Log rules that run.
    pub log_loaded: u64,
    /// Log rules that did not load.
    pub log_failed: u64,
    /// Reasons with how many rules each, most first.
    pub reasons: Vec<(String, u64)>,
}

/// A rule with its text.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct RuleDetail {
    /// The row.
    pub row: RuleRow,
    /// Text, advice, references.
    pub text: RuleText,
}
