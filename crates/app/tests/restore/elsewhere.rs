//! Another server, which is only known by its address and by the token of a bot there. A second Guildhall stands for any
//! that speaks Discord's protocol.

use axum::http::Method;
use guildhall_backup::plan::Mode;
use guildhall_backup::remote::Attached;
use guildhall_backup::restore::Target;
use guildhall_base::{GuildId, Permissions};
use guildhall_infra::{params, sql};
use serde_json::json;

use crate::story::{SMALL, brought, id_of, report, restore, told};
use crate::support::{Client, Hall, halls};
use crate::things::{backed_up, draw_sticker, files, inside, joins, pictures, restored, sent, uri};
use crate::tree;

/// Two servers on each engine, of which the first may ask the second.
async fn pairs() -> Vec<(Hall, Hall)> {
    let pairs = halls().await.into_iter().zip(halls().await);
    let loopback: ipnet::IpNet = "127.0.0.0/8".parse().unwrap();
    pairs
        .map(|(mut here, there)| {
            here.configure(|settings| settings.outgoing.allow.push(loopback));
            (here, there)
        })
        .collect()
}

/// A bot of somebody's that is an administrator of their guild; gives its token.
async fn bot(there: &Hall, owner: &Client, guild: &str) -> String {
    let hall = there.server().hall();
    let made = hall.applications.create(id_of(owner).await, "restorer").await.unwrap();
    let (application, _, token) = made;
    let actor = hall.accounts.authenticate(&owner.authorization).await.unwrap();
    let guild: GuildId = guild.parse().unwrap();
    hall.chat.add_bot(&actor, guild, application.id, Permissions::ADMINISTRATOR, None).await.unwrap();
    token
}

#[tokio::test]
async fn a_guild_of_another_server_is_backed_up_and_founded_here() {
    for (mut here, mut there) in pairs().await {
        here.start().await;
        there.start().await;
        let (ada, bea) = (here.register("ada").await, there.register("bea").await);
        let (guild, general) = bea.found_guild("There").await;
        let token = bot(&there, &bea, &guild).await;
        let at = format!("/guilds/{guild}");
        sent(&bea, "PATCH", &at, json!({ "icon": uri(1), "description": "Far away" })).await;
        bea.post(
            &format!("{at}/roles"),
            json!({ "name": "Astronomer", "permissions": "2048", "icon": uri(3) }),
        )
        .await;
        bea.post(&format!("{at}/emojis"), json!({ "name": "star", "image": uri(4) })).await;
        draw_sticker(&there, &bea, &guild, "moon", 5).await;
        let remote = inside(&there, &bea).await;
        let file =
            Attached { name: "sky.bin".into(), content_type: String::new(), data: vec![7; 9_000].into() };
        let said = json!({ "content": "look" });
        remote.post_files(&format!("/channels/{general}/messages"), &said, vec![file], None).await.unwrap();
        let eve = there.register("eve").await;
        joins(&bea, &eve, &general).await;
        remote.put(&format!("{at}/bans/{}", id_of(&eve).await), &json!({}), Some("spam")).await.unwrap();

        let address = format!("http://{}", there.address());
        let payload = json!({ "guild_id": guild, "options": { "attachments": true },
            "elsewhere": { "address": address, "token": token } });
        let backup = backed_up(&here, &ada, payload).await;
        let kept = report(&backup);
        assert_eq!((&kept["members"], &kept["attachments"]), (&json!(2), &json!(1)), "{kept}");
        // The token is kept nowhere in the clear.
        let payload = sql!("SELECT payload FROM jobs WHERE id = $1");
        let payload = here.database.db.one(payload, params![backup.id]).await.unwrap();
        let payload: String = payload.read().unwrap();
        assert!(!payload.contains(&token), "{payload}");

        let into = json!({ "at": "new" });
        let (_, answer) = restored(&here, &ada, &backup, into, json!({ "bans": false })).await;
        assert_eq!(answer["refused"], 0, "{answer}");
        let founded = answer["guild"].as_str().unwrap();
        let mut wanted = tree::read(&bea, &guild).await;
        // A bot's own role cannot be made by anybody.
        wanted.roles.retain(|role| !role.managed);
        assert_eq!(tree::shape(&tree::read(&ada, founded).await), tree::shape(&wanted));
        let copy = inside(&here, &ada).await;
        assert_eq!(pictures(&copy, &ada, founded).await, pictures(&remote, &bea, &guild).await);
        let found = files(&copy, &ada, founded, "general").await;
        assert_eq!(found, files(&remote, &bea, &guild, "general").await);
        assert_eq!(found.len(), 1);
        here.stop().await;
        there.stop().await;
    }
}

/// How often a server has answered 429, over all servers of this process.
async fn slowed_down(client: &Client) -> u64 {
    let text = client.get("/metrics").await;
    let line = text.as_str().unwrap().lines().find(|line| line.starts_with("http_rate_limited_total"));
    line.map_or(0, |line| line.rsplit(' ').next().unwrap().parse().unwrap())
}

#[tokio::test]
async fn another_server_is_restored_over_http_within_its_limits() {
    for (mut here, mut there) in pairs().await {
        here.start().await;
        there.start().await;
        let (ada, bea) = (here.register("ada").await, there.register("bea").await);
        let source = brought(&here, &ada, SMALL).await;
        let (guild, _) = bea.found_guild("There").await;
        let token = bot(&there, &bea, &guild).await;
        there.stop().await;
        // Few enough that they are met. Of the limit over everything nobody is told before it is met; and whoever does
        // not wait then as long as they are told is soon let in no more.
        there.configure(|settings| {
            settings.limits.requests_per_bucket = 20;
            settings.limits.bucket_seconds = 1;
            settings.limits.requests_per_second = 40;
            settings.limits.invalid_per_ten_minutes = 600;
        });
        there.start().await;

        let bea = there.client(bea.authorization);
        let before = slowed_down(&bea).await;
        let target = Target::Elsewhere {
            address: format!("http://{}", there.address()),
            token: here.server().hall().backups.seal(&token).unwrap(),
            guild: guild.parse().unwrap(),
        };
        let record = restore(&here, &ada, &told(&source, target, Mode::Full)).await;
        let answer = report(&record);
        assert_eq!((&answer["refused"], record.runs), (&json!(0), 1), "{answer}");
        assert!(slowed_down(&bea).await > before, "no limit was met");
        // It is let in still, and would not be, had it gone on asking.
        let remote = here.server().hall().backups.elsewhere(
            guildhall_backup::remote::Address::new(&format!("http://{}", there.address())).unwrap(),
            &token,
        );
        let me = guildhall_backup::remote::Call::new(Method::GET, "/users/@me");
        remote.unwrap().call(me).await.unwrap();
        there.stop().await;

        there.configure(|settings| {
            settings.limits.requests_per_bucket = 0;
            settings.limits.requests_per_second = 0;
        });
        there.start().await;
        let bea = there.client(bea.authorization);
        let mut tree = tree::read(&bea, &guild).await;
        tree.roles.retain(|role| !role.managed);
        assert_eq!(tree::shape(&tree), tree::shape(&tree::guild(SMALL)));
        assert_eq!(tree::said(&bea, &tree).await, tree::expected(SMALL));
        here.stop().await;
        there.stop().await;
    }
}
