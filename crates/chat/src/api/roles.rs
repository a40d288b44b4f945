//! `/guilds/{guild}/roles`.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::get;
use guildhall_accounts::Actor;
use guildhall_base::{GuildId, RoleId};
use guildhall_infra::http::{ApiResult, Json, Path};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::reason::Reason;
use crate::Chat;
use crate::model::Role;
use crate::rules::positions::RoleMove;

pub(super) fn routes() -> Router<Chat> {
    Router::new()
        .route("/guilds/{guild}/roles", get(list).post(create).patch(reorder))
        .route("/guilds/{guild}/roles/member-counts", get(counts))
        .route("/guilds/{guild}/roles/{role}", get(read).patch(update).delete(delete))
}

async fn list(
    State(chat): State<Chat>,
    actor: Actor,
    Path(guild): Path<GuildId>,
) -> ApiResult<Json<Vec<Arc<Role>>>> {
    Ok(Json(chat.guild_roles(&actor, guild).await?))
}

async fn counts(
    State(chat): State<Chat>,
    actor: Actor,
    Path(guild): Path<GuildId>,
) -> ApiResult<Json<BTreeMap<RoleId, usize>>> {
    Ok(Json(chat.role_counts(&actor, guild).await?))
}

async fn read(
    State(chat): State<Chat>,
    actor: Actor,
    Path((guild, role)): Path<(GuildId, RoleId)>,
) -> ApiResult<Json<Arc<Role>>> {
    Ok(Json(chat.role(&actor, guild, role).await?))
}

async fn create(
    State(chat): State<Chat>,
    actor: Actor,
    Path(guild): Path<GuildId>,
    Reason(reason): Reason,
    Json(body): Json<Map<String, Value>>,
) -> ApiResult<Json<Role>> {
    Ok(Json(chat.create_role(&actor, guild, &body, reason).await?))
}

async fn update(
    State(chat): State<Chat>,
    actor: Actor,
    Path((guild, role)): Path<(GuildId, RoleId)>,
    Reason(reason): Reason,
    Json(body): Json<Map<String, Value>>,
) -> ApiResult<Json<Role>> {
    Ok(Json(chat.update_role(&actor, guild, role, &body, reason).await?))
}

async fn delete(
    State(chat): State<Chat>,
    actor: Actor,
    Path((guild, role)): Path<(GuildId, RoleId)>,
    Reason(reason): Reason,
) -> ApiResult<StatusCode> {
    chat.delete_role(&actor, guild, role, reason).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize)]
struct Place {
    id: RoleId,
    position: Option<i64>,
}

async fn reorder(
    State(chat): State<Chat>,
    actor: Actor,
    Path(guild): Path<GuildId>,
    Reason(reason): Reason,
    Json(places): Json<Vec<Place>>,
) -> ApiResult<Json<Vec<Arc<Role>>>> {
    let moves: Vec<_> =
        places.into_iter().map(|place| RoleMove { id: place.id, position: place.position }).collect();
    Ok(Json(chat.move_roles(&actor, guild, &moves, reason).await?))
}
