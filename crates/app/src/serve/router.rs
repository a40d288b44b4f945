//! Joins the features' routers into one. Adding a feature is one line here and one in [`crate::hall`].

use std::any::Any;
use std::sync::Arc;
use std::time::Duration;

use axum::http::Uri;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Router};
use guildhall_accounts::COOKIE_NAME;
use guildhall_base::codes::{METHOD_NOT_ALLOWED, NOT_FOUND};
use guildhall_base::{Code, Error};
use guildhall_infra::http::{ApiError, Problem, as_problems};
use guildhall_infra::i18n::Language;
use guildhall_infra::limits::{Limits, enforce};
use guildhall_infra::listen::{MaxBody, limit_body};
use guildhall_infra::mail::dev_routes;
use guildhall_infra::pages::{Assets, Site};
use guildhall_infra::telemetry::{Metrics, observe};
use guildhall_oauth::Guilds;
use tokio_util::sync::CancellationToken;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::timeout::RequestBodyTimeoutLayer;

use super::door::{self, Door, Seen};
use super::{operate, v2};
use crate::hall::Hall;

/// A body of which nothing comes for this long is given up.
const BODY_STALLS: Duration = Duration::from_secs(30);

/// The whole server as one service.
pub(super) fn join(hall: &Hall, metrics: Metrics, stop: CancellationToken) -> Router {
    let settings = &hall.settings;
    let assets = Assets::builder()
        .folder::<guildhall_chat::pages::Files>()
        .folder::<guildhall_accounts::Files>()
        .folder::<guildhall_jobs::pages::Files>()
        .folder::<guildhall_directory::Files>()
        .build();
    let site = Site::found_at(settings.public_url(), crate::hall::SITE, assets, hall.words.clone());
    let limits = Limits::new(&settings.limits, hall.clock.clone(), COOKIE_NAME);

    let accounts = hall.accounts.clone();
    let programs = Door { accounts: accounts.clone(), seen: Seen::Program };
    let people = Door { accounts, seen: Seen::Page(Box::new(site.clone())) };

    let guilds: Guilds = Arc::new(hall.chat.clone());
    let protocol = guildhall_oauth::protocol_routes(hall.oauth.clone(), guilds.clone())
        .layer(from_fn_with_state(limits.clone(), enforce));
    let api = Router::new()
        .merge(guildhall_accounts::api_routes(hall.accounts.clone()))
        .merge(guildhall_chat::api_routes(hall.chat.clone()).layer(Extension(hall.oauth.clone())))
        .merge(guildhall_oauth::api_routes(hall.oauth.clone(), guilds.clone()))
        .merge(hall.gateway.api_routes())
        .fallback(|| async { refuse(NOT_FOUND) })
        .method_not_allowed_fallback(|| async { refuse(METHOD_NOT_ALLOWED) })
        .layer(from_fn_with_state(programs.clone(), door::check))
        .layer(from_fn_with_state(hall.oauth.clone(), guildhall_oauth::admit))
        .layer(from_fn_with_state(limits.clone(), enforce));
    let own = v2::join(hall, stop.clone())
        .method_not_allowed_fallback(|| async { refuse(METHOD_NOT_ALLOWED) })
        .layer(from_fn_with_state(programs, door::check))
        .layer(from_fn(as_problems))
        .layer(from_fn_with_state(hall.oauth.clone(), guildhall_oauth::admit))
        .layer(from_fn_with_state(limits.clone(), enforce));
    let elsewhere = Router::new()
        .nest("/topgg", guildhall_directory::topgg_routes(hall.directory.clone()))
        .layer(from_fn_with_state(limits.clone(), enforce));
    let writing = guildhall_chat::pages::writing_routes(hall.chat.clone(), site.clone())
        .layer(from_fn_with_state(limits, enforce));
    let pages = Router::new()
        .merge(guildhall_accounts::page_routes(hall.accounts.clone(), site.clone()))
        .merge(guildhall_chat::pages::page_routes(hall.chat.clone(), site.clone()))
        .merge(guildhall_chat::pages::tool_routes(hall.chat.clone(), site.clone()))
        .merge(writing)
        .merge(guildhall_oauth::page_routes(hall.oauth.clone(), guilds, site.clone()))
        .merge(guildhall_jobs::pages::page_routes(hall.desk.clone(), site.clone()))
        .merge(guildhall_directory::page_routes(hall.directory.clone(), site.clone()))
        .merge(guildhall_backup::page_routes(hall.backups.clone(), hall.desk.clone(), site.clone()))
        .layer(from_fn_with_state(people, door::check))
        .layer(from_fn_with_state(hall.accounts.clone(), guildhall_accounts::prefer_language));

    // Files of backups are larger than any other body; they are taken as they come.
    let uploads = guildhall_backup::upload_routes(hall.backups.clone(), hall.desk.clone(), site.clone())
        .layer(from_fn_with_state(hall.accounts.clone(), guildhall_accounts::prefer_language));

    let mailbox = hall.mailer.letters().filter(|_| settings.keeps_mail()).cloned();
    let mailbox = mailbox.map(|letters| dev_routes(letters, &site)).unwrap_or_default();

    Router::new()
        .nest("/api/v10", api.clone())
        .nest("/api/v9", api.clone())
        .nest("/api", api)
        .merge(own)
        .merge(elsewhere)
        .merge(hall.gateway.routes())
        .merge(site.routes())
        .merge(pages)
        .merge(protocol)
        .merge(mailbox)
        .merge(guildhall_chat::file_routes(hall.chat.clone()))
        .merge(guildhall_directory::file_routes(hall.directory.clone()))
        .merge(operate::routes(hall, metrics, stop))
        .fallback(move |language: Language, uri: Uri| async move { nothing_here(&site, language, &uri) })
        .layer(from_fn_with_state(hall.gateway.clone(), guildhall_gateway::at_root))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(from_fn_with_state(MaxBody(settings.limits.body_bytes()), limit_body))
        .merge(uploads)
        .layer(RequestBodyTimeoutLayer::new(BODY_STALLS))
        .layer(from_fn(observe))
}

/// Programs get JSON, people a page.
fn nothing_here(site: &Site, language: Language, uri: &Uri) -> Response {
    if uri.path().starts_with("/v2/") {
        return Problem::from(&Error::from(NOT_FOUND)).into_response();
    }
    let program = ["/api", "/v1/", "/topgg", "/gateway"].iter().any(|prefix| uri.path().starts_with(prefix));
    if program { refuse(NOT_FOUND) } else { site.error_page(language, &Error::from(NOT_FOUND)) }
}

fn refuse(code: Code) -> Response {
    ApiError(code.into()).into_response()
}

/// A handler that panics costs its caller an answer, nobody else anything.
fn panicked(cause: Box<dyn Any + Send>) -> Response {
    let text = cause.downcast_ref::<String>().map(String::as_str);
    let text = text.or_else(|| cause.downcast_ref::<&str>().copied()).unwrap_or("unknown");
    ApiError(Error::internal(format!("a handler panicked: {text}"))).into_response()
}
