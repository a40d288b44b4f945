//! Voice states: who may join, what moderators do, when one is out again.

use serde_json::{Value, json};

use crate::client::{ALL, Client};
use crate::house::{House, Somebody, sites};

const VOICES: u64 = 1 | 1 << 7;

struct Scene {
    house: House,
    ada: Somebody,
    bob: Somebody,
    guild: String,
    /// Hears of everything.
    watching: Client,
}

impl Scene {
    async fn of(house: House) -> Self {
        let (ada, bob) = (house.person("ada").await, house.person("bob").await);
        let (guild, _) = house.guild(&ada).await;
        house.join(&guild, &bob).await;
        let bot = house.bot(&ada, "robot").await;
        house.join(&guild, &bot).await;
        let (watching, _) = Client::ready(&house, &bot, VOICES).await;
        Self { house, ada, bob, guild, watching }
    }

    async fn call(&self, who: &Somebody, method: &str, path: &str, body: Value) -> (u16, Value) {
        let (status, body) = self.house.rest(who, method, path, Some(body)).await;
        (status.as_u16(), body)
    }

    async fn channel(&self, body: Value) -> String {
        let path = format!("/guilds/{}/channels", self.guild);
        let (status, channel) = self.call(&self.ada, "POST", &path, body).await;
        assert_eq!(status, 201, "{channel}");
        channel["id"].as_str().unwrap().to_owned()
    }

    async fn edit_bob(&self, who: &Somebody, body: Value) -> (u16, Value) {
        self.call(who, "PATCH", &format!("/guilds/{}/members/{}", self.guild, self.bob.id), body).await
    }

    async fn join(&self, client: &mut Client, channel: &str) {
        let d =
            json!({ "guild_id": self.guild, "channel_id": channel, "self_mute": false, "self_deaf": false });
        client.send(json!({ "op": 4, "d": d })).await;
        client.beat().await;
    }

    /// The next voice state that is told; what is said of channels is passed over.
    async fn told(&mut self) -> Value {
        loop {
            let event = self.watching.next().await.unwrap();
            if event["t"] == "VOICE_STATE_UPDATE" {
                return event["d"].clone();
            }
        }
    }

    async fn nothing_is_told(&mut self) {
        let events = self.watching.beat().await;
        assert!(events.iter().all(|event| event["t"] != "VOICE_STATE_UPDATE"), "{events:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn only_who_may_connect_is_in_and_no_more_than_fit() {
    for site in sites(|_| {}).await {
        let mut scene = Scene::of(site.start().await).await;
        let small = scene.channel(json!({ "name": "small", "type": 2, "user_limit": 1 })).await;
        let deny = json!([{ "id": scene.guild, "type": 0, "deny": (1 << 20).to_string() }]);
        let shut = scene.channel(json!({ "name": "shut", "type": 2, "permission_overwrites": deny })).await;
        let mute = json!([{ "id": scene.guild, "type": 0, "deny": (1 << 21).to_string() }]);
        let quiet = scene.channel(json!({ "name": "quiet", "type": 2, "permission_overwrites": mute })).await;
        let text = scene.channel(json!({ "name": "text" })).await;
        let cleo = scene.house.person("cleo").await;
        scene.house.join(&scene.guild, &cleo).await;
        let (mut bob, _) = Client::ready(&scene.house, &scene.bob, ALL).await;
        let (mut cleo, _) = Client::ready(&scene.house, &cleo, ALL).await;
        for channel in [&shut, &text, &"42".to_owned()] {
            scene.join(&mut bob, channel).await;
        }
        scene.nothing_is_told().await;
        scene.join(&mut bob, &small).await;
        assert_eq!(scene.told().await["channel_id"], *small);
        scene.join(&mut cleo, &small).await;
        scene.nothing_is_told().await;
        let (mut ada, _) = Client::ready(&scene.house, &scene.ada, ALL).await;
        scene.join(&mut ada, &small).await;
        assert_eq!(scene.told().await["user_id"], scene.ada.id.to_string(), "who moves members gets in");
        scene.join(&mut cleo, &quiet).await;
        let state = scene.told().await;
        assert_eq!((&state["channel_id"], &state["suppress"]), (&json!(quiet), &json!(true)));
        scene.join(&mut bob, &quiet).await;
        scene.told().await;
        scene.join(&mut cleo, &small).await;
        scene.nothing_is_told().await;
        ada.close(1000).await;
        assert_eq!(scene.told().await["channel_id"], Value::Null, "the session was over");
        scene.join(&mut cleo, &small).await;
        assert_eq!(scene.told().await["channel_id"], *small);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn moderators_mute_move_and_put_out_who_is_connected() {
    for site in sites(|_| {}).await {
        let mut scene = Scene::of(site.start().await).await;
        let one = scene.channel(json!({ "name": "one", "type": 2 })).await;
        let two = scene.channel(json!({ "name": "two", "type": 2 })).await;
        let text = scene.channel(json!({ "name": "text" })).await;
        for body in [json!({ "mute": true }), json!({ "deaf": true }), json!({ "channel_id": two })] {
            let (status, answer) = scene.edit_bob(&scene.ada, body.clone()).await;
            assert_eq!((status, &answer["code"]), (400, &json!(40032)), "{body}");
            assert_eq!(scene.edit_bob(&scene.bob, body).await.1["code"], 50013);
        }
        let (mut bob, _) = Client::ready(&scene.house, &scene.bob, ALL).await;
        scene.join(&mut bob, &one).await;
        assert_eq!(scene.told().await["mute"], false);
        assert_eq!(scene.edit_bob(&scene.bob, json!({ "channel_id": two })).await.1["code"], 50013);
        assert_eq!(scene.edit_bob(&scene.ada, json!({ "channel_id": text })).await.1["code"], 50024);
        scene.nothing_is_told().await;

        assert_eq!(scene.edit_bob(&scene.ada, json!({ "mute": true, "deaf": true })).await.0, 200);
        let state = scene.told().await;
        assert_eq!(
            (&state["mute"], &state["deaf"], &state["self_mute"]),
            (&json!(true), &json!(true), &json!(false))
        );
        assert_eq!(state["member"]["mute"], true);
        assert_eq!(scene.edit_bob(&scene.ada, json!({ "channel_id": two })).await.0, 200);
        let state = scene.told().await;
        assert_eq!((&state["channel_id"], &state["mute"]), (&json!(two), &json!(true)));
        // Who comes now sees it.
        let (_ada, guilds) = Client::ready(&scene.house, &scene.ada, ALL).await;
        assert_eq!(guilds[0]["voice_states"][0]["channel_id"], *two);
        assert_eq!(scene.edit_bob(&scene.ada, json!({ "channel_id": null })).await.0, 200);
        assert_eq!(scene.told().await["channel_id"], Value::Null);
        assert_eq!(scene.edit_bob(&scene.ada, json!({ "channel_id": null })).await.1["code"], 40032);

        scene.join(&mut bob, &two).await;
        assert_eq!(scene.told().await["mute"], true, "muted until somebody takes it back");
        scene.call(&scene.ada, "DELETE", &format!("/channels/{two}"), json!({})).await;
        assert_eq!(scene.told().await["channel_id"], Value::Null);
        scene.join(&mut bob, &one).await;
        scene.told().await;
        let path = format!("/guilds/{}/members/{}", scene.guild, scene.bob.id);
        scene.call(&scene.ada, "DELETE", &path, json!({})).await;
        assert_eq!(scene.told().await["channel_id"], Value::Null);
    }
}
