//! Working on alert groups.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Viewer;
use super::groups::visible_group;
use crate::api::AppState;
use crate::api::auth::{Caller, Responder};
use crate::api::dto::GroupView;
use crate::api::http::{ApiError, ApiJson, ApiPath, Language, ProblemBody};
use crate::triage::{Command, GroupId, Verdict};

/// A decision about a group.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct VerdictRequest {
    /// The decision.
    pub verdict: Verdict,
    /// In the person's words.
    #[serde(default)]
    pub reason: String,
}

/// Whom to give something to.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AssignRequest {
    /// Account name; null for nobody.
    pub user: Option<String>,
}

/// A note.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NoteRequest {
    /// 1 to 8192 bytes.
    pub text: String,
}

/// What to do with many groups.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum BulkAction {
    /// Decide about them.
    Verdict(VerdictRequest),
    /// Give them to somebody.
    Assign(AssignRequest),
    /// Mark them as seen.
    Read,
}

/// One action on many groups.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BulkRequest {
    /// Groups, at most 1000.
    #[schema(value_type = Vec<String>)]
    pub ids: Vec<GroupId>,
    /// What to do.
    pub action: BulkAction,
}

/// What became of one of many.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct BulkFailure {
    /// The group.
    #[schema(value_type = String)]
    pub id: GroupId,
    /// Code of the problem.
    pub code: String,
}

/// What became of a bulk action: each group by itself.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct BulkResult {
    /// Groups that were changed.
    pub done: u64,
    /// Those that were not.
    pub failed: Vec<BulkFailure>,
}

/// Most groups of one bulk action.
const MAX_BULK: usize = 1000;

/// Decides about a group and closes it.
#[utoipa::path(post, path = "/groups/{id}/verdict", tag = "groups", params(("id" = String, Path)), request_body = VerdictRequest,
    responses((status = 200, body = GroupView), (status = 403, body = ProblemBody), (status = 404, body = ProblemBody)))]
pub async fn give_verdict(
    State(state): State<AppState>,
    Responder(caller): Responder,
    language: Language,
    ApiPath(group): ApiPath<GroupId>,
    ApiJson(VerdictRequest { verdict, reason }): ApiJson<VerdictRequest>,
) -> Result<Json<GroupView>, ApiError> {
    act(
        &state,
        &caller,
        language,
        Command::GiveVerdict {
            group,
            verdict,
            reason,
        },
        group,
    )
    .await
}

/// Takes the last verdict back, within ten minutes.
#[utoipa::path(post, path = "/groups/{id}/verdict/undo", tag = "groups", params(("id" = String, Path)),
    responses((status = 200, body = GroupView), (status = 404, body = ProblemBody), (status = 409, body = ProblemBody)))]
pub async fn undo_verdict(
    State(state): State<AppState>,
    Responder(caller): Responder,
    language: Language,
    ApiPath(group): ApiPath<GroupId>,
) -> Result<Json<GroupView>, ApiError> {
    act(&state, &caller, language, Command::UndoVerdict { group }, group).await
}

/// Gives a group to somebody.
#[utoipa::path(post, path = "/groups/{id}/assign", tag = "groups", params(("id" = String, Path)), request_body = AssignRequest,
    responses((status = 200, body = GroupView), (status = 404, body = ProblemBody)))]
pub async fn assign_group(
    State(state): State<AppState>,
    Responder(caller): Responder,
    language: Language,
    ApiPath(group): ApiPath<GroupId>,
    ApiJson(AssignRequest { user }): ApiJson<AssignRequest>,
) -> Result<Json<GroupView>, ApiError> {
    let user = user.map(Arc::from);
    act(&state, &caller, language, Command::Assign { group, user }, group).await
}

/// Writes a note at a group.
#[utoipa::path(post, path = "/groups/{id}/notes", tag = "groups", params(("id" = String, Path)), request_body = NoteRequest,
    responses((status = 200, body = GroupView), (status = 404, body = ProblemBody), (status = 422, body = ProblemBody)))]
pub async fn note_group(
    State(state): State<AppState>,
    Responder(caller): Responder,
    language: Language,
    ApiPath(group): ApiPath<GroupId>,
    ApiJson(NoteRequest { text }): ApiJson<NoteRequest>,
) -> Result<Json<GroupView>, ApiError> {
    act(
        &state,
        &caller,
        language,
        Command::NoteGroup { group, text },
        group,
    )
    .await
}

/// Marks a group as seen.
#[utoipa::path(post, path = "/groups/{id}/read", tag = "groups", params(("id" = String, Path)),
    responses((status = 200, body = GroupView), (status = 404, body = ProblemBody)))]
pub async fn mark_read(
    State(state): State<AppState>,
    Responder(caller): Responder,
    language: Language,
    ApiPath(group): ApiPath<GroupId>,
) -> Result<Json<GroupView>, ApiError> {
    act(&state, &caller, language, Command::MarkRead { group }, group).await
}

/// One action on many groups; each succeeds or fails by itself.
#[utoipa::path(post, path = "/groups/bulk", tag = "groups", request_body = BulkRequest,
    responses((status = 200, body = BulkResult), (status = 400, body = ProblemBody)))]
pub async fn bulk_groups(
    State(state): State<AppState>,
    Responder(caller): Responder,
    ApiJson(BulkRequest { ids, action }): ApiJson<BulkRequest>,
) -> Result<Json<BulkResult>, ApiError> {
    if ids.len() > MAX_BULK {
        return Err(ApiError::because(
            "request.invalid",
            "at most 1000 groups at once",
        ));
    }
    let mut result = BulkResult {
        done: 0,
        failed: Vec::new(),
    };
    // Handed in together, so that they share the writer's batches.
    let asked = ids.into_iter().map(|id| {
        let command = bulk_command(&action, id);
        let (state, caller) = (&state, &caller);
        async move { (id, submit(state, caller, command, id).await) }
    });
    for (id, outcome) in futures_util::future::join_all(asked).await {
        match outcome {
            Ok(()) => result.done += 1,
            Err(error) => result.failed.push(BulkFailure {
                id,
                code: error.code.to_owned(),
            }),
        }
    }
    Ok(Json(result))
}

fn bulk_command(action: &BulkAction, group: GroupId) -> Command {
    match action.clone() {
        BulkAction::Verdict(VerdictRequest { verdict, reason }) => Command::GiveVerdict {
            group,
            verdict,
            reason,
        },
        BulkAction::Assign(AssignRequest { user }) => Command::Assign {
            group,
            user: user.map(Arc::from),
        },
        BulkAction::Read => Command::MarkRead { group },
    }
}

async fn submit(state: &AppState, caller: &Caller, command: Command, group: GroupId) -> Result<(), ApiError> {
    visible_group(state, caller, group)?;
    state
        .desk
        .command(&caller.user.name, state.now(), command)
        .await?;
    Ok(())
}

/// Carries a command out and answers with the group as it then is.
async fn act(
    state: &AppState,
    caller: &Caller,
    language: Language,
    command: Command,
    group: GroupId,
) -> Result<Json<GroupView>, ApiError> {
    submit(state, caller, command, group).await?;
    let group = visible_group(state, caller, group)?;
    let viewer = Viewer {
        state,
        scope: &caller.scope,
        language,
        now: state.now(),
    };
    let shown = viewer.group(&group, &state.board.read());
    Ok(Json(shown))
}
