//! RESUME after a kill, compared with a client that stayed: whatever happened to a guild meanwhile, the session that
//! comes back is told exactly what it would have been told.

use std::time::Duration;

use guildhall_base::{Clock, Timestamp};
use rand::rngs::StdRng;
use rand::seq::IndexedRandom as _;
use rand::{RngExt as _, SeedableRng as _};
use serde_json::{Value, json};

use crate::client::Client;
use crate::house::{House, Site, Somebody, sites_at};

/// Each with direct messages, which mark how far everything has come.
const INTENTS: [u64; 3] =
    [1 | 1 << 9 | 1 << 12, 1 | 1 << 1 | 1 << 2 | 1 << 9 | 1 << 12 | 1 << 15, 1 << 1 | 1 << 9 | 1 << 12];
const ROUNDS: u64 = 6;
const STEPS: usize = 30;

struct Scene<'a> {
    house: &'a House,
    ada: Somebody,
    bot: Somebody,
    guild: String,
    other: String,
}

impl Scene<'_> {
    /// The ids of a kind of thing in the guild; the guild's own role is among the roles.
    async fn all(&self, what: &str) -> Vec<String> {
        let (_, list) =
            self.house.rest(&self.ada, "GET", &format!("/guilds/{}/{what}", self.guild), None).await;
        list.as_array().unwrap().iter().map(|thing| thing["id"].as_str().unwrap().to_owned()).collect()
    }

    async fn call(&self, method: &str, path: &str, body: Value) {
        // What is refused changes nothing, which is as good.
        self.house.rest(&self.ada, method, path, Some(body)).await;
    }

    async fn step(&self, rng: &mut StdRng) {
        let (guild, bot) = (&self.guild, self.bot.id);
        let roles = self.all("roles").await;
        let channels = self.all("channels").await;
        let role = roles.choose(rng).unwrap();
        let channel = channels.choose(rng).unwrap();
        let bits = |rng: &mut StdRng| ["0", "1024", "1152", "3072", "128"].choose(rng).unwrap().to_string();
        match rng.random_range(0..20) {
            0..5 => {
                self.call("POST", &format!("/channels/{channel}/messages"), json!({ "content": "x" })).await;
            }
            5 | 6 => {
                let mut body = json!({ "permissions": bits(rng) });
                if rng.random_bool(0.4) {
                    body["denied_permissions"] = json!(bits(rng));
                }
                self.call("PATCH", &format!("/guilds/{guild}/roles/{role}"), body).await;
            }
            7 => {
                self.call("POST", &format!("/guilds/{guild}/roles"), json!({ "permissions": bits(rng) }))
                    .await;
            }
            8 => self.call("DELETE", &format!("/guilds/{guild}/roles/{role}"), json!({})).await,
            9 => {
                let to = rng.random_range(1..=roles.len());
                let body = json!([{ "id": role, "position": to }]);
                self.call("PATCH", &format!("/guilds/{guild}/roles"), body).await;
            }
            10 | 11 => {
                let method = if rng.random_bool(0.7) { "PUT" } else { "DELETE" };
                let who = if rng.random_bool(0.8) { bot } else { self.ada.id };
                self.call(method, &format!("/guilds/{guild}/members/{who}/roles/{role}"), json!({})).await;
            }
            12 => {
                let hidden = json!([{ "id": guild, "type": 0, "allow": "0", "deny": bits(rng) }]);
                let body = json!({ "name": "more", "type": rng.random_range(0..2) * 2, "permission_overwrites": hidden });
                self.call("POST", &format!("/guilds/{guild}/channels"), body).await;
            }
            13 | 14 => {
                let (target, kind) =
                    if rng.random_bool(0.3) { (bot.to_string(), 1) } else { (role.clone(), 0) };
                let path = format!("/channels/{channel}/permissions/{target}");
                let body = json!({ "type": kind, "allow": bits(rng), "deny": bits(rng) });
                self.call(if rng.random_bool(0.8) { "PUT" } else { "DELETE" }, &path, body).await;
            }
            15 if channels.len() > 2 => self.call("DELETE", &format!("/channels/{channel}"), json!({})).await,
            15 | 16 => {
                let name = format!("n{}", rng.random_range(0..100));
                let paths = [format!("/channels/{channel}"), format!("/guilds/{guild}")];
                self.call("PATCH", paths.choose(rng).unwrap(), json!({ "name": name })).await;
            }
            17 => {
                self.call("DELETE", &format!("/guilds/{guild}/members/{bot}"), json!({})).await;
                self.house.join(guild, &self.bot).await;
            }
            18 => {
                let path = format!("/users/@me/guilds/{}", self.other);
                let left = self.house.rest(&self.bot, "DELETE", &path, None);
                if !left.await.0.is_success() {
                    self.house.join(&self.other, &self.bot).await;
                }
            }
            _ => {
                let path = format!("/guilds/{guild}");
                self.call("PATCH", &path, json!({ "owner_id": bot })).await;
                let back = json!({ "owner_id": self.ada.id });
                self.house.rest(&self.bot, "PATCH", &path, Some(back)).await;
            }
        }
    }
}

