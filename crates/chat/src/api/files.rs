//! `/attachments/{channel}/{attachment}/{filename}`: uploaded files, for whoever was given the address. And the
//! pictures of guilds, roles and members, for everybody.

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use guildhall_base::{AttachmentId, ChannelId, GuildId, Id, UserId};
use guildhall_infra::http::{ApiResult, Path, Query};
use guildhall_infra::pictures;
use serde::Deserialize;

use crate::Chat;
use crate::actions::expressions::{emoji_key, sticker_key};
use crate::actions::pictures::Gallery;

pub(super) fn routes() -> Router<Chat> {
    Router::new()
        .route("/attachments/{channel}/{attachment}/{filename}", get(read))
        .route("/icons/{guild}/{file}", get(|s, p| picture(Gallery::Icon, s, p)))
        .route("/splashes/{guild}/{file}", get(|s, p| picture(Gallery::Splash, s, p)))
        .route("/discovery-splashes/{guild}/{file}", get(|s, p| picture(Gallery::DiscoverySplash, s, p)))
        .route("/role-icons/{role}/{file}", get(|s, p| picture(Gallery::Role, s, p)))
        .route("/emojis/{file}", get(|s, p| made(emoji_key, s, p)))
        .route("/stickers/{file}", get(|s, p| made(sticker_key, s, p)))
        .route("/guilds/{guild}/users/{user}/avatars/{file}", get(|s, p| own(Gallery::MemberAvatar, s, p)))
        .route("/guilds/{guild}/users/{user}/banners/{file}", get(|s, p| own(Gallery::MemberBanner, s, p)))
}

/// A guild's banner is where users' are: the accounts serve both.
async fn picture<T>(
    gallery: impl FnOnce(Id<T>) -> Gallery,
    State(chat): State<Chat>,
    Path((id, file)): Path<(Id<T>, String)>,
) -> Response {
    pictures::show(Some(&chat.parts.blobs), &gallery(id).folder(), &file).await
}

/// Emojis and stickers are told apart by their ids alone; clients put an extension of their liking behind it.
async fn made<T>(
    key: impl FnOnce(Id<T>) -> String,
    State(chat): State<Chat>,
    Path(file): Path<String>,
) -> Response {
    match file.split('.').next().unwrap_or_default().parse() {
        Ok(id) => pictures::show_at(&chat.parts.blobs, &key(id)).await,
        Err(_) => StatusCode::NOT_FOUND.into_response(),
    }
}

async fn own(
    gallery: impl FnOnce(GuildId, UserId) -> Gallery,
    State(chat): State<Chat>,
    Path((guild, user, file)): Path<(GuildId, UserId, String)>,
) -> Response {
    pictures::show(Some(&chat.parts.blobs), &gallery(guild, user).folder(), &file).await
}

#[derive(Deserialize)]
struct Secret {
    #[serde(default)]
    hm: String,
}

async fn read(
    State(chat): State<Chat>,
    Path((channel, attachment, filename)): Path<(ChannelId, AttachmentId, String)>,
    Query(Secret { hm }): Query<Secret>,
) -> ApiResult<Response> {
    let (blob, mut headers) = chat.file(channel, attachment, &filename, &hm).await?;
    headers.insert(header::CONTENT_LENGTH, HeaderValue::from(blob.size()));
    Ok((headers, Body::from_stream(blob.stream())).into_response())
}
