//! Registering, signing in and out, sessions, passwords.

use std::time::Duration;

use crate::support::{PASSWORD, halls, halls_with, request};
use axum::body::Body;
use axum::http::{Method, StatusCode, header};
use guildhall_accounts::{Config, NewUser, SessionClass, SignIn};
use serde_json::{Value, json};

#[tokio::test]
async fn who_registers_is_signed_in_and_reads_themselves() {
    for hall in halls().await {
        let (id, token) = hall.person("Ada.L").await;
        let me = hall.get("/users/@me", &token).await.ok();
        assert_eq!(me["id"], json!(id));
        assert_eq!(me["username"], "ada.l");
        assert_eq!(me["discriminator"], "0");
        for key in
            ["mfa_enabled", "locale", "verified", "email", "premium_type", "flags", "global_name", "avatar"]
        {
            assert!(me.get(key).is_some(), "{key}");
        }
        assert!(me.get("bot").is_none());
        let answer = hall.get("/users/@me", &token).await;
        assert_eq!(answer.headers[header::CONTENT_TYPE], "application/json");
        assert_eq!(hall.get(&format!("/users/{id}"), &token).await.ok()["username"], "ada.l");
        assert_eq!(hall.get("/users/1", &token).await.json()["code"], 10013);
        assert_eq!(hall.get("/users/abc", &token).await.json()["code"], 50035);
    }
}

#[tokio::test]
async fn without_a_good_credential_the_answer_is_401_as_discord_writes_it() {
    for hall in halls().await {
        let (_, token) = hall.person("ada").await;
        for bad in
            ["", "x", "Bot", "Bot x.y.z", "Bearer abc", &format!("Bot {token}"), "null", &"a".repeat(5000)]
        {
            let answer = hall.get("/users/@me", bad).await;
            assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{bad}");
            assert_eq!(answer.json(), json!({ "message": "401: Unauthorized", "code": 0 }));
        }
    }
}

#[tokio::test]
async fn a_name_belongs_to_one_person_however_many_ask_at_once() {
    for hall in halls().await {
        let hall = std::sync::Arc::new(hall);
        let asks = (0..6).map(|_| {
            let hall = hall.clone();
            tokio::spawn(async move {
                let body = json!({ "username": "ada", "password": PASSWORD });
                hall.call(Method::POST, "/auth/register", "", body).await
            })
        });
        let mut entered = 0;
        for ask in asks.collect::<Vec<_>>() {
            let answer = ask.await.unwrap();
            if answer.status.is_success() {
                entered += 1;
            } else {
                assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{}", answer.text);
                let code = &answer.json()["errors"]["username"]["_errors"][0]["code"];
                assert_eq!(code, "USERNAME_ALREADY_TAKEN");
            }
        }
        assert_eq!(entered, 1, "{}", hall.db.name);
    }
}

#[tokio::test]
async fn bad_registrations_name_their_fields_and_leave_nothing() {
    for hall in halls().await {
        let cases = [
            (json!({ "username": "a", "password": PASSWORD }), "username"),
            (json!({ "username": "with space", "password": PASSWORD }), "username"),
            (json!({ "username": "everyone", "password": PASSWORD }), "username"),
            (json!({ "username": "fine", "password": "short" }), "password"),
            (json!({ "username": "fine", "password": "x".repeat(129) }), "password"),
            (json!({ "username": "fine" }), "password"),
            (json!({ "username": 5, "password": PASSWORD }), "username"),
            (
                json!({ "username": "fine", "password": PASSWORD, "global_name": "x".repeat(33) }),
                "global_name",
            ),
        ];
        for (body, field) in cases {
            let answer = hall.call(Method::POST, "/auth/register", "", body.clone()).await;
            assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{body}");
            assert!(answer.json()["errors"][field].is_object(), "{body}: {}", answer.text);
        }
        assert!(hall.accounts.user_by_name("fine").await.unwrap().is_none());
    }
    for hall in halls_with(Config { registration: false, ..Config::default() }).await {
        let body = json!({ "username": "ada", "password": PASSWORD });
        let answer = hall.call(Method::POST, "/auth/register", "", body).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN);
    }
}

