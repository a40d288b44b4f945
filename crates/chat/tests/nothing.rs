//! Collections that are always empty.

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
async fn what_there_is_none_of_is_an_empty_collection_to_members_alone() {
    for hall in halls().await {
        let (ada, bob) = (hall.person("ada").await, hall.person("bob").await);
        let (guild, _) = hall.guild(&ada, "Engine").await;
        assert_eq!(hall.get(&bob, "/soundboard-default-sounds").await.ok(), json!([]));
        assert_eq!(hall.get(&bob, "/voice/regions").await.ok(), json!([]));
        assert_eq!(hall.get(&bob, "/sticker-packs").await.ok(), json!({ "sticker_packs": [] }));
        let own = [
            ("scheduled-events", json!([])),
            ("soundboard-sounds", json!({ "items": [] })),
            ("threads/active", json!({ "threads": [], "members": [], "has_more": false })),
        ];
        for (name, empty) in own {
            let path = format!("/guilds/{guild}/{name}");
            assert_eq!(hall.get(&ada, &path).await.ok(), empty, "{name}");
            hall.get(&bob, &path).await.refused(404, 10004);
        }
    }
}
