//! Guilds as the authorization server sees them: where somebody may add a bot, and adding it.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    unreachable_pub,
    reason = "a test that cannot go on should stop"
)]

mod support;

use guildhall_base::{GuildId, Permissions};
use guildhall_infra::db::Batch;
use guildhall_oauth::GuildHost;
use support::halls;

#[tokio::test]
async fn a_bot_is_added_where_somebody_manages_the_guild() {
    for hall in halls().await {
        let (ada, bob) = (hall.person("ada").await, hall.person("bob").await);
        let (guild, _) = hall.guild(&ada, "Engine &amp; Co").await;
        let id: GuildId = guild.parse().unwrap();
        hall.chat.enroll(id, bob.user.id, Vec::new()).await.unwrap();
        let robot = hall.bot(&bob, "robot").await;
        let application = hall.applications.of_bot(robot.user.id).await.unwrap().id;
        let actor = async |token: &str| hall.accounts.authenticate(token).await.unwrap();
        let (owner, member) = (actor(&ada.token).await, actor(&bob.token).await);
        let host: &dyn GuildHost = &hall.chat;
        let choices = host.choices(&owner, robot.user.id).await.unwrap();
        assert_eq!(
            (choices.len(), choices[0].name.as_str(), choices[0].there),
            (1, "Engine &amp; Co", false)
        );
        // Who manages no guild can choose none, and cannot by a made-up form either.
        assert!(host.choices(&member, robot.user.id).await.unwrap().is_empty());
        assert!(
            host.add_bot(&member, id, application, Permissions::KICK_MEMBERS, Batch::new()).await.is_err()
        );
        for _ in 0..2 {
            host.add_bot(&owner, id, application, Permissions::KICK_MEMBERS, Batch::new()).await.unwrap();
        }
        assert!(host.choices(&owner, robot.user.id).await.unwrap()[0].there);
        let member = hall.get(&ada, &format!("/guilds/{guild}/members/{}", robot.id)).await.ok();
        assert_eq!(member["roles"].as_array().unwrap().len(), 1);
        assert_eq!(host.count(robot.user.id).await.unwrap(), 1);
        assert_eq!(host.describe(&owner, id).await.unwrap()["id"], guild.as_str());
    }
}
