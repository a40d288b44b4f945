//! The 38 modules of the OpenID conformance suite's plan `oidcc-basic-certification-test-plan`, by name
//! (`OIDCCBasicTestPlan` in openid/conformance-suite). Each test checks what the module's own summary and conditions
//! say; where a module takes a screenshot, the text of the page is looked at.

use std::time::Duration;

use axum::http::{Method, StatusCode};
use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde_json::{Value, json};

use crate::support::{
    Answer, App, CALLBACK, CHALLENGE, Hall, ISSUER, PASSWORD, VERIFIER, bearer, halls, head, text,
};

/// A client that certifies, somebody with a name, and their session.
struct Stage {
    hall: Hall,
    app: App,
    session: String,
}

/// What came of an authorization.
struct Outcome {
    tokens: Value,
    id_token: Value,
}

async fn stages() -> Vec<Stage> {
    let mut stages = Vec::new();
    for hall in halls().await {
        let (_, session) = hall.person("ada").await;
        let app = hall.app("Certified", |_| {}).await;
        hall.hand.advance(Duration::from_secs(1));
        stages.push(Stage { hall, app, session });
    }
    stages
}

impl Stage {
    fn query(&self, more: &[(&str, &str)]) -> String {
        let mut fields = vec![("scope", "openid"), ("nonce", "n-0S6_WzA2Mj")];
        fields.extend(more);
        self.app.query(&fields)
    }

    /// The browser's part, whatever has to be done on the way: sign in, consent.
    async fn authorize(&self, more: &[(&str, &str)]) -> Answer {
        self.follow(&self.query(more)).await
    }

    async fn follow(&self, query: &str) -> Answer {
        let path = format!("/oauth2/authorize?{query}");
        let mut answer = self.hall.visit(&path, &self.session).await;
        let (mut query, mut session) = (query.to_owned(), self.session.clone());
        if answer.status == StatusCode::SEE_OTHER && answer.location().starts_with("/login") {
            let back = answer.sent("next").unwrap();
            self.hall.hand.advance(Duration::from_secs(1));
            let fields = [("username", "ada"), ("password", PASSWORD), ("next", back.as_str())];
            let signed_in = self.hall.submit("/login", &session, &fields).await;
            session = signed_in.header("set-cookie").split(['=', ';']).nth(1).unwrap().to_owned();
            query = back.split_once('?').unwrap().1.to_owned();
            answer = self.hall.visit(&back, &session).await;
        }
        match answer.status {
            StatusCode::OK => self.hall.decide(&query, &session, "allow").await,
            _ => answer,
        }
    }

    async fn run(&self, more: &[(&str, &str)]) -> Outcome {
        let sent = self.authorize(more).await;
        self.redeem(&sent, &[]).await
    }

    /// Exchanges the code and checks the ID token as `PerformStandardIdTokenChecks` does.
    async fn redeem(&self, sent: &Answer, more: &[(&str, &str)]) -> Outcome {
        assert_eq!((sent.sent("state").unwrap(), sent.sent("iss").unwrap()), ("xyz".into(), ISSUER.into()));
        let answer = self.hall.exchange(&self.app, &sent.sent("code").unwrap(), more).await;
        let tokens = answer.ok();
        assert_eq!(tokens["token_type"], "Bearer");
        let id_token = self.verified(text(&tokens["id_token"])).await;
        Outcome { tokens, id_token }
    }

    async fn verified(&self, token: &str) -> Value {
        let keys: JwkSet = serde_json::from_value(self.hall.visit("/oauth2/jwks", "").await.ok()).unwrap();
        let kid = text(&head(token)["kid"]).to_owned();
        let key = DecodingKey::from_jwk(keys.find(&kid).unwrap()).unwrap();
        let mut validation = Validation::new(Algorithm::RS256);
        validation.validate_exp = false;
        validation.set_audience(&[self.app.id.to_string()]);
        validation.set_issuer(&[ISSUER]);
        let claims = jsonwebtoken::decode::<Value>(token, &key, &validation).unwrap().claims;
        let (iat, exp) = (claims["iat"].as_i64().unwrap(), claims["exp"].as_i64().unwrap());
        assert!(exp > iat && claims["sub"].is_string() && claims["sub"].as_str().unwrap().len() <= 255);
        claims
    }

