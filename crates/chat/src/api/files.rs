//! `/attachments/{channel}/{attachment}/{filename}`: uploaded files, for whoever was given the address.

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use guildhall_base::{AttachmentId, ChannelId};
use guildhall_infra::http::{ApiResult, Path, Query};
use serde::Deserialize;

use crate::Chat;

pub(super) fn routes() -> Router<Chat> {
    Router::new().route("/attachments/{channel}/{attachment}/{filename}", get(read))
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
