//! Agencies, for pickers.

use axum::Json;
use axum::extract::State;

use crate::api::AppState;
use crate::api::auth::Caller;
use crate::api::dto::AgencyView;
use crate::api::http::ProblemBody;

/// Agencies that the caller may see.
#[utoipa::path(get, path = "/agencies", tag = "agencies",
    responses((status = 200, body = Vec<AgencyView>), (status = 401, body = ProblemBody)))]
pub async fn list_agencies(State(state): State<AppState>, caller: Caller) -> Json<Vec<AgencyView>> {
    let seen = state
        .agencies
        .iter()
        .filter(|agency| caller.scope.admits(&agency.id));
    let view = |agency: &crate::agency::Agency| AgencyView {
        id: agency.id.to_string(),
        parent: agency.parent.as_ref().map(ToString::to_string),
        kind: agency.kind.clone(),
        name_vi: agency.name_vi.clone(),
        name_en: (!agency.name_en.is_empty()).then(|| agency.name_en.clone()),
    };
    Json(seen.map(view).collect())
}
