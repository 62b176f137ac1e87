//! Working on incidents.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;
use utoipa::ToSchema;

use super::Viewer;
use super::groups::visible_group;
use super::groups_actions::{AssignRequest, NoteRequest};
use super::incidents::visible_incident;
use crate::api::AppState;
use crate::api::auth::{Caller, Responder};
use crate::api::dto::{IncidentView, SeverityName};
use crate::api::http::{ApiError, ApiJson, ApiPath, Language, ProblemBody};
use crate::triage::{Command, GroupId, IncidentNumber, Made, Status};

/// An incident to be made.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OpenRequest {
    /// Groups, the leading one first.
    #[schema(value_type = Vec<String>)]
    pub group_ids: Vec<GroupId>,
    /// What to call it; otherwise the leading rule's title.
    #[serde(default)]
    pub title: Option<String>,
}

/// Groups to be added.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AddGroupsRequest {
    /// The groups.
    #[schema(value_type = Vec<String>)]
    pub group_ids: Vec<GroupId>,
}

/// Where the work stands.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StatusRequest {
    /// The new status.
    pub status: Status,
    /// In the person's words.
    #[serde(default)]
    pub reason: String,
}

/// How bad.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SeverityRequest {
    /// The new severity.
    pub severity: SeverityName,
    /// In the person's words.
    #[serde(default)]
    pub reason: String,
}

/// Makes an incident of groups.
#[utoipa::path(post, path = "/incidents", tag = "incidents", request_body = OpenRequest,
    responses((status = 201, body = IncidentView), (status = 404, body = ProblemBody), (status = 409, body = ProblemBody)))]
pub async fn open_incident(
    State(state): State<AppState>,
    Responder(caller): Responder,
    language: Language,
    ApiJson(OpenRequest { group_ids, title }): ApiJson<OpenRequest>,
) -> Result<(StatusCode, Json<IncidentView>), ApiError> {
    see_all(&state, &caller, &group_ids)?;
    let command = Command::OpenIncident {
        groups: group_ids,
        title,
    };
    let made = state
        .desk
        .command(&caller.user.name, state.now(), command)
        .await?;
    let Made::Incident(number) = made else {
        return Err(ApiError::new("server.internal"));
    };
    Ok((StatusCode::CREATED, show(&state, &caller, language, number)?))
}

/// Adds groups to an incident.
#[utoipa::path(post, path = "/incidents/{number}/groups", tag = "incidents", params(("number" = String, Path)), request_body = AddGroupsRequest,
    responses((status = 200, body = IncidentView), (status = 404, body = ProblemBody), (status = 409, body = ProblemBody)))]
pub async fn add_groups(
    State(state): State<AppState>,
    Responder(caller): Responder,
    language: Language,
    ApiPath(number): ApiPath<IncidentNumber>,
    ApiJson(AddGroupsRequest { group_ids: groups }): ApiJson<AddGroupsRequest>,
) -> Result<Json<IncidentView>, ApiError> {
    see_all(&state, &caller, &groups)?;
    act(
        &state,
        &caller,
        language,
        Command::AddGroups { number, groups },
        number,
    )
    .await
}

/// Says where the work stands.
#[utoipa::path(post, path = "/incidents/{number}/status", tag = "incidents", params(("number" = String, Path)), request_body = StatusRequest,
    responses((status = 200, body = IncidentView), (status = 404, body = ProblemBody)))]
pub async fn set_status(
    State(state): State<AppState>,
    Responder(caller): Responder,
    language: Language,
    ApiPath(number): ApiPath<IncidentNumber>,
    ApiJson(StatusRequest { status, reason }): ApiJson<StatusRequest>,
) -> Result<Json<IncidentView>, ApiError> {
    act(
        &state,
        &caller,
        language,
        Command::SetStatus {
            number,
            status,
            reason,
        },
        number,
    )
    .await
}

/// Gives an incident to somebody.
#[utoipa::path(post, path = "/incidents/{number}/assign", tag = "incidents", params(("number" = String, Path)), request_body = AssignRequest,
    responses((status = 200, body = IncidentView), (status = 404, body = ProblemBody)))]
pub async fn assign_incident(
    State(state): State<AppState>,
    Responder(caller): Responder,
    language: Language,
    ApiPath(number): ApiPath<IncidentNumber>,
    ApiJson(AssignRequest { user }): ApiJson<AssignRequest>,
) -> Result<Json<IncidentView>, ApiError> {
    let user = user.map(Arc::from);
    act(
        &state,
        &caller,
        language,
        Command::SetOwner { number, user },
        number,
    )
    .await
}

/// Writes a note at an incident.
#[utoipa::path(post, path = "/incidents/{number}/notes", tag = "incidents", params(("number" = String, Path)), request_body = NoteRequest,
    responses((status = 200, body = IncidentView), (status = 404, body = ProblemBody), (status = 422, body = ProblemBody)))]
pub async fn note_incident(
    State(state): State<AppState>,
    Responder(caller): Responder,
    language: Language,
    ApiPath(number): ApiPath<IncidentNumber>,
    ApiJson(NoteRequest { text }): ApiJson<NoteRequest>,
) -> Result<Json<IncidentView>, ApiError> {
    act(
        &state,
        &caller,
        language,
        Command::NoteIncident { number, text },
        number,
    )
    .await
}

/// Sets how bad an incident is.
#[utoipa::path(post, path = "/incidents/{number}/severity", tag = "incidents", params(("number" = String, Path)), request_body = SeverityRequest,
    responses((status = 200, body = IncidentView), (status = 404, body = ProblemBody)))]
pub async fn set_severity(
    State(state): State<AppState>,
    Responder(caller): Responder,
    language: Language,
    ApiPath(number): ApiPath<IncidentNumber>,
    ApiJson(SeverityRequest { severity, reason }): ApiJson<SeverityRequest>,
) -> Result<Json<IncidentView>, ApiError> {
    let command = Command::SetSeverity {
        number,
        severity: severity.into(),
        reason,
    };
    act(&state, &caller, language, command, number).await
}

/// Nobody adds a group that they may not see.
fn see_all(state: &AppState, caller: &Caller, groups: &[GroupId]) -> Result<(), ApiError> {
    groups
        .iter()
        .try_for_each(|&group| visible_group(state, caller, group).map(|_| ()))
}

async fn act(
    state: &AppState,
    caller: &Caller,
    language: Language,
    command: Command,
    number: IncidentNumber,
) -> Result<Json<IncidentView>, ApiError> {
    visible_incident(state, caller, number)?;
    state
        .desk
        .command(&caller.user.name, state.now(), command)
        .await?;
    show(state, caller, language, number)
}

fn show(
    state: &AppState,
    caller: &Caller,
    language: Language,
    number: IncidentNumber,
) -> Result<Json<IncidentView>, ApiError> {
    let incident = visible_incident(state, caller, number)?;
    let viewer = Viewer {
        state,
        scope: &caller.scope,
        language,
        now: state.now(),
    };
    let shown = viewer.incident(&incident, &state.board.read());
    Ok(Json(shown))
}
