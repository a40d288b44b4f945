//! What people have among themselves, over the gateway: READY, statuses from the settings, friends' presences.

use guildhall_accounts::{EditSettings, Registration, UserState, Visit};
use serde_json::{Value, json};

use crate::client::{ALL, Client};
use crate::house::{House, Somebody, sites};

async fn befriend(house: &House, one: &Somebody, other: &Somebody) {
    for (from, to) in [(one, other), (other, one)] {
        let actor = house.accounts.authenticate(&from.token).await.unwrap();
        house.accounts.befriend(&actor, to.id).await.unwrap();
    }
}

async fn choose(house: &House, who: &Somebody, settings: Value) {
    let actor = house.accounts.authenticate(&who.token).await.unwrap();
    let edit: EditSettings = serde_json::from_value(settings).unwrap();
    house.accounts.edit_settings(&actor, edit).await.unwrap();
}

/// The next event of this name.
async fn next(client: &mut Client, name: &str) -> Value {
    loop {
        let payload = client.next().await.unwrap();
        if payload["t"] == name {
            return payload["d"].clone();
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn ready_tells_people_what_is_their_own() {
    for site in sites(|_| {}).await {
        let house = site.start().await;
        let (ada, bob) = (house.person("ada").await, house.person("bob").await);
        befriend(&house, &ada, &bob).await;
        let body = json!({ "recipient_id": bob.id });
        let (_, direct) = house.rest(&ada, "POST", "/users/@me/channels", Some(body)).await;
        choose(&house, &ada, json!({ "status": "idle" })).await;
        let (_bob, _) = Client::ready(&house, &bob, ALL).await;
        let mut client = Client::connect(&house).await;
        client.identify(&ada, json!({})).await;
        let ready = client.event("READY").await;
        assert_eq!(ready["private_channels"][0]["id"], direct["id"]);
        assert_eq!(ready["private_channels"][0]["recipients"][0]["id"], bob.id.to_string());
        let friend = &ready["relationships"][0];
        assert_eq!((&friend["id"], &friend["type"]), (&json!(bob.id), &json!(1)));
        assert_eq!(ready["user_settings"]["status"], "idle");
        let presence = &ready["presences"][0];
        assert_eq!((&presence["user"]["id"], &presence["status"]), (&json!(bob.id), &json!("online")));

        let bot = house.bot(&ada, "robot").await;
        let mut client = Client::connect(&house).await;
        client.identify(&bot, json!({ "intents": 1 })).await;
        let ready = client.event("READY").await;
        for key in ["private_channels", "relationships", "presences"] {
            assert_eq!(ready[key], json!([]), "{key}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_chosen_status_is_seen_at_once_and_on_every_connection() {
    for site in sites(|_| {}).await {
        let house = site.start().await;
        let ada = house.person("ada").await;
        let (guild, _) = house.guild(&ada).await;
        let bot = house.bot(&ada, "robot").await;
        house.join(&guild, &bot).await;
        let (mut watching, _) = Client::ready(&house, &bot, 1 | 1 << 8).await;
        choose(&house, &ada, json!({ "status": "dnd", "custom_status": { "text": "busy" } })).await;
        assert!(watching.beat().await.is_empty(), "who is not connected shows nothing");
        let (mut person, _) = Client::ready(&house, &ada, ALL).await;
        let seen = watching.event("PRESENCE_UPDATE").await;
        assert_eq!((&seen["status"], &seen["activities"][0]["state"]), (&json!("dnd"), &json!("busy")));
        assert_eq!((&seen["guild_id"], &seen["user"]["id"]), (&json!(guild), &json!(ada.id)));

        choose(&house, &ada, json!({ "status": "idle", "custom_status": null })).await;
        assert_eq!(next(&mut person, "USER_SETTINGS_UPDATE").await["status"], "idle");
        let seen = watching.event("PRESENCE_UPDATE").await;
        assert_eq!((&seen["status"], &seen["activities"]), (&json!("idle"), &json!([])));

        choose(&house, &ada, json!({ "status": "invisible" })).await;
        assert_eq!(watching.event("PRESENCE_UPDATE").await["status"], "offline");
        person.close(4000).await;
        let (person, _) = Client::ready(&house, &ada, ALL).await;
        assert!(watching.beat().await.is_empty(), "nobody sees an invisible one come or go");
        choose(&house, &ada, json!({ "status": "online" })).await;
        assert_eq!(watching.event("PRESENCE_UPDATE").await["status"], "online");
        person.close(1000).await;
        assert_eq!(watching.event("PRESENCE_UPDATE").await["status"], "offline");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn several_sessions_show_one_presence() {
    for site in sites(|_| {}).await {
        let house = site.start().await;
        let ada = house.person("ada").await;
        let (guild, _) = house.guild(&ada).await;
        let bot = house.bot(&ada, "robot").await;
        house.join(&guild, &bot).await;
        let (mut watching, _) = Client::ready(&house, &bot, 1 | 1 << 8).await;
        let (mut desk, _) = Client::ready(&house, &ada, ALL).await;
        assert_eq!(watching.event("PRESENCE_UPDATE").await["status"], "online");
        let (mut phone, _) = Client::ready(&house, &ada, ALL).await;
        let says =
            |status| json!({ "op": 3, "d": { "status": status, "activities": [], "since": 0, "afk": true } });
        desk.send(says("idle")).await;
        desk.beat().await;
        assert!(watching.beat().await.is_empty(), "the phone is still online");
        phone.send(says("idle")).await;
        assert_eq!(watching.event("PRESENCE_UPDATE").await["status"], "idle");
        desk.send(says("dnd")).await;
        assert_eq!(watching.event("PRESENCE_UPDATE").await["status"], "dnd");
        desk.close(1000).await;
        assert_eq!(watching.event("PRESENCE_UPDATE").await["status"], "idle");
        let (session, s) = (phone.session.clone(), phone.s);
        phone.close(4000).await;
        assert_eq!(watching.event("PRESENCE_UPDATE").await["status"], "offline");
        let _phone = Client::resume(&house, &ada, &session, s).await;
        assert_eq!(watching.event("PRESENCE_UPDATE").await["status"], "idle", "it shows what it showed");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn friends_without_a_guild_in_common_see_each_other() {
    for site in sites(|_| {}).await {
        let house = site.start().await;
        let (ada, bob) = (house.person("ada").await, house.person("bob").await);
        let (mut ada_client, _) = Client::ready(&house, &ada, ALL).await;
        let (bob_client, _) = Client::ready(&house, &bob, ALL).await;
        befriend(&house, &ada, &bob).await;
        let seen = next(&mut ada_client, "PRESENCE_UPDATE").await;
        assert_eq!((&seen["user"]["id"], &seen["status"]), (&json!(bob.id), &json!("online")));
        assert_eq!(seen.get("guild_id"), None);
        bob_client.close(1000).await;
        assert_eq!(next(&mut ada_client, "PRESENCE_UPDATE").await["status"], "offline");
        let (_bob, _) = Client::ready(&house, &bob, ALL).await;
        assert_eq!(next(&mut ada_client, "PRESENCE_UPDATE").await["status"], "online");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_was_invited_for_a_visit_goes_with_the_last_session() {
    for site in sites(|_| {}).await {
        let house = site.start().await;
        let ada = house.person("ada").await;
        let (guild, channel) = house.guild(&ada).await;
        let bot = house.bot(&ada, "robot").await;
        house.join(&guild, &bot).await;
        let path = format!("/channels/{channel}/invites");
        let (_, invite) = house.rest(&ada, "POST", &path, Some(json!({ "temporary": true }))).await;
        let code = format!("/invites/{}", invite["code"].as_str().unwrap());
        let (guest, stays) = (house.person("guest").await, house.person("stays").await);
        for who in [&guest, &stays] {
            assert!(house.rest(who, "POST", &code, Some(json!({}))).await.0.is_success());
        }
        let (_, role) = house.rest(&ada, "POST", &format!("/guilds/{guild}/roles"), Some(json!({}))).await;
        let role = role["id"].as_str().unwrap();
        let give = format!("/guilds/{guild}/members/{}/roles/{role}", stays.id);
        assert!(house.rest(&ada, "PUT", &give, Some(json!({}))).await.0.is_success());
        assert!(house.rest(&ada, "DELETE", &give, Some(json!({}))).await.0.is_success());

        let (mut watching, _) = Client::ready(&house, &bot, 1 | 1 << 1).await;
        let (one, _) = Client::ready(&house, &guest, ALL).await;
        let (two, _) = Client::ready(&house, &guest, ALL).await;
        let (stays, _) = Client::ready(&house, &stays, ALL).await;
        stays.close(1000).await;
        one.close(1000).await;
        assert!(watching.beat().await.is_empty(), "another session is still there");
        two.close(1000).await;
        let gone = watching.event("GUILD_MEMBER_REMOVE").await;
        assert_eq!(gone["user"]["id"], guest.id.to_string());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ban_closes_the_connections_of_a_person_and_of_their_bots() {
    for site in sites(|config| config.max_concurrency = 4).await {
        let house = site.start().await;
        let new = Registration {
            username: "boss".into(),
            password: "correct horse battery".into(),
            ..Registration::default()
        };
        let boss = house.accounts.register(new, &Visit::default()).await.unwrap();
        house.accounts.set_staff(boss.user.id, true).await.unwrap();
        let boss = house.accounts.authenticate(&boss.token).await.unwrap();
        let (ada, bob) = (house.person("ada").await, house.person("bob").await);
        let (robot, other) = (house.bot(&ada, "robot").await, house.bot(&bob, "other").await);
        let (mut bystander, _) = Client::ready(&house, &other, 1).await;
        let (mut bob, _) = Client::ready(&house, &bob, 1).await;
        for (shard, state) in [UserState::ApiBan, UserState::Banned].into_iter().enumerate() {
            // Tokens of programs end for good with either; a session would come back after an API ban.
            let token = house.accounts.new_token(ada.id).await.unwrap();
            let ada = Somebody { token: token.clone(), credential: token, ..ada };
            let (mut person, _) = Client::ready(&house, &ada, 1).await;
            // One IDENTIFY of a shard in five seconds.
            let mut machine = Client::connect(&house).await;
            machine.identify(&robot, json!({ "intents": 1, "shard": [shard, 4] })).await;
            machine.event("READY").await;
            house.accounts.set_state(&boss, ada.id, state, "They asked for it.").await.unwrap();
            assert_eq!((person.closed().await, machine.closed().await), (4004, 4004), "{state:?}");
            for who in [&ada, &robot] {
                let mut again = Client::connect(&house).await;
                again.identify(who, json!({ "intents": 1 })).await;
                assert_eq!(again.closed().await, 4004, "{state:?}");
            }
            house.accounts.set_state(&boss, ada.id, UserState::Normal, "They asked again.").await.unwrap();
        }
        let mut back = Client::connect(&house).await;
        back.identify(&robot, json!({ "intents": 1, "shard": [2, 4] })).await;
        back.event("READY").await;
        assert!(bystander.beat().await.is_empty() && bob.beat().await.is_empty(), "nobody else is closed");
    }
}
