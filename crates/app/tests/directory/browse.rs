//! Finding listings: lists, search, filters, pages, and what is kept of answers.

use axum::http::StatusCode;
use guildhall_infra::db::Batch;
use guildhall_infra::{params, sql};
use serde_json::{Value, json};

use crate::support::{Client, Hall};
use crate::world::{listed_bot, set_state, started};

/// Lists a bot with these words, approved.
async fn approved(hall: &Hall, owner: &Client, name: &str, change: Value, votes: i64) -> String {
    let (bot, _) = listed_bot(hall, owner, name).await;
    set_state(hall, &bot, 0).await;
    let (status, answer) = owner.send("PATCH", &format!("/v2/listings/bots/{bot}"), Some(change)).await;
    assert_eq!(status, StatusCode::OK, "{answer}");
    let mut batch = Batch::new();
    batch.run(
        sql!("UPDATE listing_counts SET votes = $2, guilds = $2 WHERE id = $1"),
        params![bot.parse::<i64>().unwrap(), votes],
    );
    hall.server().hall().db.write(batch).await.unwrap();
    bot
}

async fn names(client: &Client, path: &str) -> Vec<String> {
    let found = client.get(path).await;
    let names =
        found["listings"].as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap().to_owned());
    names.collect()
}

#[tokio::test]
async fn lists_are_in_order_and_pages_join_without_gap() {
    for hall in started().await {
        let owner = hall.register("owner").await;
        for (number, votes) in [3, 1, 4, 1, 5, 9, 2].into_iter().enumerate() {
            let tags = if number % 2 == 0 { json!(["fun"]) } else { json!(["fun", "music"]) };
            approved(&hall, &owner, &format!("Bot {number}"), json!({ "tags": tags }), votes).await;
        }
        let hidden = listed_bot(&hall, &owner, "Waiting").await.0;
        let anybody = hall.client("");
        let all = names(&anybody, "/v2/listings/bots").await;
        assert_eq!(all, ["Bot 5", "Bot 4", "Bot 2", "Bot 0", "Bot 6", "Bot 3", "Bot 1"]);
        let mut pages = Vec::new();
        let mut next = String::new();
        loop {
            let page = anybody.get(&format!("/v2/listings/bots?limit=2{next}")).await;
            pages.extend(page["listings"].as_array().unwrap().iter().map(|one| one["name"].clone()));
            match page["next"].as_str() {
                Some(after) => next = format!("&after={after}"),
                None => break,
            }
        }
        assert_eq!(json!(pages), json!(all));
        assert_eq!(names(&anybody, "/v2/listings/bots?tags=music,fun").await, ["Bot 5", "Bot 3", "Bot 1"]);
        assert_eq!(
            names(&anybody, "/v2/listings/bots?size_from=3&size_to=5").await,
            ["Bot 4", "Bot 2", "Bot 0"]
        );
        assert_eq!(names(&anybody, "/v2/listings/bots?sort=new&limit=1").await.len(), 1);
        assert!(names(&anybody, "/v2/listings/guilds").await.is_empty());
        assert_eq!(anybody.send("GET", "/v2/listings/bots?after=x", None).await.0, StatusCode::BAD_REQUEST);
        assert_eq!(anybody.send("GET", "/v2/listings/rooms", None).await.0, StatusCode::NOT_FOUND);
        let index = anybody.get("/v2/directory/bots").await;
        assert_eq!(index["top_voted"][0]["name"], "Bot 5");
        assert_eq!(index["random"].as_array().unwrap().len(), 7);
        assert_eq!(index["tags"][0], json!({ "name": "fun", "count": 7 }));
        for _ in 0..10 {
            assert_ne!(anybody.get("/v2/directory/bots/random").await["id"], hidden.as_str());
        }
        assert_eq!(anybody.send("GET", "/v2/directory/guilds/random", None).await.0, StatusCode::NOT_FOUND);
    }
}

