//! Attacks on the authorization server, by name (RFC 9700, RFC 6819), and what stops them.

use std::time::Duration;

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use serde_json::json;

use crate::support::{CALLBACK, CHALLENGE, ISSUER, VERIFIER, bearer, form, halls, text};

#[tokio::test]
async fn a_code_that_comes_twice_ends_everything_that_came_of_it() {
    for hall in halls().await {
        let (_, session) = hall.person("ada").await;
        let app = hall.app("Notes", |_| {}).await;
        let code = hall.code(&app, &session, &[]).await;
        let tokens = hall.exchange(&app, &code, &[]).await.ok();
        assert_eq!(hall.get("/api/v10/users/@me", &bearer(&tokens)).await.status, 200);
        let next = hall.refresh(&app, text(&tokens["refresh_token"])).await.ok();
        assert_eq!(hall.exchange(&app, &code, &[]).await.error(), "invalid_grant");
        for tokens in [&tokens, &next] {
            assert_eq!(hall.get("/api/v10/users/@me", &bearer(tokens)).await.status, 401);
            assert_eq!(hall.refresh(&app, text(&tokens["refresh_token"])).await.error(), "invalid_grant");
        }
        // Somebody else's attempt with a stolen code ends nothing.
        let other = hall.app("Other", |_| {}).await;
        let code = hall.code(&app, &session, &[]).await;
        assert_eq!(hall.exchange(&other, &code, &[]).await.error(), "invalid_grant");
        hall.exchange(&app, &code, &[]).await.ok();
        let late = hall.code(&app, &session, &[]).await;
        hall.hand.advance(Duration::from_secs(61));
        assert_eq!(hall.exchange(&app, &late, &[]).await.error(), "invalid_grant");
    }
}

#[tokio::test]
async fn many_who_bring_the_same_code_at_once_get_one_answer_at_most() {
    for hall in halls().await {
        let (_, session) = hall.person("ada").await;
        let app = hall.app("Notes", |_| {}).await;
        let code = hall.code(&app, &session, &[]).await;
        let (a, b, c, d) = tokio::join!(
            hall.exchange(&app, &code, &[]),
            hall.exchange(&app, &code, &[]),
            hall.exchange(&app, &code, &[]),
            hall.exchange(&app, &code, &[]),
        );
        let answers = [a, b, c, d];
        let good: Vec<_> = answers.iter().filter(|answer| answer.status == StatusCode::OK).collect();
        assert_eq!(good.len(), 1, "{answers:?}");
        assert_eq!(hall.get("/api/v10/users/@me", &bearer(&good[0].json())).await.status, 401);
    }
}

#[tokio::test]
async fn a_refresh_token_that_comes_twice_ends_its_family() {
    for hall in halls().await {
        let (_, session) = hall.person("ada").await;
        for (name, public) in [("Private", false), ("Public", true)] {
            let app = hall.app(name, |edit| edit.public = public).await;
            let pkce = [("code_challenge", CHALLENGE), ("code_challenge_method", "S256")];
            let code = hall.code(&app, &session, &pkce).await;
            let first = hall.exchange(&app, &code, &[("code_verifier", VERIFIER)]).await.ok();
            let second = hall.refresh(&app, text(&first["refresh_token"])).await.ok();
            // The thief comes with the old one, or the client after the thief: nobody knows, so it ends for both.
            assert_eq!(hall.refresh(&app, text(&first["refresh_token"])).await.error(), "invalid_grant");
            assert_eq!(hall.refresh(&app, text(&second["refresh_token"])).await.error(), "invalid_grant");
            assert_eq!(hall.get("/api/v10/users/@me", &bearer(&second)).await.status, 401);
        }
    }
}

