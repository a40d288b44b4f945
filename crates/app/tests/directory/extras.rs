//! What a page says besides: commands, news, resources.

use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::world::{events, history, id_of, listed_bot, make_staff, set_state, started};

fn names(commands: &Value) -> Vec<&str> {
    commands.as_array().unwrap().iter().map(|command| command["name"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn commands_are_posted_by_the_bot_and_its_keepers() {
    for hall in started().await {
        let (owner, other) = (hall.register("owner").await, hall.register("other").await);
        let (bot, token) = listed_bot(&hall, &owner, "Tidy").await;
        let (_, foreign) = listed_bot(&hall, &other, "Foreign").await;
        let path = format!("/v2/listings/bots/{bot}/commands");
        let mute = json!({ "type": "prefix", "name": "mute", "description": "Quiet.", "args": ["<user>"],
            "examples": ["mute @ada"], "groups": ["moderation"], "premium_only": true,
            "doc_link": "https://example.com/mute" });
        let body =
            json!([mute, { "type": "slash_guild", "name": "mute" }, { "type": "prefix", "name": "help" }]);
        // Pending: the bot posts already, nobody else sees it.
        let (status, put) = token.send("PUT", &path, Some(body.clone())).await;
        assert_eq!((status, names(&put)), (StatusCode::OK, vec!["help", "mute", "mute"]), "{put}");
        assert_eq!(other.send("GET", &path, None).await.0, StatusCode::NOT_FOUND);
        assert_eq!(foreign.send("PUT", &path, Some(body.clone())).await.0, StatusCode::NOT_FOUND);
        set_state(&hall, &bot, 0).await;
        assert_eq!(foreign.send("PUT", &path, Some(body.clone())).await.0, StatusCode::NOT_FOUND);
        assert_eq!(other.send("PUT", &path, Some(body.clone())).await.0, StatusCode::FORBIDDEN);
        assert_eq!(hall.client("").send("PUT", &path, Some(body)).await.0, StatusCode::UNAUTHORIZED);
        let guild = token.send("PUT", "/v2/listings/guilds/1/commands", Some(json!([]))).await;
        assert_eq!(guild.0, StatusCode::NOT_FOUND);
        let seen = hall.client("").get(&path).await;
        let found = seen.as_array().unwrap().iter().find(|command| command["premium_only"] == true).unwrap();
        assert_eq!((&found["args"], &found["doc_link"]), (&json!(["<user>"]), &mute["doc_link"]));
        // The same type and name is the same command, whose id stays.
        let again = json!([{ "type": "prefix", "name": "mute", "description": "Louder." }]);
        let changed = owner.send("PUT", &path, Some(again)).await.1;
        let after = changed.as_array().unwrap().iter().find(|one| one["id"] == found["id"]).unwrap();
        assert_eq!((&after["description"], &after["premium_only"]), (&json!("Louder."), &json!(false)));
        assert_eq!(changed.as_array().unwrap().len(), 3);
        for wrong in [
            json!([{ "type": "prefix", "name": "" }]),
            json!([{ "type": "prefix", "name": "a" }, { "type": "prefix", "name": "a" }]),
            json!([{ "type": "prefix", "name": "a", "doc_link": "http://example.com" }]),
            json!([{ "type": "telepathy", "name": "a" }]),
        ] {
            let answer = owner.send("PUT", &path, Some(wrong.clone())).await;
            assert_eq!(answer.0, StatusCode::BAD_REQUEST, "{wrong}");
        }
        // 500 in all.
        for round in 0..3 {
            let many: Vec<Value> = (0..200)
                .map(|number| json!({ "type": "prefix", "name": format!("{round}-{number}") }))
                .collect();
            let (status, answer) = token.send("PUT", &path, Some(json!(many))).await;
            match round {
                0 | 1 => assert_eq!(status, StatusCode::OK),
                _ => {
                    assert_eq!((status, &answer["code"]), (StatusCode::CONFLICT, &json!("too_many_commands")))
                }
            }
        }
        assert_eq!(owner.get(&path).await.as_array().unwrap().len(), 403);
        // Removed by name, by id, and all.
        let gone = |query: &str| format!("{path}?{query}");
        assert_eq!(token.send("DELETE", &path, None).await.0, StatusCode::BAD_REQUEST);
        assert_eq!(token.send("DELETE", &gone("names=nothing"), None).await.0, StatusCode::NOT_FOUND);
        assert_eq!(token.send("DELETE", &gone("ids=x"), None).await.0, StatusCode::BAD_REQUEST);
        assert_eq!(token.send("DELETE", &gone("names=help%7C0-1"), None).await.0, StatusCode::NO_CONTENT);
        let id = found["id"].as_str().unwrap();
        assert_eq!(owner.send("DELETE", &gone(&format!("ids={id}")), None).await.0, StatusCode::NO_CONTENT);
        assert_eq!(owner.get(&path).await.as_array().unwrap().len(), 400);
        assert_eq!(other.send("DELETE", &gone("all=true"), None).await.0, StatusCode::FORBIDDEN);
        assert_eq!(token.send("DELETE", &gone("all=true"), None).await.0, StatusCode::NO_CONTENT);
        assert_eq!(owner.get(&path).await, json!([]));
        assert_eq!(events(&hall, "LISTING_COMMANDS_UPDATE").await.len(), 4);
        assert_eq!(events(&hall, "LISTING_COMMANDS_DELETE").await.len(), 3);
    }
}

#[tokio::test]
async fn commands_that_the_application_registered_are_taken_over() {
    for hall in started().await {
        let owner = hall.register("owner").await;
        let (bot, token) = listed_bot(&hall, &owner, "Tidy").await;
        let path = format!("/v2/listings/bots/{bot}/commands");
        let user = |name: &str, required: bool| json!({ "type": 6, "name": name, "description": "Who.", "required": required });
        let reason = json!({ "type": 3, "name": "why", "description": "Why." });
        let registered = json!([
            { "name": "mute", "description": "Lets somebody listen.", "options": [user("who", true), reason] },
            { "name": "role", "description": "Roles.", "options": [
                { "type": 1, "name": "list", "description": "Lists them." },
                { "type": 2, "name": "of", "description": "Of somebody.", "options": [
                    { "type": 1, "name": "add", "description": "Adds one.", "options": [user("who", false)] }] }] },
            { "type": 2, "name": "Look at" },
        ]);
        let commands = format!("/applications/{bot}/commands");
        assert_eq!(token.send("PUT", &commands, Some(registered)).await.0, StatusCode::OK);
        let prefixed =
            json!([{ "type": "prefix", "name": "help" }, { "type": "slash_global", "name": "old" }]);
        assert_eq!(token.send("PUT", &path, Some(prefixed)).await.0, StatusCode::OK);
        let import = format!("{path}/import");
        let (status, listed) = owner.send("POST", &import, None).await;
        assert_eq!(status, StatusCode::OK, "{listed}");
        assert_eq!(names(&listed), ["help", "mute", "role list", "role of add"]);
        assert_eq!(listed[1]["args"], json!(["<who>", "[why]"]));
        assert_eq!((&listed[3]["args"], &listed[3]["groups"]), (&json!(["[who]"]), &json!(["role"])));
        let ids: Vec<Value> = listed.as_array().unwrap().iter().map(|one| one["id"].clone()).collect();
        let again = token.send("POST", &import, None).await.1;
        assert_eq!(again.as_array().unwrap().iter().map(|one| one["id"].clone()).collect::<Vec<_>>(), ids);
        let stranger = hall.register("stranger").await;
        assert_eq!(stranger.send("POST", &import, None).await.0, StatusCode::NOT_FOUND);
        let told = events(&hall, "LISTING_COMMANDS_UPDATE").await;
        assert_eq!(told[1]["body"]["context"], json!({ "commands": 3, "imported": true }));
    }
}

#[tokio::test]
async fn staff_stop_a_bot_from_posting() {
    for hall in started().await {
        let (owner, staff) = (hall.register("owner").await, hall.register("staff").await);
        make_staff(&hall, &staff).await;
        let (bot, token) = listed_bot(&hall, &owner, "Tidy").await;
        let path = format!("/v2/listings/bots/{bot}");
        let lock = json!({ "action": "set_flag", "flag": "staff_locked", "reason": "It posts nonsense." });
        assert_eq!(staff.send("POST", &format!("{path}/actions"), Some(lock)).await.0, StatusCode::OK);
        for (client, method, path, body) in [
            (&token, "PUT", format!("{path}/commands"), json!([])),
            (&owner, "PUT", format!("{path}/commands"), json!([])),
            (
                &owner,
                "POST",
                format!("{path}/news"),
                json!({ "type": "promotion", "title": "News", "text": "Something new." }),
            ),
            (
                &owner,
                "POST",
                format!("{path}/resources"),
                json!({ "title": "Docs", "url": "https://example.com" }),
            ),
        ] {
            let (status, locked) = client.send(method, &path, Some(body)).await;
            assert_eq!((status, &locked["code"]), (StatusCode::FORBIDDEN, &json!("staff_locked")), "{path}");
        }
    }
}

#[tokio::test]
async fn keepers_tell_news_and_where_there_is_more_to_read() {
    for hall in started().await {
        let (owner, other) = (hall.register("owner").await, hall.register("other").await);
        let (bot, _) = listed_bot(&hall, &owner, "Tidy").await;
        set_state(&hall, &bot, 0).await;
        let path = format!("/v2/listings/bots/{bot}");
        let (news, resources) = (format!("{path}/news"), format!("{path}/resources"));
        let body = |kind: &str| json!({ "type": kind, "title": "A title", "text": "Something that is new." });
        assert_eq!(other.send("POST", &news, Some(body("promotion"))).await.0, StatusCode::FORBIDDEN);
        let mut ids = Vec::new();
        for kind in ["promotion", "maintenance", "announcement"] {
            let (status, told) = owner.send("POST", &news, Some(body(kind))).await;
            assert_eq!((status, &told["type"]), (StatusCode::CREATED, &json!(kind)), "{told}");
            ids.push(told["id"].as_str().unwrap().to_owned());
        }
        for wrong in [
            json!({ "type": "rumour", "title": "A title", "text": "Something that is new." }),
            json!({ "type": "promotion", "title": "", "text": "Something that is new." }),
            json!({ "type": "promotion", "title": "A title", "text": "short" }),
            json!({ "type": "promotion", "title": "A title", "text": "Something that is new.",
                "ends_at": "2020-01-01T00:00:00Z" }),
        ] {
            let answer = owner.send("POST", &news, Some(wrong.clone())).await;
            assert_eq!(answer.0, StatusCode::BAD_REQUEST, "{wrong}: {}", answer.1);
        }
        let page = hall.client("").get(&format!("{news}?limit=2")).await;
        assert_eq!((&page[0]["id"], &page[1]["id"]), (&json!(ids[2]), &json!(ids[1])));
        let rest = hall.client("").get(&format!("{news}?before={}", ids[1])).await;
        assert_eq!((rest.as_array().unwrap().len(), &rest[0]["id"]), (1, &json!(ids[0])));
        // What ended is there for those who ask for all.
        let mut batch = guildhall_infra::db::Batch::new();
        batch.run(
            guildhall_infra::sql!("UPDATE listing_news SET ends_at = 1 WHERE id = $1"),
            guildhall_infra::params![ids[2].parse::<i64>().unwrap()],
        );
        hall.server().hall().db.write(batch).await.unwrap();
        assert_eq!(other.get(&news).await.as_array().unwrap().len(), 2);
        assert_eq!(other.get(&format!("{news}?all=true")).await.as_array().unwrap().len(), 3);
        let first = format!("{news}/{}", ids[0]);
        assert_eq!(other.send("DELETE", &first, None).await.0, StatusCode::FORBIDDEN);
        assert_eq!(owner.send("DELETE", &first, None).await.0, StatusCode::NO_CONTENT);
        assert_eq!(owner.send("DELETE", &first, None).await.0, StatusCode::NOT_FOUND);
        // Resources.
        for url in ["http://example.com", "javascript:alert(1)", ""] {
            let wrong = json!({ "title": "Handbook", "url": url });
            assert_eq!(owner.send("POST", &resources, Some(wrong)).await.0, StatusCode::BAD_REQUEST);
        }
        let good =
            json!({ "title": "Handbook", "description": "All of it.", "url": "https://example.com/docs" });
        assert_eq!(other.send("POST", &resources, Some(good.clone())).await.0, StatusCode::FORBIDDEN);
        let added = owner.post(&resources, good.clone()).await;
        assert_eq!(hall.client("").get(&resources).await, json!([added]));
        for _ in 0..29 {
            owner.post(&resources, good.clone()).await;
        }
        let (status, full) = owner.send("POST", &resources, Some(good)).await;
        assert_eq!((status, &full["code"]), (StatusCode::CONFLICT, &json!("too_many_entries")));
        let place = format!("{resources}/{}", added["id"].as_str().unwrap());
        assert_eq!(other.send("DELETE", &place, None).await.0, StatusCode::FORBIDDEN);
        assert_eq!(owner.send("DELETE", &place, None).await.0, StatusCode::NO_CONTENT);
        assert_eq!(owner.send("DELETE", &place, None).await.0, StatusCode::NOT_FOUND);
        let told = events(&hall, "LISTING_NEWS_CREATE").await;
        assert_eq!(told[0]["users"], json!([id_of(&owner).await, bot]));
        assert_eq!((told.len(), events(&hall, "LISTING_RESOURCE_DELETE").await.len()), (3, 1));
        let entries = history(&hall, &bot).await;
        assert_eq!((entries[1].as_str(), entries.last().unwrap().as_str()), ("news_add", "resource_delete"));
    }
}
