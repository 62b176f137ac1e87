//! Reading incidents: the list and the page.

// utoipa's `params(...)` expands to a path that the lint takes for one of ours.
#![allow(unused_qualifications)]

use std::cmp::Reverse;
use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use utoipa::IntoParams;

use super::Viewer;
use super::view::{note, timeline};
use crate::api::AppState;
use crate::api::auth::Caller;
use crate::api::dto::{Clock, GroupView, IncidentDetail, IncidentView, MailLine, SeverityName};
use crate::api::http::{ApiError, ApiPath, ApiQuery, Language, Page, ProblemBody, page_of};
use crate::store::view;
use crate::triage::{Group, Incident, IncidentNumber, Records, Status, TimelineItem};

/// Which incidents to list.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct IncidentQuery {
    /// Only those of this status; `open` for all unfinished ones.
    pub status: Option<String>,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
    /// Rows of a page, 1 to 200; default 50.
    pub limit: Option<usize>,
}

/// Unfinished first, then the worst, then the newest.
type SortKey = (bool, Reverse<SeverityName>, Reverse<i64>, String);

/// Incidents, unfinished, worst and newest first.
#[utoipa::path(get, path = "/incidents", tag = "incidents", params(IncidentQuery),
    responses((status = 200, body = Page<IncidentView>), (status = 401, body = ProblemBody)))]
pub async fn list_incidents(
    State(state): State<AppState>,
    caller: Caller,
    language: Language,
    ApiQuery(query): ApiQuery<IncidentQuery>,
) -> Result<Json<Page<IncidentView>>, ApiError> {
    let viewer = Viewer {
        state: &state,
        scope: &caller.scope,
        language,
        now: state.now(),
    };
    let records = state.board.read();
    let wanted = records.incidents.values().filter(|incident| {
        viewer.sees_incident(incident) && has_status(incident.status, query.status.as_deref())
    });
    let rows = wanted
        .map(|incident| (sort_key(incident), Arc::clone(incident)))
        .collect();
    let page = page_of(rows, query.cursor.as_deref(), query.limit)?;
    let items = page
        .items
        .iter()
        .map(|incident| viewer.incident(incident, &records))
        .collect();
    Ok(Json(Page {
        items,
        next_cursor: page.next_cursor,
        total: page.total,
    }))
}

fn has_status(status: Status, asked: Option<&str>) -> bool {
    match asked {
        None | Some("all") => true,
        Some("open") => status.is_open(),
        Some(name) => status.name() == name,
    }
}

fn sort_key(incident: &Incident) -> SortKey {
    let newest = Reverse(incident.opened_at.as_micros());
    (
        !incident.status.is_open(),
        Reverse(incident.severity.into()),
        newest,
        incident.number.to_string(),
    )
}

/// Everything about an incident.
#[utoipa::path(get, path = "/incidents/{number}", tag = "incidents", params(("number" = String, Path)),
    responses((status = 200, body = IncidentDetail), (status = 401, body = ProblemBody), (status = 404, body = ProblemBody)))]
pub async fn read_incident(
    State(state): State<AppState>,
    caller: Caller,
    language: Language,
    ApiPath(number): ApiPath<IncidentNumber>,
) -> Result<Json<IncidentDetail>, ApiError> {
    let viewer = Viewer {
        state: &state,
        scope: &caller.scope,
        language,
        now: state.now(),
    };
    let incident = visible_incident(&state, &caller, number)?;
    let lines = view::timeline(&*state.store, number).map_err(|error| ApiError::internal(&error))?;
    let records = state.board.read();
    let shown = |line: &TimelineItem| {
        line.group
            .is_none_or(|id| records.groups.get(&id).is_none_or(|group| viewer.sees(group)))
    };
    let notes = lines.iter().filter_map(note).collect();
    Ok(Json(IncidentDetail {
        incident: viewer.incident(&incident, &records),
        timeline: lines.into_iter().filter(shown).map(timeline).collect(),
        groups: groups_of(&viewer, &records, &incident),
        notes,
        entities: entities_of(&viewer, &records, &incident),
        clocks: clocks(&incident),
        mails: mails(&state, number),
    }))
}

/// The incident when it exists and may be seen; otherwise the same answer for both.
pub(in crate::api) fn visible_incident(
    state: &AppState,
    caller: &Caller,
    number: IncidentNumber,
) -> Result<Arc<Incident>, ApiError> {
    let found = state.board.read().incidents.get(&number).map(Arc::clone);
    found
        .filter(|incident| caller.scope.admits(&incident.agency))
        .ok_or_else(|| ApiError::new("incident.not_found"))
}

fn seen_groups<'a>(viewer: &Viewer<'_>, records: &'a Records, incident: &Incident) -> Vec<&'a Arc<Group>> {
    let groups = incident.groups.iter().filter_map(|id| records.groups.get(id));
    groups.filter(|group| viewer.sees(group)).collect()
}

fn groups_of(viewer: &Viewer<'_>, records: &Records, incident: &Incident) -> Vec<GroupView> {
    let mut groups = seen_groups(viewer, records, incident);
    groups.sort_by_key(|group| (Reverse(group.severity), group.first_seen, group.id));
    groups
        .into_iter()
        .map(|group| viewer.group(group, records))
        .collect()
}

/// Entities of the groups that may be seen, not of the others.
fn entities_of(viewer: &Viewer<'_>, records: &Records, incident: &Incident) -> Vec<String> {
    let entities: std::collections::BTreeSet<_> = seen_groups(viewer, records, incident)
        .into_iter()
        .flat_map(|group| &group.entities)
        .collect();
    entities.into_iter().map(ToString::to_string).collect()
}

/// Deadlines that run from T0, of an unfinished incident. The dated data files of the law replace this table.
fn clocks(incident: &Incident) -> Vec<Clock> {
    let hours = |hours: u64| Duration::from_secs(hours * 3600);
    [("clock.notice_24h", hours(24)), ("clock.report_72h", hours(72))]
        .into_iter()
        .map(|(code, after)| Clock {
            code: code.to_owned(),
            due_at: incident.t0 + after,
        })
        .collect()
}

fn mails(state: &AppState, number: IncidentNumber) -> Vec<MailLine> {
    let about = |row: &crate::api::dto::OutboxRow| row.incident == Some(number);
    let rows = state.outbox.rows().into_iter().filter(about);
    rows.map(|row| MailLine {
        id: row.id,
        subject: row.subject,
        to: row.to,
        created_at: row.created_at,
        state: row.state,
    })
    .collect()
}
