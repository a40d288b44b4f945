//! What the server says of itself: RFC 8414, OpenID Connect Discovery, RFC 9728, and its public keys.

use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use guildhall_base::Scopes;
use serde_json::{Value, json};

use super::Api;
use crate::actions::dpop::ALGORITHMS;
use crate::actions::token::DEVICE_GRANT;
use crate::model::{SigningAlg, acr};

pub(super) fn routes() -> Router<Api> {
    Router::new()
        .route("/.well-known/openid-configuration", get(server))
        .route("/.well-known/oauth-authorization-server", get(server))
        .route("/.well-known/oauth-protected-resource", get(resource))
        .route("/oauth2/jwks", get(keys))
}

/// May be kept for a while, by pages of other sites too.
fn shared(body: Value) -> Response {
    ([(header::CACHE_CONTROL, "public, max-age=900")], Json(body)).into_response()
}

pub(crate) async fn keys(State(api): State<Api>) -> Response {
    shared(json!({ "keys": api.server.keys().public() }))
}

async fn server(State(api): State<Api>) -> Response {
    let issuer = &api.server.config().issuer;
    let at = |path: &str| format!("{issuer}{path}");
    let methods = ["client_secret_basic", "client_secret_post", "none"];
    let proven = ["client_secret_basic", "client_secret_post"];
    shared(json!({
        "issuer": issuer,
        "authorization_endpoint": at("/oauth2/authorize"),
        "token_endpoint": at("/oauth2/token"),
        "userinfo_endpoint": at("/oauth2/userinfo"),
        "jwks_uri": at("/oauth2/jwks"),
        "registration_endpoint": at("/oauth2/register"),
        "revocation_endpoint": at("/oauth2/revoke"),
        "introspection_endpoint": at("/oauth2/introspect"),
        "device_authorization_endpoint": at("/oauth2/device_authorization"),
        "pushed_authorization_request_endpoint": at("/oauth2/par"),
        "end_session_endpoint": at("/oauth2/logout"),
        "scopes_supported": Scopes::all().names().collect::<Vec<_>>(),
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code", "refresh_token", "client_credentials", DEVICE_GRANT],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": SigningAlg::ALL.map(SigningAlg::name),
        "token_endpoint_auth_methods_supported": methods,
        "revocation_endpoint_auth_methods_supported": methods,
        "introspection_endpoint_auth_methods_supported": proven,
        "code_challenge_methods_supported": ["S256"],
        "authorization_response_iss_parameter_supported": true,
        "dpop_signing_alg_values_supported": ALGORITHMS,
        "require_pushed_authorization_requests": false,
        "request_parameter_supported": false,
        "request_uri_parameter_supported": false,
        "claims_parameter_supported": true,
        "claims_supported": ["iss", "sub", "aud", "exp", "iat", "auth_time", "nonce", "acr", "amr", "at_hash", "sid",
            "name", "preferred_username", "picture", "locale", "email", "email_verified"],
        "acr_values_supported": [acr::ONE_FACTOR, acr::TWO_FACTORS],
        "prompt_values_supported": ["none", "login", "consent", "select_account"],
        "display_values_supported": ["page"],
        "ui_locales_supported": ["en", "fi"],
        "backchannel_logout_supported": true,
        "backchannel_logout_session_supported": true,
    }))
}

async fn resource(State(api): State<Api>) -> Response {
    let issuer = &api.server.config().issuer;
    shared(json!({
        "resource": issuer,
        "authorization_servers": [issuer],
        "jwks_uri": format!("{issuer}/oauth2/jwks"),
        "scopes_supported": Scopes::all().names().collect::<Vec<_>>(),
        "bearer_methods_supported": ["header"],
        "dpop_signing_alg_values_supported": ALGORITHMS,
    }))
}
