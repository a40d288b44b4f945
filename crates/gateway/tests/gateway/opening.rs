//! Connecting, IDENTIFY, and everything that is refused.

use std::time::Duration;

use guildhall_base::{Clock, Timestamp};
use serde_json::json;

use crate::client::{ALL, Client};
use crate::house::{sites, sites_at};

#[tokio::test(flavor = "multi_thread")]
async fn a_bot_identifies_and_learns_of_its_guilds() {
    for site in sites(|_| {}).await {
        let house = site.start().await;
        let ada = house.person("ada").await;
        let bot = house.bot(&ada, "robot").await;
        let (guild, channel) = house.guild(&ada).await;
        house.join(&guild, &bot).await;
        let mut client = Client::connect(&house).await;
        // discord.py beats before it identifies.
        assert!(client.beat().await.is_empty());
        client.identify(&bot, json!({ "intents": ALL, "shard": [0, 1], "presence": null })).await;
        let ready = client.event("READY").await;
        assert_eq!(ready["user"]["id"], bot.id.to_string());
        assert_eq!(ready["user"]["bot"], true);
        assert_eq!(ready["shard"], json!([0, 1]));
        assert_eq!(ready["application"]["id"], bot.id.to_string());
        assert_eq!(ready["guilds"], json!([{ "id": guild, "unavailable": true }]));
        assert_eq!(ready["resume_gateway_url"], format!("ws://{}/gateway", house.address));
        assert_eq!(ready["private_channels"], json!([]));
        let seen = client.event("GUILD_CREATE").await;
        assert_eq!(
            (&seen["id"], &seen["unavailable"], &seen["member_count"]),
            (&json!(guild), &json!(false), &json!(2))
        );
        assert!(seen["channels"].as_array().unwrap().iter().any(|c| c["id"] == channel), "{seen}");
        for key in
            ["threads", "presences", "voice_states", "stage_instances", "guild_scheduled_events", "members"]
        {
            assert!(seen[key].is_array(), "{key}");
        }
        client.identify(&bot, json!({ "intents": 0 })).await;
        assert_eq!(client.closed().await, 4005);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_is_closed_with_the_documented_code() {
    for site in sites(|config| config.max_concurrency = 100).await {
        let house = site.start().await;
        let ada = house.person("ada").await;
        let bot = house.bot(&ada, "robot").await;
        let weak = house.bot(&ada, "weak").await;
        house.forbid_intents(&weak).await;
        let before: [(&str, u16); 7] = [
            ("nonsense", 4002),
            (r#"{"op":99,"d":null}"#, 4001),
            (r#"{"op":3,"d":{"status":"idle"}}"#, 4003),
            (r#"{"op":8,"d":{"guild_id":"1","query":"","limit":0}}"#, 4003),
            (r#"{"op":2,"d":{"token":"MTIz.x.y","intents":1}}"#, 4004),
            (r#"{"op":2,"d":{"token":null,"intents":1}}"#, 4004),
            (r#"{"op":2,"d":"x"}"#, 4002),
        ];
        for (text, code) in before {
            let mut client = Client::connect(&house).await;
            client.say(text).await;
            assert_eq!(client.closed().await, code, "{text}");
        }
        for (shard, (who, more, code)) in [
            (&bot, json!({ "intents": 1, "shard": [1, 1] }), 4010),
            (&bot, json!({ "intents": 1, "shard": [0, 0] }), 4010),
            (&bot, json!({ "intents": 1 << 30 }), 4013),
            (&bot, json!({}), 4013),
            (&weak, json!({ "intents": 1 << 15 }), 4014),
            (&weak, json!({ "intents": 1 << 1 }), 4014),
        ]
        .into_iter()
        .enumerate()
        {
            let mut client = Client::connect(&house).await;
            client.identify(who, more.clone()).await;
            assert_eq!(client.closed().await, code, "{shard}: {more}");
        }
        for (query, code) in [("v=6", 4012), ("v=10&encoding=etf", 4002)] {
            let mut client = Client::open(&format!("ws://{}/gateway?{query}", house.address)).await;
            assert_eq!(client.closed().await, code, "{query}");
        }
        let mut client = Client::connect(&house).await;
        client.say(&format!(r#"{{"op":1,"d":null,"x":"{}"}}"#, "x".repeat(4096))).await;
        assert_eq!(client.closed().await, 4002);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_socket_is_also_at_the_root_and_announced_without_a_slash() {
    for site in sites(|_| {}).await {
        let house = site.start().await;
        let ada = house.person("ada").await;
        for path in ["/?v=10", "/gateway/?v=10&encoding=json", "/gateway?v=9"] {
            Client::connect_to(&format!("ws://{}{path}", house.address)).await;
        }
        let (_, answer) = house.rest(&ada, "GET", "/gateway/bot", None).await;
        assert_eq!(answer["url"], format!("ws://{}/gateway", house.address));
        assert_eq!(answer["shards"], 1);
        assert_eq!(answer["session_start_limit"]["remaining"], 1000);
        let (_client, _) = Client::ready(&house, &ada, ALL).await;
        let (_, answer) = house.rest(&ada, "GET", "/gateway/bot", None).await;
        assert_eq!(answer["session_start_limit"]["remaining"], 999);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn identifies_are_limited_per_five_seconds_and_per_day_across_restarts() {
    let (clock, hand) = Clock::manual(Timestamp::from_millis(1_800_000_000_000));
    for site in sites_at(clock, |config| (config.identifies_per_day, config.max_concurrency) = (2, 1)).await {
        let house = site.start().await;
        let ada = house.person("ada").await;
        let bot = house.bot(&ada, "robot").await;
        let (_first, _) = Client::ready(&house, &bot, 1).await;
        let mut client = Client::connect(&house).await;
        client.identify(&bot, json!({ "intents": 1, "shard": [1, 2] })).await;
        let refused = client.next().await.unwrap();
        assert_eq!((&refused["op"], &refused["d"]), (&json!(9), &json!(false)));
        hand.advance(Duration::from_secs(5));
        client.identify(&bot, json!({ "intents": 1 })).await;
        client.event("READY").await;
        house.gateway.drain().await;
        house.kill();
        let house = site.start().await;
        hand.advance(Duration::from_secs(5));
        let mut client = Client::connect(&house).await;
        client.identify(&bot, json!({ "intents": 1 })).await;
        assert_eq!(client.closed().await, 4008);
        hand.advance(Duration::from_secs(24 * 3600));
        Client::ready(&house, &bot, 1).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_says_too_much_or_nothing_is_closed() {
    let (clock, hand) = Clock::manual(Timestamp::from_millis(1_800_000_000_000));
    for site in sites_at(clock, |_| {}).await {
        let house = site.start().await;
        let ada = house.person("ada").await;
        let mut silent = Client::connect(&house).await;
        hand.advance(Duration::from_secs(31));
        assert_eq!(silent.closed().await, 4009, "no IDENTIFY in time");
        let (mut client, _) = Client::ready(&house, &ada, ALL).await;
        hand.advance(Duration::from_secs(50));
        client.beat().await;
        hand.advance(Duration::from_secs(50));
        client.beat().await;
        hand.advance(Duration::from_secs(65));
        assert_eq!(client.closed().await, 4009, "no heartbeat in time");
        let mut client = Client::connect(&house).await;
        for _ in 0..121 {
            client.say(r#"{"op":1,"d":null}"#).await;
        }
        assert_eq!(client.closed().await, 4008);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_has_only_so_many_connections() {
    for site in sites(|config| config.connections_per_address = 2).await {
        let house = site.start().await;
        let url = format!("ws://{}/gateway", house.address);
        let _both = (Client::connect(&house).await, Client::connect(&house).await);
        assert!(tokio_tungstenite::connect_async(&url).await.is_err(), "a third connection of one address");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_holds_no_more_ends_what_was_opened_with_it() {
    for site in sites(|_| {}).await {
        let house = site.start().await;
        let ada = house.person("ada").await;
        let bot = house.bot(&ada, "robot").await;
        let (mut client, _) = Client::ready(&house, &bot, 1).await;
        let (mut person, _) = Client::ready(&house, &ada, 1).await;
        house.rotate_token(&bot).await;
        assert_eq!(client.closed().await, 4004);
        let mut client = Client::connect(&house).await;
        client.identify(&bot, json!({ "intents": 1 })).await;
        assert_eq!(client.closed().await, 4004);
        assert!(person.beat().await.is_empty());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_ends_while_its_session_begins_ends_that_too() {
    for site in sites(|_| {}).await {
        let house = site.start().await;
        let ada = house.person("ada").await;
        let bot = house.bot(&ada, "robot").await;
        let (guild, _) = house.guild(&ada).await;
        house.join(&guild, &bot).await;
        let mut client = Client::connect(&house).await;
        client.identify(&bot, json!({ "intents": 1 })).await;
        // What follows READY waits until the client has answered a ping, which it does when it reads on.
        client.event("READY").await;
        house.rotate_token(&bot).await;
        assert_eq!(client.closed().await, 4004);
    }
}