/// What an event is, apart from what may be told differently later: a guild is shown as it is.
fn kind(payload: &Value) -> (String, Value) {
    let name = payload["t"].as_str().unwrap().to_owned();
    let body = if name == "GUILD_CREATE" { payload["d"]["id"].clone() } else { payload["d"].clone() };
    (name, body)
}

/// A direct message to the bot; once it has come, everything before it has.
async fn mark(scene: &Scene<'_>) -> Value {
    let recipient = Some(json!({ "recipient_id": scene.bot.id }));
    let (_, direct) = scene.house.rest(&scene.ada, "POST", "/users/@me/channels", recipient).await;
    scene.house.say(&scene.ada, direct["id"].as_str().unwrap(), "mark").await["id"].clone()
}

/// The counted events up to a mark.
async fn counted(client: &mut Client, mark: &Value) -> Vec<(String, Value)> {
    let mut events = Vec::new();
    loop {
        let before = client.s;
        let event = client.next().await.unwrap();
        if event["op"] == 0 && client.s > before {
            events.push(kind(&event));
        }
        if event["t"] == "MESSAGE_CREATE" && event["d"]["id"] == *mark {
            return events;
        }
    }
}

/// What comes up to RESUMED.
async fn replayed(client: &mut Client, about: &str) -> Vec<(String, Value)> {
    let mut events = Vec::new();
    loop {
        let event = client.next().await.unwrap();
        assert_eq!(event["op"], 0, "{about}: refused: {event}");
        if event["t"] == "RESUMED" {
            return events;
        }
        events.push(kind(&event));
    }
}

async fn identified(house: &House, hand: &guildhall_base::Hand, bot: &Somebody, intents: u64) -> Client {
    // One IDENTIFY per five seconds.
    hand.advance(Duration::from_secs(6));
    Client::ready(house, bot, intents).await.0
}

async fn round(site: &Site, hand: &guildhall_base::Hand, seed: u64) {
    let rng = &mut StdRng::seed_from_u64(seed);
    let house = site.start().await;
    let about = format!("seed {seed}");
    let ada = house.person(&format!("ada{seed}")).await;
    let bot = house.bot(&ada, "robot").await;
    let (guild, _) = house.guild(&ada).await;
    let (other, _) = house.guild(&ada).await;
    house.join(&guild, &bot).await;
    let scene = Scene { house: &house, ada, bot, guild, other };
    let (ada, bot, guild, other) =
        (scene.ada.clone(), scene.bot.clone(), scene.guild.clone(), scene.other.clone());
    for _ in 0..rng.random_range(0..10) {
        scene.step(rng).await;
    }
    let intents = *INTENTS.choose(rng).unwrap();
    let mut stays = identified(&house, hand, &bot, intents).await;
    let mut leaves = identified(&house, hand, &bot, intents).await;
    for _ in 0..rng.random_range(0..10) {
        scene.step(rng).await;
    }
    // It is saved where it stands at the beat, and has perhaps seen more when it goes.
    let here = mark(&scene).await;
    counted(&mut stays, &here).await;
    counted(&mut leaves, &here).await;
    leaves.beat().await;
    crate::resuming::saved(&house, &leaves.session, leaves.s).await;
    for _ in 0..rng.random_range(0..5) {
        scene.step(rng).await;
    }
    if rng.random_bool(0.5) {
        let here = mark(&scene).await;
        counted(&mut stays, &here).await;
        counted(&mut leaves, &here).await;
    }
    let (session, s) = (leaves.session.clone(), leaves.s);
    leaves.close(4000).await;
    for _ in 0..STEPS {
        scene.step(rng).await;
    }
    let mut expected = counted(&mut stays, &mark(&scene).await).await;
    house.kill();

    let house = site.start().await;
    let scene = Scene { house: &house, ada, bot, guild, other };
    let mut fresh = identified(&house, hand, &scene.bot, intents).await;
    for _ in 0..5 {
        scene.step(rng).await;
    }
    expected.extend(counted(&mut fresh, &mark(&scene).await).await);
    let mut back = Client::resume(&house, &scene.bot, &session, s).await;
    let got = replayed(&mut back, &about).await;
    let names = |events: &[(String, Value)]| events.iter().map(|(name, _)| name.clone()).collect::<Vec<_>>();
    assert_eq!(names(&got), names(&expected), "{about}");
    assert_eq!(got, expected, "{about}");
    for _ in 0..5 {
        scene.step(rng).await;
    }
    let here = mark(&scene).await;
    assert_eq!(counted(&mut back, &here).await, counted(&mut fresh, &here).await, "{about}: live again");
    house.kill();
}

#[tokio::test(flavor = "multi_thread")]
async fn who_comes_back_after_a_kill_is_told_what_who_stayed_was_told() {
    let (clock, hand) = Clock::manual(Timestamp::from_millis(1_790_000_000_000));
    for site in sites_at(clock, |config| config.heartbeat = Duration::from_secs(3600)).await {
        for seed in 0..ROUNDS {
            round(&site, &hand, seed).await;
        }
    }
}
