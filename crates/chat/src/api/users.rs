//! `/users/@me/guilds`: the part of a user that is about guilds. Users themselves are the accounts' business.

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::{delete, get};
use guildhall_accounts::Actor;
use guildhall_base::{Form, GuildId, lenient};
use guildhall_infra::http::{ApiResult, Json, Path, Query};
use serde::Deserialize;

use crate::Chat;
use crate::actions::bodies::PartialGuild;

pub(super) fn routes() -> Router<Chat> {
    Router::new().route("/users/@me/guilds", get(guilds)).route("/users/@me/guilds/{guild}", delete(leave))
}

#[derive(Deserialize)]
struct GuildsQuery {
    before: Option<GuildId>,
    after: Option<GuildId>,
    limit: Option<i64>,
    #[serde(default, deserialize_with = "lenient::boolean")]
    with_counts: bool,
}

async fn guilds(
    State(chat): State<Chat>,
    actor: Actor,
    Query(query): Query<GuildsQuery>,
) -> ApiResult<Json<Vec<PartialGuild>>> {
    let limit = query.limit.unwrap_or(200);
    let mut form = Form::new();
    form.range("limit", limit, 1..=200);
    form.finish()?;
    let limit = usize::try_from(limit).unwrap_or(200);
    Ok(Json(chat.own_guilds(&actor, query.before, query.after, limit, query.with_counts).await?))
}

async fn leave(State(chat): State<Chat>, actor: Actor, Path(guild): Path<GuildId>) -> ApiResult<StatusCode> {
    chat.leave_guild(&actor, guild).await?;
    Ok(StatusCode::NO_CONTENT)
}
