//! Guildhall's own API under `/v2`, and its description at `/v2/openapi.json`. A feature gives an
//! [`OpenApiRouter`](utoipa_axum::router::OpenApiRouter) whose handlers say by `utoipa::path` what they are; joining it is
//! one line here.

use std::sync::Arc;

use axum::http::header;
use axum::response::{IntoResponse, Response};
use axum::{Extension, Router};
use tokio_util::sync::CancellationToken;
use utoipa::openapi::security::{ApiKey, ApiKeyValue, Http, HttpAuthScheme, SecurityScheme};
use utoipa::openapi::{Components, OpenApi};
use utoipa::{Modify, OpenApi as _};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

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
    tags((name = "sign-in", description = "Signing in and out"),
        (name = "sessions", description = "One's sessions, and those of one's programs"),
        (name = "account", description = "Oneself, a copy of one's data, and the end of one's account"),
        (name = "staff", description = "What staff do to people, and the audit log"),
        (name = "jobs", description = "Durable jobs"), (name = "guilds", description = "What guilds have besides Discord's"),
        (name = "backups", description = "Backups of guilds, and restores"),
        (name = "directory", description = "Listings of bots and guilds"),
        (name = "description", description = "What there is"))
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
        // The token of a listing, as it is.
        let listing = SecurityScheme::ApiKey(ApiKey::Header(ApiKeyValue::new("Authorization")));
        components.add_security_scheme("listing", listing);
        // Programs of the configuration: `jobs.clients.NAME.secret`.
        components.add_security_scheme("client", SecurityScheme::Http(Http::new(HttpAuthScheme::Basic)));
    }
}

/// The features' routes, and the description of them all.
pub(super) fn join(hall: &Hall, closing: CancellationToken) -> Router {
    let (routes, mut document) = OpenApiRouter::with_openapi(Document::openapi())
        .merge(guildhall_accounts::v2_routes(hall.accounts.clone()))
        .merge(guildhall_jobs::api_routes(hall.desk.clone(), closing))
        .merge(guildhall_backup::api_routes(hall.backups.clone()))
        .merge(guildhall_chat::own_routes(hall.chat.clone()))
        .merge(guildhall_directory::api_routes(hall.directory.clone()))
        .routes(routes!(description))
        .split_for_parts();
    name_operations(&mut document);
    let description = document.to_json().unwrap_or_else(|error| {
        tracing::error!(%error, "the API cannot be described");
        "{}".to_owned()
    });
    routes.layer(Extension(Description(description.into())))
}

/// Names each operation by its method and path, as in `get_jobs_id`: handlers of different features are called alike, and
/// programs that are made from the document need names that are not.
fn name_operations(document: &mut OpenApi) {
    for (path, item) in &mut document.paths.paths {
        let words = path.split(['/', '.', '{', '}']).filter(|word| !word.is_empty() && *word != "v2");
        let path = words.collect::<Vec<_>>().join("_");
        let methods = [
            ("get", &mut item.get),
            ("post", &mut item.post),
            ("put", &mut item.put),
            ("patch", &mut item.patch),
            ("delete", &mut item.delete),
        ];
        for (method, operation) in methods {
            if let Some(operation) = operation {
                operation.operation_id = Some(format!("{method}_{path}"));
            }
        }
    }
}

/// The document as it goes out.
#[derive(Clone)]
struct Description(Arc<str>);

/// What this API can do: this document (OpenAPI 3.1).
#[utoipa::path(get, path = "/v2/openapi.json", tag = "description", security(()),
    responses((status = 200, body = Object)))]
async fn description(Extension(Description(text)): Extension<Description>) -> Response {
    ([(header::CONTENT_TYPE, "application/json")], text.to_string()).into_response()
}
