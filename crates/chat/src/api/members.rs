//! `/guilds/{guild}/members`.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, patch, put};
use axum::{Extension, Router};
use guildhall_accounts::Actor;
use guildhall_base::{Error, GuildId, RoleId, UserId};
use guildhall_infra::http::{ApiResult, Json, Path, Query};
use guildhall_oauth::OAuth;
use serde::Deserialize;
use serde_json::{Value, json};

use super::reason::Reason;
use crate::actions::members::MemberBody;
use crate::model::Member;
use crate::{Chat, codes};

pub(super) fn routes() -> Router<Chat> {
    Router::new()
        .route("/guilds/{guild}/members", get(list))
        .route("/guilds/{guild}/members/search", get(search))
        .route("/guilds/{guild}/members/@me", get(read_own).patch(edit_own))
        .route("/guilds/{guild}/members/@me/nick", patch(rename_own))
        .route("/guilds/{guild}/members/{user}", get(read).put(add).patch(edit).delete(kick))
        .route("/guilds/{guild}/members/{user}/roles/{role}", put(give_role).delete(take_role))
        .route("/users/@me/guilds/{guild}/member", get(read_own))
}

#[derive(Deserialize)]
struct PageQuery {
    after: Option<UserId>,
    limit: Option<i64>,
}

async fn list(
    State(chat): State<Chat>,
    actor: Actor,
    Path(guild): Path<GuildId>,
    Query(page): Query<PageQuery>,
) -> ApiResult<Json<Vec<Member>>> {
    Ok(Json(chat.members(&actor, guild, page.after, page.limit).await?))
}

#[derive(Deserialize)]
struct SearchQuery {
    #[serde(default)]
    query: String,
    limit: Option<i64>,
}

async fn search(
    State(chat): State<Chat>,
    actor: Actor,
    Path(guild): Path<GuildId>,
    Query(search): Query<SearchQuery>,
) -> ApiResult<Json<Vec<Member>>> {
    Ok(Json(chat.search_members(&actor, guild, &search.query, search.limit).await?))
}

async fn read(
    State(chat): State<Chat>,
    actor: Actor,
    Path((guild, user)): Path<(GuildId, UserId)>,
) -> ApiResult<Json<Member>> {
    Ok(Json(chat.read_member(&actor, guild, user).await?))
}

async fn read_own(
    State(chat): State<Chat>,
    actor: Actor,
    Path(guild): Path<GuildId>,
) -> ApiResult<Json<Member>> {
    Ok(Json(chat.read_member(&actor, guild, actor.user.id).await?))
}

async fn edit(
    State(chat): State<Chat>,
    actor: Actor,
    Path((guild, user)): Path<(GuildId, UserId)>,
    Reason(reason): Reason,
    Json(body): Json<MemberBody>,
) -> ApiResult<Json<Member>> {
    Ok(Json(chat.edit_member(&actor, guild, user, &body, reason).await?))
}

async fn edit_own(
    State(chat): State<Chat>,
    actor: Actor,
    Path(guild): Path<GuildId>,
    Reason(reason): Reason,
    Json(body): Json<MemberBody>,
) -> ApiResult<Json<Member>> {
    Ok(Json(chat.edit_own_member(&actor, guild, &body, reason).await?))
}

/// The older route for one's nickname, which answers with nothing else.
async fn rename_own(
    State(chat): State<Chat>,
    actor: Actor,
    Path(guild): Path<GuildId>,
    Reason(reason): Reason,
    Json(body): Json<MemberBody>,
) -> ApiResult<Json<Value>> {
    let member = chat.edit_own_member(&actor, guild, &body, reason).await?;
    Ok(Json(json!({ "nick": member.settings.nick })))
}

/// 201 with the member, or 204 if they are one already.
/// With `access_token`, a person's with the scope `guilds.join`, a bot makes them a member
/// (<https://discord.com/developers/docs/resources/guild#add-guild-member>).
#[derive(Default, Deserialize)]
struct AddBody {
    access_token: Option<String>,
}

async fn add(
    State(chat): State<Chat>,
    actor: Actor,
    Path((guild, user)): Path<(GuildId, UserId)>,
    Reason(reason): Reason,
    oauth: Option<Extension<OAuth>>,
    Json(body): Json<AddBody>,
) -> ApiResult<Response> {
    let put = match (body.access_token, oauth) {
        (Some(token), Some(Extension(oauth))) => {
            let token = oauth.check(&token).await?.ok_or_else(|| Error::from(codes::INVALID_ACCESS_TOKEN))?;
            chat.join_by_token(&actor, guild, user, &token).await?
        }
        _ => chat.put_member(&actor, guild, user, reason).await?,
    };
    match put {
        (member, true) => Ok((StatusCode::CREATED, Json(member)).into_response()),
        (_, false) => Ok(StatusCode::NO_CONTENT.into_response()),
    }
}

async fn kick(
    State(chat): State<Chat>,
    actor: Actor,
    Path((guild, user)): Path<(GuildId, UserId)>,
    Reason(reason): Reason,
) -> ApiResult<StatusCode> {
    chat.kick(&actor, guild, user, reason).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn give_role(
    State(chat): State<Chat>,
    actor: Actor,
    Path((guild, user, role)): Path<(GuildId, UserId, RoleId)>,
    Reason(reason): Reason,
) -> ApiResult<StatusCode> {
    chat.give_role(&actor, guild, user, role, reason).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn take_role(
    State(chat): State<Chat>,
    actor: Actor,
    Path((guild, user, role)): Path<(GuildId, UserId, RoleId)>,
    Reason(reason): Reason,
) -> ApiResult<StatusCode> {
    chat.take_role(&actor, guild, user, role, reason).await?;
    Ok(StatusCode::NO_CONTENT)
}