#[tokio::test]
async fn pkce_can_be_neither_left_out_nor_weakened() {
    for hall in halls().await {
        let (_, session) = hall.person("ada").await;
        let public = hall.app("Public", |edit| edit.public = true).await;
        let held = hall.app("Held", |edit| edit.require_pkce = true).await;
        let app = hall.app("Private", |_| {}).await;
        for app in [&public, &held] {
            let without = hall.visit(&format!("/oauth2/authorize?{}", app.query(&[])), &session).await;
            assert_eq!(without.sent("error").unwrap(), "invalid_request");
        }
        for method in ["plain", "", "s256"] {
            let query = app.query(&[("code_challenge", CHALLENGE), ("code_challenge_method", method)]);
            let weak = hall.visit(&format!("/oauth2/authorize?{query}"), &session).await;
            assert_eq!(weak.sent("error").unwrap(), "invalid_request", "{method}");
        }
        let pkce = [("code_challenge", CHALLENGE), ("code_challenge_method", "S256")];
        for verifier in [&[][..], &[("code_verifier", CHALLENGE)], &[("code_verifier", "short")]] {
            let code = hall.code(&app, &session, &pkce).await;
            assert_eq!(hall.exchange(&app, &code, verifier).await.error(), "invalid_grant");
            hall.exchange(&app, &code, &[("code_verifier", VERIFIER)]).await.ok();
        }
        // Downgrade: somebody took the challenge out of the request, the client still sends its verifier.
        let code = hall.code(&app, &session, &[]).await;
        let answer = hall.exchange(&app, &code, &[("code_verifier", VERIFIER)]).await;
        assert_eq!(answer.error(), "invalid_grant");
    }
}

#[tokio::test]
async fn nobody_is_sent_to_an_address_that_is_not_registered() {
    for hall in halls().await {
        let (_, session) = hall.person("ada").await;
        let app = hall.app("Notes", |edit| edit.redirect_uris.push("http://127.0.0.1/cb".into())).await;
        for evil in [
            "https://evil.test/callback",
            "https://app.test/callback/",
            "https://app.test/callback?x=1",
            "https://app.test/callback/../evil",
            "https://app.test/%63allback",
            "https://app.test/callback#x",
            "https://app.test:443/callback",
            "https://app.test@evil.test/callback",
            "https://APP.test/callback",
            "https://app.test/callback\\@evil.test",
            "//evil.test/callback",
            "javascript:alert(1)",
            "http://127.0.0.1.evil.test/cb",
            "http://127.0.0.1:80@evil.test/cb",
            "http://localhost/cb",
        ] {
            for more in [("prompt", "none"), ("scope", "nonsense"), ("response_type", "token"), ("x", "y")] {
                let query = app.query(&[("redirect_uri", evil), more]);
                let answer = hall.visit(&format!("/oauth2/authorize?{query}"), &session).await;
                assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{evil} {more:?}");
                assert!(
                    answer.headers.get(header::LOCATION).is_none() && answer.text.contains("not registered")
                );
            }
            let answer = hall.decide(&app.query(&[("redirect_uri", evil)]), &session, "deny").await;
            assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{evil}");
        }
        let twice = format!("{}&redirect_uri=https%3A%2F%2Fevil.test%2F", app.query(&[]));
        assert_eq!(
            hall.visit(&format!("/oauth2/authorize?{twice}"), &session).await.status,
            StatusCode::BAD_REQUEST
        );
        // The port at a loopback address is the app's to choose, and there one is asked every time.
        for _ in 0..2 {
            let query = app.query(&[("redirect_uri", "http://127.0.0.1:49152/cb")]);
            let page = hall.visit(&format!("/oauth2/authorize?{query}"), &session).await;
            assert!(
                page.status == 200 || page.location().starts_with("http://127.0.0.1:49152/cb?"),
                "{page:?}"
            );
            let sent = hall.decide(&query, &session, "allow").await;
            assert!(sent.location().starts_with("http://127.0.0.1:49152/cb?code="), "{}", sent.location());
        }
        // The token request must name the same address.
        let code = hall.code(&app, &session, &[]).await;
        for address in ["http://127.0.0.1/cb", "https://evil.test/callback"] {
            let fields = [("grant_type", "authorization_code"), ("code", &code), ("redirect_uri", address)];
            assert_eq!(hall.token(&app, &fields).await.error(), "invalid_grant");
        }
        let nothing = hall.token(&app, &[("grant_type", "authorization_code"), ("code", &code)]).await;
        assert_eq!(nothing.error(), "invalid_grant");
        // Neither does signing out send anybody anywhere.
        let id = app.id.to_string();
        let logout = form(&[("client_id", &id), ("post_logout_redirect_uri", "https://evil.test/")]);
        assert_eq!(hall.visit(&format!("/oauth2/logout?{logout}"), "").await.status, 200);
        let done = hall.submit("/oauth2/logout/confirm", &session, &[("query", &logout)]).await;
        assert_eq!(done.location(), "/login");
    }
}

