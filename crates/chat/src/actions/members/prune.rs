//! Removing members who do nothing: who came before so many days, has written nothing since, is a person, and holds no
//! role but those that are included. Discord looks at who was online instead; that is not kept here.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use guildhall_accounts::{Actor, User};
use guildhall_base::{Form, GuildId, MessageId, Permissions, Result, RoleId, codes::CONFLICT};

use super::super::audit::{Action, Note};
use super::super::{Change, LAYOUT_ATTEMPTS};
use crate::access::GuildAccess;
use crate::rules::hierarchy;
use crate::store::departed::Departure;
use crate::{Chat, codes, store};

/// Members that are removed in one transaction.
const CHUNK: usize = 1000;

/// Who counts as inactive.
#[derive(Debug, Clone)]
pub(crate) struct Inactive {
    /// For so many days, 1 to 30.
    pub(crate) days: i64,
    /// Roles that do not protect.
    pub(crate) roles: Vec<RoleId>,
}

impl Chat {
    async fn pruner(&self, actor: &Actor, guild: GuildId, inactive: &Inactive) -> Result<GuildAccess> {
        let access = self.guild(actor, guild).await?;
        access.require(Permissions::KICK_MEMBERS | Permissions::MANAGE_GUILD)?;
        let mut form = Form::new();
        form.range("days", inactive.days, 1..=30);
        form.finish()?;
        let state = access.room.read();
        if inactive.roles.iter().any(|role| !state.roles.contains_key(role)) {
            return Err(codes::UNKNOWN_ROLE.into());
        }
        drop(state);
        Ok(access)
    }

    /// How many members a prune would remove.
    pub(crate) async fn count_inactive(
        &self,
        actor: &Actor,
        guild: GuildId,
        inactive: &Inactive,
    ) -> Result<usize> {
        let access = self.pruner(actor, guild, inactive).await?;
        Ok(self.inactive(&access, inactive).await?.len())
    }

    /// Removes inactive members, and says how many they were.
    pub(crate) async fn prune(
        &self,
        actor: &Actor,
        guild: GuildId,
        inactive: &Inactive,
        reason: Option<String>,
    ) -> Result<usize> {
        let access = self.pruner(actor, guild, inactive).await?;
        let mut pruned = 0;
        for _ in 0..LAYOUT_ATTEMPTS {
            let users = self.inactive(&access, inactive).await?;
            let Some(chunk) = users.chunks(CHUNK).next() else { return Ok(pruned) };
            let mut change = Change::new();
            for user in chunk {
                // Who has left meanwhile is not told of twice: the next try does not find them.
                self.remove_member(&mut change, guild, user, Departure::Removed, CONFLICT).await?;
            }
            let note = Note::new(Action::MemberPrune, None, reason.clone())
                .option("delete_member_days", inactive.days.to_string())
                .option("members_removed", chunk.len().to_string());
            self.note(&mut change, guild, actor.user.id, note)?;
            match self.commit(change).await {
                Err(error) if error.is(CONFLICT) => {}
                done => pruned += done.map(|_| chunk.len())?,
            }
        }
        Ok(pruned)
    }

    async fn inactive(&self, access: &GuildAccess, inactive: &Inactive) -> Result<Vec<Arc<User>>> {
        let days = Duration::from_secs(inactive.days.unsigned_abs() * 86_400);
        let since = self.now().before(days);
        let first = MessageId::first_at(since);
        let active = store::messages::authors_since(self.db(), access.id(), first).await?;
        let active: HashSet<_> = active.into_iter().collect();
        let idle: Vec<_> = {
            let state = access.room.read();
            let doer = self.person(&state, access.user)?;
            let members = state.members.iter().filter(|(user, member)| {
                member.joined_at < since
                    && !active.contains(user)
                    && member.roles.iter().all(|role| inactive.roles.contains(role))
                    && self
                        .person(&state, **user)
                        .is_ok_and(|target| hierarchy::may_kick(&doer, &target).is_ok())
            });
            members.map(|(user, _)| *user).collect()
        };
        let users = self.parts.accounts.users(&idle).await?;
        let mut people: Vec<_> = users.into_values().filter(|user| !user.bot).collect();
        people.sort_unstable_by_key(|user| user.id);
        Ok(people)
    }
}
