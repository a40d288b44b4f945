//! Dynamic registration (RFC 7591 and 7592), and signing out.

use axum::http::{Method, StatusCode};
use guildhall_accounts::codes::MISSING_RIGHTS;
use guildhall_accounts::{Actor, NewUser, SessionScopes, StaffLogQuery};
use guildhall_infra::{params, sql};
use serde_json::{Value, json};

use crate::support::{App, Hall, PASSWORD, halls, text};

async fn staff(hall: &Hall) -> Actor {
    let new = NewUser {
        username: "root".into(),
        password: Some(PASSWORD.into()),
        staff: true,
        ..NewUser::default()
    };
    hall.accounts.create_user(new).await.unwrap();
    hall.accounts.authenticate(&hall.sign_in("root").await).await.unwrap()
}

async fn register(hall: &Hall, token: &str, body: Value) -> crate::support::Answer {
    hall.call(Method::POST, "/oauth2/register", &format!("Bearer {token}"), body).await
}

#[tokio::test]
async fn a_client_registers_itself_with_a_token_from_staff() {
    for hall in halls().await {
        let staff = staff(&hall).await;
        let (_, session) = hall.person("ada").await;
        let ada = hall.accounts.authenticate(&session).await.unwrap();
        assert!(hall.server.invite_registration(&ada, 1, 1).await.is_err(), "only staff");
        let body = json!({
            "client_name": "Robot", "redirect_uris": [crate::support::CALLBACK], "scope": "openid identify",
            "grant_types": ["authorization_code", "refresh_token"], "extra": { "ignored": true },
        });
        assert_eq!(register(&hall, "guess", body.clone()).await.status, StatusCode::UNAUTHORIZED);
        let token = hall.server.invite_registration(&staff, 2, 1).await.unwrap();
        for (change, error) in [
            (json!({ "redirect_uris": [] }), "invalid_redirect_uri"),
            (json!({ "redirect_uris": ["http://evil.test/"] }), "invalid_redirect_uri"),
            (json!({ "id_token_signed_response_alg": "none" }), "invalid_client_metadata"),
            (json!({ "response_types": ["token"] }), "invalid_client_metadata"),
            (json!({ "grant_types": ["password"] }), "invalid_client_metadata"),
            (json!({ "token_endpoint_auth_method": "private_key_jwt" }), "invalid_client_metadata"),
            (json!({ "client_name": "@" }), "invalid_client_metadata"),
        ] {
            let mut body = body.clone();
            body.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
            assert_eq!(register(&hall, &token, body).await.error(), error, "{change}");
        }
        // What was refused has not used the token up.
        let made = register(&hall, &token, body.clone()).await;
        assert_eq!(made.status, StatusCode::CREATED, "{made:?}");
        let made = made.json();
        let secret = text(&made["client_secret"]).to_owned();
        let id = text(&made["client_id"]).to_owned();
        let app = App { id: id.parse().unwrap(), secret, owner: String::new(), bot: String::new() };
        let tokens = hall.tokens(&app, &session, "openid identify").await;
        assert!(tokens["id_token"].is_string());
        let path = format!("/oauth2/register/{id}");
        let manage = format!("Bearer {}", text(&made["registration_access_token"]));
        let read = hall.get(&path, &manage).await.ok();
        assert!(read["client_name"] == "Robot" && read.get("client_secret").is_none());
        assert_eq!(hall.get(&path, &format!("Bearer {token}")).await.status, StatusCode::UNAUTHORIZED);
        let mut changed = body.clone();
        changed["redirect_uris"] = json!(["https://app.test/other"]);
        let changed = hall.call(Method::PUT, &path, &manage, changed).await.ok();
        assert_eq!(changed["redirect_uris"], json!(["https://app.test/other"]));
        register(&hall, &token, body.clone()).await.ok();
        assert_eq!(
            register(&hall, &token, body).await.status,
            StatusCode::UNAUTHORIZED,
            "it was good for two"
        );
        assert_eq!(
            hall.call(Method::DELETE, &path, &manage, Value::Null).await.status,
            StatusCode::NO_CONTENT
        );
        assert_eq!(hall.get(&path, &manage).await.status, StatusCode::UNAUTHORIZED);
        let gone = hall.get("/api/v10/users/@me", &crate::support::bearer(&tokens)).await;
        assert_eq!(gone.status, StatusCode::UNAUTHORIZED, "its tokens went along");
    }
}

