//! Reading alert groups: the inbox and its panel.

// utoipa's `params(...)` expands to a path that the lint takes for one of ours.
#![allow(unused_qualifications)]

use std::cmp::Reverse;
use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use saola_event::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::IntoParams;

use super::Viewer;
use super::view::{note, verdict};
use crate::api::AppState;
use crate::api::auth::Caller;
use crate::api::dto::{AlertView, GroupDetail, GroupView, SeverityName};
use crate::api::http::{ApiError, ApiPath, ApiQuery, Language, Page, ProblemBody, page_of};
use crate::store::view;
use crate::triage::{Group, GroupId, GroupState, Records};

/// Which groups to list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum StateFilter {
    /// Waiting for a verdict.
    #[default]
    Open,
    /// With a verdict.
    Closed,
    /// Both.
    All,
}

/// Which groups to list.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct GroupQuery {
    /// Waiting, decided, or both; default waiting.
    #[serde(default)]
    #[param(inline)]
    pub state: StateFilter,
    /// This bad or worse.
    #[param(inline)]
    pub min_severity: Option<SeverityName>,
    /// With an alert at or after this time.
    #[param(value_type = Option<String>, format = DateTime)]
    pub since: Option<Timestamp>,
    /// A part of title, rule, target or actor, in any case.
    pub q: Option<String>,
    /// Of this agency and those below it.
    pub agency: Option<String>,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
    /// Rows of a page, 1 to 200; default 50.
    pub limit: Option<usize>,
}

/// Worst first, then newest, then by id.
type SortKey = (Reverse<SeverityName>, Reverse<i64>, String);

/// The inbox: groups, worst and newest first.
#[utoipa::path(get, path = "/groups", tag = "groups", params(GroupQuery),
    responses((status = 200, body = Page<GroupView>), (status = 401, body = ProblemBody)))]
pub async fn list_groups(
    State(state): State<AppState>,
    caller: Caller,
    language: Language,
    ApiQuery(query): ApiQuery<GroupQuery>,
) -> Result<Json<Page<GroupView>>, ApiError> {
    let viewer = Viewer {
        state: &state,
        scope: &caller.scope,
        language,
        now: state.now(),
    };
    let records = state.board.read();
    let wanted = records
        .groups
        .values()
        .filter(|group| viewer.sees(group) && admits(&state, &query, group));
    let rows = wanted.map(|group| (sort_key(group), Arc::clone(group))).collect();
    let page = page_of(rows, query.cursor.as_deref(), query.limit)?;
    let items = page
        .items
        .iter()
        .map(|group| viewer.group(group, &records))
        .collect();
    Ok(Json(Page {
        items,
        next_cursor: page.next_cursor,
        total: page.total,
    }))
}

fn sort_key(group: &Group) -> SortKey {
    let newest = Reverse(group.last_seen.as_micros());
    (Reverse(group.severity.into()), newest, group.id.to_string())
}

fn admits(state: &AppState, query: &GroupQuery, group: &Group) -> bool {
    let right_state = match query.state {
        StateFilter::All => true,
        StateFilter::Open => group.state == GroupState::Open,
        StateFilter::Closed => group.state == GroupState::Closed,
    };
    right_state
        && query
            .min_severity
            .is_none_or(|least| SeverityName::from(group.severity) >= least)
        && query.since.is_none_or(|since| group.last_seen >= since)
        && query
            .agency
            .as_deref()
            .is_none_or(|agency| state.agencies.is_within(&group.agency, agency))
        && query.q.as_deref().is_none_or(|part| holds(group, part))
}

/// Whether what a row shows holds the text, in any case.
fn holds(group: &Group, part: &str) -> bool {
    let part = part.to_lowercase();
    let has = |text: &str| text.to_lowercase().contains(&part);
    let actor = group.actor.as_ref();
    has(&group.rule.title)
        || group.rule.title_vi.as_deref().is_some_and(has)
        || has(&group.rule.id)
        || has(&group.target.label())
        || group.target.ip.is_some_and(|ip| has(&ip.to_string()))
        || actor
            .and_then(|actor| actor.ip)
            .is_some_and(|ip| has(&ip.to_string()))
        || actor.and_then(|actor| actor.user.as_deref()).is_some_and(has)
        || group.tags.iter().any(|tag| has(tag))
}

/// Everything about a group.
#[utoipa::path(get, path = "/groups/{id}", tag = "groups", params(("id" = String, Path)),
    responses((status = 200, body = GroupDetail), (status = 401, body = ProblemBody), (status = 404, body = ProblemBody)))]
pub async fn read_group(
    State(state): State<AppState>,
    caller: Caller,
    language: Language,
    ApiPath(id): ApiPath<GroupId>,
) -> Result<Json<GroupDetail>, ApiError> {
    let viewer = Viewer {
        state: &state,
        scope: &caller.scope,
        language,
        now: state.now(),
    };
    let group = visible_group(&state, &caller, id)?;
    let mut alerts = view::alerts(&*state.store, &group).map_err(|error| ApiError::internal(&error))?;
    alerts.reverse();
    let notes = view::notes(&*state.store, id).map_err(|error| ApiError::internal(&error))?;
    let records = state.board.read();
    Ok(Json(GroupDetail {
        group: viewer.group(&group, &records),
        alerts_not_kept: group.count.saturating_sub(alerts.len() as u64),
        alerts: alerts.into_iter().map(AlertView::from).collect(),
        rule: state.rules.find(&group.rule.id).map(|rule| rule.text),
        asset: group.target.asset.as_ref().map(|asset| viewer.asset(asset)),
        other_groups_24h: others(&viewer, &records, &group),
        earlier_verdicts: group.earlier.iter().map(verdict).collect(),
        notes: notes.iter().filter_map(note).collect(),
    }))
}

/// The group when it exists and may be seen; otherwise the same answer for both.
pub(in crate::api) fn visible_group(
    state: &AppState,
    caller: &Caller,
    id: GroupId,
) -> Result<Arc<Group>, ApiError> {
    let found = state.board.read().groups.get(&id).map(Arc::clone);
    found
        .filter(|group| caller.scope.admits(&group.agency))
        .ok_or_else(|| ApiError::new("group.not_found"))
}

/// Most other groups shown in a panel.
const MAX_OTHERS: usize = 20;
const DAY: std::time::Duration = std::time::Duration::from_hours(24);

/// Other groups on the same target or of the same actor within a day of this one.
fn others(viewer: &Viewer<'_>, records: &Records, group: &Group) -> Vec<GroupView> {
    let near = |other: &&Arc<Group>| {
        let shared = other.entities.intersection(&group.entities).next().is_some();
        other.id != group.id
            && shared
            && viewer.sees(other)
            && other.last_seen + DAY >= group.first_seen
            && other.first_seen <= group.last_seen + DAY
    };
    let mut found: Vec<&Arc<Group>> = records.groups.values().filter(near).collect();
    found.sort_by_key(|other| sort_key(other));
    found.truncate(MAX_OTHERS);
    found
        .into_iter()
        .map(|other| viewer.group(other, records))
        .collect()
}
