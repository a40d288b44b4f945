//! `/v2/teams`: people who keep several listings together.

use axum::extract::State;
use axum::http::StatusCode;
use guildhall_accounts::Actor;
use guildhall_base::{Result, TeamId, UserId};
use guildhall_infra::http::{ApiResult, Json, Path, Problem};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::bodies::Owner;
use super::listings::Allowed;
use crate::{Directory, actions};

pub(super) fn routes() -> OpenApiRouter<Directory> {
    OpenApiRouter::new()
        .routes(routes!(list, found))
        .routes(routes!(get, rename, end))
        .routes(routes!(put_member, remove_member))
}

/// A team.
#[derive(Debug, Serialize, ToSchema)]
struct Team {
    #[schema(value_type = String)]
    id: TeamId,
    name: String,
    /// Its owner first.
    members: Vec<Owner>,
}

impl Directory {
    async fn shown_team(&self, team: actions::teams::Team) -> Result<Team> {
        Ok(Team { id: team.id, name: team.name, members: self.with_names(&team.members).await? })
    }
}

/// The teams that one is in.
#[utoipa::path(get, path = "/v2/teams", tag = "directory",
    responses((status = 200, body = Vec<Team>), (status = 401, body = Problem)))]
async fn list(State(directory): State<Directory>, actor: Actor) -> ApiResult<Json<Vec<Team>>> {
    let mut teams = Vec::new();
    for team in directory.teams(&actor).await? {
        teams.push(directory.shown_team(team).await?);
    }
    Ok(Json(teams))
}

/// What a team is called.
#[derive(Debug, Deserialize, ToSchema)]
struct Name {
    /// 1 to 50 characters.
    name: String,
}

/// Founds a team.
#[utoipa::path(post, path = "/v2/teams", tag = "directory", request_body = Name,
    responses((status = 201, body = Team), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 409, body = Problem)))]
async fn found(
    State(directory): State<Directory>,
    actor: Actor,
    Json(body): Json<Name>,
) -> ApiResult<(StatusCode, Json<Team>)> {
    let team = directory.found_team(&actor, &body.name).await?;
    Ok((StatusCode::CREATED, Json(directory.shown_team(team).await?)))
}

/// A team, for its members.
#[utoipa::path(get, path = "/v2/teams/{team}", tag = "directory", params(("team" = String, Path)),
    responses((status = 200, body = Team), (status = 401, body = Problem), (status = 404, body = Problem)))]
async fn get(
    State(directory): State<Directory>,
    actor: Actor,
    Path(team): Path<TeamId>,
) -> ApiResult<Json<Team>> {
    let team = directory.team(&actor, team).await?;
    Ok(Json(directory.shown_team(team).await?))
}

/// Calls a team by another name. For its owner.
#[utoipa::path(patch, path = "/v2/teams/{team}", tag = "directory", request_body = Name,
    params(("team" = String, Path)),
    responses((status = 200, body = Team), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 404, body = Problem)))]
async fn rename(
    State(directory): State<Directory>,
    actor: Actor,
    Path(team): Path<TeamId>,
    Json(body): Json<Name>,
) -> ApiResult<Json<Team>> {
    let team = directory.rename_team(&actor, team, &body.name).await?;
    Ok(Json(directory.shown_team(team).await?))
}

/// Ends a team. Its listings stay with their main owners.
#[utoipa::path(delete, path = "/v2/teams/{team}", tag = "directory", params(("team" = String, Path)),
    responses((status = 204), (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 404, body = Problem)))]
async fn end(
    State(directory): State<Directory>,
    actor: Actor,
    Path(team): Path<TeamId>,
) -> ApiResult<StatusCode> {
    directory.end_team(&actor, team).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Takes somebody into a team, or changes what they may do. For its owner.
#[utoipa::path(put, path = "/v2/teams/{team}/members/{user}", tag = "directory", request_body = Allowed,
    params(("team" = String, Path), ("user" = String, Path)),
    responses((status = 204), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem)))]
async fn put_member(
    State(directory): State<Directory>,
    actor: Actor,
    Path((team, user)): Path<(TeamId, UserId)>,
    Json(allowed): Json<Allowed>,
) -> ApiResult<StatusCode> {
    directory.put_team_member(&actor, team, user, allowed.rights).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Takes somebody out of a team. Everybody may leave.
#[utoipa::path(delete, path = "/v2/teams/{team}/members/{user}", tag = "directory",
    params(("team" = String, Path), ("user" = String, Path)),
    responses((status = 204), (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 404, body = Problem), (status = 409, body = Problem)))]
async fn remove_member(
    State(directory): State<Directory>,
    actor: Actor,
    Path((team, user)): Path<(TeamId, UserId)>,
) -> ApiResult<StatusCode> {
    directory.remove_team_member(&actor, team, user).await?;
    Ok(StatusCode::NO_CONTENT)
}
