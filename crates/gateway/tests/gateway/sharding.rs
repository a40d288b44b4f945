//! A bot on several connections, and people known by their cookie.

use std::time::Duration;

use guildhall_accounts::COOKIE_NAME;
use guildhall_base::{Clock, Timestamp};
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;

use crate::client::Client;
use crate::house::{House, Somebody, sites, sites_at};

const DIRECT: u64 = 1 << 12;

/// Which of `shards` a guild falls to, by the documented formula.
fn shard_of(guild: &str, shards: u64) -> u64 {
    (guild.parse::<u64>().unwrap() >> 22) % shards
}

async fn shard(house: &House, bot: &Somebody, number: u64) -> (Client, Vec<String>) {
    let mut client = Client::connect(house).await;
    client.identify(bot, json!({ "intents": 1 | 1 << 9 | DIRECT, "shard": [number, 2] })).await;
    let ready = client.event("READY").await;
    assert_eq!(ready["shard"], json!([number, 2]));
    let guilds: Vec<_> =
        ready["guilds"].as_array().unwrap().iter().map(|guild| guild["id"].clone()).collect();
    for _ in &guilds {
        client.event("GUILD_CREATE").await;
    }
    (client, guilds.iter().map(|guild| guild.as_str().unwrap().to_owned()).collect())
}

#[tokio::test(flavor = "multi_thread")]
async fn each_shard_has_its_own_guilds_and_the_first_has_the_conversations() {
    let (clock, hand) = Clock::manual(Timestamp::from_millis(1_800_000_000_000));
    for site in sites_at(clock, |config| config.max_concurrency = 2).await {
        let house = site.start().await;
        let ada = house.person("ada").await;
        let bot = house.bot(&ada, "robot").await;
        let mut guilds: Vec<(String, String)> = Vec::new();
        while guilds.len() < 6
            || guilds.iter().all(|(guild, _)| shard_of(guild, 2) == shard_of(&guilds[0].0, 2))
        {
            // Ids of the same millisecond fall to the same shard.
            hand.advance(Duration::from_millis(1));
            let (guild, channel) = house.guild(&ada).await;
            house.join(&guild, &bot).await;
            guilds.push((guild, channel));
        }
        let (mut zero, of_zero) = shard(&house, &bot, 0).await;
        let (mut one, of_one) = shard(&house, &bot, 1).await;
        assert_eq!(of_zero.len() + of_one.len(), guilds.len());
        assert!(of_zero.iter().all(|guild| shard_of(guild, 2) == 0) && !of_zero.is_empty());
        assert!(of_one.iter().all(|guild| shard_of(guild, 2) == 1) && !of_one.is_empty());
        for (guild, channel) in &guilds {
            house.say(&ada, channel, "x").await;
            let client = if shard_of(guild, 2) == 0 { &mut zero } else { &mut one };
            assert_eq!(client.event("MESSAGE_CREATE").await["guild_id"], *guild);
        }
        let body = Some(json!({ "recipient_id": bot.id }));
        let (_, direct) = house.rest(&ada, "POST", "/users/@me/channels", body).await;
        house.say(&ada, direct["id"].as_str().unwrap(), "psst").await;
        loop {
            let event = zero.next().await.unwrap();
            if event["t"] == "MESSAGE_CREATE" {
                assert_eq!(event["d"]["channel_id"], direct["id"]);
                break;
            }
        }
        assert!(one.beat().await.is_empty(), "conversations are the first shard's");
        // A third connection of the same key comes too soon, one of the other key does not.
        let mut late = Client::connect(&house).await;
        late.identify(&bot, json!({ "intents": 1, "shard": [2, 3] })).await;
        assert_eq!(late.next().await.unwrap()["op"], 9);
    }
}

async fn with_cookie(house: &House, token: &str, origin: &str) -> Client {
    let mut request = format!("ws://{}/gateway?v=10", house.address).into_client_request().unwrap();
    let headers = request.headers_mut();
    headers.insert("cookie", format!("other=1; {COOKIE_NAME}={token}").parse().unwrap());
    headers.insert("origin", origin.parse().unwrap());
    Client::connect_with(request).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_is_known_by_its_cookie_on_this_site_only() {
    for site in sites(|_| {}).await {
        let house = site.start().await;
        let ada = house.person("ada").await;
        let here = format!("http://{}", house.address);
        let identify = json!({ "op": 2, "d": { "token": "", "properties": {} } });
        let mut client = with_cookie(&house, &ada.token, &here).await;
        client.send(identify.clone()).await;
        let ready = client.event("READY").await;
        assert_eq!(ready["user"]["id"], ada.id.to_string());
        let (session, s) = (ready["session_id"].clone(), client.s);
        client.close(4000).await;
        let mut client = with_cookie(&house, &ada.token, &here).await;
        client.s = s;
        let resume = json!({ "op": 6, "d": { "token": null, "session_id": session, "seq": s } });
        client.send(resume).await;
        client.event("RESUMED").await;

        for (token, origin) in [(ada.token.as_str(), "http://elsewhere.example"), ("nonsense", here.as_str())]
        {
            let mut client = with_cookie(&house, token, origin).await;
            client.send(identify.clone()).await;
            assert_eq!(client.closed().await, 4004, "{origin}");
        }

        // Opened while the session held, used when it does no more.
        let mut client = with_cookie(&house, &ada.token, &here).await;
        let actor = house.accounts.authenticate(&ada.token).await.unwrap();
        house.accounts.revoke_session(&actor, actor.session().unwrap()).await.unwrap();
        client.send(identify).await;
        assert_eq!(client.closed().await, 4004);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_comes_back_after_the_log_was_trimmed_begins_anew() {
    let (clock, hand) = Clock::manual(Timestamp::from_millis(1_800_000_000_000));
    for site in sites_at(clock, |config| config.heartbeat = Duration::from_secs(3600)).await {
        let house = site.start().await;
        let ada = house.person("ada").await;
        let bot = house.bot(&ada, "robot").await;
        let (guild, channel) = house.guild(&ada).await;
        house.join(&guild, &bot).await;
        let (client, _) = Client::ready(&house, &bot, 1 | 1 << 9).await;
        let (session, s) = (client.session.clone(), client.s);
        client.close(4000).await;
        house.say(&ada, &channel, "forgotten").await;
        hand.advance(Duration::from_secs(60));
        house.log.trim(Duration::from_secs(30)).await.unwrap();
        house.say(&ada, &channel, "kept").await;
        let refused = |answer: Value| assert_eq!((&answer["op"], &answer["d"]), (&json!(9), &json!(false)));
        refused(Client::resume(&house, &bot, &session, s).await.next().await.unwrap());
        house.kill();
        let house = site.start().await;
        refused(Client::resume(&house, &bot, &session, s).await.next().await.unwrap());
    }
}
