//! Accounts. They live in the journal like everything else that people change.

use std::sync::Arc;

use saola_event::Timestamp;
use serde::{Deserialize, Serialize};

/// What an account may do.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Reads.
    Viewer,
    /// Reads, gives verdicts, works incidents.
    Responder,
    /// Everything, over the whole province.
    Administrator,
}

/// An account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct User {
    /// Sign-in name, lower case.
    pub name: Arc<str>,
    /// Name for people.
    pub display_name: String,
    /// What it may do.
    pub role: Role,
    /// `vi` or `en`.
    pub language: String,
    /// Agencies whose subtrees it sees; not used for administrators.
    #[serde(default)]
    pub agencies: Vec<Arc<str>>,
    /// Cannot sign in any more.
    #[serde(default)]
    pub disabled: bool,
}

/// A link that sets a password once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetupLink {
    /// SHA-256 of the token, lower-case hex; the token itself is nowhere.
    pub token_hash: String,
    /// Not valid from here on.
    pub expires_at: Timestamp,
}

/// An account with its secrets, as journal and store keep it. Never leaves the server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// The account.
    pub user: User,
    /// argon2id in PHC form; none until a password was set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password: Option<String>,
    /// The link that may set it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub setup: Option<SetupLink>,
    /// Rises with every password: sessions of an earlier one end.
    #[serde(default)]
    pub generation: u32,
}
