//! The endpoints of OAuth 2.1 and OpenID Connect that programs call.

use std::sync::Arc;

use axum::extract::{Path as UrlPath, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use bytes::Bytes;
use serde::Serialize;
use serde_json::Value;

use super::{Api, FormBody};
use crate::actions::check::Checked;
use crate::actions::issue::Path;
use crate::actions::register::Metadata;
use crate::actions::token::Ask;
use crate::model::Parameters;
use crate::refused::Refused;

pub(super) fn routes() -> Router<Api> {
    Router::new()
        .route("/oauth2/token", post(token))
        .route("/oauth2/revoke", post(revoke))
        .route("/oauth2/par", post(push))
        .route("/oauth2/device_authorization", post(device))
}

/// What only servers call: no page of another site.
pub(super) fn closed_routes() -> Router<Api> {
    Router::new()
        .route("/oauth2/introspect", post(introspect))
        .route("/oauth2/register", post(register))
        .route("/oauth2/register/{client}", get(registration).put(reregister).delete(unregister))
}

/// What access tokens open; [`crate::admit`] must stand around it.
pub(super) fn token_routes() -> Router<Api> {
    Router::new().route("/oauth2/userinfo", get(userinfo).post(userinfo))
}

/// JSON that nobody may keep.
fn unkept(body: impl Serialize) -> Response {
    ([(header::CACHE_CONTROL, "no-store"), (header::PRAGMA, "no-cache")], Json(body)).into_response()
}

async fn token(
    State(api): State<Api>,
    headers: HeaderMap,
    FormBody(body): FormBody,
) -> Result<Response, Refused> {
    let ask = Ask { headers: &headers, body: &body, path: Path::Ours, url: "/oauth2/token" };
    let (answer, _) = api.server.token(ask).await?;
    let mut response = unkept(answer);
    if headers.contains_key("dpop")
        && let Ok(nonce) = HeaderValue::try_from(api.server.nonce())
    {
        response.headers_mut().insert("dpop-nonce", nonce);
    }
    Ok(response)
}

async fn revoke(
    State(api): State<Api>,
    headers: HeaderMap,
    FormBody(body): FormBody,
) -> Result<StatusCode, Refused> {
    api.server.revoke(&headers, &body).await?;
    Ok(StatusCode::OK)
}

async fn introspect(
    State(api): State<Api>,
    headers: HeaderMap,
    FormBody(body): FormBody,
) -> Result<Response, Refused> {
    Ok(unkept(api.server.introspect(&headers, &body).await?))
}

async fn push(State(api): State<Api>, headers: HeaderMap, body: Bytes) -> Result<Response, Refused> {
    let (parameters, twice) = Parameters::read(&body);
    let pushed = api.server.push(&headers, parameters, twice.as_deref()).await?;
    Ok((StatusCode::CREATED, unkept(pushed)).into_response())
}

async fn device(
    State(api): State<Api>,
    headers: HeaderMap,
    FormBody(body): FormBody,
) -> Result<Response, Refused> {
    let caller = api.server.caller(&headers, &body).await?;
    Ok(unkept(api.server.ask_for_device(&caller, body.get("scope").unwrap_or_default()).await?))
}

/// The token of a registration; it is no access token and opens nothing else.
fn bearer(headers: &HeaderMap) -> Result<&str, Refused> {
    let text = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()).unwrap_or_default();
    text.strip_prefix("Bearer ")
        .ok_or_else(|| Refused::new("invalid_token", "A registration token is needed."))
}

fn metadata(body: &Bytes) -> Result<Metadata, Refused> {
    serde_json::from_slice(body)
        .map_err(|_| Refused::new("invalid_client_metadata", "The body is not understood."))
}

async fn register(State(api): State<Api>, headers: HeaderMap, body: Bytes) -> Result<Response, Refused> {
    let registered = api.server.register(bearer(&headers)?, metadata(&body)?).await?;
    Ok((StatusCode::CREATED, unkept(registered)).into_response())
}

async fn registration(
    State(api): State<Api>,
    headers: HeaderMap,
    UrlPath(client): UrlPath<String>,
) -> Result<Response, Refused> {
    Ok(unkept(api.server.read_registration(&client, bearer(&headers)?).await?))
}

async fn reregister(
    State(api): State<Api>,
    headers: HeaderMap,
    UrlPath(client): UrlPath<String>,
    body: Bytes,
) -> Result<Response, Refused> {
    Ok(unkept(api.server.change_registration(&client, bearer(&headers)?, metadata(&body)?).await?))
}

async fn unregister(
    State(api): State<Api>,
    headers: HeaderMap,
    UrlPath(client): UrlPath<String>,
) -> Result<StatusCode, Refused> {
    api.server.remove_registration(&client, bearer(&headers)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// By the header, which [`crate::admit`] has checked; or, with POST, by `access_token` in the body (RFC 6750 2.2). In
/// an address a token is never read.
async fn userinfo(
    State(api): State<Api>,
    method: Method,
    checked: Option<axum::Extension<Arc<Checked>>>,
    body: Bytes,
) -> Result<Response, Refused> {
    let checked = match checked {
        Some(axum::Extension(checked)) => Some(checked),
        None if method == Method::POST => {
            let (body, _) = Parameters::read(&body);
            let found = match body.get("access_token") {
                Some(token) => api.server.check(token).await?,
                None => None,
            };
            found.filter(|token| token.scopes.contains(guildhall_base::Scopes::OPENID) && token.jkt.is_none())
        }
        None => None,
    };
    let checked =
        checked.ok_or_else(|| Refused::new("invalid_token", "An access token with openid is needed."))?;
    let claims: serde_json::Map<String, Value> = api.server.userinfo(&checked).await?;
    Ok(unkept(claims))
}
