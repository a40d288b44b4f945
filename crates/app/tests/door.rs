//! What sessions may be used for, seen from outside: which route needs which scope, and two processes that agree about
//! it within a second.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on should stop")]

mod support;

use std::time::Duration;

use axum::http::StatusCode;
use guildhall_accounts::codes::MISSING_RIGHTS;
use guildhall_accounts::{Actor, NewScript, SessionScopes, UserState, Visit};
use guildhall_app::config::Settings;
use guildhall_app::serve::{Server, scopes_needed};
use guildhall_base::{Clock, UserId};
use guildhall_infra::db::Sql;
use guildhall_infra::{params, sql};
use serde_json::json;
use support::routes::{METHODS, pages, routes};
use support::{Client, Hall, halls};

const WHY: &str = "They asked for it.";

#[test]
fn what_guards_the_account_and_the_installation_is_closed_to_sessions_made_for_less() {
    let plain = SessionScopes::READ | SessionScopes::WRITE | SessionScopes::GUILDS;
    let own = ["/settings", "/developers", "/oauth2", "/v2/sessions", "/auth/sessions"];
    let staff = ["/staff", "/v2/staff", "/v2/ranks"];
    let mut seen = 0;
    for (path, method) in routes().into_iter().chain(pages()) {
        let needs = scopes_needed(METHODS[method] != "GET", &path);
        let under = |starts: &[&str]| {
            starts.iter().any(|start| path == *start || path.starts_with(&format!("{start}/")))
        };
        if under(&staff) {
            assert!(needs.intersects(SessionScopes::STAFF), "{path}");
            seen += 1;
        } else if under(&own) && path != "/settings/preferences" {
            assert!(!needs.is_empty() && !needs.intersects(plain), "{path}");
            seen += 1;
        } else if needs.is_empty() {
            let doors = ["/login", "/register", "/setup", "/logout", "/language", "/auth", "/v2/auth"];
            assert!(under(&doors), "{path} is open to every session");
        }
    }
    assert!(seen > 50, "{seen}");
}

/// The same hall in a second process, as far as one test program can have two: nothing is shared but the database.
async fn second(settings: &Settings) -> Server {
    Server::start(settings.clone(), Clock::system()).await.unwrap()
}

/// Those who ask until something is so ask often.
fn unlimited(settings: &mut Settings) {
    settings.limits.requests_per_bucket = 0;
    settings.limits.requests_per_second = 0;
    settings.limits.invalid_per_ten_minutes = 0;
}

async fn person(hall: &Hall, name: &str) -> (UserId, Client) {
    let client = hall.register(name).await;
    let id = client.get("/users/@me").await["id"].as_str().unwrap().parse().unwrap();
    (id, client)
}

async fn actor(hall: &Hall, client: &Client) -> Actor {
    hall.server().hall().accounts.authenticate(&client.authorization).await.unwrap()
}