    async fn userinfo(&self, outcome: &Outcome) -> Value {
        let claims = self.hall.get("/oauth2/userinfo", &bearer(&outcome.tokens)).await.ok();
        assert_eq!(claims["sub"], outcome.id_token["sub"]);
        claims
    }
}

#[tokio::test]
async fn oidcc_server() {
    for stage in stages().await {
        let Outcome { id_token, tokens } = stage.run(&[]).await;
        assert_eq!(id_token["nonce"], "n-0S6_WzA2Mj");
        assert!(id_token["at_hash"].is_string() && id_token["auth_time"].is_i64());
        assert!(tokens["expires_in"].is_u64());
    }
}

#[tokio::test]
async fn oidcc_response_type_missing() {
    for stage in stages().await {
        let sent = stage.authorize(&[("response_type", "")]).await;
        assert_eq!(
            (sent.sent("error").unwrap(), sent.sent("state").unwrap()),
            ("invalid_request".into(), "xyz".into())
        );
    }
}

#[tokio::test]
async fn oidcc_idtoken_signature() {
    for stage in stages().await {
        let outcome = stage.run(&[]).await;
        let head = head(text(&outcome.tokens["id_token"]));
        assert!(head["alg"] == "RS256" && head["kid"].is_string(), "{head}");
    }
}

#[tokio::test]
async fn oidcc_idtoken_unsigned() {
    // The module is skipped unless the server says that it gives out unsigned tokens.
    for stage in stages().await {
        let said = stage.hall.visit("/.well-known/openid-configuration", "").await.ok();
        assert_eq!(said["id_token_signing_alg_values_supported"], json!(["RS256", "EdDSA"]));
    }
}

#[tokio::test]
async fn oidcc_userinfo_get() {
    for stage in stages().await {
        let outcome = stage.run(&[]).await;
        let answer = stage.hall.get("/oauth2/userinfo", &bearer(&outcome.tokens)).await;
        assert_eq!(answer.header("content-type"), "application/json");
        stage.userinfo(&outcome).await;
    }
}

#[tokio::test]
async fn oidcc_userinfo_post_header() {
    for stage in stages().await {
        let outcome = stage.run(&[]).await;
        let answer =
            stage.hall.call(Method::POST, "/oauth2/userinfo", &bearer(&outcome.tokens), Value::Null).await;
        assert_eq!(answer.ok()["sub"], outcome.id_token["sub"]);
    }
}

#[tokio::test]
async fn oidcc_userinfo_post_body() {
    for stage in stages().await {
        let outcome = stage.run(&[]).await;
        let fields = [("access_token", text(&outcome.tokens["access_token"]))];
        let answer = stage.hall.post("/oauth2/userinfo", &[], &fields).await;
        assert_eq!(answer.ok()["sub"], outcome.id_token["sub"]);
    }
}

#[tokio::test]
async fn oidcc_ensure_request_without_nonce_succeeds_for_code_flow() {
    for stage in stages().await {
        assert!(stage.run(&[("nonce", "")]).await.id_token.get("nonce").is_none());
    }
}

#[tokio::test]
async fn oidcc_scope_profile() {
    for stage in stages().await {
        let outcome = stage.run(&[("scope", "openid profile")]).await;
        let claims = stage.userinfo(&outcome).await;
        assert_eq!((&claims["name"], &claims["preferred_username"]), (&json!("ada"), &json!("ada")));
        assert!(claims.get("email").is_none() && outcome.id_token.get("name").is_none());
    }
}

#[tokio::test]
async fn oidcc_scope_email() {
    // Nobody has told a mail address here; then the claim is absent and not null (Core 5.3.2).
    for stage in stages().await {
        let outcome = stage.run(&[("scope", "openid email")]).await;
        let claims = stage.userinfo(&outcome).await;
        assert!(claims.as_object().unwrap().values().all(|value| !value.is_null()), "{claims}");
        assert!(claims.get("name").is_none());
    }
}