#[tokio::test]
async fn search_finds_words_in_any_language_and_the_best_first() {
    for hall in started().await {
        let owner = hall.register("owner").await;
        let text = |short: &str, language: &str| json!({ "short": short, "language": language });
        approved(&hall, &owner, "Melody", text("Plays music in your guild.", "en"), 1).await;
        approved(&hall, &owner, "Music Master", text("Plays what you like best.", "en"), 1).await;
        approved(&hall, &owner, "Äänitys", text("Äänittää ja soittaa musiikkia.", "fi"), 5).await;
        let nsfw = json!({ "short": "Music for the night.", "flags": ["nsfw"] });
        approved(&hall, &owner, "Night", nsfw, 9).await;
        let anybody = hall.client("");
        assert_eq!(names(&anybody, "/v2/listings/bots?q=MUSIC").await, ["Music Master", "Melody"]);
        assert_eq!(names(&anybody, "/v2/listings/bots?q=mus&limit=1").await, ["Music Master"]);
        assert_eq!(names(&anybody, "/v2/listings/bots?q=aanitys").await, ["Äänitys"]);
        assert_eq!(names(&anybody, "/v2/listings/bots?q=soittaa+musi&language=fi").await, ["Äänitys"]);
        assert!(names(&anybody, "/v2/listings/bots?q=soittaa&language=en").await.is_empty());
        assert_eq!(names(&anybody, "/v2/listings/bots?q=music&nsfw=true").await.len(), 3);
        // What would be an operator elsewhere is no word here.
        for typed in ["%22", "music%20AND%20OR", "'; DROP TABLE listings", "*", "a:b", "%26%7C!"] {
            let (status, answer) =
                anybody.send("GET", &format!("/v2/listings/bots?q={}", typed.replace(' ', "+")), None).await;
            assert_eq!(status, StatusCode::OK, "{typed}: {answer}");
        }
        let page = anybody.get("/v2/listings/bots?q=music&limit=1").await;
        let next = page["next"].as_str().unwrap();
        assert_eq!(
            names(&anybody, &format!("/v2/listings/bots?q=music&limit=1&after={next}")).await,
            ["Melody"]
        );
    }
}

#[tokio::test]
async fn what_is_kept_is_let_go_when_a_listing_changes() {
    for hall in started().await {
        let owner = hall.register("owner").await;
        let bot = approved(&hall, &owner, "Tidy", json!({ "tags": ["fun"] }), 1).await;
        let other = approved(&hall, &owner, "Other", json!({ "tags": ["fun"] }), 0).await;
        let anybody = hall.client("");
        let path = format!("/v2/listings/bots/{bot}");
        assert_eq!(anybody.get(&format!("{path}/similar")).await[0]["id"], other.as_str());
        assert_eq!(anybody.get("/v2/listings/bots?q=tidy").await["listings"][0]["id"], bot.as_str());
        let short = json!({ "short": "Something else altogether." });
        assert_eq!(owner.send("PATCH", &path, Some(short)).await.0, StatusCode::OK);
        let found = anybody.get("/v2/listings/bots?q=tidy").await;
        assert_eq!(found["listings"][0]["short"], "Something else altogether.");
        assert_eq!(owner.send("DELETE", &path, None).await.0, StatusCode::NO_CONTENT);
        // The other one's short text says that it keeps a guild tidy.
        assert_eq!(names(&anybody, "/v2/listings/bots?q=tidy").await, ["Other"]);
        assert_eq!(names(&anybody, "/v2/listings/bots").await, ["Other"]);
        assert_eq!(anybody.send("GET", &format!("{path}/similar"), None).await.0, StatusCode::NOT_FOUND);
    }
}

#[tokio::test]
async fn another_process_hears_of_changes() {
    for hall in started().await {
        let owner = hall.register("owner").await;
        let bot = approved(&hall, &owner, "Tidy", json!({}), 1).await;
        let mut settings = hall.settings().clone();
        settings.listen = "127.0.0.1:0".parse().unwrap();
        let second =
            guildhall_app::serve::Server::start(settings, guildhall_base::Clock::system()).await.unwrap();
        let there = Client { address: second.address(), authorization: String::new() };
        assert_eq!(names(&there, "/v2/listings/bots").await, ["Tidy"]);
        assert_eq!(
            owner.send("DELETE", &format!("/v2/listings/bots/{bot}"), None).await.0,
            StatusCode::NO_CONTENT
        );
        let gone = async {
            while !names(&there, "/v2/listings/bots").await.is_empty() {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(std::time::Duration::from_secs(20), gone).await.unwrap();
        second.stop().await.unwrap();
    }
}
