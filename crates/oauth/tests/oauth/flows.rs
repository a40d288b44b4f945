//! Authorization code, refresh, client credentials, consent, pushed requests, what the server says of itself.

use std::time::Duration;

use axum::http::StatusCode;
use guildhall_base::Scopes;
use serde_json::{Value, json};

use crate::support::{CALLBACK, CHALLENGE, ISSUER, VERIFIER, bearer, claims, halls, head, text};

#[tokio::test]
async fn a_public_client_gets_tokens_with_pkce() {
    for hall in halls().await {
        let (ada, session) = hall.person("ada").await;
        let app = hall.app("Notes", |edit| edit.public = true).await;
        let pkce = [("code_challenge", CHALLENGE), ("code_challenge_method", "S256")];
        let query = app.query(&[pkce[0], pkce[1]]);
        let page = hall.visit(&format!("/oauth2/authorize?{query}"), &session).await;
        assert!(page.status == 200 && page.text.contains("Notes would like to use your account"), "{page:?}");
        assert!(page.text.contains("owner_of_notes") && page.text.contains("see your name, your picture"));
        assert!(page.text.contains("You will be sent") || page.text.contains("app.test"));
        assert!(page.header("content-security-policy").contains("form-action 'self' https://app.test"));
        let sent = hall.decide(&query, &session, "allow").await;
        assert_eq!(sent.status, StatusCode::SEE_OTHER);
        assert!(sent.location().starts_with(&format!("{CALLBACK}?")), "{}", sent.location());
        assert_eq!((sent.sent("state").unwrap(), sent.sent("iss").unwrap()), ("xyz".into(), ISSUER.into()));
        let code = sent.sent("code").unwrap();
        let answer = hall.exchange(&app, &code, &[("code_verifier", VERIFIER)]).await;
        assert_eq!(answer.header("cache-control"), "no-store");
        let tokens = answer.ok();
        assert_eq!((&tokens["token_type"], &tokens["expires_in"]), (&json!("Bearer"), &json!(3600)));
        assert_eq!((&tokens["scope"], tokens.get("id_token")), (&json!("identify"), None));
        let access = text(&tokens["access_token"]);
        assert_eq!(
            (head(access)["typ"].clone(), head(access)["alg"].clone()),
            (json!("at+jwt"), json!("EdDSA"))
        );
        let body = claims(access);
        assert_eq!((&body["sub"], &body["client_id"]), (&json!(ada), &json!(app.id)));
        assert_eq!(
            (&body["iss"], &body["aud"], &body["scope"]),
            (&json!(ISSUER), &json!(ISSUER), &json!("identify"))
        );
        let me = hall.get("/api/v10/users/@me", &bearer(&tokens)).await.ok();
        assert_eq!((&me["username"], me.get("email")), (&json!("ada"), None));
        // It is remembered: the next time nothing is asked, and prompt=none goes through.
        for more in [[pkce[0], pkce[1], ("prompt", "")], [pkce[0], pkce[1], ("prompt", "none")]] {
            let again = hall.visit(&format!("/oauth2/authorize?{}", app.query(&more)), &session).await;
            assert!(again.sent("code").is_some(), "{again:?}");
        }
    }
}

#[tokio::test]
async fn denying_and_other_ends_are_told_to_the_application() {
    for hall in halls().await {
        let (_, session) = hall.person("ada").await;
        let app = hall.app("Notes", |_| {}).await;
        let denied = hall.decide(&app.query(&[]), &session, "deny").await;
        assert_eq!(denied.sent("error").unwrap(), "access_denied");
        assert_eq!(
            (denied.sent("state").unwrap(), denied.sent("iss").unwrap()),
            ("xyz".into(), ISSUER.into())
        );
        for (more, error) in [
            (("scope", "identify nonsense"), "invalid_scope"),
            (("scope", ""), "invalid_scope"),
            (("response_type", "token"), "unsupported_response_type"),
            (("response_type", ""), "invalid_request"),
            (("response_mode", "fragment"), "invalid_request"),
            (("prompt", "none login"), "invalid_request"),
            (("prompt", "dance"), "invalid_request"),
            (("max_age", "young"), "invalid_request"),
            (("claims", "[]"), "invalid_request"),
            (("request", "e30.e30."), "request_not_supported"),
            (("request_uri", "https://app.test/request"), "request_uri_not_supported"),
            (("code_challenge", "tiny"), "invalid_request"),
            (("prompt", "none"), "consent_required"),
        ] {
            let answer = hall.visit(&format!("/oauth2/authorize?{}", app.query(&[more])), &session).await;
            assert_eq!(answer.sent("error").unwrap(), error, "{more:?}");
            assert!(answer.location().starts_with(CALLBACK));
        }
        let silent = hall.visit(&format!("/oauth2/authorize?{}", app.query(&[("prompt", "none")])), "").await;
        assert_eq!(silent.sent("error").unwrap(), "login_required");
    }
}

