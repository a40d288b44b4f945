//! RESUME: in the same process, after a kill, and when it cannot be done; readers that are too slow.

use guildhall_infra::events::{Audience, NewEvent};
use serde_json::json;

use crate::client::Client;
use crate::house::{House, Site, Somebody, sites};

/// A guild with a bot in it.
async fn scene(house: &House) -> (Somebody, Somebody, String, String) {
    let ada = house.person("ada").await;
    let (guild, channel) = house.guild(&ada).await;
    let bot = house.bot(&ada, "robot").await;
    house.join(&guild, &bot).await;
    (ada, bot, guild, channel)
}

const MESSAGES: u64 = 1 | 1 << 9 | 1 << 15;

#[tokio::test(flavor = "multi_thread")]
async fn what_was_missed_is_sent_again_with_its_numbers() {
    for site in sites(|_| {}).await {
        let house = site.start().await;
        let (ada, bot, guild, channel) = scene(&house).await;
        let (mut client, _) = Client::ready(&house, &bot, MESSAGES).await;
        for i in 0..3 {
            house.say(&ada, &channel, &i.to_string()).await;
            client.event("MESSAGE_CREATE").await;
        }
        let (session, seen) = (client.session.clone(), client.s);
        client.close(4000).await;
        for i in 3..103 {
            house.say(&ada, &channel, &i.to_string()).await;
        }
        // What the bot does not see does not count.
        let internal =
            NewEvent::new("GUILD_BAN_ADD", Audience::Guild(guild.parse().unwrap()), &json!({})).unwrap();
        house.happen(&[internal]).await;
        let mut client = Client::resume(&house, &bot, &session, seen).await;
        for i in 3..103 {
            assert_eq!(client.event("MESSAGE_CREATE").await["content"], i.to_string());
        }
        client.event("RESUMED").await;
        assert_eq!(client.s, 104);
        house.say(&ada, &channel, "live").await;
        assert_eq!(client.event("MESSAGE_CREATE").await["content"], "live");
        assert_eq!(client.s, 105);
        // From an earlier number, while the old connection is still there.
        let mut again = Client::resume(&house, &bot, &session, 100).await;
        for _ in 0..5 {
            again.event("MESSAGE_CREATE").await;
        }
        again.event("RESUMED").await;
        assert_eq!(client.closed().await, 0, "a session has one connection");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_cannot_be_resumed_is_invalid() {
    for site in sites(|_| {}).await {
        let house = site.start().await;
        let (ada, bot, _, channel) = scene(&house).await;
        let (mut client, _) = Client::ready(&house, &bot, MESSAGES).await;
        for _ in 0..3 {
            house.say(&ada, &channel, "x").await;
            client.event("MESSAGE_CREATE").await;
        }
        client.beat().await;
        let session = client.session.clone();
        let is_invalid = async |who: &Somebody, session: &str, s| {
            let mut client = Client::resume(&house, who, session, s).await;
            let answer = client.next().await.unwrap();
            assert_eq!((&answer["op"], &answer["d"]), (&json!(9), &json!(false)), "{answer}");
        };
        is_invalid(&bot, "0123456789abcdef0123456789abcdef", 1).await;
        is_invalid(&ada, &session, 4).await;
        // The beat said that everything up to 4 was seen, so nothing before can be named any more.
        is_invalid(&bot, &session, 2).await;
        assert_eq!(Client::resume(&house, &bot, &session, 5).await.closed().await, 4007);
        client.close(1000).await;
        is_invalid(&bot, &session, 4).await;
    }
}

/// Waits until the session's saved number is this one.
pub(crate) async fn saved(house: &House, session: &str, s: u64) {
    use guildhall_infra::{params, sql};
    loop {
        let row = sql!("SELECT s FROM gateway_sessions WHERE id = $1");
        let row = house.db.opt(row, params![session]).await.unwrap();
        if row.is_some_and(|row| row.get::<i64>(0).unwrap() == s as i64) {
            return;
        }
        tokio::task::yield_now().await;
    }
}

async fn killed_and_resumed(
    site: &Site,
    meanwhile: impl AsyncFn(&House, &Somebody, &str, &str),
) -> (Client, u64) {
    let house = site.start().await;
    let (ada, bot, guild, channel) = scene(&house).await;
    let (mut client, _) = Client::ready(&house, &bot, MESSAGES).await;
    for i in 0..5 {
        house.say(&ada, &channel, &i.to_string()).await;
        client.event("MESSAGE_CREATE").await;
        if i == 2 {
            client.beat().await;
        }
    }
    let (session, seen) = (client.session.clone(), client.s);
    saved(&house, &session, 4).await;
    meanwhile(&house, &ada, &guild, &channel).await;
    house.kill();
    let house = site.start().await;
    for i in 5..8 {
        house.say(&ada, &channel, &i.to_string()).await;
    }
    (Client::resume(&house, &bot, &session, seen).await, seen)
}

/// Three messages and RESUMED, which comes before those that were sent only just now.
async fn messages(client: &mut Client) -> Vec<String> {
    let (mut contents, mut resumed) = (Vec::new(), false);
    while contents.len() < 3 || !resumed {
        let event = client.next().await.unwrap();
        match event["t"].as_str() {
            Some("MESSAGE_CREATE") => contents.push(event["d"]["content"].as_str().unwrap().to_owned()),
            Some("RESUMED") => resumed = true,
            _ => panic!("{event}"),
        }
    }
    contents
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_outlives_the_process() {
    for site in sites(|_| {}).await {
        let (mut client, seen) = killed_and_resumed(&site, async |_, _, _, _| {}).await;
        assert_eq!(messages(&mut client).await, ["5", "6", "7"]);
        assert_eq!(client.s, seen + 3);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_whose_events_cannot_be_counted_is_invalid_after_a_restart() {
    for site in sites(|_| {}).await {
        let change_role = async |house: &House, _: &Somebody, guild: &str, _: &str| {
            let body = json!({ "guild_id": guild, "role": {
                "id": guild, "name": "@everyone", "permissions": "1024", "position": 0, "color": 0,
                "colors": { "primary_color": 0, "secondary_color": null, "tertiary_color": null }, "hoist": false,
                "managed": false, "mentionable": false, "flags": 0, "icon": null, "unicode_emoji": null } });
            let audience = Audience::Guild(guild.parse().unwrap());
            house.happen(&[NewEvent::new("GUILD_ROLE_UPDATE", audience, &body).unwrap()]).await;
        };
        let (mut client, _) = killed_and_resumed(&site, change_role).await;
        let answer = client.next().await.unwrap();
        assert_eq!((&answer["op"], &answer["d"]), (&json!(9), &json!(false)));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_guild_ends_the_sessions_of_its_members_only() {
    for site in sites(|_| {}).await {
        let strangers = async |house: &House, ada: &Somebody, _: &str, _: &str| {
            let (other, _) = house.guild(ada).await;
            house.rest(ada, "DELETE", &format!("/guilds/{other}"), None).await;
        };
        let (mut client, _) = killed_and_resumed(&site, strangers).await;
        assert_eq!(messages(&mut client).await, ["5", "6", "7"]);
    }
    for site in sites(|_| {}).await {
        let own = async |house: &House, ada: &Somebody, _: &str, _: &str| {
            let (other, _) = house.guild(ada).await;
            let bot = house.bots().await[0];
            house.chat.enroll(other.parse().unwrap(), bot, Vec::new()).await.unwrap();
            house.rest(ada, "DELETE", &format!("/guilds/{other}"), None).await;
        };
        let (mut client, _) = killed_and_resumed(&site, own).await;
        assert_eq!(client.next().await.unwrap()["op"], 9);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn draining_asks_to_come_again_and_loses_nothing() {
    for site in sites(|_| {}).await {
        let house = site.start().await;
        let (ada, bot, _, channel) = scene(&house).await;
        let (mut client, _) = Client::ready(&house, &bot, MESSAGES).await;
        house.say(&ada, &channel, "before").await;
        client.event("MESSAGE_CREATE").await;
        let (session, seen) = (client.session.clone(), client.s);
        let gateway = house.gateway.clone();
        let drained = tokio::spawn(async move { gateway.drain().await });
        assert_eq!(client.next().await.unwrap()["op"], 7);
        assert!(tokio_tungstenite::connect_async(format!("ws://{}/gateway", house.address)).await.is_err());
        client.close(4900).await;
        house.say(&ada, &channel, "between").await;
        drained.await.unwrap();
        house.kill();
        let house = site.start().await;
        let mut client = Client::resume(&house, &bot, &session, seen).await;
        assert_eq!(client.event("MESSAGE_CREATE").await["content"], "between");
        client.event("RESUMED").await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_reader_is_cut_off_alone_and_may_resume() {
    for site in sites(|config| config.queue_bytes = 64 << 10).await {
        let house = site.start().await;
        let (ada, bot, guild, channel) = scene(&house).await;
        let other = house.bot(&ada, "other").await;
        house.join(&guild, &other).await;
        let (mut slow, _) = Client::ready(&house, &bot, MESSAGES).await;
        let (mut quick, _) = Client::ready(&house, &other, MESSAGES).await;
        let audience = || Audience::Channel(guild.parse().unwrap(), channel.parse().unwrap());
        let filler = "x".repeat(20_000);
        // More than what the kernel's buffers hold, which is some megabytes.
        let (rounds, each) = (80, 10);
        for round in 0..rounds {
            let message = |i| {
                let body = json!({ "id": "1", "content": format!("{}", round * each + i), "filler": filler });
                NewEvent::new("MESSAGE_CREATE", audience(), &body).unwrap()
            };
            house.happen(&(0..each).map(message).collect::<Vec<_>>()).await;
            for i in 0..each {
                assert_eq!(quick.event("MESSAGE_CREATE").await["content"], (round * each + i).to_string());
            }
        }
        let mut read = 0;
        let code = loop {
            match slow.next().await {
                Ok(_) => read += 1,
                Err(code) => break code,
            }
        };
        assert_eq!(code, 0, "it is cut off without a word");
        assert!(read < rounds * each, "{read} were read");
        let mut client = Client::resume(&house, &bot, &slow.session, slow.s).await;
        for i in read..rounds * each {
            assert_eq!(client.event("MESSAGE_CREATE").await["content"], i.to_string());
        }
        client.event("RESUMED").await;
    }
}
