//! The routes under `/v2/jobs`. Each says by `utoipa::path` what it is, so that the router and its OpenAPI document are
//! one thing.

mod bodies;
mod files;
mod jobs;
mod queues;
mod stream;

use axum::extract::FromRef;
use axum::middleware::from_fn;
use guildhall_accounts::Accounts;
use guildhall_infra::http::as_problems;
use tokio_util::sync::CancellationToken;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::Desk;

/// What the handlers work with.
#[derive(Clone)]
struct Api {
    desk: Desk,
    /// Ends streams, which would hold the server up.
    closing: CancellationToken,
}

impl FromRef<Api> for Desk {
    fn from_ref(api: &Api) -> Self {
        api.desk.clone()
    }
}

impl FromRef<Api> for Accounts {
    fn from_ref(api: &Api) -> Self {
        Self::from_ref(&api.desk)
    }
}

/// The routes and what OpenAPI says of them. Streams end with `closing`.
pub fn routes(desk: Desk, closing: CancellationToken) -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(jobs::create, jobs::list))
        .routes(routes!(jobs::kinds))
        .routes(routes!(jobs::preview))
        .routes(routes!(queues::list))
        .routes(routes!(queues::pause))
        .routes(routes!(queues::resume))
        .routes(routes!(jobs::get))
        .routes(routes!(jobs::cancel))
        .routes(routes!(jobs::retry))
        .routes(routes!(jobs::undo))
        .routes(routes!(jobs::lines))
        .routes(routes!(stream::events))
        .routes(routes!(files::list))
        .routes(routes!(files::download))
        .layer(from_fn(as_problems))
        .with_state(Api { desk, closing })
}
