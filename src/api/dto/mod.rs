//! What goes over the wire: shapes of answers and requests, apart from what triage keeps.

mod alert;
mod group;
mod incident;
mod people;
mod rule;
mod source;

pub use alert::{AlertView, EntitiesView, EvidenceView, SpanView};
pub use group::{
    ActorView, AgencyRef, AssetView, GroupDetail, GroupRuleView, GroupView, NoteView, RuleText, TargetView,
    VerdictView,
};
pub use incident::{Clock, IncidentDetail, IncidentView, MailLine, SeenBy, TimelineView};
pub use people::{AgencyView, Session, SessionUser, UserView};
pub use rule::{RuleDetail, RuleEngine, RuleRow, RuleState, RuleSummary};
pub use source::{Loss, MailState, OutboxDetail, OutboxRow, SourceHealth, SourceState};

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Severity, least first; the names are Sigma's `level` values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = Severity)]
pub enum SeverityName {
    /// Worth keeping, not worth a look by itself.
    Informational,
    /// Looked at when there is time.
    Low,
    /// Looked at within the shift.
    Medium,
    /// Looked at now.
    High,
    /// Looked at now, and someone is called.
    Critical,
}

impl From<saola_event::Severity> for SeverityName {
    fn from(severity: saola_event::Severity) -> Self {
        use saola_event::Severity as S;
        match severity {
            S::Informational => Self::Informational,
            S::Low => Self::Low,
            S::Medium => Self::Medium,
            S::High => Self::High,
            S::Critical => Self::Critical,
        }
    }
}

impl From<SeverityName> for saola_event::Severity {
    fn from(name: SeverityName) -> Self {
        match name {
            SeverityName::Informational => Self::Informational,
            SeverityName::Low => Self::Low,
            SeverityName::Medium => Self::Medium,
            SeverityName::High => Self::High,
            SeverityName::Critical => Self::Critical,
        }
    }
}

/// What raised an alert.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = Engine)]
pub enum EngineName {
    /// A network rule on packets.
    Network,
    /// A rule on a log event.
    Log,
    /// A correlation of several log events.
    Correlation,
    /// Saola itself.
    System,
}

impl From<saola_event::Engine> for EngineName {
    fn from(engine: saola_event::Engine) -> Self {
        use saola_event::Engine as E;
        match engine {
            E::Network => Self::Network,
            E::Log => Self::Log,
            E::Correlation => Self::Correlation,
            E::System => Self::System,
        }
    }
}
