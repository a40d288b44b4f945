//! Access tokens at the REST API.

use std::time::Duration;

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};

use guildhall_base::Timestamp;
use tower::ServiceExt as _;

use crate::support::{bearer, halls, halls_with, text};

#[tokio::test]
async fn a_scope_opens_its_routes_and_no_others() {
    for hall in halls().await {
        let (_, session) = hall.person("ada").await;
        let app = hall.app("Notes", |_| {}).await;
        let tokens = hall.tokens(&app, &session, "identify").await;
        let token = bearer(&tokens);
        assert_eq!(hall.get("/api/v10/users/@me", &token).await.status, 200);
        assert_eq!(hall.get("/api/users/@me", &token).await.status, 200);
        let said = hall.get("/api/v10/oauth2/@me", &token).await.ok();
        assert_eq!((&said["scopes"], &said["user"]["username"]), (&json!(["identify"]), &json!("ada")));
        assert_eq!(said["application"]["id"], json!(app.id));
        for (method, path) in [
            (Method::PATCH, "/api/v10/users/@me"),
            (Method::GET, "/api/v10/users/@me/settings"),
            (Method::GET, "/api/v10/users/@me/relationships"),
            (Method::GET, "/api/v10/auth/sessions"),
            (Method::POST, "/api/v10/auth/logout"),
            (Method::GET, "/api/v10/users/1"),
            (Method::GET, "/oauth2/userinfo"),
        ] {
            let refused = hall.call(method, path, &token, Value::Null).await;
            assert_eq!(
                (refused.status, &refused.json()["code"]),
                (StatusCode::FORBIDDEN, &json!(50026)),
                "{path}"
            );
            assert!(refused.header("www-authenticate").contains("insufficient_scope"));
        }
        // Pages know no access tokens at all.
        let page = hall.call(Method::GET, "/settings/applications", &token, Value::Null).await;
        assert_eq!(page.status, StatusCode::SEE_OTHER);
        let page = hall.call(Method::POST, "/developers", &token, Value::Null).await;
        assert_eq!(page.status, StatusCode::FORBIDDEN);
    }
}

#[tokio::test]
async fn the_mail_address_is_told_only_with_its_scope() {
    for hall in halls().await {
        let (_, session) = hall.person("ada").await;
        let app = hall.app("Notes", |_| {}).await;
        let without = hall.tokens(&app, &session, "identify").await;
        let with = hall.tokens(&app, &session, "identify email").await;
        let me = hall.get("/api/v10/users/@me", &bearer(&without)).await.ok();
        assert!(me.get("email").is_none() && me.get("verified").is_none(), "{me}");
        let me = hall.get("/api/v10/users/@me", &bearer(&with)).await.ok();
        assert!(me.get("email").is_some() && me.get("verified").is_some(), "{me}");
    }
}

#[tokio::test]
async fn a_wrong_token_is_challenged() {
    for hall in halls().await {
        let (_, session) = hall.person("ada").await;
        let app = hall.app("Notes", |_| {}).await;
        let tokens = hall.tokens(&app, &session, "identify openid").await;
        let access = text(&tokens["access_token"]);
        let (body, signature) = access.rsplit_once('.').unwrap();
        let flipped: String = signature.chars().rev().collect();
        let none = format!("eyJhbGciOiJub25lIiwidHlwIjoiYXQrand0In0.{}.", access.split('.').nth(1).unwrap());
        for wrong in [
            "x".to_owned(),
            format!("{body}.{flipped}"),
            none,
            text(&tokens["id_token"]).to_owned(),
            session.clone(),
            "a".repeat(5000),
        ] {
            let refused = hall.get("/api/v10/users/@me", &format!("Bearer {wrong}")).await;
            assert_eq!(refused.status, StatusCode::UNAUTHORIZED, "{wrong}");
            let challenge = refused.header("www-authenticate");
            assert!(
                challenge.contains("invalid_token") && challenge.contains("resource_metadata="),
                "{challenge}"
            );
        }
        // An access token is no session and no bot's token, and not read in an address.
        assert_eq!(hall.get("/api/v10/users/@me", access).await.status, StatusCode::UNAUTHORIZED);
        assert_eq!(
            hall.get("/api/v10/users/@me", &format!("Bot {access}")).await.status,
            StatusCode::UNAUTHORIZED
        );
        let path = format!("/oauth2/userinfo?access_token={access}");
        assert_eq!(hall.visit(&path, "").await.status, StatusCode::UNAUTHORIZED);
        hall.hand.advance(Duration::from_secs(3600));
        assert_eq!(hall.get("/api/v10/users/@me", &bearer(&tokens)).await.status, StatusCode::UNAUTHORIZED);
    }
}

