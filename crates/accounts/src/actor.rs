//! Who makes a request: the extractors [`Actor`] and [`MaybeActor`].

use std::sync::Arc;

use axum::extract::{FromRef, FromRequestParts, OptionalFromRequestParts};
use axum::http::header::{AUTHORIZATION, COOKIE, HOST, ORIGIN};
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Redirect, Response};
use guildhall_base::{ApplicationId, Error, Id, Scopes, UserId, codes};
use guildhall_infra::http::ApiError;
use guildhall_infra::pages::Failure;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use crate::{Accounts, SessionScopes, User};

/// The cookie that carries a browser's session token.
pub const COOKIE_NAME: &str = "guildhall_session";

/// Only a name for the type parameter of [`SessionId`].
#[derive(Debug, Clone, Copy)]
pub enum SessionMarker {}

/// Id of a session; not a secret.
pub type SessionId = Id<SessionMarker>;

/// What somebody proved who they are with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Credential {
    /// A bot's token.
    Bot {
        /// The application whose bot it is; the same number as the bot's user.
        application: ApplicationId,
    },
    /// A session of a signed-in person, by cookie or by `Authorization`.
    Session {
        /// Which.
        id: SessionId,
        /// What it may be used for, as far as was known when it was looked at.
        scopes: SessionScopes,
    },
    /// An access token that somebody allowed an application to have (`Authorization: Bearer ...`). It opens only
    /// the routes that are named for one of its scopes; the authorization server's middleware sees to that.
    Bearer {
        /// Which application acts.
        application: ApplicationId,
        /// What it was allowed.
        scopes: Scopes,
    },
}

/// Who makes a request. Extracting it refuses anonymous requests with 401.
#[derive(Debug, Clone)]
pub struct Actor {
    /// Who.
    pub user: Arc<User>,
    /// By what.
    pub credential: Credential,
    /// Whether they hold the highest rank, and with it every right. What lesser staff may do is asked of
    /// [`Accounts::standing`].
    pub staff: bool,
}

impl Actor {
    /// The user's id.
    pub fn id(&self) -> UserId {
        self.user.id
    }

    /// The session, if it is one and not a bot's token.
    pub fn session(&self) -> Option<SessionId> {
        match self.credential {
            Credential::Session { id, .. } => Some(id),
            Credential::Bot { .. } | Credential::Bearer { .. } => None,
        }
    }

    /// What the session may be used for, if it is one. What else may be used, by bots and applications, is decided
    /// elsewhere.
    pub fn scopes(&self) -> Option<SessionScopes> {
        match self.credential {
            Credential::Session { scopes, .. } => Some(scopes),
            Credential::Bot { .. } | Credential::Bearer { .. } => None,
        }
    }

    /// Whether this may be seen or done by what the actor proved: an application only with the scope, everybody
    /// else always.
    pub fn allows(&self, scope: Scopes) -> bool {
        match self.credential {
            Credential::Bearer { scopes, .. } => scopes.contains(scope),
            Credential::Bot { .. } | Credential::Session { .. } => true,
        }
    }
}

/// Who opens a page. A stranger is sent to the sign-in page, or told to sign in first where something was sent.
#[derive(Debug, Clone)]
pub struct Person(pub Actor);

/// Who makes a request, or nobody. A wrong credential counts as nobody.
#[derive(Debug, Clone)]
pub struct MaybeActor(pub Option<Actor>);

impl<S> FromRequestParts<S> for Actor
where
    Accounts: FromRef<S>,
    S: Send + Sync,
{
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Response> {
        if let Some(actor) = parts.extensions.get::<Self>() {
            return Ok(actor.clone());
        }
        let accounts = Accounts::from_ref(state);
        let token = credentials(parts).map_err(refuse)?;
        let actor = accounts.authenticate(&token).await.map_err(refuse)?;
        // A cookie is a person at a page; what sends a header is a program.
        if parts.headers.contains_key(AUTHORIZATION) {
            accounts.refuse_program(actor.id()).await.map_err(refuse)?;
        }
        parts.extensions.insert(actor.clone());
        Ok(actor)
    }
}

