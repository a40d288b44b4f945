//! Applications through HTTP, on every database at hand.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test ends where it cannot go on")]

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::{Method, Request, StatusCode, header};
use guildhall_accounts::{Accounts, Config, NewUser};
use guildhall_base::{Clock, Ids, UserId};
use guildhall_infra::events::{self, EventLog};
use guildhall_infra::i18n::Words;
use guildhall_infra::pages::{Assets, Site};
use guildhall_infra::testing::{TestDb, databases};
use guildhall_oauth::{Applications, api_routes, flags, page_routes};
use http_body_util::BodyExt as _;
use serde_json::{Value, json};
use tokio_util::sync::{CancellationToken, DropGuard};
use tower::ServiceExt as _;

struct Hall {
    accounts: Accounts,
    applications: Applications,
    router: Router,
    owner: UserId,
    /// The owner's session.
    token: String,
    _db: TestDb,
    _stop: DropGuard,
}

async fn halls() -> Vec<Hall> {
    let mut halls = Vec::new();
    for db in databases().await {
        let mut migrations = events::migrations();
        migrations.extend(Accounts::migrations());
        migrations.extend(Applications::migrations());
        db.db.migrate(&migrations).await.unwrap();
        let (clock, stop) = (Clock::system(), CancellationToken::new());
        let log = EventLog::open(db.db.clone(), clock.clone(), stop.clone()).await.unwrap();
        let ids = Ids::new(clock.clone(), 0);
        let accounts = Accounts::new(db.db.clone(), clock.clone(), ids.clone(), log, Config::default());
        let applications = Applications::new(db.db.clone(), clock, ids, accounts.clone());
        let site = Site::new("Test Hall", Assets::builder().build(), Words::new(&[]).unwrap());
        let router = api_routes(applications.clone(), Arc::new(|_| Box::pin(async { Ok(7) })))
            .merge(page_routes(applications.clone(), site));
        let owner = person(&accounts, "ada").await;
        let token = accounts.new_token(owner).await.unwrap();
        halls.push(Hall { accounts, applications, router, owner, token, _db: db, _stop: stop.drop_guard() });
    }
    halls
}

async fn person(accounts: &Accounts, name: &str) -> UserId {
    accounts.create_user(NewUser { username: name.into(), ..NewUser::default() }).await.unwrap().id
}

impl Hall {
    async fn send(&self, request: Request<Body>) -> (StatusCode, String) {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.unwrap().to_bytes();
        (parts.status, String::from_utf8_lossy(&bytes).into_owned())
    }

    async fn call(&self, method: Method, path: &str, token: &str, body: Value) -> (StatusCode, Value) {
        let request = Request::builder().method(method).uri(path).header(header::AUTHORIZATION, token);
        let body = if body.is_null() { Body::empty() } else { Body::from(body.to_string()) };
        let (status, text) = self.send(request.body(body).unwrap()).await;
        (status, serde_json::from_str(&text).unwrap())
    }

    async fn browse(&self, method: Method, path: &str, token: &str, body: &str) -> (StatusCode, String) {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::HOST, "hall.test")
            .header(header::ORIGIN, "http://hall.test")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header(header::COOKIE, format!("guildhall_session={token}"));
        self.send(request.body(Body::from(body.to_owned())).unwrap()).await
    }
}

#[tokio::test]
async fn a_bot_reads_its_application_with_every_key_that_libraries_require() {
    for hall in halls().await {
        let (application, user, token) = hall.applications.create(hall.owner, "Music Bot").await.unwrap();
        assert_eq!(application.bot(), user.id);
        let bot = format!("Bot {token}");
        for path in ["/applications/@me", "/oauth2/applications/@me"] {
            let (status, body) = hall.call(Method::GET, path, &bot, Value::Null).await;
            assert_eq!(status, StatusCode::OK, "{body}");
            assert_eq!(body["id"], json!(user.id));
            assert_eq!((&body["bot"]["bot"], &body["owner"]["username"]), (&json!(true), &json!("ada")));
            assert_eq!(body["approximate_guild_count"], 7);
            let required = [
                "id",
                "name",
                "icon",
                "description",
                "bot_public",
                "bot_require_code_grant",
                "verify_key",
                "owner",
                "flags",
                "flags_new",
                "approximate_user_install_count",
                "redirect_uris",
                "team",
                "type",
                "interactions_endpoint_url",
                "role_connections_verification_url",
                "explicit_content_filter",
                "approximate_user_authorization_count",
                "eligible_oauth2_scopes",
            ];
            for key in required {
                assert!(body.get(key).is_some(), "{key}");
            }
            assert_eq!(body["verify_key"].as_str().unwrap().len(), 64);
        }
        let (status, body) = hall.call(Method::GET, "/applications/@me", &hall.token, Value::Null).await;
        assert_eq!((status, &body["code"]), (StatusCode::FORBIDDEN, &json!(20002)));
        let (status, body) = hall.call(Method::GET, "/applications/@me", "", Value::Null).await;
        assert_eq!(
            (status, body),
            (StatusCode::UNAUTHORIZED, json!({"message": "401: Unauthorized", "code": 0}))
        );
    }
}

