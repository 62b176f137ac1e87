//! The extractors that handlers begin with. A handler without one of them is open to everybody; the test of the route
//! table knows the few that are meant to be.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::extract::{ConnectInfo, FromRequestParts};
use axum::http::{Method, request::Parts};

use super::cookie::token_in;
use super::{SessionRecord, Token, session_key};
use crate::agency::Scope;
use crate::api::AppState;
use crate::api::http::ApiError;
use crate::triage::{Account, Role, User};

/// The header that shows that a change was asked for by our own pages.
const CSRF_HEADER: &str = "x-csrf-token";

/// Somebody signed in; may read within the scope.
#[derive(Clone, Debug)]
pub struct Caller {
    /// The account.
    pub user: User,
    /// What of the province it may see.
    pub scope: Scope,
    /// The session's token.
    pub token: Token,
}

/// Somebody who may work on groups and incidents.
#[derive(Clone, Debug)]
pub struct Responder(pub Caller);

/// Somebody who may do everything.
#[derive(Clone, Debug)]
pub struct Administrator(pub Caller);

/// The address that a request came from; `unknown` where the server does not say (tests).
#[derive(Clone, Debug)]
pub struct Source(pub String);

impl FromRequestParts<AppState> for Caller {
    type Rejection = ApiError;
    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, ApiError> {
        let token = token_in(&parts.headers).ok_or_else(|| ApiError::new("auth.required"))?;
        let user = signed_in(state, &token).ok_or_else(|| ApiError::new("auth.required"))?;
        let reads = matches!(parts.method, Method::GET | Method::HEAD | Method::OPTIONS);
        let csrf = parts
            .headers
            .get(CSRF_HEADER)
            .and_then(|value| value.to_str().ok());
        if !reads && !csrf.is_some_and(|given| token.csrf_matches(given)) {
            return Err(ApiError::new("auth.csrf"));
        }
        let scope = scope_of(state, &user);
        Ok(Self { user, scope, token })
    }
}

impl FromRequestParts<AppState> for Responder {
    type Rejection = ApiError;
    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, ApiError> {
        at_least(Role::Responder, Caller::from_request_parts(parts, state).await?).map(Self)
    }
}

impl FromRequestParts<AppState> for Administrator {
    type Rejection = ApiError;
    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, ApiError> {
        at_least(
            Role::Administrator,
            Caller::from_request_parts(parts, state).await?,
        )
        .map(Self)
    }
}

impl<S: Sync> FromRequestParts<S> for Source {
    type Rejection = std::convert::Infallible;
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>();
        Ok(Self(peer.map_or_else(
            || "unknown".to_owned(),
            |ConnectInfo(peer)| peer.ip().to_string(),
        )))
    }
}

impl Caller {
    /// Whether the session behind a long answer is still open. Does not count as a use.
    pub fn still_signed_in(&self, state: &AppState) -> bool {
        let Some(record) = state
            .auth
            .sessions
            .find(&self.token.hash(), state.now(), &state.auth.config)
        else {
            return false;
        };
        let account = state.board.read().accounts.get(&record.user).map(Arc::clone);
        account.is_some_and(|account| still_valid(&account, &record))
    }
}

fn at_least(role: Role, caller: Caller) -> Result<Caller, ApiError> {
    if caller.user.role >= role {
        Ok(caller)
    } else {
        Err(ApiError::new("auth.forbidden"))
    }
}

/// The account of a session that is open, of the password in force, and not disabled.
fn signed_in(state: &AppState, token: &Token) -> Option<User> {
    let hash = token.hash();
    let auth = &state.auth;
    let (record, write) = auth.sessions.touch(&hash, state.now(), &auth.config).ok()?;
    let account = state.board.read().accounts.get(&record.user).map(Arc::clone)?;
    if !still_valid(&account, &record) {
        auth.sessions.close(&hash);
        forget(state, &hash);
        return None;
    }
    if write {
        keep(state, &hash, &record);
    }
    Some(account.user.clone())
}

fn still_valid(account: &Account, record: &SessionRecord) -> bool {
    account.generation == record.generation && !account.user.disabled
}

/// Writes a session to the store. One that is not written is lost with the next restart and nothing else.
pub(in crate::api) fn keep(state: &AppState, hash: &str, record: &SessionRecord) {
    let written = serde_json::to_vec(record).ok();
    if let Err(error) = state.desk.aside(session_key(hash), written) {
        tracing::debug!(%error, "session use not written");
    }
}

/// Removes a session from the store. One that stays there ends by its age.
pub(in crate::api) fn forget(state: &AppState, hash: &str) {
    if let Err(error) = state.desk.aside(session_key(hash), None) {
        tracing::debug!(%error, "session end not written");
    }
}

/// What of the province an account may see.
pub(in crate::api) fn scope_of(state: &AppState, user: &User) -> Scope {
    if user.role == Role::Administrator {
        return Scope::All;
    }
    Scope::of_subtrees(&state.agencies, user.agencies.iter().map(|agency| &**agency))
}
