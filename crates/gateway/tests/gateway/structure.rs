//! Channels, overwrites and roles that are changed through the routes: who hears of it, and who does not.

use serde_json::{Value, json};

use crate::client::{ALL, Client};
use crate::house::{House, Somebody, sites};

async fn ok(house: &House, who: &Somebody, method: &str, path: &str, body: Value) -> Value {
    let (status, answer) = house.rest(who, method, path, Some(body)).await;
    assert!(status.is_success(), "{method} {path}: {status} {answer}");
    answer
}

/// What somebody is told until everything that has happened so far has come. A new description marks the end.
async fn told(house: &House, owner: &Somebody, guild: &str, client: &mut Client) -> Vec<Value> {
    let mark = format!("after {}", client.s);
    ok(house, owner, "PATCH", &format!("/guilds/{guild}"), json!({ "description": mark })).await;
    let mut events = Vec::new();
    loop {
        let event = client.next().await.unwrap();
        if event["t"] == "GUILD_UPDATE" {
            assert_eq!(event["d"]["description"], mark);
            return events;
        }
        events.push(event);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn only_those_who_see_a_channel_hear_of_it_from_its_making_to_its_end() {
    for site in sites(|_| {}).await {
        let house = site.start().await;
        let ada = house.person("ada").await;
        let (guild, _) = house.guild(&ada).await;
        let bot = house.bot(&ada, "robot").await;
        house.join(&guild, &bot).await;
        let (mut client, _) = Client::ready(&house, &bot, 1).await;
        let (mut owner, _) = Client::ready(&house, &ada, ALL).await;
        let channels = format!("/guilds/{guild}/channels");
        let hidden = json!([{ "id": guild, "type": 0, "allow": "0", "deny": "1024" }]);
        let body = json!({ "name": "secret", "permission_overwrites": hidden });
        let made = ok(&house, &ada, "POST", &channels, body).await;
        assert_eq!(owner.event("CHANNEL_CREATE").await, made);
        owner.event("GUILD_AUDIT_LOG_ENTRY_CREATE").await;
        let path = format!("/channels/{}", made["id"].as_str().unwrap());
        ok(&house, &ada, "PATCH", &path, json!({ "topic": "hush" })).await;
        assert_eq!(owner.event("CHANNEL_UPDATE").await["topic"], "hush");
        owner.event("GUILD_AUDIT_LOG_ENTRY_CREATE").await;
        assert!(
            told(&house, &ada, &guild, &mut client).await.is_empty(),
            "who cannot see it is told nothing"
        );

        // Let in, the bot gets the channel first and then every change of it.
        let target = format!("{path}/permissions/{}", bot.id);
        ok(&house, &ada, "PUT", &target, json!({ "type": 1, "allow": "1024" })).await;
        assert_eq!(client.event("CHANNEL_CREATE").await["id"], made["id"]);
        assert_eq!(
            client.event("CHANNEL_UPDATE").await["permission_overwrites"].as_array().unwrap().len(),
            2
        );
        ok(&house, &ada, "PATCH", &path, json!({ "topic": "hello" })).await;
        assert_eq!(client.event("CHANNEL_UPDATE").await["topic"], "hello");
        ok(&house, &ada, "DELETE", &path, json!({})).await;
        assert_eq!(client.event("CHANNEL_DELETE").await["id"], made["id"]);
        assert!(told(&house, &ada, &guild, &mut client).await.is_empty());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_opens_and_closes_what_its_holders_see() {
    for site in sites(|_| {}).await {
        let house = site.start().await;
        let ada = house.person("ada").await;
        let (guild, channel) = house.guild(&ada).await;
        let bot = house.bot(&ada, "robot").await;
        house.join(&guild, &bot).await;
        let roles = format!("/guilds/{guild}/roles");
        let role = ok(&house, &ada, "POST", &roles, json!({ "name": "crew", "permissions": "0" })).await;
        let id = role["id"].as_str().unwrap();
        let member = format!("/guilds/{guild}/members/{}/roles/{id}", bot.id);
        ok(&house, &ada, "PUT", &member, json!({})).await;
        let (mut client, _) = Client::ready(&house, &bot, 1).await;

        ok(&house, &ada, "PATCH", &format!("{roles}/{id}"), json!({ "name": "staff" })).await;
        assert_eq!(client.event("GUILD_ROLE_UPDATE").await["role"]["name"], "staff");
        ok(&house, &ada, "PATCH", &format!("{roles}/{guild}"), json!({ "permissions": "0" })).await;
        client.event("GUILD_ROLE_UPDATE").await;
        let lost = told(&house, &ada, &guild, &mut client).await;
        assert!(!lost.is_empty() && lost.iter().all(|event| event["t"] == "CHANNEL_DELETE"), "{lost:?}");
        ok(&house, &ada, "PATCH", &format!("{roles}/{id}"), json!({ "permissions": "1024" })).await;
        let gained = told(&house, &ada, &guild, &mut client).await;
        let (update, gained) = gained.split_last().unwrap();
        assert_eq!(update["t"], "GUILD_ROLE_UPDATE");
        assert_eq!(gained.len(), lost.len());
        assert!(gained.iter().any(|event| event["d"]["id"] == channel), "{gained:?}");

        // Making and moving roles shows nobody anything new; the order is told.
        let other = ok(&house, &ada, "POST", &roles, json!({ "name": "new", "permissions": "0" })).await;
        assert_eq!(client.event("GUILD_ROLE_CREATE").await["role"], other);
        assert_eq!(client.event("GUILD_ROLE_UPDATE").await["role"]["position"], 2);
        ok(&house, &ada, "PATCH", &roles, json!([{ "id": id, "position": 1 }])).await;
        let moved = told(&house, &ada, &guild, &mut client).await;
        assert!(moved.len() == 2 && moved.iter().all(|event| event["t"] == "GUILD_ROLE_UPDATE"), "{moved:?}");

        ok(&house, &ada, "DELETE", &format!("{roles}/{id}"), json!({})).await;
        assert_eq!(client.event("GUILD_ROLE_DELETE").await["role_id"], id);
        let after = told(&house, &ada, &guild, &mut client).await;
        let gone = after.iter().filter(|event| event["t"] == "CHANNEL_DELETE").count();
        assert_eq!(gone, lost.len(), "{after:?}");
    }
}