impl<S> OptionalFromRequestParts<S> for Actor
where
    Accounts: FromRef<S>,
    S: Send + Sync,
{
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Option<Self>, Response> {
        MaybeActor::from_request_parts(parts, state).await.map(|maybe| maybe.0)
    }
}

impl<S> FromRequestParts<S> for MaybeActor
where
    Accounts: FromRef<S>,
    S: Send + Sync,
{
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Response> {
        match <Actor as FromRequestParts<S>>::from_request_parts(parts, state).await {
            Ok(actor) => Ok(Self(Some(actor))),
            Err(refusal) if refusal.status().is_client_error() => Ok(Self(None)),
            Err(failure) => Err(failure),
        }
    }
}

impl<S> FromRequestParts<S> for Person
where
    Accounts: FromRef<S>,
    S: Send + Sync,
{
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Response> {
        let MaybeActor(actor) = MaybeActor::from_request_parts(parts, state).await?;
        if let Some(actor) = actor {
            return Ok(Self(actor));
        }
        if !parts.method.is_safe() {
            return Err(Failure(codes::UNAUTHENTICATED.into()).into_response());
        }
        let path = parts.uri.path_and_query().map_or("/", |path| path.as_str());
        let next = utf8_percent_encode(path, NON_ALPHANUMERIC);
        Err(Redirect::to(&format!("/login?next={next}")).into_response())
    }
}

/// The text that [`Accounts::authenticate`] reads: the `Authorization` header, otherwise the cookie. A cookie counts
/// on an unsafe method only if the browser says that the request comes from this site.
fn credentials(parts: &Parts) -> Result<String, Error> {
    if let Some(value) = parts.headers.get(AUTHORIZATION) {
        return value.to_str().map(str::to_owned).map_err(|_| codes::UNAUTHENTICATED.into());
    }
    let token = cookie(&parts.headers, COOKIE_NAME).ok_or(codes::UNAUTHENTICATED)?;
    if !parts.method.is_safe() && !same_origin(parts) {
        return Err(codes::UNAUTHENTICATED.into());
    }
    Ok(token)
}

/// The session of a browser, as its cookie carries it; [`Accounts::authenticate`] reads it. Whether the page that sends
/// it is ours must be asked first: see [`same_origin`].
pub fn session_cookie(headers: &HeaderMap) -> Option<String> {
    cookie(headers, COOKIE_NAME)
}

/// The value of a cookie.
pub(crate) fn cookie(headers: &HeaderMap, name: &str) -> Option<String> {
    headers
        .get_all(COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .find_map(|pair| {
            let (key, value) = pair.trim().split_once('=')?;
            (key == name).then(|| value.trim_matches('"').to_owned())
        })
}

/// Whether a browser says that this request was made by a page of this site: `Sec-Fetch-Site: same-origin` (or
/// `none`: typed by the user), or in older browsers an `Origin` with the host that was asked.
pub fn same_origin(parts: &Parts) -> bool {
    let text = |name: header::HeaderName| parts.headers.get(name).and_then(|value| value.to_str().ok());
    if let Some(site) = parts.headers.get("sec-fetch-site") {
        return matches!(site.as_bytes(), b"same-origin" | b"none");
    }
    let host = parts.uri.authority().map(|authority| authority.as_str()).or_else(|| text(HOST));
    match (text(ORIGIN).and_then(|origin| origin.split_once("://")), host) {
        (Some((_, origin)), Some(host)) => origin.eq_ignore_ascii_case(host),
        _ => false,
    }
}

/// The answer to a request whose credentials do not hold, in Discord's form.
fn refuse(error: Error) -> Response {
    ApiError(error).into_response()
}
