//! An alert with its evidence.

use saola_event::{Alert, Entities, Evidence, Span, Timestamp};
use serde::Serialize;
use utoipa::ToSchema;

use super::{EngineName, SeverityName};
use crate::triage::{AlertId, KeptAlert};

/// One alert that was kept whole.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Alert)]
pub struct AlertView {
    /// `a-` and 16 hex digits.
    #[schema(value_type = String)]
    pub id: AlertId,
    /// Event time.
    #[schema(value_type = String, format = DateTime)]
    pub time: Timestamp,
    /// Arrival time.
    #[schema(value_type = String, format = DateTime)]
    pub received_at: Timestamp,
    /// Sensor or collector.
    pub source: String,
    /// What raised it.
    pub engine: EngineName,
    /// How bad, by the rule's word.
    pub severity: SeverityName,
    /// Who and what.
    pub entities: EntitiesView,
    /// Why it fired, in the order the rule asks.
    pub evidence: Vec<EvidenceView>,
    /// The whole event.
    #[schema(value_type = Object)]
    pub event: serde_json::Value,
}

/// Who and what an alert is about.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Entities)]
pub struct EntitiesView {
    /// The address that acts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub src_ip: Option<String>,
    /// Its port.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub src_port: Option<u16>,
    /// The address acted upon.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dest_ip: Option<String>,
    /// Its port.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dest_port: Option<u16>,
    /// The machine that speaks in the log.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub host: Option<String>,
    /// The account.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// Site, SNI or queried name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub domain: Option<String>,
    /// Hashes of files, lower-case hex.
    pub hashes: Vec<String>,
}

/// One thing that made the rule fire.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Evidence)]
pub struct EvidenceView {
    /// Sticky buffer or event field.
    pub place: String,
    /// What the rule asked for.
    pub pattern: String,
    /// The value, or a window around the match.
    pub window: String,
    /// The matched part of `window`, in bytes of its UTF-8.
    pub span: Option<SpanView>,
    /// Offset of the match within the whole value, in bytes.
    pub offset: u64,
}

/// A range of bytes.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Span)]
pub struct SpanView {
    /// First byte.
    pub start: u32,
    /// One past the last.
    pub end: u32,
}

impl From<KeptAlert> for AlertView {
    fn from(KeptAlert { id, alert }: KeptAlert) -> Self {
        let Alert {
            time,
            received_at,
            source,
            engine,
            severity,
            entities,
            evidence,
            event,
            ..
        } = alert;
        Self {
            id,
            time,
            received_at,
            source: source.to_string(),
            engine: engine.into(),
            severity: severity.into(),
            entities: entities.into(),
            evidence: evidence.into_iter().map(Into::into).collect(),
            event,
        }
    }
}

impl From<Entities> for EntitiesView {
    fn from(entities: Entities) -> Self {
        Self {
            src_ip: entities.src_ip.map(|ip| ip.to_string()),
            src_port: entities.src_port,
            dest_ip: entities.dest_ip.map(|ip| ip.to_string()),
            dest_port: entities.dest_port,
            host: entities.host,
            user: entities.user,
            domain: entities.domain,
            hashes: entities.hashes.into_iter().collect(),
        }
    }
}

impl From<Evidence> for EvidenceView {
    fn from(evidence: Evidence) -> Self {
        let Evidence {
            place,
            pattern,
            window,
            span,
            offset,
        } = evidence;
        let span = span.map(|Span { start, end }| SpanView { start, end });
        Self {
            place,
            pattern,
            window,
            span,
            offset,
        }
    }
}