/// Asks until the answer is this one: within a second.
async fn becomes(client: &Client, method: &str, path: &str, wanted: StatusCode) {
    let asking = async {
        while client.send(method, path, (method != "GET").then(|| json!({}))).await.0 != wanted {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(1), asking)
        .await
        .unwrap_or_else(|_| panic!("{path} is not {wanted}"));
}

async fn forget(hall: &Hall, sql: Sql, user: UserId) {
    hall.database.db.run(sql, params![user]).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_changes_in_one_process_holds_at_the_door_of_another_within_a_second() {
    for mut hall in halls().await {
        hall.configure(unlimited);
        hall.start().await;
        let other = second(hall.settings()).await;
        let there = |client: &Client| Client { address: other.address(), ..client.clone() };
        let (boss_id, boss) = person(&hall, "boss").await;
        let accounts = hall.server().hall().accounts.clone();
        accounts.set_staff(boss_id, true).await.unwrap();
        let boss = actor(&hall, &boss).await;
        let (ada, client) = person(&hall, "ada").await;

        // A rank comes and goes.
        let log = "/v2/staff/actions";
        assert_eq!(there(&client).send("GET", log, None).await.0, StatusCode::FORBIDDEN);
        accounts.grant_rank(&boss, ada, "moderator", WHY).await.unwrap();
        becomes(&there(&client), "GET", log, StatusCode::OK).await;
        becomes(&client, "GET", log, StatusCode::OK).await;
        accounts.revoke_rank(&boss, ada, "moderator", WHY).await.unwrap();
        becomes(&there(&client), "GET", log, StatusCode::FORBIDDEN).await;

        // It goes without a word: the action of one process finds out, and the door of the other knows.
        accounts.grant_rank(&boss, ada, "moderator", WHY).await.unwrap();
        becomes(&there(&client), "GET", log, StatusCode::OK).await;
        let before = actor(&hall, &client).await;
        assert!(before.scopes().unwrap().intersects(SessionScopes::STAFF));
        forget(&hall, sql!("DELETE FROM user_ranks WHERE user_id = $1"), ada).await;
        // The request that was let in before: its action finds out.
        assert!(accounts.staff_log(&before, Default::default()).await.unwrap_err().is(MISSING_RIGHTS));
        assert_eq!(client.send("GET", log, None).await.0, StatusCode::FORBIDDEN);
        let there_too = other.hall().accounts.clone();
        let staff = async || {
            let actor = there_too.authenticate(&client.authorization).await.unwrap();
            actor.scopes().unwrap().intersects(SessionScopes::STAFF)
        };
        let narrowed = async {
            while staff().await {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(Duration::from_secs(1), narrowed).await.unwrap();

        // A session for a program that may read only.
        let me = actor(&hall, &client).await;
        let (name, scopes) = ("Reader".to_owned(), SessionScopes::READ);
        let new = NewScript { name, scopes, life: Duration::from_secs(3600) };
        let (session, token) = accounts.new_script(&me, new, &Visit::default()).await.unwrap();
        let script = there(&hall.client(token));
        assert_eq!(script.send("GET", "/users/@me", None).await.0, StatusCode::OK);
        let (status, refused) = script.send("POST", "/guilds", Some(json!({ "name": "No" }))).await;
        assert_eq!((status, &refused["code"]), (StatusCode::FORBIDDEN, &json!(50013)));
        assert_eq!(script.send("GET", "/auth/sessions", None).await.0, StatusCode::FORBIDDEN);
        let (status, refused) = script.send("GET", "/v2/sessions", None).await;
        assert_eq!((status, &refused["code"]), (StatusCode::FORBIDDEN, &json!("session_scope")));
        accounts.revoke_session(&me, session.id).await.unwrap();
        becomes(&script, "GET", "/users/@me", StatusCode::UNAUTHORIZED).await;

        // Bans.
        becomes(&there(&client), "PATCH", "/users/@me", StatusCode::OK).await;
        accounts.set_state(&boss, ada, UserState::EditBan, WHY).await.unwrap();
        becomes(&there(&client), "PATCH", "/users/@me", StatusCode::FORBIDDEN).await;
        accounts.set_state(&boss, ada, UserState::ApiBan, WHY).await.unwrap();
        becomes(&there(&client), "GET", "/users/@me", StatusCode::FORBIDDEN).await;
        accounts.set_state(&boss, ada, UserState::Banned, WHY).await.unwrap();
        becomes(&there(&client), "GET", "/users/@me", StatusCode::UNAUTHORIZED).await;

        other.stop().await.unwrap();
        hall.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_that_is_lost_in_one_process_opens_nothing_in_another_within_a_second() {
    for mut hall in halls().await {
        hall.configure(unlimited);
        hall.start().await;
        let other = second(hall.settings()).await;
        let (_, owner) = person(&hall, "owner").await;
        let (ada, client) = person(&hall, "ada").await;
        let (guild, _) = owner.found_guild("Workshop").await;
        let body = json!({ "name": "Moderators", "permissions": "32" });
        let role =
            owner.post(&format!("/guilds/{guild}/roles"), body).await["id"].as_str().unwrap().to_owned();
        let chat = &hall.server().hall().chat;
        chat.enroll(guild.parse().unwrap(), ada, vec![role.parse().unwrap()]).await.unwrap();
        let there = Client { address: other.address(), ..client.clone() };
        let path = format!("/guilds/{guild}");
        becomes(&there, "PATCH", &path, StatusCode::OK).await;
        let (status, _) =
            owner.send("DELETE", &format!("/guilds/{guild}/members/{ada}/roles/{role}"), None).await;
        assert_eq!(status, StatusCode::NO_CONTENT);
        becomes(&there, "PATCH", &path, StatusCode::FORBIDDEN).await;
        other.stop().await.unwrap();
        hall.stop().await;
    }
}

/// A form as a browser sends it, with a session of its own.
async fn form(hall: &Hall, cookie: &str, path: &str, headers: &[(&str, &str)]) -> StatusCode {
    let stream = tokio::net::TcpStream::connect(hall.address()).await.unwrap();
    let io = hyper_util::rt::TokioIo::new(stream);
    let (mut sender, connection) = hyper::client::conn::http1::handshake(io).await.unwrap();
    tokio::spawn(connection);
    let mut request = axum::http::Request::post(path)
        .header("host", "hall")
        .header("cookie", format!("guildhall_session={cookie}"))
        .header("content-type", "application/x-www-form-urlencoded");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    sender.send_request(request.body(axum::body::Body::empty()).unwrap()).await.unwrap().status()
}

/// Every form of every page, as the sources name them: none is taken from a page of another site.
#[tokio::test(flavor = "multi_thread")]
async fn csrf_no_form_of_any_page_is_taken_from_another_site() {
    let mut hall = halls().await.remove(0);
    hall.configure(unlimited);
    hall.start().await;
    let (ada, client) = person(&hall, "ada").await;
    hall.server().hall().accounts.set_staff(ada, true).await.unwrap();
    // Not forms: programs send these, with credentials of their own and no cookie.
    let programs = ["/v2/", "/oauth2/token", "/oauth2/revoke", "/oauth2/introspect", "/oauth2/par"];
    // Other sites do send people here (OpenID Connect); what comes of it is a page that asks, and changes nothing.
    let questions = ["/oauth2/authorize", "/oauth2/logout"];
    let mut forms = 0;
    for (path, method) in pages() {
        let elsewhere = programs.iter().chain(&questions).any(|other| path.starts_with(other));
        if METHODS[method] == "GET" || (elsewhere && path != "/oauth2/logout/confirm") {
            continue;
        }
        let filled: Vec<_> =
            path.split('/').map(|part| if part.starts_with('{') { "1" } else { part }).collect();
        let filled = filled.join("/");
        for headers in [
            [("origin", "https://evil.example"), ("x-a", "1")],
            [("sec-fetch-site", "cross-site"), ("x-a", "1")],
            [("sec-fetch-site", "same-site"), ("origin", "http://hall")],
            [("origin", "null"), ("x-a", "1")],
            [("x-a", "1"), ("x-b", "1")],
        ] {
            let status = form(&hall, &client.authorization, &filled, &headers).await;
            assert_eq!(status, StatusCode::FORBIDDEN, "{path} with {headers:?}");
        }
        forms += 1;
    }
    assert!(forms > 40, "{forms}");
    assert_eq!(client.send("GET", "/users/@me", None).await.0, StatusCode::OK, "the session is as it was");
    hall.stop().await;
}

/// A session's secret in an address would end up in logs and in `Referer`: it opens nothing there.
#[tokio::test(flavor = "multi_thread")]
async fn a_token_in_an_address_opens_nothing() {
    let mut hall = halls().await.remove(0);
    hall.configure(unlimited);
    hall.start().await;
    let (_, client) = person(&hall, "ada").await;
    let token = &client.authorization;
    let stranger = hall.client("");
    for name in ["token", "access_token", "authorization", "session", "guildhall_session", "api_key"] {
        for path in ["/users/@me", "/v2/me", "/v2/sessions", "/auth/sessions"] {
            let (status, _) = stranger.send("GET", &format!("{path}?{name}={token}"), None).await;
            assert_eq!(status, StatusCode::UNAUTHORIZED, "{path}?{name}=");
        }
    }
    hall.stop().await;
}
