//! top.gg's API, so that bots written for it find here what they ask there: give their library the address `/topgg/api` in
//! place of `https://top.gg/api` (v0), `/topgg/v1` in place of `https://top.gg/api/v1`, and the token of their listing, or the
//! bot's own. Routes are those of <https://docs.top.gg>.

mod bodies;
mod v0;
mod v1;

use axum::Router;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::middleware::from_fn;
use axum::response::{IntoResponse, Response};
use guildhall_base::codes::{NOT_FOUND, UNAUTHENTICATED};
use guildhall_infra::http::{ApiError, as_problems};

use crate::Directory;
use crate::access::Caller;
use crate::model::{ListingId, ListingKind};

/// The routes of both versions, to be put under `/topgg`.
pub fn routes(directory: Directory) -> Router {
    let new = v1::routes().fallback(|| async { ApiError(NOT_FOUND.into()) }).layer(from_fn(as_problems));
    Router::new()
        .nest("/v1", new.clone())
        .nest("/api/v1", new)
        .nest("/api", v0::routes())
        .with_state(directory)
}

/// The bot that asks: by its listing's token or its own.
pub(super) struct Me {
    caller: Caller,
    id: ListingId,
}

impl FromRequestParts<Directory> for Me {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, directory: &Directory) -> Result<Self, Response> {
        let caller = Caller::from_request_parts(parts, directory).await?;
        match caller.itself().filter(|id| id.kind == ListingKind::Bot) {
            Some(id) => Ok(Self { caller, id }),
            None => Err(ApiError(UNAUTHENTICATED.into()).into_response()),
        }
    }
}
