//! What programs written for Discord do, on Discord's paths.

use axum::http::StatusCode;
use guildhall_base::Permissions;
use serde_json::json;

use crate::support::{CALLBACK, GUILD, bearer, form, halls, text};

#[tokio::test]
async fn a_dashboard_written_for_discord_logs_in() {
    for hall in halls().await {
        let (ada, session) = hall.person("ada").await;
        let app = hall.app("Dashboard", |_| {}).await;
        let id = app.id.to_string();
        // passport-discord sends browsers to /api/oauth2/authorize, without PKCE.
        let query = app.query(&[("scope", "identify guilds")]);
        let away = hall.visit(&format!("/api/oauth2/authorize?{query}"), &session).await;
        assert_eq!(away.status, StatusCode::TEMPORARY_REDIRECT);
        assert_eq!(away.location(), format!("/oauth2/authorize?{query}"));
        let sent = hall.decide(&query, &session, "allow").await;
        let code = sent.sent("code").unwrap();
        // It authenticates in the body.
        let fields = [
            ("grant_type", "authorization_code"),
            ("redirect_uri", CALLBACK),
            ("client_id", &id),
            ("client_secret", &app.secret),
            ("code", &code),
        ];
        let tokens = hall.post("/api/oauth2/token", &[], &fields).await.ok();
        assert_eq!((&tokens["token_type"], &tokens["expires_in"]), (&json!("Bearer"), &json!(604_800)));
        assert_eq!(tokens["scope"], "identify guilds");
        let me = hall.get("/api/v10/users/@me", &bearer(&tokens)).await.ok();
        assert_eq!(me["id"], json!(ada));
        let fields = [
            ("grant_type", "refresh_token"),
            ("client_id", &id),
            ("client_secret", &app.secret),
            ("refresh_token", text(&tokens["refresh_token"])),
        ];
        let next = hall.post("/api/v10/oauth2/token", &[], &fields).await.ok();
        let fields = [("token", text(&next["access_token"])), ("token_type_hint", "access_token")];
        let revoked = hall.post_as(&app, "/api/v10/oauth2/token/revoke", &fields).await;
        assert_eq!(revoked.ok(), json!({}));
        assert_eq!(hall.get("/api/v10/users/@me", &bearer(&next)).await.status, StatusCode::UNAUTHORIZED);
        // With client credentials the application's owner acts.
        let fields = [("grant_type", "client_credentials"), ("scope", "identify")];
        let own = hall.post_as(&app, "/api/v10/oauth2/token", &fields).await.ok();
        let me = hall.get("/api/v10/users/@me", &bearer(&own)).await.ok();
        assert_eq!(me["username"], "owner_of_dashboard");
    }
}

#[tokio::test]
async fn a_bot_is_added_along_with_a_sign_in() {
    for hall in halls().await {
        let (_, session) = hall.person("ada").await;
        let app = hall.app("Robot", |_| {}).await;
        let query = app.query(&[("scope", "identify bot applications.commands"), ("permissions", "2")]);
        let page = hall.visit(&format!("/oauth2/authorize?{query}"), &session).await;
        assert!(
            page.text.contains("Kick members") && page.text.contains("Workshop &#60;1&#62;"),
            "{}",
            page.text
        );
        let guild = GUILD.to_string();
        let nothing = hall.decide(&query, &session, "allow").await;
        assert!(
            nothing.status == StatusCode::BAD_REQUEST && nothing.text.contains("guild_id-problem"),
            "{nothing:?}"
        );
        let fields = [("query", query.as_str()), ("decision", "allow"), ("guild_id", &guild)];
        let sent = hall.submit("/oauth2/consent", &session, &fields).await;
        assert_eq!(
            (sent.sent("guild_id").unwrap(), sent.sent("permissions").unwrap()),
            (guild.clone(), "2".into())
        );
        assert_eq!(*hall.guilds.added.lock(), [(GUILD, app.id, Permissions::KICK_MEMBERS)]);
        let fields = [
            ("grant_type", "authorization_code"),
            ("code", &sent.sent("code").unwrap()),
            ("redirect_uri", CALLBACK),
        ];
        let tokens = hall.post_as(&app, "/api/v10/oauth2/token", &fields).await.ok();
        assert_eq!(tokens["guild"]["id"], json!(GUILD));
        assert!(text(&tokens["scope"]).contains("bot"));
    }
}

#[tokio::test]
async fn a_bare_link_adds_a_bot_and_says_so_on_a_page() {
    for hall in halls().await {
        let (_, session) = hall.person("ada").await;
        let app = hall.app("Robot", |edit| edit.redirect_uris.clear()).await;
        let id = app.id.to_string();
        for query in [
            form(&[("client_id", &id)]),
            form(&[("client_id", &id), ("scope", "bot"), ("permissions", "0")]),
            form(&[("client_id", &id), ("scope", "bot applications.commands"), ("permissions", "2")]),
        ] {
            let page = hall.visit(&format!("/oauth2/authorize?{query}"), &session).await;
            assert!(page.status == 200 && page.text.contains("Add Robot"), "{page:?}");
            let fields = [("query", query.as_str()), ("decision", "allow"), ("guild_id", "77")];
            let added = hall.submit("/oauth2/consent", &session, &fields).await;
            assert!(added.status == 200 && added.text.contains("Robot was added"), "{added:?}");
            let elsewhere = [("query", query.as_str()), ("decision", "allow"), ("guild_id", "78")];
            assert_eq!(
                hall.submit("/oauth2/consent", &session, &elsewhere).await.status,
                StatusCode::BAD_REQUEST
            );
            assert_eq!(hall.decide(&query, &session, "deny").await.location(), "/channels/@me");
        }
        for (query, status) in [
            ("scope=bot".to_owned(), 400),
            ("client_id=1&scope=bot".to_owned(), 400),
            (format!("client_id={id}&scope=identify"), 400),
            (format!("client_id={id}&scope=bot&permissions=many"), 400),
        ] {
            let answer = hall.visit(&format!("/oauth2/authorize?{query}"), &session).await;
            assert_eq!(answer.status.as_u16(), status, "{query}");
        }
        // A bot that is not public is its owner's.
        let owner = hall.accounts.authenticate(&app.owner).await.unwrap();
        let edit = guildhall_oauth::EditApplication { bot_public: Some(false), ..Default::default() };
        hall.applications.edit(&owner, app.id, edit).await.unwrap();
        let path = format!("/oauth2/authorize?client_id={id}");
        assert_eq!(hall.visit(&path, &session).await.status, StatusCode::FORBIDDEN);
        assert_eq!(hall.visit(&path, &app.owner).await.status, StatusCode::OK);
        let robot = app.bot.strip_prefix("Bot ").unwrap();
        assert_eq!(hall.visit(&path, robot).await.status, StatusCode::FORBIDDEN);
    }
}
