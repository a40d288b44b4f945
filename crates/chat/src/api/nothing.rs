//! Collections that libraries ask for at start-up and that are always empty here, because there is no such thing yet:
//! sticker packs, voice regions, scheduled events and the like. py-cord is not ready without some of them.

use axum::Router;
use axum::extract::State;
use axum::routing::get;
use guildhall_accounts::Actor;
use guildhall_base::{GuildId, Permissions};
use guildhall_infra::http::{ApiResult, Json, Path};
use serde_json::{Value, json};

use crate::Chat;

/// What a guild has none of, an array each, and what it takes to be told so.
const GUILD: [(&str, Permissions); 5] = [
    ("regions", Permissions::empty()),
    ("scheduled-events", Permissions::empty()),
    ("integrations", Permissions::MANAGE_GUILD),
    ("auto-moderation/rules", Permissions::MANAGE_GUILD),
    ("templates", Permissions::MANAGE_GUILD),
];

pub(super) fn routes() -> Router<Chat> {
    let mut router = Router::new()
        .route("/sticker-packs", get(async |_: Actor| Json(json!({ "sticker_packs": [] }))))
        .route("/soundboard-default-sounds", get(async |_: Actor| Json(json!([]))))
        .route("/voice/regions", get(async |_: Actor| Json(json!([]))))
        .route("/guilds/{guild}/soundboard-sounds", get(sounds))
        .route("/guilds/{guild}/threads/active", get(threads));
    for (name, needed) in GUILD {
        let empty = async move |State(chat): State<Chat>, actor: Actor, Path(guild): Path<GuildId>| {
            chat.guild(&actor, guild).await?.require(needed)?;
            ApiResult::Ok(Json(json!([])))
        };
        router = router.route(&format!("/guilds/{{guild}}/{name}"), get(empty));
    }
    router
}

async fn sounds(
    State(chat): State<Chat>,
    actor: Actor,
    Path(guild): Path<GuildId>,
) -> ApiResult<Json<Value>> {
    chat.guild(&actor, guild).await?;
    Ok(Json(json!({ "items": [] })))
}

async fn threads(
    State(chat): State<Chat>,
    actor: Actor,
    Path(guild): Path<GuildId>,
) -> ApiResult<Json<Value>> {
    chat.guild(&actor, guild).await?;
    Ok(Json(json!({ "threads": [], "members": [], "has_more": false })))
}
