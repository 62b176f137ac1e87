//! Health of sensors and collectors.

use axum::Json;
use axum::extract::State;

use crate::api::AppState;
use crate::api::auth::Caller;
use crate::api::dto::SourceHealth;
use crate::api::http::ProblemBody;

/// Sensors and collectors that the caller may see, worst first.
#[utoipa::path(get, path = "/health/sources", tag = "health",
    responses((status = 200, body = Vec<SourceHealth>), (status = 401, body = ProblemBody)))]
pub async fn list_sources(State(state): State<AppState>, caller: Caller) -> Json<Vec<SourceHealth>> {
    let mut sources = state.sources.sources();
    sources.retain(|source| caller.scope.admits(&source.agency));
    sources.sort_by(|a, b| b.state.cmp(&a.state).then_with(|| a.name.cmp(&b.name)));
    Json(sources)
}