/// `address` and `phone` are not kept here and not announced: the modules are skipped, and the scopes ignored.
async fn is_ignored(scope: &str) {
    for stage in stages().await {
        let said = stage.hall.visit("/.well-known/openid-configuration", "").await.ok();
        assert!(!said["scopes_supported"].as_array().unwrap().contains(&json!(scope)));
        let outcome = stage.run(&[("scope", &format!("openid {scope}"))]).await;
        assert_eq!(outcome.tokens["scope"], "openid");
    }
}

#[tokio::test]
async fn oidcc_scope_address() {
    is_ignored("address").await;
}

#[tokio::test]
async fn oidcc_scope_phone() {
    is_ignored("phone").await;
}

#[tokio::test]
async fn oidcc_scope_all() {
    for stage in stages().await {
        let outcome = stage.run(&[("scope", "openid profile email address phone")]).await;
        assert_eq!(outcome.tokens["scope"], "openid profile email");
        assert_eq!(stage.userinfo(&outcome).await["preferred_username"], "ada");
    }
}

#[tokio::test]
async fn oidcc_ensure_other_scope_order_succeeds() {
    for stage in stages().await {
        let outcome = stage.run(&[("scope", "email openid")]).await;
        assert!(outcome.id_token["sub"].is_string());
    }
}

#[tokio::test]
async fn oidcc_display_page() {
    for stage in stages().await {
        stage.run(&[("display", "page")]).await;
    }
}

#[tokio::test]
async fn oidcc_display_popup() {
    for stage in stages().await {
        stage.run(&[("display", "popup")]).await;
    }
}

#[tokio::test]
async fn oidcc_prompt_login() {
    for stage in stages().await {
        let first = stage.run(&[]).await;
        stage.hall.hand.advance(Duration::from_secs(1));
        let second = stage.run(&[("prompt", "login")]).await;
        assert_eq!(first.id_token["sub"], second.id_token["sub"]);
        assert!(second.id_token["auth_time"].as_i64() > first.id_token["auth_time"].as_i64());
    }
}

#[tokio::test]
async fn oidcc_prompt_none_not_logged_in() {
    for stage in stages().await {
        let path = format!("/oauth2/authorize?{}", stage.query(&[("prompt", "none")]));
        let sent = stage.hall.visit(&path, "").await;
        assert_eq!(
            (sent.sent("error").unwrap(), sent.sent("state").unwrap()),
            ("login_required".into(), "xyz".into())
        );
    }
}

#[tokio::test]
async fn oidcc_prompt_none_logged_in() {
    for stage in stages().await {
        let first = stage.run(&[]).await;
        stage.hall.hand.advance(Duration::from_secs(1));
        let path = format!("/oauth2/authorize?{}", stage.query(&[("prompt", "none")]));
        let sent = stage.hall.visit(&path, &stage.session).await;
        let second = stage.redeem(&sent, &[]).await;
        for claim in ["sub", "auth_time"] {
            assert_eq!(first.id_token[claim], second.id_token[claim]);
        }
    }
}

#[tokio::test]
async fn oidcc_max_age_1() {
    for stage in stages().await {
        let first = stage.run(&[]).await;
        stage.hall.hand.advance(Duration::from_secs(2));
        let second = stage.run(&[("max_age", "1")]).await;
        let (one, two) = (first.id_token["auth_time"].as_i64(), second.id_token["auth_time"].as_i64());
        assert!(two > one, "they signed in again");
        assert!(second.id_token["iat"].as_i64().unwrap() - two.unwrap() <= 1);
    }
}

#[tokio::test]
async fn oidcc_max_age_10000() {
    for stage in stages().await {
        let first = stage.run(&[]).await;
        stage.hall.hand.advance(Duration::from_secs(1));
        let second = stage.run(&[("max_age", "10000")]).await;
        assert_eq!(first.id_token["auth_time"], second.id_token["auth_time"], "nobody was asked again");
    }
}