#[tokio::test]
async fn an_unknown_name_and_a_wrong_password_get_the_same_answer() {
    for hall in halls().await {
        hall.person("ada").await;
        assert!(hall.sign_in("ADA ", PASSWORD).await.status.is_success());
        let wrong = hall.sign_in("ada", "not the password").await;
        let unknown = hall.sign_in("nobody", "not the password").await;
        assert_eq!(wrong.status, StatusCode::BAD_REQUEST);
        assert_eq!((wrong.status, &wrong.text), (unknown.status, &unknown.text));
        hall.accounts.create_user(NewUser { username: "nopass".into(), ..NewUser::default() }).await.unwrap();
        assert_eq!(hall.sign_in("nopass", "").await.text, wrong.text);
    }
}

#[tokio::test]
async fn guessing_is_slowed_per_name_and_says_for_how_long() {
    for hall in halls().await {
        hall.person("ada").await;
        for _ in 0..5 {
            assert_eq!(hall.sign_in("ada", "guess guess").await.status, StatusCode::BAD_REQUEST);
        }
        let refused = hall.sign_in("ada", PASSWORD).await;
        assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS);
        assert!(
            refused.headers.contains_key(header::RETRY_AFTER) && refused.headers.contains_key(header::VIA)
        );
        assert!(refused.json()["retry_after"].as_f64().unwrap() > 0.0);
        hall.hand.advance(Duration::from_secs(2));
        assert!(hall.sign_in("ada", PASSWORD).await.status.is_success());
        // The owner has been; the name starts anew.
        assert_eq!(hall.sign_in("ada", "guess guess").await.status, StatusCode::BAD_REQUEST);
        assert!(hall.sign_in("ada", PASSWORD).await.status.is_success());
    }
}

#[tokio::test]
async fn guessing_is_slowed_per_address_over_all_names() {
    for hall in halls().await {
        let mut refused = false;
        for n in 0..40 {
            refused |= hall.sign_in(&format!("name{n}"), "guess guess").await.status
                == StatusCode::TOO_MANY_REQUESTS;
        }
        assert!(refused);
    }
}

#[tokio::test]
async fn a_session_ends_by_signing_out_at_once_and_for_good() {
    for hall in halls().await {
        let (_, first) = hall.person("ada").await;
        let second = hall.sign_in("ada", PASSWORD).await.ok()["token"].as_str().unwrap().to_owned();
        assert_eq!(hall.get("/auth/sessions", &first).await.ok().as_array().unwrap().len(), 2);
        hall.call(Method::POST, "/auth/logout", &second, Value::Null).await.ok();
        assert_eq!(hall.get("/users/@me", &second).await.status, StatusCode::UNAUTHORIZED);
        hall.get("/users/@me", &first).await.ok();
        let names: Vec<_> = hall.events().await.into_iter().map(|(name, _)| name).collect();
        assert_eq!(names, ["CREDENTIALS_ENDED"]);
    }
}

#[tokio::test]
async fn sessions_are_listed_and_revoked_only_by_their_owner() {
    for hall in halls().await {
        let (_, ada) = hall.person("ada").await;
        let (_, bob) = hall.person("bob").await;
        let sessions = hall.get("/auth/sessions", &ada).await.ok();
        assert_eq!(sessions[0]["address"], "192.0.2.7");
        let path = format!("/auth/sessions/{}", sessions[0]["id"].as_str().unwrap());
        assert_eq!(hall.call(Method::DELETE, &path, &bob, Value::Null).await.status, StatusCode::NOT_FOUND);
        hall.get("/users/@me", &ada).await.ok();
        hall.call(Method::DELETE, &path, &ada, Value::Null).await.ok();
        assert_eq!(hall.get("/users/@me", &ada).await.status, StatusCode::UNAUTHORIZED);
    }
}

