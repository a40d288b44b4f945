//! What the authorization server asks of guilds: which ones somebody manages, and adding a bot to one.

use guildhall_accounts::Actor;
use guildhall_base::{ApplicationId, Error, GuildId, Permissions, UserId};
use guildhall_infra::db::Batch;
use guildhall_oauth::{GuildChoice, GuildHost, Later};
use serde_json::Value;

use crate::Chat;

impl GuildHost for Chat {
    fn choices<'a>(&'a self, actor: &'a Actor, bot: UserId) -> Later<'a, Vec<GuildChoice>> {
        Box::pin(async move {
            let mut choices = Vec::new();
            for room in self.world().guilds_of(actor.id()).await? {
                let state = room.read();
                if state.permissions(actor.id(), self.now()).contains(Permissions::MANAGE_GUILD) {
                    choices.push(GuildChoice {
                        id: room.id,
                        name: state.guild.settings.name.clone(),
                        there: state.members.contains_key(&bot),
                    });
                }
            }
            Ok(choices)
        })
    }

    fn add_bot<'a>(
        &'a self,
        actor: &'a Actor,
        guild: GuildId,
        application: ApplicationId,
        permissions: Permissions,
        along: Batch,
    ) -> Later<'a, ()> {
        Box::pin(async move {
            self.add_bot_along(actor, guild, application, permissions, (None, along)).await.map(|_| ())
        })
    }

    fn describe<'a>(&'a self, actor: &'a Actor, guild: GuildId) -> Later<'a, Value> {
        Box::pin(async move {
            let guild = self.read_guild(actor, guild, false).await?;
            serde_json::to_value(guild).map_err(Error::internal)
        })
    }

    fn count(&self, user: UserId) -> Later<'_, u64> {
        Box::pin(self.guild_count(user))
    }
}
