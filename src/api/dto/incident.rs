//! Incidents: the row and the page.

use saola_event::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use super::{AgencyRef, GroupView, MailState, NoteView, SeverityName};
use crate::triage::{AlertId, GroupId, IncidentNumber, Phrase, Stage, Status, TimelineKind};

/// How an incident was seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SeenBy {
    /// In packets.
    Packets,
    /// In logs.
    Logs,
}

/// A row of the incident list.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Incident)]
pub struct IncidentView {
    /// `SC-2026-0001`.
    #[schema(value_type = String)]
    pub number: IncidentNumber,
    /// Given by a person, or the leading rule's title.
    pub title: String,
    /// The same in Vietnamese, where there is one.
    pub title_vi: Option<String>,
    /// How bad.
    pub severity: SeverityName,
    /// Where the work stands.
    pub status: Status,
    /// Who works on it.
    pub owner: Option<String>,
    /// Whose it is.
    pub agency: AgencyRef,
    /// The information system hit first.
    pub system: Option<String>,
    /// Highest legal level among its targets.
    pub level: Option<u8>,
    /// Attack stages seen, in ATT&CK's order.
    pub stages: Vec<Stage>,
    /// When it was opened.
    #[schema(value_type = String, format = DateTime)]
    pub opened_at: Timestamp,
    /// Event time of its first alert.
    #[schema(value_type = String, format = DateTime)]
    pub t0: Timestamp,
    /// Last change.
    #[schema(value_type = String, format = DateTime)]
    pub updated_at: Timestamp,
    /// Groups the caller may see.
    pub group_count: u64,
    /// Alerts in them.
    pub alert_count: u64,
    /// How it was seen.
    pub seen_by: Vec<SeenBy>,
    /// Why this is one incident.
    pub why: Phrase,
}

/// A legal deadline that runs from T0.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Clock {
    /// Code of the translation files: `clock.notice_24h`, `clock.report_72h`.
    pub code: String,
    /// When it ends.
    #[schema(value_type = String, format = DateTime)]
    pub due_at: Timestamp,
}

/// One line of the timeline.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = TimelineItem)]
pub struct TimelineView {
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// What kind.
    pub kind: TimelineKind,
    /// Who; `system` for Saola.
    pub actor: Option<String>,
    /// What a person wrote.
    pub text: Option<String>,
    /// What happened, a key of the translation files.
    pub code: String,
    /// Values for the sentence's places.
    #[schema(value_type = std::collections::BTreeMap<String, String>)]
    pub params: std::collections::BTreeMap<String, String>,
    /// The group it is about.
    #[schema(value_type = Option<String>)]
    pub group_id: Option<GroupId>,
    /// The alert it is about.
    #[schema(value_type = Option<String>)]
    pub alert_id: Option<AlertId>,
}

/// A mail about the incident.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct MailLine {
    /// Id in the outbox.
    pub id: String,
    /// Subject.
    pub subject: String,
    /// Recipients.
    pub to: Vec<String>,
    /// When it was written.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// What became of it.
    pub state: MailState,
}

/// The incident page.
#[derive(Debug, Serialize, ToSchema)]
pub struct IncidentDetail {
    /// The row.
    pub incident: IncidentView,
    /// What happened, oldest first.
    pub timeline: Vec<TimelineView>,
    /// Its groups that the caller may see, worst first.
    pub groups: Vec<GroupView>,
    /// Notes, oldest first.
    pub notes: Vec<NoteView>,
    /// What joins it: `ip:…`, `host:…`, `user:…`, `domain:…`.
    pub entities: Vec<String>,
    /// Deadlines from T0.
    pub clocks: Vec<Clock>,
    /// Mails about it.
    pub mails: Vec<MailLine>,
}
