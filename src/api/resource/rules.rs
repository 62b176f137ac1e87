//! Rules: loaded, failed, why.

// utoipa's `params(...)` expands to a path that the lint takes for one of ours.
#![allow(unused_qualifications)]

use std::cmp::Reverse;

use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use utoipa::IntoParams;

use crate::api::AppState;
use crate::api::auth::Caller;
use crate::api::dto::{RuleDetail, RuleEngine, RuleRow, RuleState, RuleSummary};
use crate::api::http::{ApiError, ApiPath, ApiQuery, Page, ProblemBody, page_of};

/// Which rules to list.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct RuleQuery {
    /// Only of this language.
    #[param(inline)]
    pub engine: Option<RuleEngine>,
    /// Only these.
    #[param(inline)]
    pub state: Option<RuleState>,
    /// A part of id, title, file or reason, in any case.
    pub q: Option<String>,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
    /// Rows of a page, 1 to 200; default 50.
    pub limit: Option<usize>,
}

/// Rules: failed first, then by hits, then by id.
#[utoipa::path(get, path = "/rules", tag = "rules", params(RuleQuery),
    responses((status = 200, body = Page<RuleRow>), (status = 401, body = ProblemBody)))]
pub async fn list_rules(
    State(state): State<AppState>,
    _: Caller,
    ApiQuery(query): ApiQuery<RuleQuery>,
) -> Result<Json<Page<RuleRow>>, ApiError> {
    let rows = state.rules.rows();
    let part = query.q.as_deref().map(str::to_lowercase);
    let wanted = rows.iter().enumerate().filter(|(_, row)| {
        query.engine.is_none_or(|engine| row.engine == engine)
            && query.state.is_none_or(|state| row.state == state)
            && part.as_deref().is_none_or(|part| holds(row, part))
    });
    let keyed = wanted
        .map(|(at, row)| ((Reverse(row.state), Reverse(row.hits), row.id.clone()), at))
        .collect();
    let page = page_of(keyed, query.cursor.as_deref(), query.limit)?;
    let items = page
        .items
        .into_iter()
        .filter_map(|at| rows.get(at).cloned())
        .collect();
    Ok(Json(Page {
        items,
        next_cursor: page.next_cursor,
        total: page.total,
    }))
}

fn holds(row: &RuleRow, part: &str) -> bool {
    let has = |text: &str| text.to_lowercase().contains(part);
    has(&row.id)
        || has(&row.title)
        || row.title_vi.as_deref().is_some_and(has)
        || has(&row.source_path)
        || row.reason.as_deref().is_some_and(has)
}

/// How many rules there are.
#[utoipa::path(get, path = "/rules/summary", tag = "rules",
    responses((status = 200, body = RuleSummary), (status = 401, body = ProblemBody)))]
pub async fn rule_summary(State(state): State<AppState>, _: Caller) -> Json<RuleSummary> {
    Json(state.rules.summary())
}

/// A rule with its text.
#[utoipa::path(get, path = "/rules/{id}", tag = "rules", params(("id" = String, Path)),
    responses((status = 200, body = RuleDetail), (status = 401, body = ProblemBody), (status = 404, body = ProblemBody)))]
pub async fn read_rule(
    State(state): State<AppState>,
    _: Caller,
    ApiPath(id): ApiPath<String>,
) -> Result<Json<RuleDetail>, ApiError> {
    state
        .rules
        .find(&id)
        .map(Json)
        .ok_or_else(|| ApiError::new("not_found"))
}
