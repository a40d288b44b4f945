//! `/avatars/{user}/{hash}.png` and `/banners/...`: public, for ever the same, safe to show.

use axum::Router;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use guildhall_base::{Result, UserId, codes};
use guildhall_infra::pictures::Format;

use crate::Accounts;
use crate::picture::{Role, is_hash};

pub(super) fn routes() -> Router<Accounts> {
    Router::new()
        .route("/avatars/{user}/{file}", get(|state, path| serve(Role::Avatar, state, path)))
        .route("/banners/{user}/{file}", get(|state, path| serve(Role::Banner, state, path)))
}

async fn serve(
    role: Role,
    State(accounts): State<Accounts>,
    Path((user, file)): Path<(UserId, String)>,
) -> Response {
    match find(role, &accounts, user, &file).await {
        Ok(response) => response,
        Err(error) if error.is(codes::NOT_FOUND) => {
            (StatusCode::NOT_FOUND, [(header::CACHE_CONTROL, "no-store")]).into_response()
        }
        Err(error) => {
            tracing::error!(%error, "a picture cannot be read");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

/// Clients ask for the extension they like best; they get the kind that the picture is.
async fn find(role: Role, accounts: &Accounts, user: UserId, file: &str) -> Result<Response> {
    let hash = file.split('.').next().unwrap_or_default();
    let blobs = accounts.config().pictures.as_ref().filter(|_| is_hash(hash)).ok_or(codes::NOT_FOUND)?;
    let bytes = blobs.get(&role.key(user, hash)).await?.bytes().await?;
    let format = Format::of(&bytes).ok_or(codes::NOT_FOUND)?;
    let mut response = Body::from(bytes).into_response();
    let fixed: [(HeaderName, &'static str); 5] = [
        (header::CONTENT_TYPE, format.mime()),
        (header::CACHE_CONTROL, "public, max-age=31536000, immutable"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox"),
        (HeaderName::from_static("cross-origin-resource-policy"), "cross-origin"),
    ];
    for (name, value) in fixed {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    Ok(response)
}
