//! Giving a member a role and taking it.

use guildhall_accounts::Actor;
use guildhall_base::{GuildId, Result, RoleId, UserId};

use super::change::target;
use crate::rules::hierarchy;
use crate::{Chat, codes};

impl Chat {
    /// Gives a member a role; nothing happens if they have it.
    pub(crate) async fn give_role(
        &self,
        actor: &Actor,
        guild: GuildId,
        user: UserId,
        role: RoleId,
        reason: Option<String>,
    ) -> Result<()> {
        let access = self.guild(actor, guild).await?;
        let give = self.change_member(&access, user, reason, |state, member| {
            let given = state.roles.get(&role).ok_or(codes::UNKNOWN_ROLE)?;
            hierarchy::may_give_role(&self.person(state, actor.user.id)?, &target(state, given))?;
            member.roles.push(role);
            Ok(())
        });
        give.await.map(drop)
    }

    /// Takes a role from a member; nothing happens if they do not have it.
    pub(crate) async fn take_role(
        &self,
        actor: &Actor,
        guild: GuildId,
        user: UserId,
        role: RoleId,
        reason: Option<String>,
    ) -> Result<()> {
        let access = self.guild(actor, guild).await?;
        let take = self.change_member(&access, user, reason, |state, member| {
            let taken = state.roles.get(&role).ok_or(codes::UNKNOWN_ROLE)?;
            hierarchy::may_take_role(&self.person(state, actor.user.id)?, &target(state, taken))?;
            member.roles.retain(|held| *held != role);
            Ok(())
        });
        take.await.map(drop)
    }
}
