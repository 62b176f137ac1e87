//! A rule that fired, with the reason it fired.

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::{Severity, SourceId, Timestamp};

/// Which part of Saola raised the alert.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Engine {
    /// A Suricata rule on packets.
    Network,
    /// A Sigma rule on an event.
    Log,
    /// A Sigma correlation over several events.
    Correlation,
    /// Saola itself: a silent source, a full disk, a memory cap that bites.
    System,
}

/// The rule that fired, with all that a reader needs without looking the rule up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleRef {
    /// `gid:sid` is written as the sid alone for gid 1; Sigma rules have their UUID.
    pub id: Arc<str>,
    /// Revision of a network rule, 0 where there is none.
    pub revision: u32,
    /// Title as the rule has it: `msg` or `title`.
    pub title: Arc<str>,
    /// Vietnamese title where the rule's content pack gives one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title_vi: Option<Arc<str>>,
    /// ATT&CK techniques (`T1190`) and tactics (`initial-access`), other tags as the rule has them.
    #[serde(default)]
    pub tags: Arc<[String]>,
    /// Class of a network rule (`web-application-attack`), category of a Sigma rule's log source, or empty.
    #[serde(default)]
    pub class: Arc<str>,
}

/// A range of bytes within a text, for highlighting.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Span {
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

/// One thing that made the rule fire: where it was looked for, what was there, which part matched.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    /// Sticky buffer (`http.uri`, `payload`) or event field (`CommandLine`).
    pub place: String,
    /// What the rule asked for, as the rule's author wrote it.
    pub pattern: String,
    /// The value, or a window of at most 64 bytes around the match; bytes that are no text are escaped as `\x1f`.
    pub window: String,
    /// The matched part within `window`.
    pub span: Option<Span>,
    /// Offset of the match within the whole buffer or value, in bytes.
    pub offset: u64,
}

/// Who and what an alert is about; what alerts are grouped and joined by.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entities {
    /// The address that acts (client, sender of the flow's first packet, `c-ip`, `src_ip`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub src_ip: Option<IpAddr>,
    /// Its port.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub src_port: Option<u16>,
    /// The address acted upon.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dest_ip: Option<IpAddr>,
    /// Its port.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dest_port: Option<u16>,
    /// The machine that speaks in the log (`Computer`, syslog host).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub host: Option<String>,
    /// The account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// Site, SNI or queried name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub domain: Option<String>,
    /// Hashes of files, lower-case hex.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub hashes: BTreeSet<String>,
}

/// A rule fired on an event.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Alert {
    /// Event time: of the packet, or of the log record.
    pub time: Timestamp,
    /// When the event arrived.
    pub received_at: Timestamp,
    /// Sensor or collector.
    pub source: SourceId,
    /// The agency of the source.
    pub agency: Arc<str>,
    /// What raised it.
    pub engine: Engine,
    /// The rule.
    pub rule: RuleRef,
    /// How bad, by the rule's word.
    pub severity: Severity,
    /// Who and what.
    pub entities: Entities,
    /// Why, in the order the rule asks.
    pub evidence: Vec<Evidence>,
    /// The whole event: the EVE alert record, or the log event's fields.
    pub event: serde_json::Value,
}
