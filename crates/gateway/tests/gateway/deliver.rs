//! Who receives which event, in which form.

use guildhall_base::ChannelId;
use guildhall_infra::events::{Audience, NewEvent};
use serde_json::json;

use crate::client::{ALL, Client};
use crate::house::sites;

#[tokio::test(flavor = "multi_thread")]
async fn messages_reach_who_asked_for_them_in_the_form_they_may_see() {
    for site in sites(|_| {}).await {
        let house = site.start().await;
        let ada = house.person("ada").await;
        let (guild, channel) = house.guild(&ada).await;
        let seeing = house.bot(&ada, "seeing").await;
        let blind = house.bot(&ada, "blind").await;
        let deaf = house.bot(&ada, "deaf").await;
        for bot in [&seeing, &blind, &deaf] {
            house.join(&guild, bot).await;
        }
        let (mut seeing_client, _) = Client::ready(&house, &seeing, ALL).await;
        let (mut blind_client, _) = Client::ready(&house, &blind, 1 | 1 << 9).await;
        let (mut deaf_client, _) = Client::ready(&house, &deaf, 1).await;
        let (mut person, _) = Client::ready(&house, &ada, ALL).await;
        seeing_client.beat().await;

        house.say(&ada, &channel, "hello").await;
        assert_eq!(seeing_client.event("MESSAGE_CREATE").await["content"], "hello");
        assert_eq!(person.event("MESSAGE_CREATE").await["content"], "hello");
        let hidden = blind_client.event("MESSAGE_CREATE").await;
        assert_eq!((&hidden["content"], &hidden["channel_id"]), (&json!(""), &json!(channel)));
        assert_eq!(hidden["author"]["id"], ada.id.to_string());

        house.say(&ada, &channel, &format!("hey <@{}>", blind.id)).await;
        assert_eq!(blind_client.event("MESSAGE_CREATE").await["content"], format!("hey <@{}>", blind.id));
        house.say(&blind, &channel, "my own").await;
        assert_eq!(blind_client.event("MESSAGE_CREATE").await["content"], "my own");

        house.rest(&ada, "POST", &format!("/channels/{channel}/typing"), None).await;
        seeing_client.event("MESSAGE_CREATE").await;
        seeing_client.event("MESSAGE_CREATE").await;
        let before = seeing_client.s;
        seeing_client.event("TYPING_START").await;
        assert_eq!(seeing_client.s, before, "typing is not counted");
        assert!(deaf_client.beat().await.is_empty());
        assert_eq!(deaf_client.s, 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn coming_and_going_are_seen_as_a_guild_by_oneself_and_as_a_member_by_others() {
    for site in sites(|_| {}).await {
        let house = site.start().await;
        let ada = house.person("ada").await;
        let (guild, channel) = house.guild(&ada).await;
        let watcher = house.bot(&ada, "watcher").await;
        house.join(&guild, &watcher).await;
        let (mut watching, _) = Client::ready(&house, &watcher, 1 | 1 << 1 | 1 << 9 | 1 << 15).await;
        let bot = house.bot(&ada, "robot").await;
        let (mut client, guilds) = Client::ready(&house, &bot, 1 | 1 << 9).await;
        assert!(guilds.is_empty());

        house.join(&guild, &bot).await;
        assert_eq!(client.event("GUILD_CREATE").await["id"], guild);
        assert_eq!(client.s, 2, "it is counted");
        assert_eq!(watching.event("GUILD_MEMBER_ADD").await["user"]["id"], bot.id.to_string());
        house.say(&ada, &channel, "welcome").await;
        client.event("MESSAGE_CREATE").await;
        watching.event("MESSAGE_CREATE").await;

        let (status, _) = house.rest(&bot, "DELETE", &format!("/users/@me/guilds/{guild}"), None).await;
        assert!(status.is_success());
        assert_eq!(client.event("GUILD_DELETE").await, json!({ "id": guild }));
        assert_eq!(watching.event("GUILD_MEMBER_REMOVE").await["user"]["id"], bot.id.to_string());
        house.say(&ada, &channel, "gone").await;
        watching.event("MESSAGE_CREATE").await;
        assert!(client.beat().await.is_empty());

        house.rest(&ada, "DELETE", &format!("/guilds/{guild}"), None).await;
        assert_eq!(watching.event("GUILD_DELETE").await["id"], guild);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn overwrites_show_and_hide_channels_at_once() {
    for site in sites(|_| {}).await {
        let house = site.start().await;
        let ada = house.person("ada").await;
        let (guild, channel) = house.guild(&ada).await;
        let bot = house.bot(&ada, "robot").await;
        house.join(&guild, &bot).await;
        let (mut client, _) = Client::ready(&house, &bot, 1 | 1 << 9).await;
        let (mut owner, _) = Client::ready(&house, &ada, ALL).await;
        let audience = || Audience::Channel(guild.parse().unwrap(), channel.parse::<ChannelId>().unwrap());
        let update = |overwrites| {
            let mut body = house.channel(&guild, &channel);
            body["permission_overwrites"] = overwrites;
            NewEvent::new("CHANNEL_UPDATE", audience(), &body).unwrap()
        };
        house.happen(&[update(json!([{ "id": bot.id, "type": 1, "allow": "0", "deny": "1024" }]))]).await;
        assert_eq!(client.event("CHANNEL_DELETE").await["id"], channel);
        assert_eq!(client.s, 1, "not counted");
        owner.event("CHANNEL_UPDATE").await;
        house.say(&ada, &channel, "secret").await;
        owner.event("MESSAGE_CREATE").await;
        house.happen(&[update(json!([]))]).await;
        assert_eq!(client.event("CHANNEL_CREATE").await["id"], channel);
        assert_eq!(client.s, 1);
        client.event("CHANNEL_UPDATE").await;
        assert_eq!(client.s, 2);
        house.say(&ada, &channel, "public").await;
        client.event("MESSAGE_CREATE").await;
        assert_eq!(client.s, 3);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn members_are_sent_in_chunks_as_asked() {
    for site in sites(|_| {}).await {
        let house = site.start().await;
        let ada = house.person("ada").await;
        let (guild, _) = house.guild(&ada).await;
        let bot = house.bot(&ada, "robot").await;
        house.join(&guild, &bot).await;
        let (mut client, _) = Client::ready(&house, &bot, 1 | 1 << 1 | 1 << 8).await;
        client.send(json!({ "op": 8, "d": { "guild_id": guild, "query": "", "limit": 0, "nonce": "n", "presences": true } })).await;
        let chunk = client.event("GUILD_MEMBERS_CHUNK").await;
        assert_eq!(chunk["members"].as_array().unwrap().len(), 2);
        assert_eq!(
            (&chunk["nonce"], &chunk["chunk_index"], &chunk["chunk_count"]),
            (&json!("n"), &json!(0), &json!(1))
        );
        assert_eq!(chunk["presences"][0]["user"]["id"], bot.id.to_string());
        client.send(json!({ "op": 8, "d": { "guild_id": guild, "query": "AD", "limit": 5 } })).await;
        let chunk = client.event("GUILD_MEMBERS_CHUNK").await;
        assert_eq!(chunk["members"][0]["user"]["username"], "ada");
        client.send(json!({ "op": 8, "d": { "guild_id": guild, "user_ids": [ada.id, "42"] } })).await;
        let chunk = client.event("GUILD_MEMBERS_CHUNK").await;
        assert_eq!(
            (&chunk["members"][0]["user"]["id"], &chunk["not_found"]),
            (&json!(ada.id), &json!(["42"]))
        );
        assert_eq!(client.s, 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn presence_and_voice_reach_those_in_the_guild() {
    for site in sites(|_| {}).await {
        let house = site.start().await;
        let ada = house.person("ada").await;
        let (guild, _) = house.guild(&ada).await;
        let bot = house.bot(&ada, "robot").await;
        house.join(&guild, &bot).await;
        let (mut client, _) = Client::ready(&house, &bot, ALL).await;
        let (mut person, guilds) = Client::ready(&house, &ada, ALL).await;
        assert_eq!(guilds[0]["presences"].as_array().unwrap().len(), 2, "{}", guilds[0]["presences"]);
        assert_eq!(client.event("PRESENCE_UPDATE").await["user"]["id"], ada.id.to_string());
        person.send(json!({ "op": 3, "d": { "since": null, "activities": [{ "name": "chess", "type": 0 }], "status": "dnd", "afk": false } })).await;
        let presence = client.event("PRESENCE_UPDATE").await;
        assert_eq!(
            (&presence["status"], &presence["activities"][0]["name"]),
            (&json!("dnd"), &json!("chess"))
        );
        let voice =
            guilds[0]["channels"].as_array().unwrap().iter().find(|channel| channel["type"] == 2).unwrap();
        person.beat().await;
        person.send(json!({ "op": 4, "d": { "guild_id": guild, "channel_id": voice["id"], "self_mute": true, "self_deaf": false } })).await;
        let state = client.event("VOICE_STATE_UPDATE").await;
        assert_eq!((&state["channel_id"], &state["self_mute"]), (&voice["id"], &json!(true)));
        assert_eq!(state["member"]["user"]["id"], ada.id.to_string());
        person.event("VOICE_STATE_UPDATE").await;
        assert_eq!(person.event("VOICE_SERVER_UPDATE").await["guild_id"], guild);
        person.close(1000).await;
        let mut last = [client.next().await.unwrap(), client.next().await.unwrap()];
        last.sort_by_key(|payload| payload["t"].to_string());
        assert_eq!((&last[0]["t"], &last[0]["d"]["status"]), (&json!("PRESENCE_UPDATE"), &json!("offline")));
        assert_eq!(
            (&last[1]["t"], &last[1]["d"]["channel_id"]),
            (&json!("VOICE_STATE_UPDATE"), &json!(null))
        );
        assert_eq!(client.s, 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_compressed_connection_hears_the_same() {
    for site in sites(|_| {}).await {
        let house = site.start().await;
        let ada = house.person("ada").await;
        let (guild, channel) = house.guild(&ada).await;
        let bot = house.bot(&ada, "robot").await;
        house.join(&guild, &bot).await;
        let url = format!("ws://{}/gateway?v=10&encoding=json&compress=zlib-stream", house.address);
        let mut client = Client::connect_to(&url).await;
        client.identify(&bot, json!({ "intents": ALL })).await;
        client.event("READY").await;
        assert_eq!(client.event("GUILD_CREATE").await["id"], guild);
        for i in 0..20 {
            let content = format!("{i}: {}", "over and ".repeat(10 * i));
            house.say(&ada, &channel, &content).await;
            assert_eq!(client.event("MESSAGE_CREATE").await["content"], content.trim_end());
            client.beat().await;
        }
        assert_eq!(client.s, 21);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_large_guild_those_are_told_who_are_online() {
    use guildhall_infra::db::Batch;
    use guildhall_infra::{params, sql};
    for site in sites(|_| {}).await {
        let house = site.start().await;
        let (ada, bob) = (house.person("ada").await, house.person("bob").await);
        let (guild, _) = house.guild(&ada).await;
        let bot = house.bot(&ada, "robot").await;
        house.join(&guild, &bob).await;
        house.join(&guild, &bot).await;
        let mut batch = Batch::new();
        for id in 1..=1100_i64 {
            let row = sql!(
                "INSERT INTO members (guild_id, user_id, joined_at, settings)
                 SELECT guild_id, $1, joined_at, settings FROM members WHERE user_id = $2"
            );
            batch.run(row, params![id, bob.id]);
        }
        house.db.write(batch).await.unwrap();
        house.kill();
        let house = site.start().await;
        let (_ada, _) = Client::ready(&house, &ada, ALL).await;
        let (_client, guilds) = Client::ready(&house, &bot, 1 | 1 << 8).await;
        let guild = &guilds[0];
        assert_eq!((&guild["large"], &guild["member_count"]), (&json!(true), &json!(1103)));
        let ids = |list: &str, key: &dyn Fn(&serde_json::Value) -> String| {
            let mut ids: Vec<_> = guild[list].as_array().unwrap().iter().map(key).collect();
            ids.sort();
            ids
        };
        let expected = {
            let mut ids = vec![ada.id.to_string(), bot.id.to_string()];
            ids.sort();
            ids
        };
        let user = |of: &serde_json::Value| of["user"]["id"].as_str().unwrap().to_owned();
        assert_eq!(ids("members", &user), expected, "oneself, and who is online");
        assert_eq!(ids("presences", &user), expected);
    }
}