#[tokio::test]
async fn who_is_not_signed_in_signs_in_first_and_comes_back_with_the_same_request() {
    for hall in halls().await {
        let (_, session) = hall.person("ada").await;
        let app = hall.app("Notes", |_| {}).await;
        let query = app.query(&[("login_hint", "ada")]);
        let away = hall.visit(&format!("/oauth2/authorize?{query}"), "").await;
        assert!(away.location().starts_with("/login?next=%2Foauth2%2Fauthorize"), "{}", away.location());
        let back = away.sent("next").unwrap();
        assert!(away.sent("login_hint").unwrap() == "ada" && !back.contains("redirect_uri"), "{back}");
        let page = hall.visit(&back, &session).await;
        assert!(page.status == 200 && page.text.contains("Notes"), "{page:?}");
        let stored = back.split_once('?').unwrap().1;
        let sent = hall.decide(stored, &session, "allow").await;
        assert!(sent.sent("code").is_some() && sent.sent("state").unwrap() == "xyz", "{sent:?}");
        // The kept request is answered once.
        let again = hall.decide(stored, &session, "allow").await;
        assert_eq!(again.status, StatusCode::BAD_REQUEST, "{again:?}");
    }
}

#[tokio::test]
async fn refresh_tokens_rotate_and_client_credentials_are_the_clients_own() {
    for hall in halls().await {
        let (_, session) = hall.person("ada").await;
        let app = hall.app("Notes", |_| {}).await;
        let first = hall.tokens(&app, &session, "identify guilds").await;
        let second = hall.refresh(&app, text(&first["refresh_token"])).await.ok();
        assert_ne!(first["refresh_token"], second["refresh_token"]);
        assert_eq!(hall.get("/api/v10/users/@me", &bearer(&second)).await.status, 200);
        let fields = [("grant_type", "refresh_token"), ("refresh_token", text(&second["refresh_token"]))];
        let wider = hall.token(&app, &[fields[0], fields[1], ("scope", "identify email")]).await;
        assert_eq!(wider.error(), "invalid_scope");
        let narrower = hall.token(&app, &[fields[0], fields[1], ("scope", "guilds")]).await.ok();
        assert_eq!(narrower["scope"], "guilds");
        assert_eq!(hall.get("/api/v10/users/@me", &bearer(&narrower)).await.status, 403);
        // What was left out this time can be had the next time.
        let whole = hall.refresh(&app, text(&narrower["refresh_token"])).await.ok();
        assert_eq!(whole["scope"], "identify guilds");
        hall.hand.advance(Duration::from_secs(31 * 24 * 3600));
        assert_eq!(hall.refresh(&app, text(&whole["refresh_token"])).await.error(), "invalid_grant");

        let own = hall.token(&app, &[("grant_type", "client_credentials")]).await.ok();
        assert_eq!(claims(text(&own["access_token"]))["sub"], json!(app.id));
        assert!(own.get("refresh_token").is_none());
        assert_eq!(hall.get("/api/v10/users/@me", &bearer(&own)).await.ok()["id"], json!(app.id));
        let most = hall.token(&app, &[("grant_type", "client_credentials"), ("scope", "email")]).await;
        assert_eq!(most.error(), "invalid_scope");
        let public = hall.app("Public", |edit| edit.public = true).await;
        let refused = hall.token(&public, &[("grant_type", "client_credentials")]).await;
        assert_eq!(refused.error(), "unauthorized_client");
        for (fields, error) in [
            (
                vec![("grant_type", "password"), ("username", "ada"), ("password", "x")],
                "unsupported_grant_type",
            ),
            (vec![], "invalid_request"),
            (vec![("grant_type", "authorization_code")], "invalid_request"),
            (vec![("grant_type", "authorization_code"), ("code", "guess")], "invalid_grant"),
        ] {
            assert_eq!(hall.token(&app, &fields).await.error(), error);
        }
    }
}