#[tokio::test]
async fn answers_say_who_they_are_from_against_mix_up() {
    for hall in halls().await {
        let (_, session) = hall.person("ada").await;
        let app = hall.app("Notes", |_| {}).await;
        let allowed = hall.decide(&app.query(&[]), &session, "allow").await;
        let denied = hall.decide(&app.query(&[]), &session, "deny").await;
        let wrong =
            hall.visit(&format!("/oauth2/authorize?{}", app.query(&[("scope", "nonsense")])), "").await;
        for answer in [allowed, denied, wrong] {
            assert_eq!(answer.sent("iss").unwrap(), ISSUER);
            assert_eq!(answer.sent("state").unwrap(), "xyz");
            // Tokens are never in an address.
            assert!(!answer.location().contains("token") && !answer.location().contains(&session));
        }
    }
}

#[tokio::test]
async fn no_form_is_taken_from_another_site_and_no_page_is_framed() {
    for hall in halls().await {
        let (_, session) = hall.person("ada").await;
        let app = hall.app("Notes", |_| {}).await;
        let forms = [
            "/oauth2/consent".to_owned(),
            "/oauth2/device".to_owned(),
            "/oauth2/logout/confirm".to_owned(),
            format!("/settings/applications/{}/revoke", app.id),
            "/developers".to_owned(),
            format!("/developers/{}", app.id),
            format!("/developers/{}/token", app.id),
            format!("/developers/{}/client", app.id),
            format!("/developers/{}/secret", app.id),
            format!("/developers/{}/secret/1/remove", app.id),
        ];
        let body = form(&[("query", &app.query(&[])), ("decision", "allow"), ("name", "Evil")]);
        for path in &forms {
            for (name, value) in [
                ("sec-fetch-site", "cross-site"),
                ("sec-fetch-site", "same-site"),
                ("origin", "http://evil.test"),
                ("x-none", ""),
            ] {
                let request = Request::post(path)
                    .header(header::COOKIE, format!("guildhall_session={session}"))
                    .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
                    .header(header::HOST, "hall.test")
                    .header(name, value);
                let answer = hall.send(request.body(Body::from(body.clone())).unwrap()).await;
                assert_eq!(answer.status, StatusCode::FORBIDDEN, "{path} {name}: {value}");
            }
        }
        for page in [
            "/oauth2/device",
            "/oauth2/logout",
            "/settings/applications",
            &format!("/oauth2/authorize?{}", app.query(&[])),
        ] {
            let answer = hall.visit(page, &session).await;
            assert!(answer.header("content-security-policy").contains("frame-ancestors 'none'"), "{page}");
            assert_eq!(answer.header("x-frame-options"), "DENY");
            assert_eq!(answer.header("cache-control"), "no-store");
        }
        assert!(hall.accounts.authenticate(&session).await.is_ok(), "nobody was signed out");
    }
}

#[tokio::test]
async fn a_page_cannot_be_made_to_say_what_an_attacker_wrote() {
    for hall in halls().await {
        let (_, session) = hall.person("ada").await;
        let app = hall.app("Notes", |_| {}).await;
        let evil = "\"><script>alert(1)</script>";
        let query =
            app.query(&[("state", evil), ("login_hint", evil), ("nonce", evil), ("scope", "identify")]);
        let page = hall.visit(&format!("/oauth2/authorize?{query}"), &session).await;
        assert!(page.status == 200 && !page.text.contains("<script>alert"), "{}", page.text);
        let path = format!("/oauth2/device?user_code={}", form(&[("", evil)]).trim_start_matches('='));
        assert!(!hall.visit(&path, &session).await.text.contains("<script>alert"));
    }
}

