//! One's own name, profile and settings; friends and blocks; the first administrator; bots' tokens.

use std::sync::Arc;

use crate::support::{Hall, PASSWORD, halls};
use axum::http::{Method, StatusCode};
use guildhall_accounts::{NewUser, Registration, Visit};
use guildhall_base::{Ids, UserId};
use guildhall_infra::db::Batch;
use serde_json::{Value, json};

async fn patch_me(hall: &Hall, token: &str, body: Value) -> crate::support::Answer {
    hall.call(Method::PATCH, "/users/@me", token, body).await
}

#[tokio::test]
async fn a_changed_profile_is_answered_stored_told_and_seen_by_others() {
    for hall in halls().await {
        let (id, ada) = hall.person("ada").await;
        let (_, bob) = hall.person("bob").await;
        hall.get(&format!("/users/{id}"), &bob).await.ok();
        let body = json!({ "username": "countess", "global_name": "Ada L.", "bio": "Notes", "pronouns": "she/her",
            "accent_color": 0xff_0000, "unknown": 1 });
        let me = patch_me(&hall, &ada, body).await.ok();
        assert_eq!((&me["username"], &me["global_name"]), (&json!("countess"), &json!("Ada L.")));
        let seen = hall.get(&format!("/users/{id}/profile"), &bob).await.ok();
        assert_eq!(seen["user"]["username"], "countess");
        assert_eq!(seen["user_profile"]["bio"], "Notes");
        assert_eq!(
            hall.reopened().user(id.parse().unwrap()).await.unwrap().global_name.as_deref(),
            Some("Ada L.")
        );
        let events = hall.events().await;
        assert_eq!(events.len(), 1);
        assert_eq!(events[0], ("USER_UPDATE".to_owned(), me.clone()));
        // The same again changes nothing, so nobody is told.
        patch_me(&hall, &ada, json!({ "bio": "Notes" })).await.ok();
        assert_eq!(hall.events().await.len(), 1);
        assert_eq!(
            patch_me(&hall, &ada, json!({ "global_name": null })).await.ok()["global_name"],
            Value::Null
        );
        hall.sign_in("countess", PASSWORD).await.ok();
    }
}

#[tokio::test]
async fn a_refused_profile_names_its_fields_and_changes_nothing() {
    for hall in halls().await {
        let (_, ada) = hall.person("ada").await;
        hall.person("bob").await;
        let before = hall.get("/users/@me", &ada).await.ok();
        let cases = [
            (json!({ "username": "bob" }), "username"),
            (json!({ "username": "BOB " }), "username"),
            (json!({ "username": "a b", "bio": "new" }), "username"),
            (json!({ "bio": "x".repeat(191) }), "bio"),
            (json!({ "global_name": "\u{7}" }), "global_name"),
            (json!({ "accent_color": 0x100_0000 }), "accent_color"),
            (json!({ "accent_color": -1 }), "accent_color"),
        ];
        for (body, field) in cases {
            let answer = patch_me(&hall, &ada, body.clone()).await;
            assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{body}");
            assert!(answer.json()["errors"][field].is_object(), "{body}: {}", answer.text);
        }
        assert_eq!(hall.get("/users/@me", &ada).await.ok(), before);
        assert!(hall.events().await.is_empty());
        assert_eq!(patch_me(&hall, "", json!({})).await.status, StatusCode::UNAUTHORIZED);
    }
}