#[tokio::test]
async fn an_application_and_each_of_its_users_have_limits_that_are_announced() {
    for hall in halls_with(|config| {
        (config.per_second, config.per_day, config.user_per_second, config.user_per_day) = (3, 100, 2, 5);
    })
    .await
    {
        let (_, ada) = hall.person("ada").await;
        let (_, bob) = hall.person("bob").await;
        let app = hall.app("Notes", |_| {}).await;
        let (ada, bob) =
            (hall.tokens(&app, &ada, "identify").await, hall.tokens(&app, &bob, "identify").await);
        let ask = async |tokens: &Value| hall.get("/api/v10/users/@me", &bearer(tokens)).await;
        let first = ask(&ada).await;
        let policy = "\"app-second\";q=3;w=1, \"app-day\";q=100;w=86400, \"user-second\";q=2;w=1, \"user-day\";q=5;w=86400";
        assert_eq!(first.header("ratelimit-policy"), policy);
        assert!(first.header("ratelimit").starts_with("\"app-second\";r=2;t=1"), "{first:?}");
        assert_eq!(ask(&ada).await.status, 200);
        let third = ask(&ada).await;
        assert_eq!((third.status, third.header("retry-after")), (StatusCode::TOO_MANY_REQUESTS, "1"));
        assert_eq!(
            ask(&bob).await.status,
            StatusCode::TOO_MANY_REQUESTS,
            "the application's second is used up"
        );
        hall.hand.advance(Duration::from_secs(1));
        assert_eq!(ask(&bob).await.status, 200);
        for _ in 0..4 {
            hall.hand.advance(Duration::from_secs(1));
            ask(&ada).await;
        }
        hall.hand.advance(Duration::from_secs(1));
        let tomorrow = ask(&ada).await;
        assert!(
            tomorrow.status == StatusCode::TOO_MANY_REQUESTS && tomorrow.header("retry-after").len() == 5
        );
    }
}

#[tokio::test]
async fn what_a_day_allows_outlives_a_restart_and_is_shared_by_processes() {
    for hall in halls_with(|config| {
        (config.per_second, config.per_day, config.user_per_second, config.user_per_day) = (0, 6, 0, 4);
    })
    .await
    {
        let (_, ada) = hall.person("ada").await;
        let (_, bob) = hall.person("bob").await;
        let app = hall.app("Notes", |_| {}).await;
        let (ada, bob) =
            (hall.tokens(&app, &ada, "identify").await, hall.tokens(&app, &bob, "identify").await);
        let ask = async |router: &axum::Router, tokens: &Value| {
            let request =
                axum::http::Request::get("/api/v10/users/@me").header("authorization", bearer(tokens));
            router.clone().oneshot(request.body(axum::body::Body::empty()).unwrap()).await.unwrap()
        };
        for _ in 0..3 {
            assert_eq!(ask(&hall.router, &ada).await.status(), StatusCode::OK);
        }
        hall.server.write_usage().await.unwrap();
        // Another process begins with what is written down.
        let (server, other) = hall.neighbour().await;
        let answer = ask(&other, &ada).await;
        let left = answer.headers()["ratelimit"].to_str().unwrap().to_owned();
        assert!(left.contains("\"app-day\";r=2;") && left.contains("\"user-day\";r=0;"), "{left}");
        assert_eq!(ask(&other, &ada).await.status(), StatusCode::TOO_MANY_REQUESTS);
        assert_eq!(ask(&other, &bob).await.status(), StatusCode::OK);
        // The first learns of it when it writes.
        server.write_usage().await.unwrap();
        assert_eq!(ask(&hall.router, &bob).await.status(), StatusCode::OK);
        hall.server.write_usage().await.unwrap();
        assert_eq!(ask(&hall.router, &bob).await.status(), StatusCode::TOO_MANY_REQUESTS);
        // A new day begins at midnight, UTC.
        hall.hand.set(Timestamp::from_millis(20_718 * 86_400_000));
        hall.server.write_usage().await.unwrap();
        let fresh = hall.tokens(&app, &hall.sign_in("ada").await, "identify").await;
        assert_eq!(ask(&hall.router, &fresh).await.status(), StatusCode::OK);
    }
}

#[tokio::test]
async fn an_application_changes_its_commands_with_its_own_token() {
    // The routes are the chat's; here only the table is looked at: the chat is not there, so they are unknown.
    for hall in halls().await {
        let app = hall.app("Notes", |_| {}).await;
        let own = hall.token(&app, &[("grant_type", "client_credentials")]).await.ok();
        assert_eq!(own["scope"], "identify applications.commands.update");
        assert_eq!(hall.get("/api/v10/applications/@me", &bearer(&own)).await.status, StatusCode::FORBIDDEN);
    }
}
