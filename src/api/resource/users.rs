//! Accounts, for pickers.

use axum::Json;
use axum::extract::State;

use crate::api::AppState;
use crate::api::auth::Caller;
use crate::api::dto::UserView;
use crate::api::http::ProblemBody;

/// Accounts that work can be given to.
#[utoipa::path(get, path = "/users", tag = "users",
    responses((status = 200, body = Vec<UserView>), (status = 401, body = ProblemBody)))]
pub async fn list_users(State(state): State<AppState>, _: Caller) -> Json<Vec<UserView>> {
    let records = state.board.read();
    let active = records.accounts.values().filter(|account| !account.user.disabled);
    let view = |account: &std::sync::Arc<crate::triage::Account>| UserView {
        name: account.user.name.to_string(),
        display_name: account.user.display_name.clone(),
        role: account.user.role,
    };
    Json(active.map(view).collect())
}