#[tokio::test]
async fn optional_scopes_can_be_left_out_and_required_ones_cannot() {
    for hall in halls().await {
        let (_, session) = hall.person("ada").await;
        let app = hall.app("Notes", |edit| edit.optional_scopes = Scopes::EMAIL | Scopes::GUILDS).await;
        let query = app.query(&[("scope", "identify email guilds")]);
        let page = hall.visit(&format!("/oauth2/authorize?{query}"), &session).await;
        assert_eq!(page.text.matches("checked disabled").count(), 1, "{}", page.text);
        let fields = [("query", query.as_str()), ("decision", "allow"), ("scope", "guilds")];
        let sent = hall.submit("/oauth2/consent", &session, &fields).await;
        let tokens = hall.exchange(&app, &sent.sent("code").unwrap(), &[]).await.ok();
        assert_eq!(tokens["scope"], "identify guilds");
        // Asked again for the same, it is given again without what was left out.
        let again = hall.visit(&format!("/oauth2/authorize?{query}"), &session).await;
        let tokens = hall.exchange(&app, &again.sent("code").unwrap(), &[]).await.ok();
        assert_eq!(tokens["scope"], "identify guilds");
        let narrow = hall.app("Narrow", |edit| edit.scopes = Scopes::IDENTIFY).await;
        let beyond =
            hall.visit(&format!("/oauth2/authorize?{}", narrow.query(&[("scope", "email")])), &session).await;
        assert_eq!(beyond.sent("error").unwrap(), "invalid_scope");
    }
}

#[tokio::test]
async fn what_was_granted_is_seen_and_taken_back() {
    for hall in halls().await {
        let (_, session) = hall.person("ada").await;
        let app = hall.app("Notes", |_| {}).await;
        let tokens = hall.tokens(&app, &session, "identify guilds").await;
        assert_eq!(hall.get("/api/v10/users/@me", &bearer(&tokens)).await.status, 200);
        let page = hall.visit("/settings/applications", &session).await.text;
        assert!(page.contains("Notes") && page.contains("see which guilds you are in"), "{page}");
        let path = format!("/settings/applications/{}/revoke", app.id);
        assert_eq!(hall.submit(&path, &session, &[]).await.status, StatusCode::SEE_OTHER);
        assert_eq!(hall.get("/api/v10/users/@me", &bearer(&tokens)).await.status, 401);
        assert_eq!(hall.refresh(&app, text(&tokens["refresh_token"])).await.error(), "invalid_grant");
        assert_eq!(hall.submit(&path, &session, &[]).await.status, StatusCode::NOT_FOUND);
        assert!(!hall.visit("/settings/applications", &session).await.text.contains("Notes"));
        hall.hand.advance(Duration::from_secs(1));
        // What is allowed anew holds at once.
        let tokens = hall.tokens(&app, &session, "identify").await;
        assert_eq!(hall.get("/api/v10/users/@me", &bearer(&tokens)).await.status, 200);
    }
}

#[tokio::test]
async fn tokens_are_revoked_and_looked_into_by_their_own_client_only() {
    for hall in halls().await {
        let (ada, session) = hall.person("ada").await;
        let (app, other) = (hall.app("Notes", |_| {}).await, hall.app("Other", |_| {}).await);
        let tokens = hall.tokens(&app, &session, "identify").await;
        let (access, refresh) = (text(&tokens["access_token"]), text(&tokens["refresh_token"]));
        let said = hall.post_as(&app, "/oauth2/introspect", &[("token", access)]).await.ok();
        assert_eq!(
            (&said["active"], &said["sub"], &said["username"]),
            (&json!(true), &json!(ada), &json!("ada"))
        );
        assert_eq!(
            hall.post_as(&app, "/oauth2/introspect", &[("token", refresh)]).await.ok()["active"],
            true
        );
        for token in [access, refresh, "guess"] {
            let said = hall.post_as(&other, "/oauth2/introspect", &[("token", token)]).await.ok();
            assert_eq!(said, json!({ "active": false }));
            assert_eq!(hall.post_as(&other, "/oauth2/revoke", &[("token", token)]).await.status, 200);
        }
        assert_eq!(
            hall.post("/oauth2/introspect", &[], &[("token", access)]).await.error(),
            "invalid_client"
        );
        assert_eq!(
            hall.get("/api/v10/users/@me", &bearer(&tokens)).await.status,
            200,
            "another's word counts for nothing"
        );
        assert_eq!(hall.post_as(&app, "/oauth2/revoke", &[("token", access)]).await.status, 200);
        assert_eq!(hall.get("/api/v10/users/@me", &bearer(&tokens)).await.status, 401);
        let next = hall.refresh(&app, refresh).await.ok();
        assert_eq!(hall.get("/api/v10/users/@me", &bearer(&next)).await.status, 200);
        assert_eq!(
            hall.post_as(&app, "/oauth2/revoke", &[("token", text(&next["refresh_token"]))]).await.status,
            200
        );
        assert_eq!(hall.get("/api/v10/users/@me", &bearer(&next)).await.status, 401);
    }
}

