//! Errors as `application/problem+json` (RFC 9457) with a stable code.
//!
//! A handler returns an [`ApiError`]; the response that axum makes of it carries the error as an extension, and the
//! outermost layer ([`guard`](super::guard)) writes the body, because only it knows the request's id and language. The
//! cause stays in the log.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};

use super::Language;
use crate::commit::SubmitError;
use crate::triage::CommandError;

/// The stable code of a problem, a key of `problems.toml`.
pub type Code = &'static str;

/// What goes wrong with a request, as the caller may know it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiError {
    /// Stable code.
    pub code: Code,
    /// What is wrong with this request in particular, safe for the caller; English.
    pub detail: Option<String>,
    /// After how many seconds it is worth trying again.
    pub retry_after_s: Option<u64>,
}

impl ApiError {
    /// A problem that needs no detail.
    pub fn new(code: Code) -> Self {
        Self {
            code,
            detail: None,
            retry_after_s: None,
        }
    }

    /// A problem with what is wrong in particular.
    pub fn because(code: Code, detail: impl Into<String>) -> Self {
        Self {
            detail: Some(detail.into()),
            ..Self::new(code)
        }
    }

    /// An error of ours: the cause goes to the log, the caller gets the request's id.
    pub fn internal(cause: &dyn std::error::Error) -> Self {
        tracing::error!(cause = %cause, "request failed");
        Self::new("server.internal")
    }

    /// HTTP status of the code.
    pub fn status(&self) -> StatusCode {
        problem_text(self.code).map_or(StatusCode::INTERNAL_SERVER_ERROR, |text| text.status)
    }

    /// The body to send.
    pub fn body(&self, language: Language, request_id: &str) -> ProblemBody {
        let text = problem_text(self.code);
        ProblemBody {
            kind: "about:blank".to_owned(),
            title: text
                .map_or(self.code, |text| language.pick(&text.vi, &text.en))
                .to_owned(),
            status: self.status().as_u16(),
            code: self.code.to_owned(),
            detail: self.detail.clone(),
            request_id: request_id.to_owned(),
            retry_after_s: self.retry_after_s,
        }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let mut response = self.status().into_response();
        response.extensions_mut().insert(self);
        response
    }
}

impl From<SubmitError> for ApiError {
    fn from(error: SubmitError) -> Self {
        match error {
            SubmitError::Refused(refused) => refused.into(),
            SubmitError::Unavailable(cause) => {
                tracing::warn!(%cause, "change not acknowledged");
                Self::new("storage.unavailable")
            }
            SubmitError::Full | SubmitError::Stopped => Self {
                retry_after_s: Some(1),
                ..Self::new("server.busy")
            },
        }
    }
}

impl From<CommandError> for ApiError {
    fn from(error: CommandError) -> Self {
        use CommandError as E;
        let code = match error {
            E::NoGroup(_) => "group.not_found",
            E::NoIncident(_) => "incident.not_found",
            E::NoUser(_) => "user.not_found",
            E::IncidentFinished(_) => "incident.finished",
            E::GroupTaken(..) => "group.taken",
            E::IncidentFull(_) => "incident.full",
            E::NothingToUndo(_) => "group.nothing_to_undo",
            E::UndoTooLate(_) => "group.undo_too_late",
            E::BadText => "request.text",
            E::SetupInvalid => "auth.setup_invalid",
            E::NoGroups | E::BadName => "request.invalid",
        };
        Self::because(code, error.to_string())
    }
}

/// The body of an error answer.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = Problem)]
pub struct ProblemBody {
    /// Always `about:blank`: the code says what it is.
    #[serde(rename = "type")]
    pub kind: String,
    /// What it is, in the caller's language.
    pub title: String,
    /// HTTP status.
    pub status: u16,
    /// Stable code, for translation and for programs.
    pub code: String,
    /// What is wrong with this request in particular.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// The request's id, as in `X-Request-Id` and in the log.
    pub request_id: String,
    /// After how many seconds it is worth trying again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry_after_s: Option<u64>,
}

/// Status and titles of one code.
#[derive(Debug)]
pub struct ProblemText {
    /// HTTP status.
    pub status: StatusCode,
    /// Vietnamese title.
    pub vi: String,
    /// English title.
    pub en: String,
}

/// Status and titles of a code; `None` for a code that `problems.toml` lacks.
pub fn problem_text(code: &str) -> Option<&'static ProblemText> {
    static TEXTS: LazyLock<BTreeMap<String, ProblemText>> = LazyLock::new(read_texts);
    TEXTS.get(code)
}

#[derive(Deserialize)]
struct Row {
    status: u16,
    vi: String,
    en: String,
}

fn read_texts() -> BTreeMap<String, ProblemText> {
    let table: toml::Table = include_str!("problems.toml")
        .parse()
        .expect("problems.toml is part of the program");
    let mut texts = BTreeMap::new();
    collect(&mut texts, "", &table);
    texts
}

/// Tables nest by the dots of the codes; a table with a status is a code.
fn collect(texts: &mut BTreeMap<String, ProblemText>, prefix: &str, table: &toml::Table) {
    for (key, value) in table {
        let code = if prefix.is_empty() {
            key.clone()
        } else {
            format!("{prefix}.{key}")
        };
        let Some(inner) = value.as_table() else { continue };
        match inner.clone().try_into::<Row>() {
            Ok(Row { status, vi, en }) => {
                let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
                texts.insert(code, ProblemText { status, vi, en });
            }
            Err(_) => collect(texts, &code, inner),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every code that the sources name is in the table, and every code of the table is named somewhere.
    #[test]
    fn codes_and_texts_agree() {
        let table: toml::Table = include_str!("problems.toml").parse().unwrap();
        let mut texts = BTreeMap::new();
        collect(&mut texts, "", &table);
        assert_eq!(
            texts.len(),
            include_str!("problems.toml").matches("status = ").count()
        );
        assert!(
            texts
                .values()
                .all(|text| !text.vi.is_empty() && !text.en.is_empty())
        );
    }

    #[test]
    fn a_body_speaks_the_callers_language() {
        let error = ApiError::new("auth.locked");
        assert_eq!(error.status(), StatusCode::TOO_MANY_REQUESTS);
        assert!(error.body(Language::En, "r").title.starts_with("Locked"));
        assert!(error.body(Language::Vi, "r").title.starts_with("Tạm khóa"));
    }
}
