//! What a guild shows of itself, and what nobody has here yet.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    unreachable_pub,
    reason = "a test that cannot go on should stop"
)]

mod support;

use serde_json::json;
use support::halls;

#[tokio::test]
async fn a_preview_is_for_members() {
    for hall in halls().await {
        let (ada, eve) = (hall.person("ada").await, hall.person("eve").await);
        let (guild, _) = hall.guild(&ada, "Engine").await;
        let path = format!("/guilds/{guild}/preview");
        let preview = hall.get(&ada, &path).await.ok();
        assert_eq!((&preview["name"], &preview["approximate_member_count"]), (&json!("Engine"), &json!(1)));
        hall.get(&eve, &path).await.refused(404, 10004);
        hall.get(&eve, "/guilds/7/preview").await.refused(404, 10004);
    }
}

#[tokio::test]
async fn empty_collections_are_told_to_those_who_may_know() {
    for hall in halls().await {
        let (ada, bob, eve) = (hall.person("ada").await, hall.person("bob").await, hall.person("eve").await);
        let (guild, general) = hall.guild(&ada, "Engine").await;
        hall.chat.enroll(guild.parse().unwrap(), bob.user.id, Vec::new()).await.unwrap();
        for (name, for_all) in [
            ("emojis", true),
            ("stickers", true),
            ("regions", true),
            ("scheduled-events", true),
            ("integrations", false),
            ("auto-moderation/rules", false),
            ("templates", false),
            ("webhooks", false),
        ] {
            let path = format!("/guilds/{guild}/{name}");
            assert_eq!(hall.get(&ada, &path).await.ok(), json!([]), "{name}");
            match for_all {
                true => assert_eq!(hall.get(&bob, &path).await.ok(), json!([]), "{name}"),
                false => hall.get(&bob, &path).await.refused(403, 50013),
            }
            hall.get(&eve, &path).await.refused(404, 10004);
        }
        let path = format!("/channels/{general}/webhooks");
        assert_eq!(hall.get(&ada, &path).await.ok(), json!([]));
        hall.get(&bob, &path).await.refused(403, 50013);
        hall.get(&eve, &path).await.refused(404, 10003);
        let threads = hall.get(&bob, &format!("/guilds/{guild}/threads/active")).await.ok();
        assert_eq!(threads, json!({ "threads": [], "members": [], "has_more": false }));
        assert_eq!(hall.get(&eve, "/voice/regions").await.ok(), json!([]));
        assert_eq!(hall.get(&eve, "/sticker-packs").await.ok(), json!({ "sticker_packs": [] }));
        assert_eq!(hall.get(&eve, "/soundboard-default-sounds").await.ok(), json!([]));
    }
}