#[tokio::test]
async fn settings_are_read_and_changed_one_by_one() {
    for hall in halls().await {
        let (_, ada) = hall.person("ada").await;
        let path = "/users/@me/settings";
        let settings = hall.get(path, &ada).await.ok();
        assert_eq!(
            settings,
            json!({ "status": "online", "custom_status": null, "theme": "system", "locale": "en-US" })
        );
        let changed = hall.call(Method::PATCH, path, &ada, json!({ "status": "dnd" })).await.ok();
        assert_eq!(
            changed,
            json!({ "status": "dnd", "custom_status": null, "theme": "system", "locale": "en-US" })
        );
        for bad in [json!({ "status": "away" }), json!({ "theme": "red" }), json!({ "locale": "x" })] {
            let answer = hall.call(Method::PATCH, path, &ada, bad).await;
            assert_eq!(answer.status, StatusCode::BAD_REQUEST);
        }
        assert_eq!(hall.get(path, &ada).await.ok(), changed);
        let custom = json!({ "text": "at sea", "emoji_name": "\u{26f5}" });
        let before = hall.log.head();
        let changed = hall.call(Method::PATCH, path, &ada, json!({ "custom_status": custom })).await.ok();
        assert_eq!((&changed["status"], &changed["custom_status"]), (&json!("dnd"), &custom));
        let mut tail = hall.log.tail(before);
        let told = loop {
            let event = tail.next(1).await.unwrap().unwrap().remove(0);
            if &*event.name == "USER_SETTINGS_UPDATE" && event.parse::<Value>().unwrap() == changed {
                break event;
            }
        };
        assert_eq!(
            told.actor.map(|user| user.to_string()),
            hall.get("/users/@me", &ada).await.ok()["id"].as_str().map(str::to_owned)
        );
        assert_eq!(hall.get(path, &ada).await.ok(), changed);
        let long = json!({ "custom_status": { "text": "x".repeat(129) } });
        assert_eq!(hall.call(Method::PATCH, path, &ada, long).await.status, StatusCode::BAD_REQUEST);
        let cleared = hall.call(Method::PATCH, path, &ada, json!({ "custom_status": null })).await.ok();
        assert_eq!(cleared["custom_status"], Value::Null);
    }
}

/// What each of two has in their list: the type of the first entry.
async fn types(hall: &Hall, tokens: [&str; 2]) -> [Value; 2] {
    let of = async |token: &str| {
        let list = hall.get("/users/@me/relationships", token).await.ok();
        assert!(list.as_array().unwrap().len() <= 1);
        list[0]["type"].clone()
    };
    [of(tokens[0]).await, of(tokens[1]).await]
}

#[tokio::test]
async fn friends_are_asked_accepted_and_left_and_both_are_told() {
    for hall in halls().await {
        let ((ada_id, ada), (bob_id, bob)) = (hall.person("ada").await, hall.person("bob").await);
        let (to_bob, to_ada) =
            (format!("/users/@me/relationships/{bob_id}"), format!("/users/@me/relationships/{ada_id}"));
        let by_name = json!({ "username": "Bob", "discriminator": null });
        hall.call(Method::POST, "/users/@me/relationships", &ada, by_name).await.ok();
        assert_eq!(types(&hall, [&ada, &bob]).await, [json!(4), json!(3)]);
        hall.call(Method::PUT, &to_bob, &ada, json!({})).await.ok();
        assert_eq!(hall.events().await.len(), 2, "asking twice is asking once");
        hall.call(Method::PUT, &to_ada, &bob, json!({ "type": 1 })).await.ok();
        assert_eq!(types(&hall, [&ada, &bob]).await, [json!(1), json!(1)]);
        let again = hall.call(Method::PUT, &to_bob, &ada, json!({})).await;
        assert_eq!(again.json()["code"], 80007);
        hall.call(Method::DELETE, &to_bob, &ada, Value::Null).await.ok();
        hall.call(Method::DELETE, &to_bob, &ada, Value::Null).await.ok();
        assert_eq!(types(&hall, [&ada, &bob]).await, [Value::Null, Value::Null]);
        let events = hall.events().await;
        let names: Vec<_> = events.iter().map(|(name, _)| name.as_str()).collect();
        let (add, remove) = ("RELATIONSHIP_ADD", "RELATIONSHIP_REMOVE");
        assert_eq!(names, [add, add, add, add, remove, remove]);
        assert_eq!(events[0].1["id"], json!(bob_id));
        assert_eq!((&events[0].1["type"], &events[0].1["user"]["username"]), (&json!(4), &json!("bob")));
    }
}

