//! `/channels/{channel}` and `/guilds/{guild}/channels`.

use axum::Router;
use axum::extract::State;
use axum::routing::get;
use guildhall_accounts::Actor;
use guildhall_base::{ChannelId, GuildId};
use guildhall_infra::http::{ApiResult, Json, Path};

use crate::Chat;
use crate::actions::channels::ChannelBody;
use crate::model::Channel;

pub(super) fn routes() -> Router<Chat> {
    Router::new().route("/channels/{channel}", get(read)).route("/guilds/{guild}/channels", get(list))
}

async fn read(
    State(chat): State<Chat>,
    actor: Actor,
    Path(channel): Path<ChannelId>,
) -> ApiResult<Json<ChannelBody>> {
    Ok(Json(chat.read_channel(&actor, channel).await?))
}

async fn list(
    State(chat): State<Chat>,
    actor: Actor,
    Path(guild): Path<GuildId>,
) -> ApiResult<Json<Vec<Channel>>> {
    Ok(Json(chat.guild_channels(&actor, guild).await?))
}
