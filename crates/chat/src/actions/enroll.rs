//! What the program around the chat asks of memberships: making somebody a member without an invite, and counting.

use guildhall_base::{GuildId, Result, UserId};

use super::Change;
use crate::{Chat, codes, store};

impl Chat {
    /// Makes somebody, human or bot, a member; nothing happens if they are. For described worlds: nobody's permission is
    /// asked.
    ///
    /// # Errors
    /// If there is no such guild or user.
    pub async fn enroll(&self, guild: GuildId, user: UserId) -> Result<()> {
        let room = self.world.guild(guild).await?.ok_or(codes::UNKNOWN_GUILD)?;
        if room.read().members.contains_key(&user) {
            return Ok(());
        }
        let user = self.parts.accounts.user(user).await?;
        self.add_member(Change::new(), guild, &user, Vec::new()).await?;
        Ok(())
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