#[tokio::test]
async fn a_session_lives_from_its_last_use_and_then_ends() {
    let day = Duration::from_secs(24 * 3600);
    for hall in halls_with(Config { session_life: day, ..Config::default() }).await {
        let (id, token) = hall.person("ada").await;
        for _ in 0..3 {
            hall.hand.advance(day * 3 / 4);
            // As after the five minutes that a token is remembered.
            let fresh = hall.reopened();
            fresh.authenticate(&token).await.unwrap();
        }
        hall.hand.advance(day + Duration::from_secs(1));
        assert_eq!(hall.get("/users/@me", &token).await.status, StatusCode::UNAUTHORIZED);
        assert!(hall.reopened().authenticate(&token).await.is_err());
        hall.sign_in("ada", PASSWORD).await.ok();
        let rows =
            hall.db.db.all(guildhall_infra::sql!("SELECT id FROM tokens"), guildhall_infra::params![]).await;
        assert_eq!(rows.unwrap().len(), 1, "the ended session of {id} is pruned");
    }
}

#[tokio::test]
async fn a_new_password_ends_the_other_sessions() {
    for hall in halls().await {
        let (_, first) = hall.person("ada").await;
        let second = hall.sign_in("ada", PASSWORD).await.ok()["token"].as_str().unwrap().to_owned();
        let actor = hall.accounts.authenticate(&first).await.unwrap();
        let wrong =
            hall.accounts.change_password(&actor, "not the password", "a new password").await.unwrap_err();
        assert_eq!(wrong.fields[0].path, "password");
        let short = hall.accounts.change_password(&actor, PASSWORD, "short").await.unwrap_err();
        assert_eq!(short.fields[0].path, "new_password");
        hall.get("/users/@me", &second).await.ok();
        hall.accounts.change_password(&actor, PASSWORD, "a new password").await.unwrap();
        hall.get("/users/@me", &first).await.ok();
        assert_eq!(hall.get("/users/@me", &second).await.status, StatusCode::UNAUTHORIZED);
        assert_eq!(hall.sign_in("ada", PASSWORD).await.status, StatusCode::BAD_REQUEST);
        hall.sign_in("ada", "a new password").await.ok();
    }
}

#[tokio::test]
async fn a_cookie_counts_for_reading_and_for_writing_only_from_this_site() {
    for hall in halls().await {
        let (_, token) = hall.person("ada").await;
        let cookie = format!("other=1; guildhall_session={token}");
        let send = async |method: Method, extra: &[(&str, &str)]| {
            let mut request = request(method, "/users/@me").header(header::COOKIE, &cookie);
            for (name, value) in extra {
                request = request.header(*name, *value);
            }
            hall.send(request.body(Body::from("{}")).unwrap()).await.status
        };
        assert_eq!(send(Method::GET, &[]).await, StatusCode::OK);
        assert_eq!(send(Method::PATCH, &[]).await, StatusCode::UNAUTHORIZED);
        assert_eq!(send(Method::PATCH, &[("origin", "http://evil.test")]).await, StatusCode::UNAUTHORIZED);
        assert_eq!(send(Method::PATCH, &[("origin", "null")]).await, StatusCode::UNAUTHORIZED);
        assert_eq!(send(Method::PATCH, &[("sec-fetch-site", "cross-site")]).await, StatusCode::UNAUTHORIZED);
        let both = [("sec-fetch-site", "same-site"), ("origin", "http://hall.test")];
        assert_eq!(send(Method::PATCH, &both).await, StatusCode::UNAUTHORIZED);
        assert_eq!(send(Method::PATCH, &[("origin", "http://hall.test")]).await, StatusCode::OK);
        assert_eq!(send(Method::PATCH, &[("sec-fetch-site", "same-origin")]).await, StatusCode::OK);
    }
}

#[tokio::test]
async fn tokens_and_passwords_are_stored_as_hashes_only() {
    for hall in halls().await {
        let (_, token) = hall.person("ada").await;
        let secret = token.rsplit('.').next().unwrap();
        let row = hall
            .db
            .db
            .one(
                guildhall_infra::sql!(
                    "SELECT u.password, t.hash FROM users u JOIN tokens t ON t.user_id = u.id"
                ),
                guildhall_infra::params![],
            )
            .await
            .unwrap();
        let (password, hash) = row.read::<(String, Vec<u8>)>().unwrap();
        assert!(password.starts_with("$argon2id$v=19$m=19456,t=2,p=1$") && !password.contains(PASSWORD));
        assert_eq!(hash.len(), 32);
        assert!(!String::from_utf8_lossy(&hash).contains(secret));
    }
}

