//! Who calls: a person or a bot, or a listing with its token.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use axum::extract::{ConnectInfo, FromRequestParts};
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use guildhall_accounts::MaybeActor;
use guildhall_base::UserId;
use guildhall_infra::http::ApiError;

use crate::Directory;
use crate::access::Caller;
use crate::model::Looker;

impl FromRequestParts<Directory> for Caller {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, directory: &Directory) -> Result<Self, Response> {
        let text = parts.headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
        if let Some(text) = text {
            let text = text.strip_prefix("Bearer ").unwrap_or(text);
            let listing = directory.listing_of_token(text).await;
            if let Some(id) = listing.map_err(|error| ApiError(error).into_response())? {
                return Ok(Self::Listing(id));
            }
        }
        let MaybeActor(actor) = MaybeActor::from_request_parts(parts, directory).await?;
        Ok(actor.map_or(Self::Nobody, |actor| Self::Actor(Box::new(actor))))
    }
}

/// Where a request comes from.
pub(crate) struct From(IpAddr);

impl<S: Send + Sync> FromRequestParts<S> for From {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        let address =
            parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip().to_canonical());
        Ok(Self(address.unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED))))
    }
}

impl From {
    /// Who looks.
    pub(crate) fn looker(&self, user: Option<UserId>) -> Looker {
        match user {
            Some(user) => Looker::User(user),
            None => Looker::Address(self.0),
        }
    }
}
