//! Kicking.

use guildhall_accounts::Actor;
use guildhall_base::{GuildId, Result, UserId};

use super::super::Change;
use super::super::audit::{Action, Note};
use crate::Chat;
use crate::rules::hierarchy;

impl Chat {
    /// Removes a member, who may come back.
    pub(crate) async fn kick(
        &self,
        actor: &Actor,
        guild: GuildId,
        user: UserId,
        reason: Option<String>,
    ) -> Result<()> {
        let access = self.guild(actor, guild).await?;
        {
            let state = access.room.read();
            hierarchy::may_kick(&self.person(&state, actor.user.id)?, &self.person(&state, user)?)?;
        }
        let user = self.parts.accounts.user(user).await?;
        let mut change = Change::new();
        self.remove_member(&mut change, guild, &user)?;
        let note = Note::new(Action::MemberKick, Some(user.id.cast()), reason);
        self.note(&mut change, guild, actor.user.id, note)?;
        self.commit(change).await?;
        Ok(())
    }
}
