//! Tokens of listings, what bots say of their size, views and invites, and top.gg's API over them.

use axum::http::StatusCode;
use guildhall_base::{Clock, Timestamp};
use guildhall_infra::sql;
use serde_json::{Value, json};

use crate::support::{Client, Hall, halls};
use crate::world::{confirmed, count, events, history, id_of, listed_bot, set_flags, set_state, unlimited};

const DAY: std::time::Duration = std::time::Duration::from_secs(24 * 3600);

/// A listed bot: its id, a client with the bot's own token, and one with its listing's.
async fn listed(hall: &Hall, owner: &Client) -> (String, Client, Client) {
    let (bot, robot) = listed_bot(hall, owner, "Tidy").await;
    set_state(hall, &bot, 0).await;
    let made = owner.post(&format!("/v2/listings/bots/{bot}/token"), json!({})).await;
    let listing = hall.client(made["token"].as_str().unwrap());
    (bot, robot, listing)
}

async fn counts(hall: &Hall, bot: &str) -> Value {
    hall.client("").get(&format!("/v2/listings/bots/{bot}")).await["counts"].clone()
}

fn is(answer: &(StatusCode, Value), status: u16, code: &str) {
    assert_eq!((answer.0.as_u16(), &answer.1["code"]), (status, &json!(code)), "{}", answer.1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_is_shown_once_and_speaks_for_its_listing_alone() {
    for mut hall in halls().await {
        hall.configure(unlimited);
        hall.start().await;
        let (owner, other) = (hall.register("owner").await, hall.register("other").await);
        let (bot, _, listing) = listed(&hall, &owner).await;
        let (foreign, ..) = listed(&hall, &other).await;
        let path = format!("/v2/listings/bots/{bot}");
        is(&other.send("POST", &format!("{path}/token"), None).await, 403, "missing_listing_right");
        let stats = json!({ "guild_count": 12, "user_count": 3400, "shard_count": 2 });
        let post = format!("{path}/stats");
        assert_eq!(listing.send("POST", &post, Some(stats.clone())).await.0, StatusCode::NO_CONTENT);
        let there = format!("/v2/listings/bots/{foreign}/stats");
        is(&listing.send("POST", &there, Some(stats.clone())).await, 403, "missing_listing_right");
        is(&listing.send("PATCH", &path, Some(json!({ "prefix": "!" }))).await, 401, "unauthenticated");
        // Only a hash of it is kept.
        let rows =
            hall.server().hall().db.all(sql!("SELECT hash FROM listing_tokens"), Vec::new()).await.unwrap();
        for row in rows {
            let hash = row.read::<Vec<u8>>().unwrap();
            assert_eq!(hash.len(), 32);
            assert!(!listing.authorization.as_bytes().windows(32).any(|part| part == hash));
        }
        // A new one ends the old one; taken away, there is none.
        let made = owner.post(&format!("{path}/token"), json!({})).await;
        let new = hall.client(made["token"].as_str().unwrap());
        is(&listing.send("POST", &post, Some(stats.clone())).await, 401, "unauthenticated");
        assert_eq!(new.send("POST", &post, Some(stats.clone())).await.0, StatusCode::NO_CONTENT);
        assert_eq!(owner.send("DELETE", &format!("{path}/token"), None).await.0, StatusCode::NO_CONTENT);
        is(&owner.send("DELETE", &format!("{path}/token"), None).await, 404, "no_token");
        is(&new.send("POST", &post, Some(stats)).await, 401, "unauthenticated");
        assert_eq!(history(&hall, &bot).await, ["add", "token", "token", "token"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn bots_say_how_large_they_are() {
    for mut hall in halls().await {
        hall.configure(unlimited);
        hall.start().await;
        let (owner, other) = (hall.register("owner").await, hall.register("other").await);
        let (bot, robot, listing) = listed(&hall, &owner).await;
        let path = format!("/v2/listings/bots/{bot}/stats");
        for who in [&robot, &listing, &owner] {
            let stats = json!({ "guild_count": 12, "user_count": 3400, "shard_count": 2 });
            assert_eq!(who.send("POST", &path, Some(stats)).await.0, StatusCode::NO_CONTENT);
        }
        let known = counts(&hall, &bot).await;
        assert_eq!(
            (&known["guilds"], &known["users"], &known["shards"]),
            (&json!(12), &json!(3400), &json!(2))
        );
        let told = events(&hall, "LISTING_STATS").await;
        assert_eq!((told.len(), &told[0]["users"]), (3, &json!([id_of(&owner).await, bot])));
        assert_eq!(told[0]["body"]["context"]["guild_count"], 12);
        // Shard by shard: the sum is its size.
        for (shard, guilds) in [(0, 100), (1, 20), (0, 90)] {
            let stats = json!({ "guild_count": guilds, "shard_id": shard, "shard_count": 2 });
            assert_eq!(robot.send("POST", &path, Some(stats)).await.0, StatusCode::NO_CONTENT);
        }
        assert_eq!(counts(&hall, &bot).await["guilds"], 110);
        let all = json!({ "shards": [5, 6, 7] });
        assert_eq!(robot.send("POST", &path, Some(all)).await.0, StatusCode::NO_CONTENT);
        let known = counts(&hall, &bot).await;
        assert_eq!((&known["guilds"], &known["shards"]), (&json!(18), &json!(3)));
        for wrong in [json!({}), json!({ "guild_count": 50_000_001 }), json!({ "guild_count": -1 })] {
            assert_eq!(robot.send("POST", &path, Some(wrong)).await.0, StatusCode::BAD_REQUEST);
        }
        is(&other.send("POST", &path, Some(json!({ "guild_count": 1 }))).await, 403, "missing_listing_right");
        let nobody = hall.client("").send("POST", &path, Some(json!({ "guild_count": 1 }))).await;
        is(&nobody, 401, "unauthenticated");
        set_flags(&hall, &bot, 1 << 3).await;
        is(&robot.send("POST", &path, Some(json!({ "guild_count": 1 }))).await, 403, "stats_locked");
        assert_eq!(counts(&hall, &bot).await["guilds"], 18);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn sizes_are_said_so_often_and_no_oftener() {
    let mut hall = halls().await.remove(0);
    hall.configure(unlimited);
    let start: Timestamp = "2026-11-21T10:00:00Z".parse().unwrap();
    let (clock, hand) = Clock::manual(start);
    hall.start_by(clock).await;
    let owner = hall.register("owner").await;
    let (bot, robot, _) = listed(&hall, &owner).await;
    let path = format!("/v2/listings/bots/{bot}/stats");
    let stats = || Some(json!({ "guild_count": 1 }));
    for _ in 0..120 {
        assert_eq!(robot.send("POST", &path, stats()).await.0, StatusCode::NO_CONTENT);
    }
    is(&robot.send("POST", &path, stats()).await, 429, "rate_limited");
    hand.advance(std::time::Duration::from_secs(60));
    assert_eq!(robot.send("POST", &path, stats()).await.0, StatusCode::NO_CONTENT);
}

#[tokio::test(flavor = "multi_thread")]
async fn views_and_votes_make_days() {
    for mut hall in halls().await {
        hall.configure(unlimited);
        hall.configure(|settings| {
            settings.accounts.api_session_seconds = 400 * 24 * 3600;
            settings.directory.vote_verified_mail = false;
            settings.directory.vote_account_hours = 0;
        });
        let (clock, hand) = Clock::manual("2026-11-21T10:00:00Z".parse().unwrap());
        hall.start_by(clock).await;
        let (owner, voter) = (hall.register("owner").await, hall.register("voter").await);
        let (bot, robot, _) = listed(&hall, &owner).await;
        let path = format!("/v2/listings/bots/{bot}");
        let (views, invites) = (format!("{path}/views"), format!("{path}/invites"));
        let stranger = hall.client("");
        // Once an hour for the same person or address.
        for who in [&voter, &voter, &stranger, &stranger] {
            assert_eq!(who.send("POST", &views, None).await.0, StatusCode::NO_CONTENT);
        }
        assert_eq!(voter.send("POST", &invites, None).await.0, StatusCode::NO_CONTENT);
        let missing = stranger.send("POST", "/v2/listings/bots/1/views", None).await;
        is(&missing, 404, "unknown_listing");
        let directory = hall.server().hall().directory.clone();
        directory.write_seen().await.unwrap();
        directory.write_seen().await.unwrap();
        let known = counts(&hall, &bot).await;
        assert_eq!((&known["views"], &known["invites"]), (&json!(2), &json!(1)));
        let told = events(&hall, "LISTING_VIEW").await;
        let told: i64 = told.iter().map(|event| event["body"]["count"].as_i64().unwrap()).sum();
        assert_eq!(told, 2);
        assert_eq!(events(&hall, "LISTING_INVITE").await.len(), 1);
        voter.post(&format!("{path}/votes"), json!({})).await;
        robot.send("POST", &format!("{path}/stats"), Some(json!({ "guild_count": 5 }))).await;
        hand.advance(DAY);
        robot
            .send("POST", &format!("{path}/stats"), Some(json!({ "guild_count": 6, "user_count": 9 })))
            .await;
        // What waits when the process ends is written.
        stranger.send("POST", &views, None).await;
        hall.stop().await;
        hall.start_by(Clock::manual("2026-11-22T11:00:00Z".parse().unwrap()).0).await;
        let days = hall.client("").get(&format!("{path}/statistics")).await;
        let first =
            json!({ "date": "2026-11-21", "guilds": 5, "users": 0, "votes": 1, "views": 2, "invites": 1 });
        let second =
            json!({ "date": "2026-11-22", "guilds": 6, "users": 9, "votes": 0, "views": 1, "invites": 0 });
        assert_eq!(days, json!([first, second]), "{}", hall.database.name);
        assert_eq!(hall.client("").get(&format!("{path}/statistics?days=1")).await, json!([second]));
        let (status, _) = hall.client("").send("GET", &format!("{path}/statistics?days=731"), None).await;
        assert_eq!(status, StatusCode::BAD_REQUEST);
        hall.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn top_gg_s_programs_find_what_they_ask_for() {
    for mut hall in halls().await {
        hall.configure(unlimited);
        hall.configure(|settings| {
            settings.directory.vote_verified_mail = false;
            settings.directory.vote_account_hours = 0;
        });
        hall.start().await;
        let owner = hall.register("owner").await;
        let (voter, private) = (confirmed(&hall, "voter").await, confirmed(&hall, "private").await);
        let (bot, robot, listing) = listed(&hall, &owner).await;
        private.send("PATCH", "/v2/users/@me/votes", Some(json!({ "private": true }))).await;
        for who in [&voter, &private] {
            who.post(&format!("/v2/listings/bots/{bot}/votes"), json!({})).await;
        }
        let (voter_id, private_id) = (id_of(&voter).await, id_of(&private).await);
        // Version 0, with and without the id, with the listing's token and the bot's own.
        for (who, path) in
            [(&listing, "/topgg/api/bots/stats".to_owned()), (&robot, format!("/topgg/api/bots/{bot}/stats"))]
        {
            for (stats, guilds) in [
                (json!({ "server_count": 7 }), 7),
                (json!({ "server_count": [3, 4, 5], "shard_count": 3 }), 12),
                (json!({ "shards": [1, 1] }), 2),
            ] {
                assert_eq!(who.send("POST", &path, Some(stats)).await.0, StatusCode::OK);
                assert_eq!(who.get(&path).await["server_count"], guilds);
            }
        }
        let voters = listing.get("/topgg/api/bots/votes").await;
        assert_eq!(voters.as_array().unwrap().len(), 1, "who votes in private is not named: {voters}");
        assert_eq!((&voters[0]["id"], &voters[0]["username"]), (&json!(voter_id), &json!("voter")));
        assert_eq!(robot.get(&format!("/topgg/api/bots/{bot}/votes")).await, voters);
        for (user, voted) in [(&voter_id, 1), (&private_id, 1), (&bot, 0)] {
            let answer = listing.get(&format!("/topgg/api/bots/check?userId={user}")).await;
            assert_eq!(answer, json!({ "voted": voted }));
            assert_eq!(robot.get(&format!("/topgg/api/bots/{bot}/check?userId={user}")).await, answer);
        }
        let shown = hall.client("").get(&format!("/topgg/api/bots/{bot}")).await;
        assert_eq!((&shown["points"], &shown["monthlyPoints"]), (&json!(2), &json!(2)));
        let found = hall.client("").get("/topgg/api/bots?search=TID&sort=-points&fields=id,points").await;
        assert_eq!((&found["total"], &found["results"]), (&json!(1), &json!([{ "id": bot, "points": 2 }])));
        assert_eq!(hall.client("").get("/topgg/api/bots?search=%25").await["total"], 0);
        assert_eq!(listing.get(&format!("/topgg/api/users/{voter_id}")).await["username"], "voter");
        assert_eq!(listing.get("/topgg/api/weekend").await, json!({ "is_weekend": false }));
        let stranger = hall.client("");
        for path in ["/topgg/api/bots/votes", "/topgg/api/bots/stats", "/topgg/v1/projects/@me"] {
            assert_eq!(stranger.send("GET", path, None).await.0, StatusCode::UNAUTHORIZED, "{path}");
            assert_eq!(voter.send("GET", path, None).await.0, StatusCode::UNAUTHORIZED, "people are no bots");
        }
        let (status, refused) = stranger.send("GET", &format!("/topgg/api/bots/{bot}/votes"), None).await;
        assert_eq!((status, &refused["code"]), (StatusCode::UNAUTHORIZED, &json!("unauthenticated")));
        assert!(refused["error"].is_string(), "{refused}");
        assert_eq!(stranger.send("GET", "/topgg/api/nothing", None).await.0, StatusCode::NOT_FOUND);
        // Version 1.
        let bearer = hall.client(format!("Bearer {}", listing.authorization));
        let project = bearer.get("/topgg/v1/projects/@me").await;
        assert_eq!((&project["id"], &project["votes_total"]), (&json!(bot), &json!(2)));
        let votes = bearer.get("/topgg/v1/projects/@me/votes?startDate=2020-01-01T00:00:00Z").await;
        assert_eq!(votes["data"].as_array().unwrap().len(), 1, "{votes}");
        assert_eq!((&votes["data"][0]["platform_id"], &votes["cursor"]), (&json!(voter_id), &json!(null)));
        let later = bearer.get("/topgg/v1/projects/@me/votes?startDate=2100-01-01T00:00:00Z").await;
        assert_eq!(later["data"], json!([]));
        let vote = bearer.get(&format!("/topgg/v1/projects/@me/votes/{voter_id}?source=discord")).await;
        assert_eq!(vote["weight"], 1);
        let none = bearer.send("GET", &format!("/topgg/v1/projects/@me/votes/{bot}"), None).await;
        is(&none, 404, "not_found");
        assert_eq!(none.1["status"], 404, "a problem detail: {}", none.1);
        assert_eq!(count(&hall, sql!("SELECT COUNT(*) FROM votes WHERE listing_id = $1"), &bot).await, 2);
    }
}
