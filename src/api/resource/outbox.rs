//! Mails that were written.

// utoipa's `params(...)` expands to a path that the lint takes for one of ours.
#![allow(unused_qualifications)]

use std::cmp::Reverse;

use axum::Json;
use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;
use serde::Deserialize;
use utoipa::IntoParams;

use crate::api::AppState;
use crate::api::auth::Caller;
use crate::api::dto::{OutboxDetail, OutboxRow};
use crate::api::http::{ApiError, ApiPath, ApiQuery, Page, ProblemBody, page_of};

/// Which page.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct OutboxQuery {
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
    /// Rows of a page, 1 to 200; default 50.
    pub limit: Option<usize>,
}

/// Mails, newest first.
#[utoipa::path(get, path = "/outbox", tag = "outbox", params(OutboxQuery),
    responses((status = 200, body = Page<OutboxRow>), (status = 401, body = ProblemBody)))]
pub async fn list_outbox(
    State(state): State<AppState>,
    caller: Caller,
    ApiQuery(query): ApiQuery<OutboxQuery>,
) -> Result<Json<Page<OutboxRow>>, ApiError> {
    let rows = state
        .outbox
        .rows()
        .into_iter()
        .filter(|row| caller.scope.admits(&row.agency));
    let keyed = rows
        .map(|row| ((Reverse(row.created_at.as_micros()), row.id.clone()), row))
        .collect();
    page_of(keyed, query.cursor.as_deref(), query.limit).map(Json)
}

/// A mail with its bodies.
#[utoipa::path(get, path = "/outbox/{id}", tag = "outbox", params(("id" = String, Path)),
    responses((status = 200, body = OutboxDetail), (status = 401, body = ProblemBody), (status = 404, body = ProblemBody)))]
pub async fn read_mail(
    State(state): State<AppState>,
    caller: Caller,
    ApiPath(id): ApiPath<String>,
) -> Result<Json<OutboxDetail>, ApiError> {
    visible_mail(&state, &caller, &id).map(Json)
}

/// The HTML of a mail as a page of its own, to be shown in a sandboxed frame: its policy lets it load nothing and run
/// nothing.
#[utoipa::path(get, path = "/outbox/{id}/html", tag = "outbox", params(("id" = String, Path)),
    responses((status = 200, body = String, content_type = "text/html"), (status = 401, body = ProblemBody), (status = 404, body = ProblemBody)))]
pub async fn mail_html(
    State(state): State<AppState>,
    caller: Caller,
    ApiPath(id): ApiPath<String>,
) -> Result<impl IntoResponse, ApiError> {
    let mail = visible_mail(&state, &caller, &id)?;
    let policy = "default-src 'none'; style-src 'unsafe-inline'; sandbox; frame-ancestors 'self'";
    let headers = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CONTENT_SECURITY_POLICY, policy),
        (header::X_FRAME_OPTIONS, "SAMEORIGIN"),
    ];
    Ok((headers, mail.html))
}

fn visible_mail(state: &AppState, caller: &Caller, id: &str) -> Result<OutboxDetail, ApiError> {
    let mail = state
        .outbox
        .find(id)
        .filter(|mail| caller.scope.admits(&mail.mail.agency));
    mail.ok_or_else(|| ApiError::new("not_found"))
}
