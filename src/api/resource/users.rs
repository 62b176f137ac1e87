//! Accounts, for pickers.

use axum::Json;
use axum::extract::State;

use crate::api::AppState;
use crate::api::auth::Caller;
use crate::api::dto::UserView;
use crate::api::http::ProblemBody;
use crate::triage::{Role, User};

/// Accounts that work can be given to: administrators, and those who see an agency that the caller sees too.
#[utoipa::path(get, path = "/users", tag = "users",
    responses((status = 200, body = Vec<UserView>), (status = 401, body = ProblemBody)))]
pub async fn list_users(State(state): State<AppState>, caller: Caller) -> Json<Vec<UserView>> {
    let records = state.board.read();
    let shown = |user: &User| {
        let shared = || {
            user.agencies
                .iter()
                .any(|agency| caller.scope.admits(agency) || within(&state, agency, &caller))
        };
        !user.disabled && (user.role == Role::Administrator || *user.name == *caller.user.name || shared())
    };
    let active = records.accounts.values().filter(|account| shown(&account.user));
    let view = |account: &std::sync::Arc<crate::triage::Account>| UserView {
        name: account.user.name.to_string(),
        display_name: account.user.display_name.clone(),
        role: account.user.role,
    };
    Json(active.map(view).collect())
}

/// Whether an agency of the caller lies below this one: whoever sees it sees the caller's things.
fn within(state: &AppState, agency: &str, caller: &Caller) -> bool {
    caller
        .user
        .agencies
        .iter()
        .any(|own| state.agencies.is_within(own, agency))
}
