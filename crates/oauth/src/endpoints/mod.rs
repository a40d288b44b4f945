//! The protocol's own endpoints, below `/oauth2` and `/.well-known`.

pub(crate) mod metadata;
pub(crate) mod pages;
mod protocol;

use axum::Router;
use axum::extract::{FromRef, FromRequest, Request};
use axum::middleware::{from_fn, from_fn_with_state};
use bytes::Bytes;
use guildhall_accounts::Accounts;

use crate::model::Parameters;
use crate::refused::Refused;
use crate::{Guilds, OAuth};

/// What routes for programs are made of.
#[derive(Clone)]
pub(crate) struct Api {
    pub(crate) server: OAuth,
    pub(crate) guilds: Guilds,
}

impl FromRef<Api> for Accounts {
    fn from_ref(api: &Api) -> Self {
        api.server.accounts().clone()
    }
}

/// The protocol's own routes. Access tokens open one of them; a registration's token is none.
pub fn protocol_routes(server: OAuth, guilds: Guilds) -> Router {
    let admitted = protocol::token_routes().layer(from_fn_with_state(server.clone(), crate::admit));
    Router::new()
        .merge(protocol::routes())
        .merge(metadata::routes())
        .merge(admitted)
        .layer(from_fn(pages::open_to_pages))
        .merge(protocol::closed_routes())
        .with_state(Api { server, guilds })
}

/// The parameters of a form body. One that comes twice is refused (RFC 6749 3.2).
pub(crate) struct FormBody(pub(crate) Parameters);

impl<S: Send + Sync> FromRequest<S> for FormBody {
    type Rejection = Refused;

    async fn from_request(request: Request, state: &S) -> Result<Self, Refused> {
        let kind =
            request.headers().get("content-type").and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        let kind = kind.split(';').next().unwrap_or_default().trim();
        if !kind.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
            let text = "The body must be application/x-www-form-urlencoded.";
            return Err(Refused::new("invalid_request", text));
        }
        let broken = |_| Refused::new("invalid_request", "The body could not be read.");
        let bytes = Bytes::from_request(request, state).await.map_err(broken)?;
        match Parameters::read(&bytes) {
            (parameters, None) => Ok(Self(parameters)),
            (_, Some(_)) => Err(Refused::new("invalid_request", "A parameter was sent more than once.")),
        }
    }
}
