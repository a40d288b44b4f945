//! Guildhall's own API under `/v2`, and its description at `/v2/openapi.json`. A feature gives an
//! [`OpenApiRouter`](utoipa_axum::router::OpenApiRouter) whose handlers say by `utoipa::path` what they are; joining it is
//! one line here.

use axum::Router;
use axum::http::header;
use axum::routing::get;
use tokio_util::sync::CancellationToken;
use utoipa::openapi::security::{ApiKey, ApiKeyValue, Http, HttpAuthScheme, SecurityScheme};
use utoipa::openapi::{Components, OpenApi};
use utoipa::{Modify, OpenApi as _};
use utoipa_axum::router::OpenApiRouter;

use crate::hall::Hall;

/// What is said of the whole.
#[derive(utoipa::OpenApi)]
#[openapi(
    info(
        title = "Guildhall",
        description = "What Guildhall offers besides the Discord-compatible API under /api. Refusals are problem details (RFC 9457).",
        license(name = "MIT OR Apache-2.0")
    ),
    modifiers(&Credentials),
    security(("session" = []), ("client" = [])),
    tags((name = "jobs", description = "Durable jobs"),
        (name = "account", description = "A copy of one's data, and the end of one's account"), (name = "guilds", description = "What guilds have besides Discord's"),
        (name = "backups", description = "Backups of guilds, and restores"),
        (name = "directory", description = "Listings of bots and guilds"))
)]
struct Document;

/// How one says who one is.
struct Credentials;

impl Modify for Credentials {
    fn modify(&self, document: &mut OpenApi) {
        let components = document.components.get_or_insert_with(Components::new);
        // The token of a session as it is, or the browser's cookie.
        let session = SecurityScheme::ApiKey(ApiKey::Header(ApiKeyValue::new("Authorization")));
        components.add_security_scheme("session", session);
        // Programs of the configuration: `jobs.clients.NAME.secret`.
        components.add_security_scheme("client", SecurityScheme::Http(Http::new(HttpAuthScheme::Basic)));
    }
}

/// The features' routes, and the description of them all.
pub(super) fn join(hall: &Hall, closing: CancellationToken) -> Router {
    let (routes, document) = OpenApiRouter::with_openapi(Document::openapi())
        .merge(guildhall_accounts::life_routes(hall.accounts.clone()))
        .merge(guildhall_jobs::api_routes(hall.desk.clone(), closing))
        .merge(guildhall_backup::api_routes(hall.backups.clone()))
        .merge(guildhall_chat::own_routes(hall.chat.clone()))
        .merge(guildhall_directory::api_routes(hall.directory.clone()))
        .split_for_parts();
    let description = document.to_json().unwrap_or_else(|error| {
        tracing::error!(%error, "the API cannot be described");
        "{}".to_owned()
    });
    routes.route(
        "/v2/openapi.json",
        get(|| async move { ([(header::CONTENT_TYPE, "application/json")], description) }),
    )
}
