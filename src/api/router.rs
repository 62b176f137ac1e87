//! The routes, and the OpenAPI document that follows from them.

use std::time::Duration;

use axum::extract::DefaultBodyLimit;
use axum::http::StatusCode;
use axum::{Json, Router, middleware};
use serde_json::Value;
use tower_http::compression::CompressionLayer;
use tower_http::timeout::TimeoutLayer;
use utoipa::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::dto::SourceHealth;
use super::http::{ApiError, ProblemBody, guard};
use super::resource::{
    agencies, groups, groups_actions, incidents, incidents_actions, outbox, rules, session, setup, sources,
    users,
};
use super::stream::{Counts, events};
use super::{AppState, console};

/// Largest body of a request.
const MAX_BODY_BYTES: usize = 1024 * 1024;
/// Longest time for an answer; streams begin to answer at once and are not cut.
const TIMEOUT: Duration = Duration::from_secs(30);

#[derive(OpenApi)]
#[openapi(
    info(title = "Saola", description = "The API of Saola, the security operations centre of a province.",
        license(name = "Apache-2.0", identifier = "Apache-2.0")),
    servers((url = "/api/v1")),
    components(schemas(ProblemBody, Counts, SourceHealth))
)]
struct Document;

/// The API under `/api/v1` and, with the feature `console`, the console under `/`. What the node adds (`/metrics`,
/// `/healthz`) comes in as a router of its own.
pub fn router(state: AppState, beside: Router) -> Router {
    let (api, document) = api_routes().split_for_parts();
    let document = Json(described(&document));
    let api = api
        .route("/openapi.json", axum::routing::get(async move || document))
        .fallback(async || ApiError::new("not_found"))
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
        .layer(TimeoutLayer::with_status_code(
            StatusCode::REQUEST_TIMEOUT,
            TIMEOUT,
        ))
        .with_state(state);
    Router::new()
        .nest("/api/v1", api)
        .merge(beside)
        .merge(console::routes().layer(CompressionLayer::new()))
        .layer(middleware::from_fn(guard))
}

/// The OpenAPI document as `web/openapi.json` has it.
pub fn openapi_json() -> String {
    let (_, document) = api_routes().split_for_parts();
    format!("{:#}\n", described(&document))
}

/// The document with a description of every answer: OpenAPI asks for one, and the status says it.
fn described(document: &utoipa::openapi::OpenApi) -> Value {
    let mut document = serde_json::to_value(document).expect("the document is made of maps and texts");
    let paths = document.get_mut("paths").and_then(Value::as_object_mut);
    let operations = paths
        .into_iter()
        .flat_map(|paths| paths.values_mut())
        .filter_map(Value::as_object_mut);
    for operation in operations.flat_map(|methods| methods.values_mut()) {
        let answers = operation.get_mut("responses").and_then(Value::as_object_mut);
        for (status, answer) in answers.into_iter().flatten() {
            let reason = status
                .parse()
                .ok()
                .and_then(|status| StatusCode::from_u16(status).ok());
            let reason = reason
                .and_then(|status| status.canonical_reason())
                .unwrap_or_default();
            if let Some(answer) = answer.as_object_mut() {
                answer.entry("description").or_insert_with(|| reason.into());
            }
        }
    }
    document
}

fn api_routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::with_openapi(Document::openapi())
        .routes(routes!(
            session::read_session,
            session::sign_in,
            session::sign_out
        ))
        .routes(routes!(setup::read_setup, setup::redeem_setup))
        .routes(routes!(groups::list_groups))
        .routes(routes!(groups::read_group))
        .routes(routes!(groups_actions::give_verdict))
        .routes(routes!(groups_actions::undo_verdict))
        .routes(routes!(groups_actions::assign_group))
        .routes(routes!(groups_actions::note_group))
        .routes(routes!(groups_actions::mark_read))
        .routes(routes!(groups_actions::bulk_groups))
        .routes(routes!(
            incidents::list_incidents,
            incidents_actions::open_incident
        ))
        .routes(routes!(incidents::read_incident))
        .routes(routes!(incidents_actions::add_groups))
        .routes(routes!(incidents_actions::set_status))
        .routes(routes!(incidents_actions::assign_incident))
        .routes(routes!(incidents_actions::note_incident))
        .routes(routes!(incidents_actions::set_severity))
        .routes(routes!(rules::list_rules))
        .routes(routes!(rules::rule_summary))
        .routes(routes!(rules::read_rule))
        .routes(routes!(sources::list_sources))
        .routes(routes!(outbox::list_outbox))
        .routes(routes!(outbox::read_mail))
        .routes(routes!(outbox::mail_html))
        .routes(routes!(users::list_users))
        .routes(routes!(agencies::list_agencies))
        .routes(routes!(events::stream))
}