#[tokio::test]
async fn oidcc_ensure_request_with_unknown_parameter_succeeds() {
    for stage in stages().await {
        stage.run(&[("extra", "foobar")]).await;
    }
}

#[tokio::test]
async fn oidcc_id_token_hint() {
    for stage in stages().await {
        let first = stage.run(&[]).await;
        stage.hall.hand.advance(Duration::from_secs(1));
        let hint = text(&first.tokens["id_token"]);
        let path =
            format!("/oauth2/authorize?{}", stage.query(&[("prompt", "none"), ("id_token_hint", hint)]));
        let second = stage.redeem(&stage.hall.visit(&path, &stage.session).await, &[]).await;
        assert_eq!(first.id_token["sub"], second.id_token["sub"]);
        // Somebody else is signed in: the application is not told who.
        let (_, eve) = stage.hall.person("eve").await;
        assert_eq!(stage.hall.visit(&path, &eve).await.sent("error").unwrap(), "login_required");
    }
}

#[tokio::test]
async fn oidcc_login_hint() {
    for stage in stages().await {
        let path = format!("/oauth2/authorize?{}", stage.query(&[("login_hint", "ada@hall.test")]));
        assert_eq!(stage.hall.visit(&path, "").await.sent("login_hint").unwrap(), "ada@hall.test");
        stage.run(&[("login_hint", "ada@hall.test")]).await;
    }
}

#[tokio::test]
async fn oidcc_ui_locales() {
    for stage in stages().await {
        stage.run(&[("ui_locales", "se")]).await;
    }
}

#[tokio::test]
async fn oidcc_claims_locales() {
    for stage in stages().await {
        stage.run(&[("claims_locales", "se")]).await;
    }
}

#[tokio::test]
async fn oidcc_ensure_request_with_acr_values_succeeds() {
    for stage in stages().await {
        let outcome = stage.run(&[("acr_values", "urn:mace:incommon:iap:silver 1 2")]).await;
        assert!(outcome.id_token["acr"].is_string());
    }
}

#[tokio::test]
async fn oidcc_codereuse() {
    for stage in stages().await {
        let sent = stage.authorize(&[]).await;
        stage.redeem(&sent, &[]).await;
        let again = stage.hall.exchange(&stage.app, &sent.sent("code").unwrap(), &[]).await;
        assert_eq!((again.status, again.error().as_str()), (StatusCode::BAD_REQUEST, "invalid_grant"));
    }
}

#[tokio::test]
async fn oidcc_codereuse_30seconds() {
    for stage in stages().await {
        let sent = stage.authorize(&[]).await;
        let outcome = stage.redeem(&sent, &[]).await;
        stage.hall.hand.advance(Duration::from_secs(30));
        let again = stage.hall.exchange(&stage.app, &sent.sent("code").unwrap(), &[]).await;
        assert_eq!(again.error(), "invalid_grant");
        let told = stage.hall.get("/oauth2/userinfo", &bearer(&outcome.tokens)).await;
        assert_eq!(told.status, StatusCode::UNAUTHORIZED, "what came of the code was revoked");
    }
}

#[tokio::test]
async fn oidcc_ensure_registered_redirect_uri() {
    for stage in stages().await {
        let sent = stage.authorize(&[("redirect_uri", "https://app.test/callback/random")]).await;
        assert_eq!(sent.status, StatusCode::BAD_REQUEST);
        assert!(sent.text.contains("has not registered"), "{}", sent.text);
    }
}

#[tokio::test]
async fn oidcc_ensure_post_request_succeeds() {
    for stage in stages().await {
        let query = stage.query(&[]);
        let fields: Vec<_> = url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        let fields: Vec<_> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let posted = stage.hall.post("/oauth2/authorize", &[("sec-fetch-site", "cross-site")], &fields).await;
        assert_eq!(posted.status, StatusCode::SEE_OTHER);
        let query = posted.location().strip_prefix("/oauth2/authorize?").unwrap().to_owned();
        let sent = stage.follow(&query).await;
        stage.redeem(&sent, &[]).await;
    }
}

