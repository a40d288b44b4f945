//! `/v2/guilds/{guild}/memory`: what a guild remembers of those who go, and gives back when they return. Guildhall's own;
//! Discord has nothing like it.

use axum::extract::State;
use axum::http::StatusCode;
use axum::middleware::from_fn;
use guildhall_accounts::Actor;
use guildhall_base::{GuildId, RoleId, Timestamp, UserId};
use guildhall_infra::http::{ApiResult, Json, Path, Problem, as_problems};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::Chat;
use crate::model::{Departed, RememberSettings};

/// The routes and what OpenAPI says of them.
pub fn own_routes(chat: Chat) -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(read, write))
        .routes(routes!(members))
        .layer(from_fn(as_problems))
        .with_state(chat)
}

/// What a guild remembers.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Memory {
    /// Whether it remembers those who go at all.
    enabled: bool,
    /// For so many days, 1 to 365.
    days: u32,
    /// Also those who were kicked or pruned.
    kicked: bool,
    /// Also those who were banned.
    banned: bool,
    /// Also roles with permissions that can harm the guild are given back by themselves.
    dangerous: bool,
}

/// Somebody of whom something is remembered.
#[derive(Debug, Clone, Serialize, ToSchema)]
struct Remembered {
    #[schema(value_type = String)]
    user_id: UserId,
    /// The roles that they had, as far as they were not given back.
    #[schema(value_type = Vec<String>)]
    roles: Vec<RoleId>,
    nick: Option<String>,
    #[schema(value_type = String, format = DateTime)]
    left_at: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    keep_until: Timestamp,
    /// Whether they are a member again; then the job `chat.give_back` gives back what is left.
    back: bool,
}

/// What a guild remembers; for those who manage it and its roles.
#[utoipa::path(get, path = "/v2/guilds/{guild}/memory", tag = "guilds", params(("guild" = String, Path)),
    responses((status = 200, body = Memory), (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 404, body = Problem)))]
async fn read(State(chat): State<Chat>, actor: Actor, Path(guild): Path<GuildId>) -> ApiResult<Json<Memory>> {
    let RememberSettings { enabled, days, kicked, banned, dangerous } = chat.memory(&actor, guild).await?;
    Ok(Json(Memory { enabled, days, kicked, banned, dangerous }))
}

/// Sets that. What is given back from now on is given in the name of whoever sends this.
#[utoipa::path(put, path = "/v2/guilds/{guild}/memory", tag = "guilds", params(("guild" = String, Path)),
    request_body = Memory,
    responses((status = 204), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 404, body = Problem)))]
async fn write(
    State(chat): State<Chat>,
    actor: Actor,
    Path(guild): Path<GuildId>,
    Json(Memory { enabled, days, kicked, banned, dangerous }): Json<Memory>,
) -> ApiResult<StatusCode> {
    let settings = RememberSettings { enabled, days, kicked, banned, dangerous };
    chat.set_memory(&actor, guild, &settings).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The last hundred of whom something is remembered.
#[utoipa::path(get, path = "/v2/guilds/{guild}/memory/members", tag = "guilds", params(("guild" = String, Path)),
    responses((status = 200, body = Vec<Remembered>), (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 404, body = Problem)))]
async fn members(
    State(chat): State<Chat>,
    actor: Actor,
    Path(guild): Path<GuildId>,
) -> ApiResult<Json<Vec<Remembered>>> {
    let shown = |(departed, back): (Departed, bool)| {
        let Departed { user, roles, nick, left_at, keep_until, .. } = departed;
        Remembered { user_id: user, roles, nick, left_at, keep_until, back }
    };
    Ok(Json(chat.remembered(&actor, guild).await?.into_iter().map(shown).collect()))
}