#[tokio::test]
async fn every_statement_is_understood_by_every_database() {
    for hall in halls().await {
        let complaints = guildhall_infra::testing::misunderstood(&hall.db.db).await;
        assert!(complaints.is_empty(), "{complaints:#?}");
    }
}

#[tokio::test]
async fn who_was_seen_lately_is_known_without_the_database() {
    for hall in halls().await {
        let (id, token) = hall.person("ada").await;
        hall.get("/users/@me", &token).await.ok();
        // Behind the door's back: only somebody who asks the database notices.
        let mut batch = guildhall_infra::db::Batch::new();
        batch.run(guildhall_infra::sql!("DELETE FROM tokens"), guildhall_infra::params![]);
        hall.db.db.write(batch).await.unwrap();
        assert_eq!(hall.get("/users/@me", &token).await.ok()["id"], json!(id));
        assert!(hall.reopened().authenticate(&token).await.is_err());
    }
}

#[tokio::test]
async fn a_session_ended_by_another_process_is_refused_here_within_a_second() {
    for hall in halls().await {
        let (_, first) = hall.person("ada").await;
        let second = hall.sign_in("ada", PASSWORD).await.ok()["token"].as_str().unwrap().to_owned();
        let elsewhere = hall.reopened();
        let following = elsewhere.clone();
        let follower = tokio::spawn(following.follow());
        elsewhere.authenticate(&first).await.unwrap();
        elsewhere.authenticate(&second).await.unwrap();
        let actor = hall.accounts.authenticate(&first).await.unwrap();
        hall.accounts.revoke_other_sessions(&actor).await.unwrap();
        let refused = async {
            while elsewhere.authenticate(&second).await.is_ok() {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(Duration::from_secs(1), refused).await.unwrap();
        elsewhere.authenticate(&first).await.unwrap();
        follower.abort();
    }
}

#[tokio::test]
async fn a_program_s_session_slides_by_minutes() {
    for hall in halls().await {
        hall.person("ada").await;
        let visit = guildhall_accounts::Visit { class: SessionClass::Api, ..Default::default() };
        let SignIn::Done(done) = hall.accounts.sign_in("ada", PASSWORD, &visit).await.unwrap() else {
            panic!()
        };
        for _ in 0..4 {
            hall.hand.advance(Duration::from_secs(900));
            hall.reopened().authenticate(&done.token).await.unwrap();
        }
        hall.hand.advance(Duration::from_secs(960));
        assert!(hall.reopened().authenticate(&done.token).await.is_err());
    }
}

#[tokio::test]
async fn an_imported_password_works_and_is_written_anew_at_sign_in() {
    for hall in halls().await {
        let password_hash = Some(bcrypt::hash(PASSWORD, 4).unwrap());
        let new = NewUser { username: "ada".into(), password_hash, ..NewUser::default() };
        let ada = hall.accounts.create_user(new).await.unwrap();
        let stored = async || {
            let text = guildhall_infra::sql!("SELECT password FROM users WHERE id = $1");
            let row = hall.db.db.one(text, guildhall_infra::params![ada.id]).await.unwrap();
            row.get::<String>(0).unwrap()
        };
        assert_eq!(hall.sign_in("ada", "not the password").await.status, StatusCode::BAD_REQUEST);
        assert!(stored().await.starts_with("$2"));
        hall.sign_in("ada", PASSWORD).await.ok();
        assert!(stored().await.starts_with("$argon2id$"));
        hall.sign_in("ada", PASSWORD).await.ok();
        let bad = NewUser { username: "bob".into(), password_hash: Some("x".into()), ..NewUser::default() };
        assert_eq!(hall.accounts.create_user(bad).await.unwrap_err().fields[0].path, "password_hash");
    }
}
