//! What a session may say that was made for less than everything.

use std::time::Duration;

use guildhall_accounts::{NewScript, SessionScopes, Visit};
use guildhall_base::Clock;
use guildhall_infra::{params, sql};
use serde_json::{Value, json};

use crate::client::Client;
use crate::house::{House, Somebody, sites};

/// Guilds, members, voice states, presences.
const WATCHED: u64 = 1 | 1 << 1 | 1 << 7 | 1 << 8;

/// The same person by a session with these scopes.
async fn script(house: &House, who: &Somebody, scopes: SessionScopes) -> Somebody {
    let proved = sql!("UPDATE tokens SET proved = $2 WHERE user_id = $1");
    house.db.run(proved, params![who.id, Clock::system().now()]).await.unwrap();
    let actor = house.accounts.authenticate(&who.token).await.unwrap();
    let new = NewScript { name: "Script".to_owned(), scopes, life: Duration::from_secs(3600) };
    let (_, token) = house.accounts.new_script(&actor, new, &Visit::default()).await.unwrap();
    Somebody { id: who.id, credential: token.clone(), token }
}

fn presences(events: &[Value]) -> Vec<&Value> {
    events.iter().filter(|event| event["t"] == "PRESENCE_UPDATE").map(|event| &event["d"]["status"]).collect()
}

fn voices(events: &[Value]) -> usize {
    events.iter().filter(|event| event["t"] == "VOICE_STATE_UPDATE").count()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_only_reads_hears_all_and_says_nothing_of_its_owner() {
    for site in sites(|_| ()).await {
        let house = site.start().await;
        let (ada, bob) = (house.person("ada").await, house.person("bob").await);
        let (guild, channel) = house.guild(&ada).await;
        house.join(&guild, &bob).await;
        let bot = house.bot(&ada, "robot").await;
        house.join(&guild, &bot).await;
        let (status, voice) = house
            .rest(&ada, "POST", &format!("/guilds/{guild}/channels"), Some(json!({ "name": "v", "type": 2 })))
            .await;
        assert!(status.is_success(), "{voice}");
        let (mut watching, _) = Client::ready(&house, &bot, WATCHED).await;
        let away =
            json!({ "op": 3, "d": { "status": "dnd", "activities": [], "since": null, "afk": false } });
        let joins = json!({ "op": 4, "d": {
            "guild_id": guild, "channel_id": voice["id"], "self_mute": false, "self_deaf": false } });

        let reads = script(&house, &bob, SessionScopes::READ).await;
        let mut reader = Client::connect(&house).await;
        let shown = json!({ "intents": 1, "presence": { "status": "idle", "activities": [] } });
        reader.identify(&reads, shown).await;
        let ready = reader.event("READY").await;
        let session = ready["session_id"].as_str().unwrap().to_owned();
        reader.event("GUILD_CREATE").await;
        reader.send(away.clone()).await;
        reader.send(joins.clone()).await;
        // Asking for members is reading.
        reader.send(json!({ "op": 8, "d": { "guild_id": guild, "query": "", "limit": 0 } })).await;
        reader.event("GUILD_MEMBERS_CHUNK").await;
        reader.beat().await;
        let told = watching.beat().await;
        assert_eq!((presences(&told).len(), voices(&told)), (0, 0), "{told:?}");
        // It hears what happens, and stays as it was after it came back.
        house.say(&ada, &channel, "hello").await;
        assert_eq!(reader.event("MESSAGE_CREATE").await["content"], "hello");
        let s = reader.s;
        drop(reader);
        let mut reader = Client::resume(&house, &reads, &session, s).await;
        reader.event("RESUMED").await;
        reader.send(away.clone()).await;
        reader.send(joins.clone()).await;
        reader.beat().await;
        let told = watching.beat().await;
        assert_eq!((presences(&told).len(), voices(&told)), (0, 0), "{told:?}");

        // The same by a session that may write.
        let writes = script(&house, &bob, SessionScopes::READ | SessionScopes::WRITE).await;
        let (mut writer, _) = Client::ready(&house, &writes, 1).await;
        assert_eq!(watching.event("PRESENCE_UPDATE").await["status"], "online");
        writer.send(away).await;
        assert_eq!(watching.event("PRESENCE_UPDATE").await["status"], "dnd");
        writer.send(joins).await;
        assert_eq!(watching.event("VOICE_STATE_UPDATE").await["channel_id"], voice["id"]);
        // The reader cannot make its owner leave.
        reader.send(json!({ "op": 4, "d": { "guild_id": guild, "channel_id": null } })).await;
        reader.beat().await;
        let told = watching.beat().await;
        assert_eq!((presences(&told).len(), voices(&told)), (0, 0), "{told:?}");

        // One that may not even read is nobody.
        let blind = script(&house, &bob, SessionScopes::WRITE).await;
        let mut nobody = Client::connect(&house).await;
        nobody.identify(&blind, json!({ "intents": 1 })).await;
        assert_eq!(nobody.next().await, Err(4004));
    }
}
