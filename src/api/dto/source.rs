//! Health of sensors and collectors, and the outbox.

use std::collections::BTreeMap;

use saola_event::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::triage::{IncidentNumber, Phrase};

/// How a source does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SourceState {
    /// Data comes in.
    Ok,
    /// Nothing came for longer than it should.
    Quiet,
    /// It cannot work, or loses data.
    Ill,
}

/// Records lost for one reason.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Loss {
    /// Why, a key of the translation files.
    pub reason: String,
    /// How many.
    pub count: u64,
}

/// A sensor or collector.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SourceHealth {
    /// Configured name.
    pub name: String,
    /// `packet`, `syslog-udp`, `syslog-tcp`, `file`, `http`, ….
    pub kind: String,
    /// The agency it belongs to.
    pub agency: String,
    /// How it does.
    pub state: SourceState,
    /// The reason in words.
    pub words: Phrase,
    /// Records taken in since start.
    pub records: u64,
    /// Bytes taken in since start.
    pub bytes: u64,
    /// Records per second, over the last minute.
    pub rate_per_s: f64,
    /// When the last record came.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub last_seen: Option<Timestamp>,
    /// What was lost, by reason.
    pub lost: Vec<Loss>,
    /// Open connections, where the transport has any.
    pub connections: Option<u64>,
    /// Packets the kernel dropped, for captures.
    pub kernel_drops: Option<u64>,
}

/// What became of a mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum MailState {
    /// Waits to be sent, or to be tried again.
    Queued,
    /// The server took it.
    Sent,
    /// Given up.
    Failed,
    /// There is no mail server: it stays here to be read.
    Local,
}

/// A row of the outbox.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct OutboxRow {
    /// Its id.
    pub id: String,
    /// Recipients.
    pub to: Vec<String>,
    /// Subject.
    pub subject: String,
    /// When it was written.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// What became of it.
    pub state: MailState,
    /// Times it was tried.
    pub attempts: u32,
    /// What the last try said.
    pub last_error: Option<String>,
    /// The incident it is about.
    #[schema(value_type = Option<String>)]
    pub incident: Option<IncidentNumber>,
    /// The agency whose incident it is; readers of others do not see it.
    #[serde(skip)]
    pub agency: String,
}

/// A mail with its bodies.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct OutboxDetail {
    /// The row.
    pub mail: OutboxRow,
    /// Plain text.
    pub text: String,
    /// HTML, to be shown in a sandboxed frame only.
    pub html: String,
    /// Headers that tie the mails of one incident together.
    pub headers: BTreeMap<String, String>,
}
