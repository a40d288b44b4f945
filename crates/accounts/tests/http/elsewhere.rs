//! Another site that signs people in, on a port of this machine: an OpenID Connect provider, and Discord beside it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use axum::extract::{Form, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

/// What the site will say for a code.
#[derive(Clone, Debug)]
pub(crate) struct Said {
    pub(crate) claims: Value,
    pub(crate) challenge: String,
}

struct Inner {
    address: String,
    key: EcdsaKeyPair,
    codes: Mutex<HashMap<String, Said>>,
}

#[derive(Clone)]
pub(crate) struct Elsewhere(Arc<Inner>);

fn encode(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

impl Elsewhere {
    pub(crate) async fn open() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let (random, algorithm) = (SystemRandom::new(), &ECDSA_P256_SHA256_FIXED_SIGNING);
        let document = EcdsaKeyPair::generate_pkcs8(algorithm, &random).unwrap();
        let key = EcdsaKeyPair::from_pkcs8(algorithm, document.as_ref(), &random).unwrap();
        let site = Self(Arc::new(Inner { address, key, codes: Mutex::default() }));
        let router = Router::new()
            .route("/.well-known/openid-configuration", get(metadata))
            .route("/jwks", get(jwks))
            .route("/token", post(token))
            .route("/api/oauth2/token", post(token))
            .route("/api/v10/users/@me", get(me))
            .with_state(site.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        site
    }

    pub(crate) fn address(&self) -> &str {
        &self.0.address
    }

    /// What a good ID token says; a test changes it to say something else.
    pub(crate) fn claims(&self, nonce: &str, subject: &str) -> Value {
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap();
        let (now, later) = (now.as_secs(), (now + Duration::from_secs(300)).as_secs());
        json!({
            "iss": self.0.address, "aud": "hall", "sub": subject, "nonce": nonce, "iat": now, "exp": later,
            "preferred_username": "Ada Lovelace",
        })
    }

    /// Somebody signed in there.
    pub(crate) fn code(&self, said: Said) -> String {
        let code = format!("{:032x}", rand::random::<u128>());
        self.0.codes.lock().unwrap().insert(code.clone(), said);
        code
    }

    fn sign(&self, claims: &Value) -> String {
        let head = encode(json!({ "alg": "ES256", "kid": "one", "typ": "JWT" }).to_string().as_bytes());
        let text = format!("{head}.{}", encode(claims.to_string().as_bytes()));
        let signature = self.0.key.sign(&SystemRandom::new(), text.as_bytes()).unwrap();
        format!("{text}.{}", encode(signature.as_ref()))
    }
}

async fn metadata(State(site): State<Elsewhere>) -> Json<Value> {
    let address = site.address();
    Json(json!({
        "issuer": address, "authorization_endpoint": format!("{address}/authorize"),
        "token_endpoint": format!("{address}/token"), "jwks_uri": format!("{address}/jwks"),
        "response_types_supported": ["code"], "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["ES256"],
    }))
}

async fn jwks(State(site): State<Elsewhere>) -> Json<Value> {
    let point = site.0.key.public_key().as_ref();
    Json(json!({ "keys": [{
        "kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256", "kid": "one",
        "x": encode(&point[1..33]), "y": encode(&point[33..65]),
    }] }))
}

async fn token(State(site): State<Elsewhere>, Form(form): Form<HashMap<String, String>>) -> Response {
    let said = site.0.codes.lock().unwrap().remove(&form["code"]);
    let refused = (StatusCode::BAD_REQUEST, Json(json!({ "error": "invalid_grant" })));
    let Some(said) = said else { return refused.into_response() };
    let verifier = form.get("code_verifier").map(|text| encode(&Sha256::digest(text.as_bytes())));
    if verifier != Some(said.challenge.clone())
        || !form["redirect_uri"].starts_with("https://hall.test/login/with/")
    {
        return refused.into_response();
    }
    let access = encode(said.claims.to_string().as_bytes());
    Json(json!({ "access_token": access, "token_type": "Bearer", "id_token": site.sign(&said.claims) }))
        .into_response()
}

/// Discord's: the access token says what the answer is.
async fn me(headers: HeaderMap) -> Response {
    let token = headers["authorization"].to_str().unwrap().strip_prefix("Bearer ").unwrap();
    let claims: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(token).unwrap()).unwrap();
    Json(json!({
        "id": claims["sub"], "username": claims["preferred_username"],
        "email": claims["email"], "verified": claims["email_verified"],
    }))
    .into_response()
}