#[tokio::test]
async fn requests_can_be_pushed_and_are_answered_once() {
    for hall in halls().await {
        let (_, session) = hall.person("ada").await;
        let app = hall.app("Notes", |edit| edit.require_par = true).await;
        let direct = hall.visit(&format!("/oauth2/authorize?{}", app.query(&[])), &session).await;
        assert_eq!(direct.sent("error").unwrap(), "invalid_request");
        let fields =
            [("response_type", "code"), ("redirect_uri", CALLBACK), ("scope", "identify"), ("state", "p")];
        let pushed = hall.post_as(&app, "/oauth2/par", &fields).await;
        assert_eq!(pushed.status, StatusCode::CREATED, "{pushed:?}");
        let uri = text(&pushed.json()["request_uri"]).to_owned();
        assert!(uri.starts_with("urn:ietf:params:oauth:request_uri:"));
        let id = app.id.to_string();
        let query = crate::support::form(&[("client_id", &id), ("request_uri", &uri)]);
        assert_eq!(hall.visit(&format!("/oauth2/authorize?{query}"), &session).await.status, 200);
        let sent = hall.decide(&query, &session, "allow").await;
        assert_eq!(sent.sent("state").unwrap(), "p");
        hall.exchange(&app, &sent.sent("code").unwrap(), &[]).await.ok();
        assert_eq!(
            hall.visit(&format!("/oauth2/authorize?{query}"), &session).await.status,
            StatusCode::BAD_REQUEST
        );
        for (field, error) in [
            (("redirect_uri", "https://evil.test/"), "invalid_request"),
            (("scope", "nonsense"), "invalid_scope"),
            (("request_uri", "urn:x"), "invalid_request"),
        ] {
            let fields: Vec<_> =
                fields.iter().copied().filter(|(name, _)| *name != field.0).chain([field]).collect();
            assert_eq!(hall.post_as(&app, "/oauth2/par", &fields).await.error(), error, "{field:?}");
        }
        assert_eq!(hall.post("/oauth2/par", &[], &fields).await.error(), "invalid_client");
    }
}

#[tokio::test]
async fn the_server_says_what_it_can() {
    for hall in halls().await {
        for path in ["/.well-known/openid-configuration", "/.well-known/oauth-authorization-server"] {
            let said = hall.visit(path, "").await.ok();
            assert_eq!(said["issuer"], ISSUER);
            assert_eq!(said["code_challenge_methods_supported"], json!(["S256"]));
            assert_eq!(said["authorization_response_iss_parameter_supported"], true);
            let endpoints = said.as_object().unwrap().iter().filter(|(name, _)| name.ends_with("_endpoint"));
            for (name, endpoint) in endpoints {
                let path = text(endpoint).strip_prefix(ISSUER).unwrap();
                let answer = hall.visit(path, "").await;
                assert!(answer.status != StatusCode::NOT_FOUND || name == "registration_endpoint", "{name}");
            }
        }
        let resource = hall.visit("/.well-known/oauth-protected-resource", "").await.ok();
        assert_eq!(resource["authorization_servers"], json!([ISSUER]));
        let keys = hall.visit("/oauth2/jwks", "").await.ok()["keys"].as_array().unwrap().clone();
        assert_eq!(keys.len(), 2);
        for key in &keys {
            assert!(key.get("d").is_none() && key["use"] == "sig" && key["kid"].is_string(), "{key}");
        }
        hall.server.keys().rotate().await.unwrap();
        let after = hall.visit("/oauth2/jwks", "").await.ok()["keys"].as_array().unwrap().clone();
        assert!(after.len() == 4 && keys.iter().all(|key| after.contains(key)));
    }
}

