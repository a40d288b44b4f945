//! What the program around the chat asks of memberships: making somebody a member without an invite, and counting.

use guildhall_base::{GuildId, Result, RoleId, UserId};

use super::Change;
use crate::model::Member;
use crate::{Chat, codes, store};

impl Chat {
    /// Makes somebody, human or bot, a member with these roles, and answers what they are then; who is one already stays
    /// as they are. For described worlds: nobody's permission is asked.
    ///
    /// # Errors
    /// If there is no such guild or user.
    pub async fn enroll(&self, guild: GuildId, user: UserId, roles: Vec<RoleId>) -> Result<Member> {
        let room = self.world.guild(guild).await?.ok_or(codes::UNKNOWN_GUILD)?;
        let found = room.read().members.get(&user).cloned();
        if let Some(member) = found {
            return Ok(member);
        }
        let user = self.parts.accounts.user(user).await?;
        self.add_member(Change::new(), guild, &user, roles).await
    }

    /// In how many guilds somebody is.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub async fn guild_count(&self, user: UserId) -> Result<u64> {
        let count = store::members::guild_count(self.db(), user).await?;
        Ok(u64::try_from(count).unwrap_or(u64::MAX))
    }
}
