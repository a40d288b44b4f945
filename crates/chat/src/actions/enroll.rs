//! Making somebody a member without an invite: what whoever runs the installation may do.

use guildhall_base::{GuildId, Result, UserId};

use super::Change;
use crate::{Chat, codes};

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
}
