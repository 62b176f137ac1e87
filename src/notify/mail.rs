//! A mail and what became of it.

use saola_event::{Severity, Timestamp};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// Identifies a mail by what caused it: the same cause gives the same id.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct MailId(String);

/// What became of a mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MailState {
    /// Waits to be sent, or to be tried again.
    Queued,
    /// Taken by the mail server.
    Sent,
    /// Given up; the last error says why.
    Failed,
    /// No mail server is configured: kept here to be read.
    Local,
}

/// A mail with all that is needed to send it and to show it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mail {
    /// Version of this record's form.
    pub version: u8,
    /// Its id; also the left side of its Message-ID, so that a server may drop a second copy.
    pub id: MailId,
    /// Incident it is about, empty for none.
    pub incident: String,
    /// Agency of the incident: readers of others do not see the mail.
    pub agency: String,
    /// How bad the incident was when this was written.
    pub severity: Severity,
    /// Receivers.
    pub to: Vec<String>,
    /// Subject, one line.
    pub subject: String,
    /// Plain text.
    pub text: String,
    /// HTML without active content.
    pub html: String,
    /// When it was written.
    pub created_at: Timestamp,
    /// What became of it.
    pub state: MailState,
    /// Times it was tried.
    pub attempts: u32,
    /// Not tried before.
    pub due_at: Timestamp,
    /// Why the last try failed.
    pub last_error: Option<String>,
}

impl MailId {
    /// The id of the mail that a cause makes, such as `opened SC-2026-0001`.
    pub fn of_cause(cause: &str) -> Self {
        let digest = Sha256::digest(cause);
        let hex = digest
            .iter()
            .take(12)
            .fold(String::with_capacity(24), |mut hex, byte| {
                hex.extend(
                    [byte >> 4, byte & 15].map(|digit| char::from_digit(digit.into(), 16).unwrap_or('0')),
                );
                hex
            });
        Self(hex)
    }

    /// From a path or a file name; `None` unless it has the form of an id.
    pub fn parse(text: &str) -> Option<Self> {
        let hex = text.len() == 24
            && text
                .bytes()
                .all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte));
        hex.then(|| Self(text.to_owned()))
    }

    /// As text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Mail {
    /// Version written now.
    pub const VERSION: u8 = 1;
}