#[tokio::test]
async fn a_block_ends_all_and_only_who_set_it_lifts_it() {
    for hall in halls().await {
        let ((ada_id, ada), (bob_id, bob)) = (hall.person("ada").await, hall.person("bob").await);
        let (to_bob, to_ada) =
            (format!("/users/@me/relationships/{bob_id}"), format!("/users/@me/relationships/{ada_id}"));
        hall.call(Method::PUT, &to_bob, &ada, json!({})).await.ok();
        hall.call(Method::PUT, &to_ada, &bob, json!({ "type": 2 })).await.ok();
        assert_eq!(types(&hall, [&ada, &bob]).await, [Value::Null, json!(2)]);
        assert!(hall.accounts.is_blocked(ada_id.parse().unwrap(), bob_id.parse().unwrap()).await.unwrap());
        assert_eq!(hall.call(Method::PUT, &to_bob, &ada, json!({})).await.json()["code"], 80001);
        hall.call(Method::DELETE, &to_bob, &ada, Value::Null).await.ok();
        assert_eq!(types(&hall, [&ada, &bob]).await, [Value::Null, json!(2)]);
        hall.call(Method::DELETE, &to_ada, &bob, Value::Null).await.ok();
        assert_eq!(types(&hall, [&ada, &bob]).await, [Value::Null, Value::Null]);
        assert_eq!(hall.call(Method::PUT, &to_ada, &ada, json!({})).await.json()["code"], 80003);
        assert_eq!(
            hall.call(Method::PUT, &to_bob, &ada, json!({ "type": 3 })).await.status,
            StatusCode::BAD_REQUEST
        );
        let nobody = hall.call(Method::PUT, "/users/@me/relationships/5", &ada, json!({})).await;
        assert_eq!(nobody.json()["code"], 10013);
        let by_name =
            hall.call(Method::POST, "/users/@me/relationships", &ada, json!({ "username": "zed" })).await;
        assert_eq!(by_name.json()["code"], 80004);
        assert_eq!(hall.get("/users/@me/relationships", "").await.status, StatusCode::UNAUTHORIZED);
    }
}

#[tokio::test]
async fn two_who_ask_each_other_at_once_are_friends_whoever_was_first() {
    for hall in halls().await {
        let hall = Arc::new(hall);
        for round in 0..6 {
            let (a, b) = (format!("a{round}"), format!("b{round}"));
            let ((a_id, a), (b_id, b)) = (hall.person(&a).await, hall.person(&b).await);
            let ask = |token: String, other: String| {
                let hall = hall.clone();
                tokio::spawn(async move {
                    hall.call(Method::PUT, &format!("/users/@me/relationships/{other}"), &token, json!({}))
                        .await
                })
            };
            let asks =
                [ask(a.clone(), b_id.clone()), ask(b.clone(), a_id.clone()), ask(a.clone(), b_id.clone())];
            for answer in asks {
                let answer = answer.await.unwrap();
                assert!(answer.status.is_success() || answer.json()["code"] == 80007, "{}", answer.text);
            }
            assert_eq!(types(&hall, [&a, &b]).await, [json!(1), json!(1)], "{}", hall.db.name);
        }
    }
}