#[tokio::test]
async fn clients_prove_who_they_are_in_one_way_at_a_time() {
    for hall in halls().await {
        let app = hall.app("Notes", |_| {}).await;
        let public = hall.app("Public", |edit| edit.public = true).await;
        let (id, public_id) = (app.id.to_string(), public.id.to_string());
        let grant = ("grant_type", "client_credentials");
        let basic = app.basic();
        let own: &[(&str, &str)] = &[("authorization", &basic)];
        for (headers, fields, error) in [
            (own, vec![grant, ("client_id", &id), ("client_secret", &app.secret)], "invalid_request"),
            (own, vec![grant, ("client_id", &public_id)], "invalid_client"),
            (&[], vec![grant, ("client_id", &id), ("client_secret", "guess")], "invalid_client"),
            (&[], vec![grant, ("client_id", &id)], "invalid_client"),
            (&[], vec![grant, ("client_id", "1")], "invalid_client"),
            (&[], vec![grant], "invalid_client"),
            (&[], vec![grant, ("client_id", &public_id), ("client_secret", "guess")], "invalid_client"),
            (&[("authorization", "Basic !!!")], vec![grant], "invalid_client"),
            (own, vec![grant, grant], "invalid_request"),
        ] {
            let answer = hall.post("/oauth2/token", headers, &fields).await;
            assert_eq!(answer.error(), error, "{fields:?}");
            assert!(error != "invalid_client" || answer.status == StatusCode::UNAUTHORIZED);
        }
        // The secret in an address is not looked at.
        let path = format!("/oauth2/token?client_id={id}&client_secret={}", app.secret);
        assert_eq!(hall.post(&path, &[], &[grant]).await.error(), "invalid_client");
        let json = Request::post("/oauth2/token").header(header::CONTENT_TYPE, "application/json");
        let answer = hall.send(json.body(Body::from(json!({"grant_type": "x"}).to_string())).unwrap()).await;
        assert_eq!(answer.error(), "invalid_request");
    }
}

#[tokio::test]
async fn who_signs_in_gets_a_session_that_nobody_knew_before() {
    for hall in halls().await {
        let (_, victim) = hall.person("ada").await;
        let app = hall.app("Notes", |_| {}).await;
        // An attacker's session in the victim's browser is replaced when the victim signs in again.
        let query = app.query(&[("prompt", "login")]);
        let away = hall.visit(&format!("/oauth2/authorize?{query}"), &victim).await;
        assert_eq!(away.sent("again").unwrap(), "1");
        let back = away.sent("next").unwrap();
        // The old session does not do, although the request is the same.
        assert!(hall.visit(&back, &victim).await.location().starts_with("/login"));
        hall.hand.advance(Duration::from_millis(5));
        let fields = [("username", "ada"), ("password", crate::support::PASSWORD), ("next", back.as_str())];
        let signed_in = hall.submit("/login", &victim, &fields).await;
        assert_eq!(signed_in.location(), back, "{signed_in:?}");
        let cookie = signed_in.header("set-cookie");
        let fresh = cookie.split(['=', ';']).nth(1).unwrap();
        assert_ne!(fresh, victim);
        assert_eq!(hall.visit(&back, fresh).await.status, 200);
    }
}

#[tokio::test]
async fn a_step_that_failed_is_simply_done_again() {
    for hall in halls().await {
        let (_, session) = hall.person("ada").await;
        let app = hall.app("Notes", |_| {}).await;
        let code = hall.code(&app, &session, &[]).await;
        // What is refused has consumed nothing: the same code is good afterwards.
        for bad in [("redirect_uri", "https://evil.test/"), ("code_verifier", VERIFIER)] {
            let mut fields = vec![
                ("grant_type", "authorization_code"),
                ("code", code.as_str()),
                ("redirect_uri", CALLBACK),
            ];
            fields.retain(|(name, _)| *name != bad.0);
            fields.push(bad);
            assert_eq!(hall.token(&app, &fields).await.error(), "invalid_grant");
        }
        let tokens = hall.exchange(&app, &code, &[]).await.ok();
        let refresh = text(&tokens["refresh_token"]);
        let fields = [("grant_type", "refresh_token"), ("refresh_token", refresh), ("scope", "email")];
        assert_eq!(hall.token(&app, &fields).await.error(), "invalid_scope");
        hall.refresh(&app, refresh).await.ok();
        // A browser that died after the decision just asks again.
        hall.decide(&app.query(&[]), &session, "allow").await;
        let again = hall.code(&app, &session, &[]).await;
        hall.exchange(&app, &again, &[]).await.ok();
    }
}
