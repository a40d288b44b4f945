//! `/invites/{code}`, and the invites of a channel or guild.

use axum::Router;
use axum::extract::State;
use axum::routing::get;
use guildhall_accounts::Actor;
use guildhall_base::{ChannelId, GuildId, lenient};
use guildhall_infra::http::{ApiResult, Json, Path, Query};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::reason::Reason;
use crate::Chat;
use crate::actions::invites::InviteBody;

pub(super) fn routes() -> Router<Chat> {
    Router::new()
        .route("/channels/{channel}/invites", get(of_channel).post(create))
        .route("/guilds/{guild}/invites", get(of_guild))
        .route("/invites/{code}", get(read).post(join).delete(delete))
}

async fn of_channel(
    State(chat): State<Chat>,
    actor: Actor,
    Path(channel): Path<ChannelId>,
) -> ApiResult<Json<Vec<InviteBody>>> {
    Ok(Json(chat.channel_invites(&actor, channel).await?))
}

async fn create(
    State(chat): State<Chat>,
    actor: Actor,
    Path(channel): Path<ChannelId>,
    Reason(reason): Reason,
    body: Option<Json<Map<String, Value>>>,
) -> ApiResult<Json<InviteBody>> {
    let body = body.map(|Json(body)| body).unwrap_or_default();
    Ok(Json(chat.create_invite(&actor, channel, &body, reason).await?))
}

async fn of_guild(
    State(chat): State<Chat>,
    actor: Actor,
    Path(guild): Path<GuildId>,
) -> ApiResult<Json<Vec<InviteBody>>> {
    Ok(Json(chat.guild_invites(&actor, guild).await?))
}

#[derive(Deserialize)]
struct ReadQuery {
    #[serde(default, deserialize_with = "lenient::boolean")]
    with_counts: bool,
}

/// Whoever has the code may look, signed in or not.
async fn read(
    State(chat): State<Chat>,
    Path(code): Path<String>,
    Query(query): Query<ReadQuery>,
) -> ApiResult<Json<InviteBody>> {
    Ok(Json(chat.read_invite(&code, query.with_counts).await?))
}

async fn join(
    State(chat): State<Chat>,
    actor: Actor,
    Path(code): Path<String>,
) -> ApiResult<Json<InviteBody>> {
    Ok(Json(chat.use_invite(&actor, &code).await?))
}

async fn delete(
    State(chat): State<Chat>,
    actor: Actor,
    Path(code): Path<String>,
    Reason(reason): Reason,
) -> ApiResult<Json<InviteBody>> {
    Ok(Json(chat.delete_invite(&actor, &code, reason).await?))
}
