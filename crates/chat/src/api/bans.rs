//! `/guilds/{guild}/bans` and `/guilds/{guild}/bulk-ban`.

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::{get, post};
use guildhall_accounts::Actor;
use guildhall_base::{GuildId, UserId};
use guildhall_infra::http::{ApiResult, Json, Path, Query};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::reason::Reason;
use crate::Chat;
use crate::actions::bans::{BanBody, BulkBan, PageOfBans};

pub(super) fn routes() -> Router<Chat> {
    Router::new()
        .route("/guilds/{guild}/bans", get(list))
        .route("/guilds/{guild}/bans/{user}", get(read).put(ban).delete(unban))
        .route("/guilds/{guild}/bulk-ban", post(ban_many))
}

#[derive(Deserialize)]
struct PageQuery {
    before: Option<UserId>,
    after: Option<UserId>,
    limit: Option<i64>,
}

async fn list(
    State(chat): State<Chat>,
    actor: Actor,
    Path(guild): Path<GuildId>,
    Query(PageQuery { before, after, limit }): Query<PageQuery>,
) -> ApiResult<Json<Vec<BanBody>>> {
    Ok(Json(chat.bans(&actor, guild, PageOfBans { before, after, limit }).await?))
}

async fn read(
    State(chat): State<Chat>,
    actor: Actor,
    Path((guild, user)): Path<(GuildId, UserId)>,
) -> ApiResult<Json<BanBody>> {
    Ok(Json(chat.read_ban(&actor, guild, user).await?))
}

async fn ban(
    State(chat): State<Chat>,
    actor: Actor,
    Path((guild, user)): Path<(GuildId, UserId)>,
    Reason(reason): Reason,
    body: Option<Json<Map<String, Value>>>,
) -> ApiResult<StatusCode> {
    let body = body.map(|Json(body)| body).unwrap_or_default();
    chat.ban(&actor, guild, user, &body, reason).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn unban(
    State(chat): State<Chat>,
    actor: Actor,
    Path((guild, user)): Path<(GuildId, UserId)>,
    Reason(reason): Reason,
) -> ApiResult<StatusCode> {
    chat.unban(&actor, guild, user, reason).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn ban_many(
    State(chat): State<Chat>,
    actor: Actor,
    Path(guild): Path<GuildId>,
    Reason(reason): Reason,
    Json(body): Json<Map<String, Value>>,
) -> ApiResult<Json<BulkBan>> {
    Ok(Json(chat.ban_many(&actor, guild, &body, reason).await?))
}
