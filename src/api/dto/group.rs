//! Alert groups: the inbox row and the panel.

use saola_event::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use super::{AlertView, EngineName, SeverityName};
use crate::triage::{GroupId, GroupState, IncidentNumber, Stage, Verdict};

/// A row of the inbox.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Group)]
pub struct GroupView {
    /// `g-` and 16 hex digits.
    #[schema(value_type = String)]
    pub id: GroupId,
    /// The rule that fired.
    pub rule: GroupRuleView,
    /// The worst of its alerts.
    pub severity: SeverityName,
    /// Attack stages the rule names.
    pub stages: Vec<Stage>,
    /// Whose it is.
    pub agency: AgencyRef,
    /// Whom it is about.
    pub target: TargetView,
    /// Who acts, where known.
    pub actor: Option<ActorView>,
    /// Alerts, those kept and those only counted.
    pub count: u64,
    /// Alerts per hour of the last 24 hours, oldest first.
    #[schema(min_items = 24, max_items = 24)]
    pub spark_24h: Vec<u32>,
    /// Event time of the first alert.
    #[schema(value_type = String, format = DateTime)]
    pub first_seen: Timestamp,
    /// Event time of the newest alert.
    #[schema(value_type = String, format = DateTime)]
    pub last_seen: Timestamp,
    /// Nobody opened it yet.
    pub unread: bool,
    /// Whether it still waits for a verdict.
    pub state: GroupState,
    /// The verdict in force.
    pub verdict: Option<VerdictView>,
    /// The verdict on the last group of this rule and target.
    pub earlier_verdict: Option<VerdictView>,
    /// Who looks at it.
    pub assignee: Option<String>,
    /// The incident it is part of.
    #[schema(value_type = Option<String>)]
    pub incident: Option<IncidentNumber>,
    /// The rule's tags.
    pub tags: Vec<String>,
    /// What raised it.
    pub engines: Vec<EngineName>,
}

/// The rule of a group.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = GroupRule)]
pub struct GroupRuleView {
    /// Signature id or UUID.
    pub id: String,
    /// What runs it.
    pub engine: EngineName,
    /// Title as the rule has it.
    pub title: String,
    /// Vietnamese title where the rule has one.
    pub title_vi: Option<String>,
    /// File that the rule is in, where the catalogue knows it.
    pub source: Option<String>,
}

/// An agency by id and name.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct AgencyRef {
    /// Short stable name.
    pub id: String,
    /// Name in the caller's language.
    pub name: String,
}

/// Whom a group is about.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Target)]
pub struct TargetView {
    /// What to call it.
    pub label: String,
    /// Address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ip: Option<String>,
    /// Host name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub host: Option<String>,
    /// The asset, where known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub asset: Option<AssetView>,
}

/// A machine of ours.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Asset)]
pub struct AssetView {
    /// Host name.
    pub name: String,
    /// Title in the caller's language, empty where none is given.
    pub title: String,
    /// Information system.
    pub system: String,
    /// Legal level of the system, 1 to 5; 0 where none is given.
    pub level: u8,
}

/// Who acts.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Actor)]
pub struct ActorView {
    /// What to call it.
    pub label: String,
    /// Address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ip: Option<String>,
}

/// A verdict with who gave it and why.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = VerdictRecord)]
pub struct VerdictView {
    /// The decision.
    pub verdict: Verdict,
    /// In the person's words.
    pub reason: String,
    /// Account name.
    pub by: String,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// Until when it can be taken back.
    #[schema(value_type = String, format = DateTime)]
    pub undo_until: Timestamp,
}

/// A note.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Note)]
pub struct NoteView {
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// Account name.
    pub by: String,
    /// The note.
    pub text: String,
}

/// What the catalogue knows of a rule.
#[derive(Clone, Debug, Default, Serialize, ToSchema)]
pub struct RuleText {
    /// The rule as written.
    pub text: String,
    /// Title as the rule has it.
    pub title: String,
    /// Vietnamese title.
    pub title_vi: Option<String>,
    /// What to do, in Vietnamese.
    pub advice_vi: Option<String>,
    /// What to do, in English.
    pub advice_en: Option<String>,
    /// Where to read more.
    pub references: Vec<String>,
}

/// The panel: everything about a group.
#[derive(Debug, Serialize, ToSchema)]
pub struct GroupDetail {
    /// The row.
    pub group: GroupView,
    /// The alerts kept whole, newest first.
    pub alerts: Vec<AlertView>,
    /// How many were counted and not kept.
    pub alerts_not_kept: u64,
    /// The rule, where the catalogue has it.
    pub rule: Option<RuleText>,
    /// The target's asset, where known.
    pub asset: Option<AssetView>,
    /// Other groups on the same target or actor within 24 hours.
    pub other_groups_24h: Vec<GroupView>,
    /// Verdicts on earlier groups of this rule and target, newest first.
    pub earlier_verdicts: Vec<VerdictView>,
    /// Notes, oldest first.
    pub notes: Vec<NoteView>,
}
