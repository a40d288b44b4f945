//! How far restores go, what of a backup they take, and what of a target they leave alone.

use serde_json::{Value, json};

use crate::story::id_of;
use crate::support::{Client, Hall, halls};
use crate::things::{backed_up, banned, draw_sticker, inside, joins, restored, sent, uri};
use guildhall_infra::jobs::Record;

/// A guild into which is restored.
struct Other {
    id: String,
    /// A role that the backup does not have.
    mine: String,
    /// A channel that it does not have.
    den: String,
    /// A member whom it knows.
    bob: String,
}

async fn add_role(client: &Client, guild: &str, name: &str, color: u32) -> String {
    let body = json!({ "name": name, "permissions": "0", "color": color });
    client.post(&format!("/guilds/{guild}/roles"), body).await["id"].as_str().unwrap().to_owned()
}

async fn add_channel(client: &Client, guild: &str, name: &str, topic: &str) -> String {
    let body = json!({ "name": name, "type": 0, "topic": topic });
    client.post(&format!("/guilds/{guild}/channels"), body).await["id"].as_str().unwrap().to_owned()
}

/// What a guild has, by names: roles with their colours, channels with their topics, emojis, stickers, its description.
async fn things(client: &Client, guild: &str) -> Value {
    let settings = client.get(&format!("/guilds/{guild}")).await;
    let named = |list: &Value, field: &str| {
        let list = list.as_array().unwrap().iter().filter(|one| one["name"] != "@everyone");
        let mut list: Vec<_> =
            list.map(|one| format!("{} {}", one["name"].as_str().unwrap(), one[field])).collect();
        list.sort();
        list
    };
    let mut channels = client.get(&format!("/guilds/{guild}/channels")).await;
    channels.as_array_mut().unwrap().retain(|channel| channel["type"] == 0);
    json!({
        "roles": named(&settings["roles"], "color"),
        "channels": named(&channels, "topic"),
        "emojis": named(&client.get(&format!("/guilds/{guild}/emojis")).await, "animated"),
        "stickers": named(&client.get(&format!("/guilds/{guild}/stickers")).await, "tags"),
        "description": settings["description"],
    })
}

/// The nickname and the roles' names of a member.
async fn member(client: &Client, guild: &str, user: &str) -> (Value, Vec<String>) {
    let found = client.get(&format!("/guilds/{guild}/members/{user}")).await;
    let roles = client.get(&format!("/guilds/{guild}/roles")).await;
    let held = roles
        .as_array()
        .unwrap()
        .iter()
        .filter(|role| found["roles"].as_array().unwrap().contains(&role["id"]));
    let mut held: Vec<_> = held.map(|role| role["name"].as_str().unwrap().to_owned()).collect();
    held.sort();
    (found["nick"].clone(), held)
}

/// A backup of a guild with the role `shared`, which Bob holds, the role `only`, the channels `general`, `talk` and
/// `quiet`, an emoji, a sticker, and a ban of Eve; gives it with the ids of `only` and `quiet`.
async fn backup(hall: &Hall, ada: &Client, bob: &Client, eve: &Client) -> (Record, String, String) {
    let (guild, general) = ada.found_guild("Source").await;
    sent(ada, "PATCH", &format!("/guilds/{guild}"), json!({ "description": "As it was" })).await;
    let shared = add_role(ada, &guild, "shared", 255).await;
    let only = add_role(ada, &guild, "only", 7).await;
    add_channel(ada, &guild, "talk", "of the backup").await;
    let quiet = add_channel(ada, &guild, "quiet", "hush").await;
    let emoji = json!({ "name": "star", "image": uri(4) });
    ada.post(&format!("/guilds/{guild}/emojis"), emoji).await;
    draw_sticker(hall, ada, &guild, "moon", 5).await;
    let user = joins(ada, bob, &general).await;
    let dressed = json!({ "nick": "Bobby", "roles": [shared] });
    sent(ada, "PATCH", &format!("/guilds/{guild}/members/{user}"), dressed).await;
    let ban = format!("/guilds/{guild}/bans/{}", id_of(eve).await);
    inside(hall, ada).await.put(&ban, &json!({}), Some("spam")).await.unwrap();
    (backed_up(hall, ada, json!({ "guild_id": guild })).await, only, quiet)
}

async fn other(hall: &Hall, ada: &Client, bob: &Client) -> Other {
    let (id, general) = ada.found_guild("Other").await;
    sent(ada, "PATCH", &format!("/guilds/{id}"), json!({ "description": "Other" })).await;
    add_role(ada, &id, "shared", 1).await;
    let mine = add_role(ada, &id, "mine", 2).await;
    add_channel(ada, &id, "talk", "mine").await;
    let den = add_channel(ada, &id, "den", "of mine").await;
    ada.post(&format!("/guilds/{id}/emojis"), json!({ "name": "sun", "image": uri(6) })).await;
    draw_sticker(hall, ada, &id, "mars", 7).await;
    let user = joins(ada, bob, &general).await;
    let dressed = json!({ "nick": "Robert", "roles": [mine] });
    sent(ada, "PATCH", &format!("/guilds/{id}/members/{user}"), dressed).await;
    Other { id, mine, den, bob: user }
}

