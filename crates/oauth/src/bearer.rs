//! Access tokens at the REST API: a middleware that lets an application in where one of its scopes opens the route.
//! A route that is not in the table is closed to applications.

use axum::extract::{MatchedPath, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use guildhall_accounts::Credential;
use guildhall_base::{Scopes, codes};
use guildhall_infra::http::ApiError;

use crate::OAuth;
use crate::actions::counting::Limit;
use crate::actions::dpop::Use;
use crate::codes::{APPLICATION_LIMIT, MISSING_SCOPE};
use crate::refused::Refused;

/// Which scope opens which route, any one of them. Empty: every token does.
const RULES: &[(&str, &str, Scopes)] = &[
    ("GET", "/users/@me", Scopes::IDENTIFY),
    ("GET", "/users/@me/guilds", Scopes::GUILDS),
    ("GET", "/users/@me/guilds/{guild}/member", Scopes::GUILDS_MEMBERS_READ),
    ("GET", "/oauth2/@me", Scopes::empty()),
    ("GET", "/oauth2/userinfo", Scopes::OPENID),
    ("POST", "/oauth2/userinfo", Scopes::OPENID),
    ("GET", "/applications/{application}/commands", Scopes::COMMANDS_UPDATE),
    ("POST", "/applications/{application}/commands", Scopes::COMMANDS_UPDATE),
    ("PUT", "/applications/{application}/commands", Scopes::COMMANDS_UPDATE),
    ("GET", "/applications/{application}/commands/{command}", Scopes::COMMANDS_UPDATE),
    ("PATCH", "/applications/{application}/commands/{command}", Scopes::COMMANDS_UPDATE),
    ("DELETE", "/applications/{application}/commands/{command}", Scopes::COMMANDS_UPDATE),
    ("GET", "/applications/{application}/guilds/{guild}/commands", Scopes::COMMANDS_UPDATE),
    ("POST", "/applications/{application}/guilds/{guild}/commands", Scopes::COMMANDS_UPDATE),
    ("PUT", "/applications/{application}/guilds/{guild}/commands", Scopes::COMMANDS_UPDATE),
    ("PATCH", "/applications/{application}/guilds/{guild}/commands/{command}", Scopes::COMMANDS_UPDATE),
    ("DELETE", "/applications/{application}/guilds/{guild}/commands/{command}", Scopes::COMMANDS_UPDATE),
];

/// What is allowed to open a route; none if nothing is.
fn rule(method: &Method, route: &str) -> Option<Scopes> {
    let found = RULES.iter().find(|(rule_method, path, _)| *rule_method == method.as_str() && *path == route);
    found.map(|(.., scopes)| *scopes)
}

/// The token of `Authorization: Bearer` or `DPoP`, and whether it is the latter.
fn token(headers: &HeaderMap) -> Option<(&str, bool)> {
    let (scheme, token) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    let dpop = scheme.eq_ignore_ascii_case("dpop");
    (dpop || scheme.eq_ignore_ascii_case("bearer")).then_some((token.trim(), dpop))
}

/// Enforces the table; use it with `axum::middleware::from_fn_with_state` on a router whose routes are all added.
/// Requests without an access token pass untouched.
pub async fn admit(State(server): State<OAuth>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let Some((text, dpop)) = token(&parts.headers) else {
        return next.run(Request::from_parts(parts, body)).await;
    };
    match server.admitted(&parts, text, dpop).await {
        Ok((actor, checked, limits)) => {
            parts.extensions.insert(actor);
            parts.extensions.insert(checked);
            let mut response = next.run(Request::from_parts(parts, body)).await;
            announce(response.headers_mut(), &limits, server.0.clock.now());
            response
        }
        Err(refusal) => *refusal,
    }
}

type Admitted = (guildhall_accounts::Actor, std::sync::Arc<crate::actions::check::Checked>, Vec<Limit>);

impl OAuth {
    async fn admitted(&self, request: &Parts, text: &str, dpop: bool) -> Result<Admitted, Box<Response>> {
        let fail = |error| Box::new(ApiError(error).into_response());
        let challenge = |refused: &Refused| Box::new(self.challenge(refused, dpop));
        let matched = request.extensions.get::<MatchedPath>().map(MatchedPath::as_str).unwrap_or_default();
        let route = guildhall_infra::limits::without_prefix(matched);
        let invalid =
            || Refused::new("invalid_token", "The access token is wrong, has ended or was revoked.");
        let checked = self.check(text).await.map_err(fail)?.ok_or_else(|| challenge(&invalid()))?;
        match (&checked.jkt, dpop) {
            (Some(jkt), true) => {
                let proof = request.headers.get("dpop").and_then(|proof| proof.to_str().ok());
                let wanted =
                    Use { method: request.method.as_str(), path: original_path(request), token: Some(text) };
                let proven = match proof {
                    Some(proof) => self.proven(proof, wanted).await.map_err(|refused| challenge(&refused))?,
                    None => return Err(challenge(&Refused::new("invalid_dpop_proof", "Send a proof."))),
                };
                if proven != *jkt {
                    return Err(challenge(&invalid()));
                }
            }
            (None, false) => {}
            // A bound token without its proof is a stolen one.
            _ => return Err(challenge(&invalid())),
        }
        let now = self.0.clock.now();
        let application = self.0.applications.get(checked.application).await.map_err(fail)?;
        let counting = self.0.counting.count(&self.0.db, &checked, &application.client, now);
        let limits = counting.await.map_err(fail)?;
        if let Some(limit) = limits.iter().find(|limit| !limit.count.allowed) {
            let wait = limit.count.resets_at.since(now);
            let error = guildhall_base::Error { retry_after: Some(wait), ..APPLICATION_LIMIT.into() };
            let mut response = ApiError(error).into_response();
            announce(response.headers_mut(), &limits, now);
            return Err(Box::new(response));
        }
        match rule(&request.method, route) {
            Some(scopes) if scopes.is_empty() || checked.scopes.intersects(scopes) => {}
            wanted => {
                let mut response = ApiError(MISSING_SCOPE.into()).into_response();
                let scopes = wanted.unwrap_or_default();
                let text = format!("Bearer error=\"insufficient_scope\", scope=\"{scopes}\"");
                if let Ok(value) = HeaderValue::try_from(text) {
                    response.headers_mut().insert(header::WWW_AUTHENTICATE, value);
                }
                return Err(Box::new(response));
            }
        }
        let credential = Credential::Bearer { application: checked.application, scopes: checked.scopes };
        let actor = self.0.accounts.vouch(checked.user, credential).await.map_err(fail)?;
        Ok((actor, checked, limits))
    }

    /// 401 as Discord writes it, with the challenge that RFC 6750, 9449 and 9728 describe.
    fn challenge(&self, refused: &Refused, dpop: bool) -> Response {
        let mut response = ApiError(codes::UNAUTHENTICATED.into()).into_response();
        let scheme = if dpop { "DPoP" } else { "Bearer" };
        let text = format!(
            "{scheme} error=\"{}\", error_description=\"{}\", \
             resource_metadata=\"{}/.well-known/oauth-protected-resource\"",
            refused.error, refused.description, self.0.config.issuer
        );
        let headers = response.headers_mut();
        if let Ok(value) = HeaderValue::try_from(text) {
            headers.insert(header::WWW_AUTHENTICATE, value);
        }
        if let Some(nonce) = refused.nonce.as_ref().and_then(|nonce| HeaderValue::try_from(nonce).ok()) {
            headers.insert("dpop-nonce", nonce);
        }
        response
    }
}

/// The path as the client sent it; a nested router sees less of it.
fn original_path(request: &Parts) -> &str {
    request
        .extensions
        .get::<axum::extract::OriginalUri>()
        .map_or_else(|| request.uri.path(), |original| original.0.path())
}

/// Says what is left, as draft-ietf-httpapi-ratelimit-headers writes it.
fn announce(headers: &mut HeaderMap, limits: &[Limit], now: guildhall_base::Timestamp) {
    let policy: Vec<_> = limits
        .iter()
        .map(|limit| format!("\"{}\";q={};w={}", limit.name, limit.quota, limit.window))
        .collect();
    let left: Vec<_> = limits
        .iter()
        .map(|limit| {
            let seconds = limit.count.resets_at.since(now).as_millis().div_ceil(1000);
            format!("\"{}\";r={};t={seconds}", limit.name, limit.count.remaining)
        })
        .collect();
    for (name, list) in [("ratelimit-policy", policy), ("ratelimit", left)] {
        if let Ok(value) = HeaderValue::try_from(list.join(", "))
            && !list.is_empty()
        {
            headers.insert(name, value);
        }
    }
}
