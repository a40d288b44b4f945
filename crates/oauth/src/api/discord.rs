//! OAuth2 as Discord's clients call it, below `/api/v10`
//! (<https://discord.com/developers/docs/topics/oauth2>). The same server with other addresses and lives.

use std::sync::Arc;

use axum::Router;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, StatusCode};
use axum::middleware::from_fn;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use guildhall_accounts::{Actor, Credential, User};
use guildhall_base::{ApplicationId, Scopes, Timestamp, codes};
use guildhall_infra::http::{ApiResult, Json};
use serde::Serialize;

use crate::actions::check::Checked;
use crate::actions::issue::Path;
use crate::actions::token::Ask;
use crate::endpoints::{Api, FormBody, metadata, pages};
use crate::refused::Refused;

pub(super) fn routes() -> Router<Api> {
    Router::new()
        .route("/oauth2/token", post(token))
        .route("/oauth2/token/revoke", post(revoke))
        .route("/oauth2/@me", get(me))
        .route("/oauth2/keys", get(metadata::keys))
        .layer(from_fn(pages::open_to_pages))
        .route("/oauth2/authorize", get(authorize))
}

/// passport-discord and others send browsers here.
async fn authorize(RawQuery(query): RawQuery) -> Redirect {
    let query = query.unwrap_or_default();
    Redirect::temporary(&format!("/oauth2/authorize?{query}"))
}

async fn token(
    State(api): State<Api>,
    headers: HeaderMap,
    axum::extract::OriginalUri(url): axum::extract::OriginalUri,
    FormBody(body): FormBody,
) -> Result<Response, Refused> {
    let ask = Ask { headers: &headers, body: &body, path: Path::Discord, url: url.path() };
    let (mut answer, guild) = api.server.token(ask).await?;
    if let Some(granted) = guild {
        let scopes = Scopes::parse(&answer.scope).0;
        let credential = Credential::Bearer { application: ApplicationId::new(0), scopes };
        let actor = api.server.accounts().vouch(granted.user, credential).await?;
        answer.guild = api.guilds.describe(&actor, granted.guild).await.ok();
    }
    let no_store = [(axum::http::header::CACHE_CONTROL, "no-store")];
    Ok((no_store, Json(answer)).into_response())
}

/// Discord revokes without asking more than who the client is, and answers with an empty object.
async fn revoke(
    State(api): State<Api>,
    headers: HeaderMap,
    FormBody(body): FormBody,
) -> Result<(StatusCode, Json<serde_json::Map<String, serde_json::Value>>), Refused> {
    api.server.revoke(&headers, &body).await?;
    Ok((StatusCode::OK, Json(serde_json::Map::new())))
}

#[derive(Serialize)]
struct PartialApplication {
    id: ApplicationId,
    name: String,
    icon: Option<String>,
    description: String,
    summary: &'static str,
    r#type: Option<()>,
    hook: bool,
    bot_public: bool,
    bot_require_code_grant: bool,
    verify_key: String,
    flags: u64,
}

#[derive(Serialize)]
struct Authorization {
    application: PartialApplication,
    scopes: Vec<&'static str>,
    expires: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    user: Option<Arc<User>>,
}

/// What this very token is.
async fn me(
    State(api): State<Api>,
    actor: Actor,
    checked: Option<axum::Extension<Arc<Checked>>>,
) -> ApiResult<Json<Authorization>> {
    let axum::Extension(checked) =
        checked.ok_or(codes::UNAUTHENTICATED).map_err(guildhall_base::Error::from)?;
    let application = api.server.applications().get(checked.application).await?;
    Ok(Json(Authorization {
        application: PartialApplication {
            id: application.id,
            name: application.name.clone(),
            icon: application.icon.clone(),
            description: application.description.clone(),
            summary: "",
            r#type: None,
            hook: true,
            bot_public: application.public,
            bot_require_code_grant: false,
            verify_key: application.verify_key.clone(),
            flags: application.flags,
        },
        scopes: checked.scopes.names().collect(),
        expires: checked.expires,
        user: checked.scopes.contains(Scopes::IDENTIFY).then(|| actor.user.clone()),
    }))
}