#[tokio::test]
async fn the_administrators_link_works_once_however_many_use_it() {
    for hall in halls().await {
        let old = hall.accounts.setup_code().await.unwrap().unwrap();
        let code = hall.accounts.setup_code().await.unwrap().unwrap();
        assert!(!hall.accounts.setup_code_is_good(&old).await.unwrap());
        let accounts = hall.accounts.clone();
        let uses = (0..5).map(|n| {
            let (accounts, code) = (accounts.clone(), code.clone());
            tokio::spawn(async move {
                let registration = Registration {
                    username: format!("root{n}"),
                    password: PASSWORD.into(),
                    global_name: None,
                    locale: None,
                    email: None,
                };
                accounts.set_up(&code, registration, &Visit::default()).await
            })
        });
        let mut admins = Vec::new();
        for used in uses.collect::<Vec<_>>() {
            match used.await.unwrap() {
                Ok(signed_in) => admins.push(signed_in),
                Err(error) => assert!(error.is(guildhall_accounts::codes::SETUP_CODE_SPENT), "{error}"),
            }
        }
        assert_eq!(admins.len(), 1);
        assert!(hall.accounts.authenticate(&admins[0].token).await.unwrap().staff);
        assert_eq!(hall.accounts.setup_code().await.unwrap(), None);
        let staff = (0..5).map(|n| format!("root{n}"));
        let mut found = 0;
        for name in staff {
            found += usize::from(hall.accounts.user_by_name(&name).await.unwrap().is_some());
        }
        assert_eq!(found, 1);
    }
}

#[tokio::test]
async fn bots_have_tokens_that_are_rotated_and_may_share_names() {
    for hall in halls().await {
        let ids = Ids::new(hall.clock.clone(), 2);
        let (one, two): (UserId, UserId) = (ids.next(), ids.next());
        let owner: UserId = hall.person("owner").await.0.parse().unwrap();
        let mut tokens = Vec::new();
        for id in [one, two] {
            let mut batch = Batch::new();
            let (user, token) = hall.accounts.prepare_bot(&mut batch, id, owner, "Music Bot").await.unwrap();
            hall.db.db.write(batch).await.unwrap();
            assert!(user.bot);
            tokens.push(token);
        }
        let me = hall.get("/users/@me", &format!("Bot {}", tokens[0])).await.ok();
        assert_eq!((&me["bot"], &me["id"], &me["verified"]), (&json!(true), &json!(one), &json!(true)));
        // IDENTIFY carries the token alone.
        assert_eq!(hall.accounts.authenticate(&tokens[0]).await.unwrap().id(), one);
        let new = hall.accounts.rotate_bot_token(one).await.unwrap();
        assert!(hall.accounts.authenticate(&tokens[0]).await.is_err());
        assert!(hall.reopened().authenticate(&tokens[0]).await.is_err());
        assert_eq!(hall.accounts.authenticate(&format!("Bot {new}")).await.unwrap().id(), one);
        hall.accounts.authenticate(&tokens[1]).await.unwrap();
        let bot = format!("Bot {new}");
        assert_eq!(hall.get("/users/@me/relationships", &bot).await.json()["code"], 20001);
        let (_, ada) = hall.person("ada").await;
        let ask = hall.call(Method::PUT, &format!("/users/@me/relationships/{one}"), &ada, json!({})).await;
        assert_eq!(ask.json()["code"], 80002);
    }
}

#[tokio::test]
async fn fixed_tokens_of_seeds_are_added_once_and_to_one() {
    for hall in halls().await {
        let make = async |name: &str| {
            hall.accounts
                .create_user(NewUser { username: name.into(), ..NewUser::default() })
                .await
                .unwrap()
                .id
        };
        let (ada, bob) = (make("ada").await, make("bob").await);
        hall.accounts.add_token(ada, "seed.ada.token").await.unwrap();
        hall.accounts.add_token(ada, "seed.ada.token").await.unwrap();
        assert!(hall.accounts.add_token(bob, "seed.ada.token").await.is_err());
        assert!(hall.accounts.add_token(ada, "with space").await.is_err());
        assert_eq!(hall.accounts.authenticate("seed.ada.token").await.unwrap().id(), ada);
        let users = hall.accounts.users(&[ada, bob, UserId::new(9)]).await.unwrap();
        assert_eq!(users.len(), 2);
        assert_eq!(users[&bob].username, "bob");
    }
}
