//! What sessions may be used for: chosen scopes, ceilings, ranks that come and go, and what other processes know of it.

use std::time::Duration;

use axum::http::{Method, StatusCode};
use guildhall_accounts::{
    Accounts, Actor, Config, NewScript, Rights, SessionScopes, UserState, Visit, codes,
};
use guildhall_base::UserId;
use guildhall_infra::{params, sql};
use serde_json::json;

use crate::support::{Hall, PASSWORD, halls, halls_with};

const WHY: &str = "They asked for it.";

/// Two more processes' doors, which follow the log.
struct Elsewhere {
    accounts: Accounts,
    following: tokio::task::JoinHandle<()>,
}

impl Elsewhere {
    fn open(hall: &Hall) -> Self {
        let accounts = hall.reopened();
        Self { following: tokio::spawn(accounts.clone().follow()), accounts }
    }

    async fn scopes(&self, token: &str) -> Option<SessionScopes> {
        self.accounts.authenticate(token).await.ok().and_then(|actor| actor.scopes())
    }

    /// Waits until a session is as wanted here: within a second.
    async fn becomes(&self, token: &str, wanted: impl Fn(Option<SessionScopes>) -> bool) {
        let there = async {
            while !wanted(self.scopes(token).await) {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(Duration::from_secs(1), there).await.unwrap();
    }
}

impl Drop for Elsewhere {
    fn drop(&mut self) {
        self.following.abort();
    }
}

async fn actor(hall: &Hall, token: &str) -> Actor {
    hall.accounts.authenticate(token).await.unwrap()
}

async fn boss(hall: &Hall) -> Actor {
    let (id, token) = hall.person("boss").await;
    hall.accounts.set_staff(id.parse().unwrap(), true).await.unwrap();
    actor(hall, &token).await
}

async fn second_session(hall: &Hall) -> String {
    hall.sign_in("ada", PASSWORD).await.ok()["token"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_session_has_staff_scopes_as_long_as_the_rank() {
    for hall in halls().await {
        let boss = boss(&hall).await;
        let (ada, token) = hall.person("ada").await;
        let ada: UserId = ada.parse().unwrap();
        let elsewhere = Elsewhere::open(&hall);
        let staff = |scopes: Option<SessionScopes>| {
            scopes.is_some_and(|has| has.contains(SessionScopes::of(Rights::AUDIT_READ)))
        };
        assert!(!staff(elsewhere.scopes(&token).await) && !staff(actor(&hall, &token).await.scopes()));
        hall.accounts.grant_rank(&boss, ada, "moderator", WHY).await.unwrap();
        assert!(staff(actor(&hall, &token).await.scopes()), "at once, without signing in again");
        elsewhere.becomes(&token, staff).await;
        hall.accounts.revoke_rank(&boss, ada, "moderator", WHY).await.unwrap();
        assert!(!staff(actor(&hall, &token).await.scopes()));
        elsewhere.becomes(&token, |scopes| scopes.is_some() && !staff(scopes)).await;
    }
}

#[tokio::test]
async fn a_refusal_for_a_right_that_is_gone_narrows_the_session_in_every_process() {
    for hall in halls().await {
        let boss = boss(&hall).await;
        let (ada, token) = hall.person("ada").await;
        let ada: UserId = ada.parse().unwrap();
        hall.accounts.grant_rank(&boss, ada, "moderator", WHY).await.unwrap();
        let elsewhere = Elsewhere::open(&hall);
        let staff = |scopes: Option<SessionScopes>| {
            scopes.is_some_and(|has| has.contains(SessionScopes::of(Rights::AUDIT_READ)))
        };
        let known = actor(&hall, &token).await;
        assert!(staff(known.scopes()) && staff(elsewhere.scopes(&token).await));
        // The rank goes without a word, so that both doors still think that it is there.
        hall.db.db.run(sql!("DELETE FROM user_ranks WHERE user_id = $1"), params![ada]).await.unwrap();
        assert!(staff(actor(&hall, &token).await.scopes()) && staff(elsewhere.scopes(&token).await));
        let refused = hall.accounts.staff_log(&known, Default::default()).await.unwrap_err();
        assert!(refused.is(codes::MISSING_RIGHTS));
        assert!(!staff(actor(&hall, &token).await.scopes()), "the next request stops at the door");
        elsewhere.becomes(&token, |scopes| scopes.is_some() && !staff(scopes)).await;
        // A second refusal finds nothing more to narrow.
        let known = actor(&hall, &token).await;
        let before = hall.events().await.len();
        hall.accounts.staff_log(&known, Default::default()).await.unwrap_err();
        assert_eq!(hall.events().await.len(), before);
    }
}

#[tokio::test]
async fn an_edit_ban_takes_the_profile_from_every_session_and_gives_it_back() {
    for hall in halls().await {
        let boss = boss(&hall).await;
        let (ada, token) = hall.person("ada").await;
        let ada: UserId = ada.parse().unwrap();
        let elsewhere = Elsewhere::open(&hall);
        let may =
            |scopes: Option<SessionScopes>| scopes.is_some_and(|has| has.contains(SessionScopes::PROFILE));
        assert!(may(elsewhere.scopes(&token).await));
        hall.accounts.set_state(&boss, ada, UserState::EditBan, WHY).await.unwrap();
        elsewhere.becomes(&token, |scopes| scopes.is_some() && !may(scopes)).await;
        hall.accounts.set_state(&boss, ada, UserState::Normal, WHY).await.unwrap();
        elsewhere.becomes(&token, may).await;
        // Without a word again: the action refuses by what is true, and narrows.
        let known = actor(&hall, &token).await;
        hall.db.db.run(sql!("UPDATE users SET state = 2 WHERE id = $1"), params![ada]).await.unwrap();
        let edit = guildhall_accounts::EditMe { bio: Some("Buy!".into()), ..Default::default() };
        assert!(hall.accounts.edit_me(&known, edit).await.unwrap_err().is(codes::EDIT_BANNED));
        assert!(!may(actor(&hall, &token).await.scopes()));
        elsewhere.becomes(&token, |scopes| scopes.is_some() && !may(scopes)).await;
    }
}

#[tokio::test]
async fn a_ban_ends_sessions_in_every_process_within_a_second() {
    for hall in halls().await {
        let boss = boss(&hall).await;
        let (ada, token) = hall.person("ada").await;
        let elsewhere = Elsewhere::open(&hall);
        assert!(elsewhere.scopes(&token).await.is_some());
        hall.accounts.set_state(&boss, ada.parse().unwrap(), UserState::Banned, WHY).await.unwrap();
        elsewhere.becomes(&token, |scopes| scopes.is_none()).await;
    }
}

#[tokio::test]
async fn a_new_password_ends_other_sessions_in_every_process_within_a_second() {
    for hall in halls().await {
        let (_, token) = hall.person("ada").await;
        let other = second_session(&hall).await;
        let elsewhere = Elsewhere::open(&hall);
        assert!(elsewhere.scopes(&token).await.is_some() && elsewhere.scopes(&other).await.is_some());
        let me = actor(&hall, &token).await;
        hall.accounts.change_password(&me, PASSWORD, "another good password").await.unwrap();
        elsewhere.becomes(&other, |scopes| scopes.is_none()).await;
        assert!(elsewhere.scopes(&token).await.is_some(), "the one that changed it goes on");
    }
}

#[tokio::test]
async fn a_new_mail_address_ends_other_sessions_in_every_process_within_a_second() {
    for hall in halls().await {
        let (_, token) = hall.person("ada").await;
        let other = second_session(&hall).await;
        let me = actor(&hall, &token).await;
        let confirm = async |address: &str| {
            hall.accounts.ask_to_confirm(&me, address, Default::default()).await.unwrap();
            let letter = hall.letter(address).await.unwrap();
            let link =
                letter.text.split_whitespace().find(|word| word.starts_with("http://hall.test/")).unwrap();
            let link = link.rsplit('/').next().unwrap();
            hall.accounts.use_mail_link(link, "", Some(&me), &Visit::default()).await.unwrap();
        };
        confirm("ada@example.org").await;
        let elsewhere = Elsewhere::open(&hall);
        assert!(elsewhere.scopes(&other).await.is_some(), "a first address ends nothing");
        assert!(elsewhere.scopes(&token).await.is_some());
        hall.hand.advance(Duration::from_secs(61));
        confirm("ada@example.net").await;
        elsewhere.becomes(&other, |scopes| scopes.is_none()).await;
        assert!(elsewhere.scopes(&token).await.is_some());
    }
}

#[tokio::test]
async fn programs_get_sessions_with_a_name_fewer_scopes_and_an_end() {
    for hall in halls().await {
        let (_, token) = hall.person("ada").await;
        for (body, field) in [
            (json!({ "name": "", "scopes": ["read"], "expires_in": 3600 }), "name"),
            (json!({ "name": "x", "scopes": [], "expires_in": 3600 }), "scopes"),
            (json!({ "name": "x", "scopes": ["everything"], "expires_in": 3600 }), "scopes"),
            (json!({ "name": "x", "scopes": ["account"], "expires_in": 3600 }), "scopes"),
            (json!({ "name": "x", "scopes": ["staff.view"], "expires_in": 3600 }), "scopes"),
            (json!({ "name": "x", "scopes": ["read"], "expires_in": 5 }), "expires_in"),
            (json!({ "name": "x", "scopes": ["read"], "expires_in": 400 * 86400 }), "expires_in"),
        ] {
            let answer = hall.call(Method::POST, "/v2/sessions", &token, body.clone()).await;
            assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{body}");
            assert!(answer.text.contains(&format!("\"{field}\"")), "{}", answer.text);
        }
        let body = json!({ "name": "Nightly export", "scopes": ["read", "write"], "expires_in": 86400 });
        let made = hall.call(Method::POST, "/v2/sessions", &token, body.clone()).await;
        assert_eq!(made.status, StatusCode::CREATED);
        let made = made.json();
        assert_eq!((&made["scopes"], &made["class"]), (&json!(["read", "write"]), &json!("script")));
        let script = made["token"].as_str().unwrap();
        let has = actor(&hall, script).await.scopes().unwrap();
        assert_eq!(has, SessionScopes::READ | SessionScopes::WRITE);
        let listed = hall.get("/v2/sessions", &token).await.ok();
        let listed = listed["items"].as_array().unwrap();
        assert!(
            listed.iter().any(|session| session["name"] == "Nightly export" && session["id"] == made["id"])
        );
        // It does not slide.
        hall.hand.advance(Duration::from_secs(80_000));
        hall.reopened().authenticate(script).await.unwrap();
        hall.hand.advance(Duration::from_secs(7_000));
        assert!(hall.reopened().authenticate(script).await.is_err());
        // A proof of who it is from a day ago does for nothing.
        let late = hall.call(Method::POST, "/v2/sessions", &token, body).await;
        assert_eq!(late.status, StatusCode::FORBIDDEN);
    }
}

#[tokio::test]
async fn a_program_s_session_is_revoked_like_any_other() {
    for hall in halls().await {
        let (_, token) = hall.person("ada").await;
        let me = actor(&hall, &token).await;
        let (name, scopes) = ("Script".to_owned(), SessionScopes::READ);
        let new = NewScript { name, scopes, life: Duration::from_secs(3600) };
        let (session, script) = hall.accounts.new_script(&me, new.clone(), &Visit::default()).await.unwrap();
        let elsewhere = Elsewhere::open(&hall);
        assert_eq!(elsewhere.scopes(&script).await, Some(scopes));
        hall.accounts.revoke_session(&me, session.id).await.unwrap();
        elsewhere.becomes(&script, |scopes| scopes.is_none()).await;
        for _ in 0..50 {
            hall.accounts.new_script(&me, new.clone(), &Visit::default()).await.unwrap();
        }
        assert!(hall.accounts.new_script(&me, new, &Visit::default()).await.is_err(), "fifty are enough");
    }
}

#[tokio::test]
async fn who_signs_in_by_program_may_choose_less_and_gets_no_more_than_the_operator_allows() {
    let config = Config { api_scopes: SessionScopes::READ | SessionScopes::WRITE, ..Config::default() };
    for hall in halls_with(config).await {
        let (id, _) = hall.person("ada").await;
        hall.accounts.set_staff(id.parse().unwrap(), true).await.unwrap();
        let enter = async |scopes: serde_json::Value| {
            let body = json!({ "username": "ada", "password": PASSWORD, "scopes": scopes });
            hall.call(Method::POST, "/v2/auth/password", "", body).await
        };
        assert_eq!(enter(json!(["nonsense"])).await.status, StatusCode::BAD_REQUEST);
        for (asked, got) in [
            (json!(["read"]), SessionScopes::READ),
            (json!(["read", "account", "users.state"]), SessionScopes::READ),
            (json!(null), SessionScopes::READ | SessionScopes::WRITE),
        ] {
            let entered = enter(asked).await.ok();
            let actor = actor(&hall, entered["token"].as_str().unwrap()).await;
            assert_eq!(actor.scopes(), Some(got));
            assert!(!actor.staff, "a session without staff scopes is no staff's");
            assert!(hall.accounts.staff_log(&actor, Default::default()).await.is_err());
        }
    }
}

#[tokio::test]
async fn the_page_for_programs_shows_the_secret_once() {
    for hall in halls().await {
        let (_, token) = hall.person("ada").await;
        let cookie = format!("guildhall_session={token}");
        let page = hall.page("/settings/programs", &cookie).await;
        assert!(page.status == StatusCode::OK && page.text.contains("scope-guilds"));
        assert!(!page.text.contains("scope-account"));
        let bad = hall.form("/settings/programs", &cookie, "name=Export&days=30").await;
        assert_eq!(bad.status, StatusCode::BAD_REQUEST);
        assert!(bad.text.contains("Choose at least one."));
        let made = hall.form("/settings/programs", &cookie, "name=Export&days=30&scope-read=on").await;
        assert_eq!(made.status, StatusCode::OK);
        let secret = made.text.split("<code class=\"secret\">").nth(1).unwrap().split('<').next().unwrap();
        assert_eq!(actor(&hall, secret).await.scopes(), Some(SessionScopes::READ));
        let list = hall.page("/settings/programs", &cookie).await;
        assert!(list.text.contains("Export") && !list.text.contains(secret));
        assert!(hall.page("/settings", &cookie).await.text.contains("Export"));
        hall.hand.advance(Duration::from_secs(3600));
        let late = hall.form("/settings/programs", &cookie, "name=Export&days=30&scope-read=on").await;
        assert_eq!(late.location(), "/settings/security/confirm?next=%2Fsettings%2Fprograms");
    }
}

#[tokio::test]
async fn a_session_that_is_known_costs_no_call_of_the_database() {
    for hall in halls().await {
        let (_, token) = hall.person("ada").await;
        let first = actor(&hall, &token).await;
        // Nothing answers any more; whoever asks the database now fails.
        hall.db.db.run(sql!("DROP TABLE tokens"), params![]).await.unwrap();
        hall.db.db.run(sql!("DELETE FROM users"), params![]).await.unwrap();
        for _ in 0..1000 {
            assert_eq!(actor(&hall, &token).await.credential, first.credential);
        }
        assert!(hall.reopened().authenticate(&token).await.is_err());
    }
}