#[tokio::test]
async fn a_bot_changes_its_description_and_only_the_intents_among_its_flags() {
    for hall in halls().await {
        let (application, _, token) = hall.applications.create(hall.owner, "Bot").await.unwrap();
        assert!(application.may_content() && application.may_members() && application.may_presence());
        let bot = format!("Bot {token}");
        let wanted = flags::GATEWAY_MESSAGE_CONTENT_LIMITED | flags::APPLICATION_COMMAND_BADGE;
        let body = json!({ "description": "Plays", "flags": wanted, "install_params": null, "tags": ["x"] });
        let (status, body) = hall.call(Method::PATCH, "/applications/@me", &bot, body).await;
        assert_eq!((status, &body["description"]), (StatusCode::OK, &json!("Plays")));
        assert_eq!(body["flags"], json!(flags::GATEWAY_MESSAGE_CONTENT_LIMITED));
        let now = hall.applications.get(application.id).await.unwrap();
        assert!(now.may_content() && !now.may_members() && !now.may_presence());
        for (body, field) in [
            (json!({ "description": "x".repeat(401) }), "description"),
            (json!({ "interactions_endpoint_url": "https://x.test" }), "interactions_endpoint_url"),
        ] {
            let (status, body) = hall.call(Method::PATCH, "/applications/@me", &bot, body).await;
            assert_eq!(status, StatusCode::BAD_REQUEST);
            assert!(body["errors"][field].is_object(), "{body}");
        }
        let (status, _) = hall
            .call(Method::PATCH, "/applications/@me", &bot, json!({"interactions_endpoint_url": null}))
            .await;
        assert_eq!(status, StatusCode::OK);
    }
}

#[tokio::test]
async fn an_owner_makes_a_bot_on_the_page_and_replaces_its_token() {
    for hall in halls().await {
        let (status, page) = hall.browse(Method::POST, "/developers", &hall.token, "name=My+Bot").await;
        assert_eq!(status, StatusCode::OK, "{page}");
        let secret = |page: &str| {
            page.split("class=\"secret\">").nth(1).map(|rest| rest.split('<').next().unwrap().to_owned())
        };
        let first = secret(&page).unwrap();
        let bot = hall.accounts.authenticate(&format!("Bot {first}")).await.unwrap();
        let (_, page) = hall.browse(Method::GET, "/developers", &hall.token, "").await;
        assert!(page.contains("My Bot") && secret(&page).is_none());
        let path = format!("/developers/{}", bot.id());
        let (status, page) = hall.browse(Method::POST, &format!("{path}/token"), &hall.token, "").await;
        assert_eq!(status, StatusCode::OK);
        let second = secret(&page).unwrap();
        assert!(hall.accounts.authenticate(&format!("Bot {first}")).await.is_err());
        hall.accounts.authenticate(&format!("Bot {second}")).await.unwrap();
        let (status, _) = hall.browse(Method::POST, &path, &hall.token, "members=1&description=Hi").await;
        assert_eq!(status, StatusCode::SEE_OTHER);
        let application = hall.applications.of_bot(bot.id()).await.unwrap();
        assert!(application.may_members() && !application.may_content() && !application.public);
        let (status, page) = hall.browse(Method::POST, "/developers", &hall.token, "name=%40x").await;
        assert_eq!(status, StatusCode::BAD_REQUEST);
        assert!(page.contains("name-problem"), "{page}");
        assert_eq!(hall.applications.of_owner(hall.owner).await.unwrap().len(), 1);
    }
}

#[tokio::test]
async fn nobody_touches_anothers_application() {
    for hall in halls().await {
        let (application, _, token) = hall.applications.create(hall.owner, "Bot").await.unwrap();
        let eve = person(&hall.accounts, "eve").await;
        let eve = hall.accounts.new_token(eve).await.unwrap();
        let path = format!("/developers/{}", application.id);
        for path in [path.clone(), format!("{path}/token")] {
            assert_eq!(hall.browse(Method::POST, &path, &eve, "members=1").await.0, StatusCode::NOT_FOUND);
            assert_eq!(hall.browse(Method::POST, &path, "", "members=1").await.0, StatusCode::UNAUTHORIZED);
        }
        assert_eq!(hall.browse(Method::GET, "/developers", "", "").await.0, StatusCode::SEE_OTHER);
        hall.accounts.authenticate(&format!("Bot {token}")).await.unwrap();
        assert_eq!(*hall.applications.get(application.id).await.unwrap(), *application);
        let made_by_bot = hall.applications.create(application.bot(), "Child").await.unwrap_err();
        assert_eq!(made_by_bot.code.number, 20001);
        let unknown = hall.applications.get(guildhall_base::Id::new(5)).await.unwrap_err();
        assert_eq!(unknown.code.number, 10002);
    }
}

#[tokio::test]
async fn every_statement_is_understood_by_every_database() {
    for hall in halls().await {
        let complaints = guildhall_infra::testing::misunderstood(&hall._db.db).await;
        assert!(complaints.is_empty(), "{complaints:#?}");
    }
}
