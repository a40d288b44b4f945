//! The REST routes, without the `/api/v10` before them.

mod auth;
mod relationships;
mod users;

use axum::Router;
use axum::extract::{ConnectInfo, FromRequestParts};
use axum::http::header::USER_AGENT;
use axum::http::request::Parts;
use std::convert::Infallible;
use std::net::SocketAddr;

use crate::model::{SessionClass, Visit};
use crate::{Accounts, SessionScopes};

/// The routes of users, settings, relationships and sessions.
pub fn api_routes(accounts: Accounts) -> Router {
    Router::new()
        .merge(auth::routes())
        .merge(users::routes())
        .merge(relationships::routes())
        .with_state(accounts)
}

impl<S: Send + Sync> FromRequestParts<S> for Visit {
    type Rejection = Infallible;
    /// From the connection's address, as the server loop knows it, and the browser's `User-Agent`.
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let address =
            parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|peer| peer.0.ip().to_canonical());
        let device = parts.headers.get(USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or_default();
        Ok(Self {
            address,
            device: device.to_owned(),
            class: SessionClass::Web,
            scopes: SessionScopes::all(),
        })
    }
}