#[tokio::test]
async fn somebody_signs_out_at_an_application_and_is_sent_back() {
    for hall in halls().await {
        let (_, session) = hall.person("ada").await;
        let app = hall.app("Notes", |edit| edit.logout_uris = vec!["https://app.test/bye".into()]).await;
        let tokens = hall.tokens(&app, &session, "openid").await;
        let query = crate::support::form(&[
            ("id_token_hint", text(&tokens["id_token"])),
            ("post_logout_redirect_uri", "https://app.test/bye"),
            ("state", "s1"),
        ]);
        let page = hall.visit(&format!("/oauth2/logout?{query}"), &session).await;
        assert!(page.status == 200 && page.text.contains("Notes"), "a link alone signs nobody out");
        assert!(hall.accounts.authenticate(&session).await.is_ok());
        let done = hall.submit("/oauth2/logout/confirm", &session, &[("query", &query)]).await;
        assert_eq!(done.location(), "https://app.test/bye?state=s1");
        assert!(done.header("set-cookie").contains("Max-Age=0"));
        assert!(hall.accounts.authenticate(&session).await.is_err());
        assert_eq!(
            hall.visit(&format!("/oauth2/logout?{query}"), "").await.location(),
            "https://app.test/bye?state=s1"
        );
    }
}

#[tokio::test]
async fn who_verifies_applications_is_asked_afresh_and_leaves_a_row() {
    for hall in halls().await {
        let boss = staff(&hall).await;
        let (owner, _) = hall.person("owner").await;
        let (application, ..) = hall.server.applications().create(owner, "robot").await.unwrap();
        let id = application.id;
        let (ada, session) = hall.person("ada").await;
        let acting = async || hall.accounts.authenticate(&session).await.unwrap();
        let applications = hall.server.applications();
        let refused = applications.vouch(&acting().await, id, true, (0, 0)).await.unwrap_err();
        assert!(refused.is(MISSING_RIGHTS), "{refused}");

        hall.accounts.grant_rank(&boss, ada, "admin", "She looks at applications.").await.unwrap();
        let before = acting().await;
        assert!(applications.vouch(&before, id, true, (7, 0)).await.unwrap().client.verified);
        hall.server.invite_registration(&before, 1, 1).await.unwrap();
        let log = hall.accounts.staff_log(&boss, StaffLogQuery::default()).await.unwrap();
        let rows: Vec<_> = log.iter().map(|row| (row.action.as_str(), row.actor_id, row.target_id)).collect();
        assert_eq!(
            rows,
            [
                ("application.invite", Some(ada), None),
                ("application.vouch", Some(ada), Some(application.bot())),
                ("rank.grant", Some(boss.id()), Some(ada)),
            ]
        );
        assert_eq!(log[1].before, "verified=false per_second=0 per_day=0");
        assert_eq!(log[1].after, "verified=true per_second=7 per_day=0");

        // The rank goes without a word: what was let in before is refused all the same, and the session narrowed.
        let forget = sql!("DELETE FROM user_ranks WHERE user_id = $1");
        hall.db.db.run(forget, params![ada]).await.unwrap();
        assert!(acting().await.scopes().unwrap().intersects(SessionScopes::STAFF));
        let refused = applications.vouch(&before, id, false, (0, 0)).await.unwrap_err();
        assert!(refused.is(MISSING_RIGHTS), "{refused}");
        assert!(!acting().await.scopes().unwrap().intersects(SessionScopes::STAFF), "narrowed");
        assert!(hall.server.invite_registration(&before, 1, 1).await.unwrap_err().is(MISSING_RIGHTS));
        assert!(applications.get(id).await.unwrap().client.verified, "it is as it was");
    }
}
