//! Applications and their bots.

use axum::http::{Method, StatusCode};
use guildhall_oauth::flags;
use serde_json::{Value, json};

use crate::support::{Answer, Hall, halls as all};

/// A hall, the owner of applications in it and their session.
struct Scene {
    hall: Hall,
    owner: guildhall_base::UserId,
    token: String,
}

impl std::ops::Deref for Scene {
    type Target = Hall;
    fn deref(&self) -> &Hall {
        &self.hall
    }
}

async fn halls() -> Vec<Scene> {
    let mut scenes = Vec::new();
    for hall in all().await {
        let (owner, token) = hall.person("ada").await;
        scenes.push(Scene { hall, owner, token });
    }
    scenes
}

impl Scene {
    async fn call(&self, method: Method, path: &str, token: &str, body: Value) -> (StatusCode, Value) {
        let answer = self.hall.call(method, &format!("/api/v10{path}"), token, body).await;
        (answer.status, answer.json())
    }

    async fn browse(&self, method: Method, path: &str, token: &str, body: &str) -> (StatusCode, String) {
        let fields: Vec<_> = url::form_urlencoded::parse(body.as_bytes()).into_owned().collect();
        let fields: Vec<_> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let Answer { status, text, .. } = match method {
            Method::GET => self.hall.visit(path, token).await,
            _ => self.hall.submit(path, token, &fields).await,
        };
        (status, text)
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
        let (_, eve) = hall.person("eve").await;
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
