//! The one-time link that sets a password.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::session::wait_over;
use crate::api::AppState;
use crate::api::auth::{self, Source, Token};
use crate::api::http::{ApiError, ApiJson, ApiPath, ProblemBody};
use crate::triage::Command;

/// Whose password a link sets.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SetupInfo {
    /// Account name.
    pub name: String,
}

/// The password to set.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SetupRequest {
    /// 12 to 256 characters.
    pub password: String,
}

/// What wrong links count under: they have no account.
const NO_ACCOUNT: &str = "";

/// Whether the link is still good.
#[utoipa::path(get, path = "/setup/{token}", tag = "session", params(("token" = String, Path)),
    responses((status = 200, body = SetupInfo), (status = 404, body = ProblemBody)))]
pub async fn read_setup(
    State(state): State<AppState>,
    Source(source): Source,
    ApiPath(token): ApiPath<String>,
) -> Result<Json<SetupInfo>, ApiError> {
    let (name, _) = valid_link(&state, &source, &token)?;
    Ok(Json(SetupInfo { name }))
}

/// Sets the password; the link is used up.
#[utoipa::path(post, path = "/setup/{token}", tag = "session", params(("token" = String, Path)), request_body = SetupRequest,
    responses((status = 204), (status = 404, body = ProblemBody), (status = 422, body = ProblemBody)))]
pub async fn redeem_setup(
    State(state): State<AppState>,
    Source(source): Source,
    ApiPath(token): ApiPath<String>,
    ApiJson(SetupRequest { password }): ApiJson<SetupRequest>,
) -> Result<StatusCode, ApiError> {
    let (name, token_hash) = valid_link(&state, &source, &token)?;
    auth::check_strength(&password, &name)
        .map_err(|error| ApiError::because("auth.weak_password", error.to_string()))?;
    let hashed = state.auth.password_work(move || auth::hash(&password)).await;
    let password = hashed
        .ok_or_else(|| ApiError {
            retry_after_s: Some(2),
            ..ApiError::new("auth.busy")
        })?
        .map_err(|error| ApiError::internal(&error))?;
    let command = Command::RedeemSetup { token_hash, password };
    state.desk.command(&name, state.now(), command).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Account and token hash of a link that is still good. Wrong ones make the address wait like wrong passwords.
fn valid_link(state: &AppState, source: &str, token: &str) -> Result<(String, String), ApiError> {
    wait_over(state, NO_ACCOUNT, source)?;
    let now = state.now();
    let hash = Token::from_text(token).map(|token| token.hash());
    let found = hash.and_then(|hash| {
        let records = state.board.read();
        let holds = |setup: &crate::triage::SetupLink| setup.token_hash == hash && now < setup.expires_at;
        let mut accounts = records.accounts.values();
        let account = accounts.find(|account| account.setup.as_ref().is_some_and(holds))?;
        Some((account.user.name.to_string(), hash.clone()))
    });
    found.ok_or_else(|| {
        state.auth.lockouts.failed(NO_ACCOUNT, source, now);
        ApiError::new("auth.setup_invalid")
    })
}