#[tokio::test]
async fn tokens_outlive_the_change_of_keys_and_new_ones_are_signed_with_the_new() {
    for hall in halls().await {
        let (_, session) = hall.person("ada").await;
        let app = hall.app("Notes", |_| {}).await;
        let tokens = hall.tokens(&app, &session, "identify").await;
        let kid = |tokens: &Value| head(text(&tokens["access_token"]))["kid"].clone();
        hall.hand.advance(Duration::from_secs(1));
        hall.server.keys().rotate().await.unwrap();
        // Clients have an hour to learn the new key.
        let early = hall.refresh(&app, text(&tokens["refresh_token"])).await.ok();
        assert_eq!(kid(&early), kid(&tokens));
        hall.hand.advance(Duration::from_secs(3600));
        let late = hall.refresh(&app, text(&early["refresh_token"])).await.ok();
        assert_ne!(kid(&late), kid(&tokens));
        assert_eq!(hall.get("/api/v10/users/@me", &bearer(&late)).await.status, 200);
        hall.hand.advance(Duration::from_secs(99 * 24 * 3600));
        hall.server.tidy().await.unwrap();
        assert_eq!(hall.visit("/oauth2/jwks", "").await.ok()["keys"].as_array().unwrap().len(), 2);
    }
}

#[tokio::test]
async fn secrets_are_replaced_with_an_overlap() {
    for hall in halls().await {
        let app = hall.app("Notes", |_| {}).await;
        let owner = hall.accounts.authenticate(&app.owner).await.unwrap();
        let overlap = Duration::from_secs(60);
        let secret = hall.applications.rotate_secret(&owner, app.id, overlap).await.unwrap();
        let new = crate::support::App { secret, ..app.clone() };
        let works = async |app| hall.token(app, &[("grant_type", "client_credentials")]).await.status == 200;
        assert!(works(&app).await && works(&new).await);
        hall.hand.advance(overlap);
        assert!(!works(&app).await && works(&new).await);
        let secrets = hall.applications.secrets(app.id).await.unwrap();
        let newest = secrets.iter().find(|secret| secret.expires.is_none()).unwrap().id;
        hall.applications.remove_secret(&owner, app.id, newest).await.unwrap();
        assert!(!works(&new).await);
    }
}

#[tokio::test]
async fn a_page_of_another_site_gets_tokens_and_uses_them() {
    for hall in halls().await {
        let (_, session) = hall.person("ada").await;
        let app = hall.app("Page", |edit| edit.public = true).await;
        let asked = async |method: &str, path: &str| {
            let request = axum::http::Request::builder().method("OPTIONS").uri(path);
            let request = request
                .header("origin", "https://app.test")
                .header("access-control-request-method", method)
                .header("access-control-request-headers", "authorization,content-type,dpop");
            hall.send(request.body(axum::body::Body::empty()).unwrap()).await
        };
        for (method, path) in [
            ("POST", "/oauth2/token"),
            ("POST", "/oauth2/revoke"),
            ("POST", "/oauth2/par"),
            ("GET", "/oauth2/userinfo"),
            ("GET", "/oauth2/jwks"),
            ("GET", "/.well-known/openid-configuration"),
            ("POST", "/api/v10/oauth2/token"),
            ("GET", "/api/v10/oauth2/@me"),
        ] {
            let preflight = asked(method, path).await;
            assert_eq!(preflight.status, StatusCode::NO_CONTENT, "{path}");
            assert_eq!(preflight.header("access-control-allow-origin"), "*");
            assert!(preflight.header("access-control-allow-methods").contains(method));
            for name in ["authorization", "content-type", "dpop"] {
                assert!(preflight.header("access-control-allow-headers").contains(name));
            }
            assert_eq!(preflight.header("access-control-allow-credentials"), "");
        }
        let pkce = [("code_challenge", CHALLENGE), ("code_challenge_method", "S256"), ("scope", "openid")];
        let code = hall.code(&app, &session, &pkce).await;
        let id = app.id.to_string();
        let fields = [
            ("grant_type", "authorization_code"),
            ("code", &code),
            ("redirect_uri", CALLBACK),
            ("client_id", &id),
            ("code_verifier", VERIFIER),
        ];
        let answer = hall.post("/oauth2/token", &[("origin", "https://app.test")], &fields).await;
        assert_eq!(answer.header("access-control-allow-origin"), "*");
        let tokens = answer.ok();
        let me = hall.get("/oauth2/userinfo", &bearer(&tokens)).await;
        assert_eq!((me.status, me.header("access-control-allow-origin")), (StatusCode::OK, "*"));
        assert!(me.header("access-control-expose-headers").contains("www-authenticate"));
        // A refusal can be read too, and what only servers call stays closed.
        let refused = hall.get("/oauth2/userinfo", "Bearer nonsense").await;
        assert_eq!((refused.status.as_u16(), refused.header("access-control-allow-origin")), (401, "*"));
        for path in ["/oauth2/introspect", "/oauth2/register", "/oauth2/consent", "/oauth2/authorize"] {
            assert_eq!(asked("POST", path).await.header("access-control-allow-origin"), "", "{path}");
        }
    }
}
