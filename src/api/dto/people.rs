//! Sessions, users, agencies.

use serde::Serialize;
use utoipa::ToSchema;

use crate::triage::{Role, User};

/// Who is signed in.
#[derive(Debug, Serialize, ToSchema)]
pub struct Session {
    /// The account.
    pub user: SessionUser,
    /// To be sent as `X-CSRF-Token` with every request that changes something.
    pub csrf_token: String,
    /// Version of the server.
    pub version: String,
}

/// The account of a session.
#[derive(Debug, Serialize, ToSchema)]
pub struct SessionUser {
    /// Sign-in name.
    pub name: String,
    /// Name for people.
    pub display_name: String,
    /// What it may do.
    pub role: Role,
    /// `vi` or `en`.
    pub language: String,
}

impl From<&User> for SessionUser {
    fn from(user: &User) -> Self {
        Self {
            name: user.name.to_string(),
            display_name: user.display_name.clone(),
            role: user.role,
            language: user.language.clone(),
        }
    }
}

/// An account in a picker.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = User)]
pub struct UserView {
    /// Sign-in name.
    pub name: String,
    /// Name for people.
    pub display_name: String,
    /// What it may do.
    pub role: Role,
}

/// An agency in a picker.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Agency)]
pub struct AgencyView {
    /// Short stable name.
    pub id: String,
    /// The agency above.
    pub parent: Option<String>,
    /// `province`, `department`, `commune`, ….
    pub kind: String,
    /// Name in Vietnamese.
    pub name_vi: String,
    /// Name in English, where given.
    pub name_en: Option<String>,
}
