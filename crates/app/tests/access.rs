//! Who may do what: every REST route, asked by everybody. The routes are read from the sources, so that none goes
//! without its row; a new route, or an answer that has become another, shows as a difference to the snapshot.
//!
//! After a wanted change: `INSTA_UPDATE=always cargo test -p guildhall-app --test access`, and read the difference.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on should stop")]

mod support;

use std::fmt::Write as _;

use guildhall_app::hall::Hall as Features;
use guildhall_base::{GuildId, Permissions, RoleId, UserId};
use serde_json::{Value, json};
use support::routes::{METHODS, routes};
use support::{Hall, halls};

/// In rising order of rights; the bot has the moderator's role.
const ROLES: [&str; 6] = ["anonymous", "stranger", "member", "moderator", "owner", "bot"];

/// Bodies that would be accepted, where `{}` would not.
const BODIES: &[(&str, &str)] = &[
    ("POST /guilds", r#"{"name":"Another"}"#),
    ("PATCH /guilds/{guild}", r#"{"name":"Renamed"}"#),
    ("POST /guilds/{guild}/channels", r#"{"name":"another"}"#),
    ("PATCH /guilds/{guild}/channels", r#"[{"id":"{channel}","position":1}]"#),
    ("POST /guilds/{guild}/roles", r#"{"name":"Another"}"#),
    ("PATCH /guilds/{guild}/roles", r#"[{"id":"{role}","position":1}]"#),
    ("PATCH /guilds/{guild}/roles/{role}", r#"{"name":"Renamed"}"#),
    ("PATCH /guilds/{guild}/members/{user}", r#"{"nick":"Nick"}"#),
    ("PATCH /guilds/{guild}/members/@me", r#"{"nick":"Nick"}"#),
    ("PATCH /guilds/{guild}/members/@me/nick", r#"{"nick":"Nick"}"#),
    ("PATCH /channels/{channel}", r#"{"name":"renamed"}"#),
    ("PUT /channels/{channel}/permissions/{target}", r#"{"type":0,"allow":"1024","deny":"0"}"#),
    ("POST /channels/{channel}/messages", r#"{"content":"hello"}"#),
    ("PATCH /channels/{channel}/messages/{message}", r#"{"content":"changed"}"#),
    ("POST /channels/{channel}/messages/bulk-delete", r#"{"messages":["{message}","{other}"]}"#),
    ("POST /users/@me/channels", r#"{"recipient_id":"{user}"}"#),
    ("PUT /applications/{application}/commands", "[]"),
    ("POST /applications/{application}/commands", r#"{"name":"ping","description":"answers"}"#),
    ("PUT /applications/{application}/guilds/{guild}/commands", "[]"),
    (
        "POST /applications/{application}/guilds/{guild}/commands",
        r#"{"name":"ping","description":"answers"}"#,
    ),
    ("POST /channels/{channel}/webhooks", r#"{"name":"Another"}"#),
    ("PATCH /guilds/{guild}/emojis/{entry}", r#"{"name":"another"}"#),
    ("POST /guilds/{guild}/bulk-ban", r#"{"user_ids":["{user}"]}"#),
];

/// The people of this test, besides a guild.
struct Cast {
    owner: UserId,
    moderator: UserId,
    member: UserId,
    stranger: UserId,
    target: UserId,
    bot: UserId,
}

/// One guild with everything that routes name.
struct Scene {
    guild: GuildId,
    channel: String,
    message: String,
    other: String,
    role: String,
}

impl Scene {
    async fn set(hall: &Hall, cast: &Cast) -> Self {
        let features = hall.server().hall();
        let owner = hall.client(token(features, cast.owner).await);
        let (guild, channel) = owner.found_guild("Workshop").await;
        let moderator = Permissions::KICK_MEMBERS
            | Permissions::BAN_MEMBERS
            | Permissions::MANAGE_CHANNELS
            | Permissions::MANAGE_ROLES
            | Permissions::MANAGE_MESSAGES
            | Permissions::PIN_MESSAGES
            | Permissions::MANAGE_NICKNAMES
            | Permissions::VIEW_AUDIT_LOG;
        let spare = owner.post(&format!("/guilds/{guild}/roles"), json!({ "name": "Spare" })).await;
        let body = json!({ "name": "Moderators", "permissions": moderator });
        let role = owner.post(&format!("/guilds/{guild}/roles"), body).await;
        let order = json!([{ "id": role["id"], "position": 2 }]);
        owner.send("PATCH", &format!("/guilds/{guild}/roles"), Some(order)).await;
        let guild: GuildId = guild.parse().unwrap();
        let role: RoleId = text(&role).parse().unwrap();
        for (user, roles) in [
            (cast.moderator, vec![role]),
            (cast.bot, vec![role]),
            (cast.member, vec![]),
            (cast.target, vec![]),
        ] {
            features.chat.enroll(guild, user, roles).await.unwrap();
        }
        let messages = format!("/channels/{channel}/messages");
        let message = owner.post(&messages, json!({ "content": "one" })).await;
        let other = owner.post(&messages, json!({ "content": "two" })).await;
        Self { guild, channel, message: text(&message), other: text(&other), role: text(&spare) }
    }

    /// Puts ids for what stands in braces.
    fn fill(&self, template: &str, cast: &Cast) -> String {
        let filled = template
            .replace("{guild}", &self.guild.to_string())
            .replace("{channel}", &self.channel)
            .replace("{message}", &self.message)
            .replace("{other}", &self.other)
            .replace("{role}", &self.role)
            .replace("{target}", &self.role)
            .replace("{application}", &cast.bot.to_string())
            .replace("{user}", &cast.target.to_string())
            .replace("{emoji}", "%F0%9F%91%8D");
        ["session", "interaction", "token", "command", "code", "invite", "webhook", "entry", "id"]
            .iter()
            .fold(filled, |path, name| path.replace(&format!("{{{name}}}"), "1"))
    }
}

fn text(thing: &Value) -> String {
    thing["id"].as_str().unwrap().to_owned()
}

async fn token(features: &Features, user: UserId) -> String {
    features.accounts.new_token(user).await.unwrap()
}

async fn cast(hall: &Hall) -> Cast {
    let mut ids = Vec::new();
    for name in ["owner", "moderator", "member", "stranger", "target"] {
        let new = guildhall_accounts::NewUser { username: name.to_owned(), ..Default::default() };
        ids.push(hall.server().hall().accounts.create_user(new).await.unwrap().id);
    }
    let (application, ..) = hall.server().hall().applications.create(ids[0], "bot").await.unwrap();
    Cast {
        owner: ids[0],
        moderator: ids[1],
        member: ids[2],
        stranger: ids[3],
        target: ids[4],
        bot: application.bot(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_route_answers_everybody_as_it_did() {
    // The rules are the same on every engine; the first will do.
    let mut hall = halls().await.remove(0);
    hall.configure(|settings| {
        settings.limits.requests_per_bucket = 0;
        settings.limits.requests_per_second = 0;
        settings.limits.invalid_per_ten_minutes = 0;
    });
    hall.start().await;
    let cast = cast(&hall).await;
    let mut scene = Scene::set(&hall, &cast).await;
    let mut table = format!("{:<84}", "");
    for role in ROLES {
        write!(table, " {role:>9}").unwrap();
    }
    for (path, method) in routes() {
        let method = METHODS[method];
        let row = format!("{method} {path}");
        write!(table, "\n{row:<84}").unwrap();
        let body = BODIES.iter().find(|(of, _)| *of == row).map_or("{}", |(_, body)| *body);
        for role in ROLES {
            let features = hall.server().hall();
            let authorization = match role {
                "anonymous" => String::new(),
                "stranger" => token(features, cast.stranger).await,
                "member" => token(features, cast.member).await,
                "moderator" => token(features, cast.moderator).await,
                "owner" => token(features, cast.owner).await,
                _ => format!("Bot {}", token(features, cast.bot).await),
            };
            let body = (method != "GET").then(|| serde_json::from_str(&scene.fill(body, &cast)).unwrap());
            let path = scene.fill(&path, &cast);
            assert!(!path.contains('{'), "nothing is known to put into {path}");
            let (status, _) = hall.client(authorization).send(method, &path, body).await;
            write!(table, " {:>9}", status.as_u16()).unwrap();
            if status.is_success() && method != "GET" {
                let owner = hall.client(token(hall.server().hall(), cast.owner).await);
                owner.send("DELETE", &format!("/guilds/{}", scene.guild), None).await;
                scene = Scene::set(&hall, &cast).await;
            }
        }
    }
    hall.stop().await;
    insta::assert_snapshot!(table);
}
