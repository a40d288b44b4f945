//! Codes and refresh tokens that a process remembers giving out: nothing is read when they come back, and what another
//! process on the same database did with them holds all the same.

use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use guildhall_infra::db::Sql;
use guildhall_infra::{params, sql};
use http_body_util::BodyExt as _;
use serde_json::Value;
use tower::ServiceExt as _;

use crate::support::{App, CALLBACK, Hall, claims, form, halls, text};

const SCOPE: &str = "openid offline_access identify";
const TOKEN: &str = "/api/v10/oauth2/token";

/// A client asks another process than the hall's own.
async fn ask(other: &Router, app: &App, path: &str, fields: &[(&str, &str)]) -> (StatusCode, Value) {
    let request = Request::post(path)
        .header(header::AUTHORIZATION, app.basic())
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Body::from(form(fields)))
        .unwrap();
    let answer = other.clone().oneshot(request).await.unwrap();
    let status = answer.status();
    let bytes = answer.into_body().collect().await.unwrap().to_bytes();
    (status, serde_json::from_slice(&bytes).unwrap_or_default())
}

async fn refresh(other: &Router, app: &App, token: &Value) -> (StatusCode, Value) {
    ask(other, app, TOKEN, &[("grant_type", "refresh_token"), ("refresh_token", text(token))]).await
}

async fn count(hall: &Hall, sql: Sql) -> i64 {
    hall.db.db.one(sql, params![]).await.unwrap().get(0).unwrap()
}

const GRANTS: Sql = sql!("SELECT COUNT(*) FROM grants");
const REFRESHES: Sql = sql!("SELECT COUNT(*) FROM refresh_tokens");

#[tokio::test]
async fn what_was_given_out_is_not_read_again() {
    for hall in halls().await {
        let (_, session) = hall.person("ada").await;
        let app = hall.app("Notes", |_| {}).await;
        let (_, other) = hall.neighbour().await;
        let codes = async || hall.code(&app, &session, &[("scope", SCOPE), ("nonce", "given")]).await;
        let (here, there) = (codes().await, codes().await);
        // Nobody does this; it shows who reads.
        hall.db.db.run(sql!("UPDATE authorization_codes SET nonce = 'read'"), params![]).await.unwrap();
        let tokens = hall.exchange(&app, &here, &[]).await.ok();
        assert_eq!(claims(text(&tokens["id_token"]))["nonce"], "given");
        let fields = [("grant_type", "authorization_code"), ("code", &there), ("redirect_uri", CALLBACK)];
        let (_, theirs) = ask(&other, &app, TOKEN, &fields).await;
        assert_eq!(claims(text(&theirs["id_token"]))["nonce"], "read");

        hall.db.db.run(sql!("UPDATE grants SET acr = 'read'"), params![]).await.unwrap();
        let first = hall.refresh(&app, text(&tokens["refresh_token"])).await.ok();
        let second = hall.refresh(&app, text(&first["refresh_token"])).await.ok();
        for tokens in [&first, &second] {
            assert_ne!(claims(text(&tokens["access_token"]))["acr"], "read");
        }
        // Another process has to read it, and so has this one what the other gave out.
        let (_, third) = refresh(&other, &app, &second["refresh_token"]).await;
        assert_eq!(claims(text(&third["access_token"]))["acr"], "read");
        let fourth = hall.refresh(&app, text(&third["refresh_token"])).await.ok();
        assert_eq!(claims(text(&fourth["access_token"]))["acr"], "read");
        assert_eq!(count(&hall, GRANTS).await, 2);
    }
}

#[tokio::test]
async fn what_a_second_process_revokes_or_uses_opens_nothing_in_the_first() {
    for hall in halls().await {
        let (_, session) = hall.person("ada").await;
        let app = hall.app("Notes", |_| {}).await;
        let (server, other) = hall.neighbour().await;

        // Revoked by the client.
        let tokens = hall.tokens(&app, &session, SCOPE).await;
        let fields = [("token", text(&tokens["refresh_token"]))];
        let (status, _) = ask(&other, &app, "/api/v10/oauth2/token/revoke", &fields).await;
        assert_eq!(status, StatusCode::OK);
        let refused = hall.refresh(&app, text(&tokens["refresh_token"])).await;
        assert_eq!((refused.status, refused.error().as_str()), (StatusCode::BAD_REQUEST, "invalid_grant"));
        assert_eq!((count(&hall, GRANTS).await, count(&hall, REFRESHES).await), (0, 0));

        // Taken back by the person, a code on its way too.
        let tokens = hall.tokens(&app, &session, SCOPE).await;
        let code = hall.code(&app, &session, &[("scope", SCOPE)]).await;
        server.take_back(&hall.actor(&session).await, app.id).await.unwrap();
        assert_eq!(hall.refresh(&app, text(&tokens["refresh_token"])).await.error(), "invalid_grant");
        assert_eq!(hall.exchange(&app, &code, &[]).await.error(), "invalid_grant");
        assert_eq!((count(&hall, GRANTS).await, count(&hall, REFRESHES).await), (0, 0));

        // Used there: whoever brings it here is the second one, and the family ends for both.
        let tokens = hall.tokens(&app, &session, SCOPE).await;
        let (status, next) = refresh(&other, &app, &tokens["refresh_token"]).await;
        assert_eq!(status, StatusCode::OK);
        assert_eq!(hall.refresh(&app, text(&tokens["refresh_token"])).await.error(), "invalid_grant");
        let (status, refused) = refresh(&other, &app, &next["refresh_token"]).await;
        assert_eq!((status, &refused["error"]), (StatusCode::BAD_REQUEST, &"invalid_grant".into()));
        assert_eq!((count(&hall, GRANTS).await, count(&hall, REFRESHES).await), (0, 0));

        // The same with a code.
        let code = hall.code(&app, &session, &[("scope", SCOPE)]).await;
        let fields = [("grant_type", "authorization_code"), ("code", &code), ("redirect_uri", CALLBACK)];
        let (status, theirs) = ask(&other, &app, TOKEN, &fields).await;
        assert_eq!(status, StatusCode::OK);
        assert_eq!(hall.exchange(&app, &code, &[]).await.error(), "invalid_grant");
        assert_eq!(refresh(&other, &app, &theirs["refresh_token"]).await.0, StatusCode::BAD_REQUEST);
        assert_eq!((count(&hall, GRANTS).await, count(&hall, REFRESHES).await), (0, 0));
    }
}

#[tokio::test]
async fn who_refreshes_for_less_than_an_identity_gets_no_id_token() {
    for hall in halls().await {
        let (_, session) = hall.person("ada").await;
        let app = hall.app("Notes", |_| {}).await;
        let tokens = hall.tokens(&app, &session, SCOPE).await;
        let ask = async |token: &str, scope: &str| {
            let fields = [("grant_type", "refresh_token"), ("refresh_token", token), ("scope", scope)];
            hall.token(&app, &fields).await.ok()
        };
        let less = ask(text(&tokens["refresh_token"]), "identify").await;
        assert_eq!((&less["scope"], less.get("id_token")), (&"identify".into(), None));
        // The grant stays whole: the next one may ask for all of it again.
        let whole = ask(text(&less["refresh_token"]), SCOPE).await;
        assert!(claims(text(&whole["id_token"]))["sub"].is_string());
    }
}
