//! Signing in and out.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{AppendHeaders, IntoResponse};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::api::AppState;
use crate::api::auth::{self, Caller, SessionRecord, Source, Token, clear_cookie, session_cookie};
use crate::api::dto::{Session, SessionUser};
use crate::api::http::{ApiError, ApiJson, ProblemBody};
use crate::triage::{AccessEvent, Account, Command};

/// Name and password.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SignIn {
    /// Account name, in any case.
    pub name: String,
    /// The password.
    pub password: String,
}

/// Who is signed in, and the CSRF token.
#[utoipa::path(get, path = "/session", tag = "session",
    responses((status = 200, body = Session), (status = 401, body = ProblemBody)))]
pub async fn read_session(State(state): State<AppState>, caller: Caller) -> Json<Session> {
    Json(Session {
        user: SessionUser::from(&caller.user),
        csrf_token: caller.token.csrf(),
        version: state.version.to_owned(),
    })
}

/// Signs in.
#[utoipa::path(post, path = "/session", tag = "session", request_body = SignIn,
    responses((status = 200, body = Session), (status = 401, body = ProblemBody), (status = 429, body = ProblemBody)))]
pub async fn sign_in(
    State(state): State<AppState>,
    Source(source): Source,
    ApiJson(SignIn { name, password }): ApiJson<SignIn>,
) -> Result<impl IntoResponse, ApiError> {
    let name = name.trim().to_lowercase();
    if name.len() > 64 || password.len() > 1024 {
        return Err(ApiError::new("auth.bad_credentials"));
    }
    wait_over(&state, &name, &source)?;
    let account = state.board.read().accounts.get(&*name).map(Arc::clone);
    if !password_is_right(&state, account.as_deref(), password).await? {
        refuse(&state, account.as_deref(), &name, &source).await;
        return Err(ApiError::new("auth.bad_credentials"));
    }
    let Some(account) = account else {
        return Err(ApiError::new("auth.bad_credentials"));
    };
    state.auth.lockouts.succeeded(&name, &source);
    let token = open_session(&state, &account);
    record(&state, &account, AccessEvent::SignedIn, source).await;
    let cookie =
        session_cookie(&token, &state.auth.config).ok_or_else(|| ApiError::new("server.internal"))?;
    let session = Session {
        user: SessionUser::from(&account.user),
        csrf_token: token.csrf(),
        version: state.version.to_owned(),
    };
    Ok((AppendHeaders([(header::SET_COOKIE, cookie)]), Json(session)))
}

/// Signs out.
#[utoipa::path(delete, path = "/session", tag = "session",
    responses((status = 204), (status = 401, body = ProblemBody), (status = 403, body = ProblemBody)))]
pub async fn sign_out(
    State(state): State<AppState>,
    Source(source): Source,
    caller: Caller,
) -> impl IntoResponse {
    let hash = caller.token.hash();
    state.auth.sessions.close(&hash);
    auth::forget(&state, &hash);
    let account = state.board.read().accounts.get(&caller.user.name).map(Arc::clone);
    if let Some(account) = account {
        record(&state, &account, AccessEvent::SignedOut, source).await;
    }
    let cookie = clear_cookie(&state.auth.config);
    (
        StatusCode::NO_CONTENT,
        AppendHeaders([(header::SET_COOKIE, cookie)]),
    )
}

/// `auth.locked` while the account or the address has to wait.
pub(super) fn wait_over(state: &AppState, name: &str, source: &str) -> Result<(), ApiError> {
    match state.auth.lockouts.wait(name, source, state.now()) {
        None => Ok(()),
        Some(left) => Err(ApiError {
            retry_after_s: Some(left.as_secs().max(1)),
            ..ApiError::new("auth.locked")
        }),
    }
}

async fn password_is_right(
    state: &AppState,
    account: Option<&Account>,
    password: String,
) -> Result<bool, ApiError> {
    let kept = account
        .filter(|account| !account.user.disabled)
        .and_then(|account| account.password.clone());
    let checked = state
        .auth
        .password_work(move || auth::verify(&password, kept.as_deref()))
        .await;
    checked.ok_or_else(|| ApiError {
        retry_after_s: Some(2),
        ..ApiError::new("auth.busy")
    })
}

/// Counts the failure. Only a lock of an account that exists is written to the journal: strangers do not fill it.
async fn refuse(state: &AppState, account: Option<&Account>, name: &str, source: &str) {
    let locked = state.auth.lockouts.failed(name, source, state.now());
    tracing::info!(
        account.known = account.is_some(),
        source,
        locked,
        "sign-in refused"
    );
    if let Some(account) = account.filter(|_| locked) {
        record(state, account, AccessEvent::LockedOut, source.to_owned()).await;
    }
}

fn open_session(state: &AppState, account: &Account) -> Token {
    let (token, now) = (Token::random(), state.now());
    let record = SessionRecord {
        user: Arc::clone(&account.user.name),
        generation: account.generation,
        created_at: now,
        used_at: now,
    };
    auth::keep(state, &token.hash(), &record);
    for gone in state.auth.sessions.open(token.hash(), record) {
        auth::forget(state, &gone);
    }
    token
}

/// Writes what happened at the door into the audit trail. With a full disk people may still sign in to read: the
/// failure is logged.
async fn record(state: &AppState, account: &Account, event: AccessEvent, source: String) {
    let name = Arc::clone(&account.user.name);
    let command = Command::RecordAccess {
        name: Arc::clone(&name),
        event,
        source,
    };
    if let Err(error) = state.desk.command(&name, state.now(), command).await {
        tracing::warn!(%error, account = %name, ?event, "access not written to the audit trail");
    }
}
