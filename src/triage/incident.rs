//! Work for a person: groups that belong together, with a number and a state.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use saola_event::{Engine, Severity, Timestamp};
use serde::{Deserialize, Serialize};

use super::{Entity, GroupId, IncidentNumber, Stage};

/// Where the work stands.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Nobody has begun.
    #[default]
    New,
    /// Being looked into.
    Investigating,
    /// Cannot spread any more.
    Contained,
    /// Put right.
    Resolved,
    /// Finished, nothing more is added.
    Closed,
}

impl Status {
    /// Whether new groups may still join and the incident counts as open work.
    pub fn is_open(self) -> bool {
        self < Self::Resolved
    }

    /// The name used in the API.
    pub fn name(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Investigating => "investigating",
            Self::Contained => "contained",
            Self::Resolved => "resolved",
            Self::Closed => "closed",
        }
    }
}

/// A sentence to be said in the reader's language: a code of the translation files and its parameters. The texts of
/// parameters may come from outside and are shown as text only.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Phrase {
    /// Stable code, a key of the translation files.
    pub code: String,
    /// Values for the sentence's places.
    pub params: BTreeMap<String, String>,
}

impl Phrase {
    /// A phrase with parameters.
    pub fn new<'a>(code: &str, params: impl IntoIterator<Item = (&'a str, String)>) -> Self {
        Self {
            code: code.to_owned(),
            params: params
                .into_iter()
                .map(|(key, value)| (key.to_owned(), value))
                .collect(),
        }
    }
}

/// What an incident is called: the person's words, else the title of its leading rule.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Title {
    /// Given by a person; wins.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub given: Option<String>,
    /// Of the leading rule, as the rule has it.
    pub rule: Arc<str>,
    /// Of the leading rule, in Vietnamese.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule_vi: Option<Arc<str>>,
}

/// An incident.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Incident {
    /// Its number.
    pub number: IncidentNumber,
    /// What to call it.
    pub title: Title,
    /// How bad: the worst of its groups, raised for systems of level 4 and 5, or what a person set.
    pub severity: Severity,
    /// A person set the severity: it is not raised by itself any more.
    #[serde(default)]
    pub severity_fixed: bool,
    /// Where the work stands.
    pub status: Status,
    /// Who works on it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<Arc<str>>,
    /// The agency of its first target.
    pub agency: Arc<str>,
    /// The information system of its first target, where known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub system: Option<Arc<str>>,
    /// Highest legal level among its targets; 0 unknown.
    #[serde(default)]
    pub level: u8,
    /// Attack stages seen.
    pub stages: BTreeSet<Stage>,
    /// When it was opened here.
    pub opened_at: Timestamp,
    /// Event time of its first alert: the legal clocks run from here.
    pub t0: Timestamp,
    /// Event time of its newest alert: related groups join while this is recent.
    pub last_event: Timestamp,
    /// Last change.
    pub updated_at: Timestamp,
    /// Its groups in the order they came; bounded.
    pub groups: Vec<GroupId>,
    /// What raised its alerts.
    pub engines: BTreeSet<Engine>,
    /// Why these groups are one incident.
    pub why: Phrase,
    /// What further groups join by; bounded.
    pub entities: BTreeSet<Entity>,
}

impl Incident {
    /// Most groups of one incident; beyond it related groups stay in the inbox.
    pub const MAX_GROUPS: usize = 500;
    /// Most entities an incident joins by.
    pub const MAX_ENTITIES: usize = 64;
}

/// What a line of the timeline is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum TimelineKind {
    /// Something was detected.
    Alert,
    /// Somebody, or Saola, did something.
    Action,
    /// Somebody wrote something.
    Note,
    /// A mail was written.
    Mail,
}

/// One line of an incident's timeline, or a note of a group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TimelineItem {
    /// When.
    pub at: Timestamp,
    /// What kind.
    pub kind: TimelineKind,
    /// Who; `system` for Saola.
    pub actor: Arc<str>,
    /// What a person wrote.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// What happened, for the translation files.
    pub phrase: Phrase,
    /// The group it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<GroupId>,
}
