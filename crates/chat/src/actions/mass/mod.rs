//! What is done to many at once. These are the parts: who may, who is meant, how many they are, and what is done to one
//! of them; the jobs put them together, one durable step after the other.
//!
//! Whoever asks for such a job is asked for their rights twice: when they ask, and for every single step when it runs.

mod bans;
pub(crate) mod memory;
mod prune;
mod roles;

use std::collections::HashSet;

use guildhall_base::{Kind, Permissions, Result, Timestamp, UserId};
use guildhall_infra::jobs::{Ctx, Outcome, Owner, Stop};

pub(crate) use bans::Banned;
pub(crate) use prune::Found;
pub(crate) use roles::Changed;

use crate::access::GuildAccess;
use crate::model::{Member, MemberFilter};
use crate::{Chat, codes};

impl Chat {
    /// The guild that a job is for, in the name of whoever asks for it.
    ///
    /// # Errors
    /// `NEEDS_OWNER`; 10004 for strangers; 50013 unless they manage the guild and have these permissions too.
    pub(crate) async fn asked(&self, owner: Owner, needed: Permissions) -> Result<GuildAccess> {
        let (Some(user), Some(guild)) = (owner.user, owner.guild) else {
            return Err(codes::NEEDS_OWNER.into());
        };
        self.parts.accounts.user(user).await?;
        let access = self.guild_for(user, guild).await?;
        access.require(Permissions::MANAGE_GUILD | needed)?;
        Ok(access)
    }

    /// The same for a job that runs: whoever asked for it may have lost the right meanwhile.
    pub(crate) async fn still(&self, ctx: &Ctx, needed: Permissions) -> Outcome<GuildAccess> {
        self.asked(ctx.owner(), needed).await.map_err(right_lost)
    }

    /// The members who are meant, by ascending id.
    pub(crate) async fn meant(
        &self,
        access: &GuildAccess,
        filter: &MemberFilter,
        asked: Timestamp,
    ) -> Result<Vec<UserId>> {
        // Looked up one by one, a long list costs no more than the guild has members.
        let listed: HashSet<UserId> = filter.users.iter().copied().collect();
        let filter = MemberFilter { users: Vec::new(), ..filter.clone() };
        let mut found: Vec<(UserId, Option<String>)> = {
            let state = access.room.read();
            let meant = |(user, member): &(&UserId, &Member)| {
                (listed.is_empty() || listed.contains(user)) && filter.fits_member(**user, member, asked)
            };
            let members = state.members.iter().filter(meant);
            members.map(|(user, member)| (*user, member.settings.nick.clone())).collect()
        };
        if filter.needs_user() {
            let ids: Vec<_> = found.iter().map(|(user, _)| *user).collect();
            let users = self.parts.accounts.users(&ids).await?;
            found.retain(|(id, nick)| {
                users.get(id).is_some_and(|user| filter.fits_user(user, nick.as_deref()))
            });
        }
        let mut found: Vec<_> = found.into_iter().map(|(user, _)| user).collect();
        found.sort_unstable();
        Ok(found)
    }
}

/// A refusal in a run says that whoever asked may not any more; anything else is worth another try.
pub(crate) fn right_lost(error: guildhall_base::Error) -> Stop {
    match error.kind() {
        Kind::NotFound | Kind::Forbidden | Kind::Invalid => Stop::fail(codes::RIGHT_LOST),
        _ => error.into(),
    }
}