fn list(one: &Value, key: &str) -> Vec<String> {
    one[key].as_array().unwrap().iter().map(|text| text.as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn each_mode_goes_as_far_as_it_says() {
    for mut hall in halls().await {
        hall.start().await;
        let (ada, bob, eve) =
            (hall.register("ada").await, hall.register("bob").await, hall.register("eve").await);
        let (backup, ..) = backup(&hall, &ada, &bob, &eve).await;
        for (mode, roles, channels, emojis, stickers, description, nick, held) in [
            (
                "full",
                vec!["only 7", "shared 255"],
                vec!["general null", "quiet \"hush\"", "talk \"of the backup\""],
                vec!["star false"],
                vec!["moon \"night\""],
                "As it was",
                "Bobby",
                vec!["shared"],
            ),
            (
                "difference",
                vec!["mine 2", "only 7", "shared 255"],
                vec!["den \"of mine\"", "general null", "quiet \"hush\"", "talk \"of the backup\""],
                vec!["star false", "sun false"],
                vec!["mars \"night\"", "moon \"night\""],
                "As it was",
                "Bobby",
                vec!["mine", "shared"],
            ),
            (
                "ignore_existing",
                vec!["mine 2", "only 7", "shared 1"],
                vec!["den \"of mine\"", "general null", "quiet \"hush\"", "talk \"mine\""],
                vec!["star false", "sun false"],
                vec!["mars \"night\"", "moon \"night\""],
                "Other",
                "Robert",
                vec!["mine", "shared"],
            ),
        ] {
            let other = other(&hall, &ada, &bob).await;
            let into = json!({ "at": "here", "guild": other.id });
            let (_, answer) = restored(&hall, &ada, &backup, into, json!({ "mode": mode })).await;
            assert_eq!(answer["refused"], 0, "{mode}: {answer}");
            let found = things(&ada, &other.id).await;
            let wanted = json!({ "roles": roles, "channels": channels, "emojis": emojis, "stickers": stickers,
                "description": description });
            assert_eq!(found, wanted, "{} {mode}", hall.database.name);
            let held: Vec<String> = held.into_iter().map(str::to_owned).collect();
            assert_eq!(member(&ada, &other.id, &other.bob).await, (json!(nick), held), "{mode}");
            assert_eq!(banned(&ada, &other.id).await, [("eve".to_owned(), json!("spam"))], "{mode}");
        }
        hall.stop().await;
    }
}

#[tokio::test]
async fn only_what_is_chosen_is_restored_and_what_is_protected_stays() {
    for mut hall in halls().await {
        hall.start().await;
        let (ada, bob, eve) =
            (hall.register("ada").await, hall.register("bob").await, hall.register("eve").await);
        let (backup, only, quiet) = backup(&hall, &ada, &bob, &eve).await;

        // One role and one channel, and nothing else.
        let target = other(&hall, &ada, &bob).await;
        let before = things(&ada, &target.id).await;
        let into = json!({ "at": "here", "guild": target.id });
        let options = json!({ "mode": "full", "settings": false, "emojis": false, "stickers": false,
            "members": false, "bans": false, "only_roles": [only], "only_channels": [quiet] });
        let (_, answer) = restored(&hall, &ada, &backup, into, options).await;
        assert_eq!(answer["refused"], 0, "{answer}");
        let found = things(&ada, &target.id).await;
        assert_eq!(list(&found, "roles"), ["mine 2", "only 7", "shared 1"]);
        let channels = ["den \"of mine\"", "general null", "quiet \"hush\"", "talk \"mine\""];
        assert_eq!(list(&found, "channels"), channels);
        for key in ["emojis", "stickers", "description"] {
            assert_eq!(found[key], before[key], "{key}");
        }
        assert_eq!(member(&ada, &target.id, &target.bob).await, (json!("Robert"), vec!["mine".to_owned()]));
        assert_eq!(banned(&ada, &target.id).await, []);

        // Everything, but for one role and one channel.
        let target = other(&hall, &ada, &bob).await;
        let into = json!({ "at": "here", "guild": target.id });
        let options = json!({ "mode": "full", "protected_roles": [target.mine],
            "protected_channels": [target.den] });
        let (_, answer) = restored(&hall, &ada, &backup, into, options).await;
        assert_eq!(answer["refused"], 0, "{answer}");
        let found = things(&ada, &target.id).await;
        assert_eq!(list(&found, "roles"), ["mine 2", "only 7", "shared 255"]);
        let channels = ["den \"of mine\"", "general null", "quiet \"hush\"", "talk \"of the backup\""];
        assert_eq!(list(&found, "channels"), channels);
        // It is neither given nor taken.
        let held = vec!["mine".to_owned(), "shared".to_owned()];
        assert_eq!(member(&ada, &target.id, &target.bob).await, (json!("Bobby"), held));
        hall.stop().await;
    }
}