#[tokio::test]
async fn oidcc_server_client_secret_post() {
    for stage in stages().await {
        let sent = stage.authorize(&[]).await;
        let id = stage.app.id.to_string();
        let fields = [
            ("grant_type", "authorization_code"),
            ("code", &sent.sent("code").unwrap()),
            ("redirect_uri", CALLBACK),
            ("client_id", &id),
            ("client_secret", &stage.app.secret),
        ];
        let tokens = stage.hall.post("/oauth2/token", &[], &fields).await.ok();
        stage.verified(text(&tokens["id_token"])).await;
    }
}

#[tokio::test]
async fn oidcc_request_uri_unsigned_supported_correctly_or_rejected_as_unsupported() {
    for stage in stages().await {
        let sent = stage.authorize(&[("request_uri", "https://app.test/request.jwt")]).await;
        let error = (sent.sent("error").unwrap(), sent.sent("state").unwrap());
        assert_eq!(error, ("request_uri_not_supported".into(), "xyz".into()));
    }
}

#[tokio::test]
async fn oidcc_unsigned_request_object_supported_correctly_or_rejected_as_unsupported() {
    for stage in stages().await {
        let sent = stage.authorize(&[("request", "eyJhbGciOiJub25lIn0.e30.")]).await;
        let error = (sent.sent("error").unwrap(), sent.sent("state").unwrap());
        assert_eq!(error, ("request_not_supported".into(), "xyz".into()));
    }
}

#[tokio::test]
async fn oidcc_claims_essential() {
    for stage in stages().await {
        let outcome = stage.run(&[("claims", r#"{"userinfo":{"name":{"essential":true}}}"#)]).await;
        let claims = stage.userinfo(&outcome).await;
        assert_eq!((&claims["name"], claims.get("preferred_username")), (&json!("ada"), None));
        assert!(outcome.id_token.get("name").is_none());
        let outcome = stage.run(&[("claims", r#"{"id_token":{"name":null}}"#)]).await;
        assert_eq!(outcome.id_token["name"], "ada");
    }
}

#[tokio::test]
async fn oidcc_ensure_request_object_with_redirect_uri() {
    for stage in stages().await {
        let more = [("request", "eyJhbGciOiJub25lIn0.e30."), ("redirect_uri", "https://app.test/other")];
        let sent = stage.authorize(&more).await;
        assert!(sent.status == StatusCode::BAD_REQUEST && sent.text.contains("has not registered"));
    }
}

#[tokio::test]
async fn oidcc_refresh_token() {
    for stage in stages().await {
        let more = [("scope", "openid offline_access"), ("prompt", "consent")];
        let first = stage.run(&more).await;
        stage.hall.hand.advance(Duration::from_secs(2));
        let second = stage.hall.refresh(&stage.app, text(&first.tokens["refresh_token"])).await.ok();
        assert_ne!(first.tokens["access_token"], second["access_token"]);
        let id_token = stage.verified(text(&second["id_token"])).await;
        for claim in ["iss", "sub", "aud", "auth_time"] {
            assert_eq!(id_token[claim], first.id_token[claim]);
        }
        assert!(id_token["iat"].as_i64() > first.id_token["iat"].as_i64() && id_token.get("nonce").is_none());
        assert_eq!(stage.hall.get("/oauth2/userinfo", &bearer(&second)).await.status, 200);
        // Another client has nothing of it, and ends nothing by trying.
        let other = stage.hall.app("Other", |_| {}).await;
        let refresh = text(&second["refresh_token"]);
        assert_eq!(stage.hall.refresh(&other, refresh).await.error(), "invalid_grant");
        stage.hall.refresh(&stage.app, refresh).await.ok();
        // Without offline_access there is none.
        assert!(stage.run(&[]).await.tokens.get("refresh_token").is_none());
    }
}

#[tokio::test]
async fn oidcc_ensure_request_with_valid_pkce_succeeds() {
    for stage in stages().await {
        let sent = stage.authorize(&[("code_challenge", CHALLENGE), ("code_challenge_method", "S256")]).await;
        stage.redeem(&sent, &[("code_verifier", VERIFIER)]).await;
    }
}
