//! Giving roles to many and taking them.

use guildhall_base::{Permissions, Result, RoleId, Timestamp, UserId};
use guildhall_infra::jobs::{Effects, Owner};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::super::members::change::target;
use crate::access::GuildAccess;
use crate::model::MassRoles;
use crate::rules::{hierarchy, selection};
use crate::{Chat, codes};

/// What really became of one member.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(crate) struct Changed {
    /// Roles that they got and did not have.
    pub(crate) given: Vec<RoleId>,
    /// Roles that they lost and had.
    pub(crate) taken: Vec<RoleId>,
}

impl Changed {
    pub(crate) fn is_empty(&self) -> bool {
        self.given.is_empty() && self.taken.is_empty()
    }

    /// What takes it back.
    pub(crate) fn undone(self) -> Self {
        Self { given: self.taken, taken: self.given }
    }
}

impl Chat {
    /// Whether this may be asked for.
    pub(crate) async fn admit_roles(&self, owner: Owner, roles: &MassRoles) -> Result<GuildAccess> {
        selection::check_roles(roles)?;
        let access = self.asked(owner, Permissions::MANAGE_ROLES).await?;
        self.may_change_roles(&access, roles)?;
        Ok(access)
    }

    /// Whether the hierarchy lets them give and take these roles.
    pub(crate) fn may_change_roles(&self, access: &GuildAccess, roles: &MassRoles) -> Result<()> {
        let state = access.room.read();
        let doer = self.person(&state, access.user)?;
        let known = |role: &RoleId| state.roles.get(role).ok_or(codes::UNKNOWN_ROLE);
        for role in &roles.give {
            hierarchy::may_give_role(&doer, &target(&state, known(role)?))?;
        }
        for role in &roles.take {
            hierarchy::may_take_role(&doer, &target(&state, known(role)?))?;
        }
        let filter = &roles.members;
        filter.has_roles.iter().chain(&filter.lacks_roles).try_for_each(|role| known(role).map(drop))?;
        Ok(())
    }

    /// How many are meant, and in how many of them something would change.
    pub(crate) async fn count_roles(&self, owner: Owner, roles: &MassRoles) -> Result<Value> {
        let access = self.admit_roles(owner, roles).await?;
        let meant = self.meant(&access, &roles.members, self.now()).await?;
        let state = access.room.read();
        let differs = |user: &&UserId| {
            state.members.get(user).is_some_and(|member| {
                roles.give.iter().any(|role| !member.roles.contains(role))
                    || roles.take.iter().any(|role| member.roles.contains(role))
            })
        };
        Ok(json!({ "members": meant.len(), "changes": meant.iter().filter(differs).count() }))
    }

    /// The members of a role change.
    pub(crate) async fn members_of_roles(
        &self,
        access: &GuildAccess,
        roles: &MassRoles,
        asked: Timestamp,
    ) -> Result<Vec<UserId>> {
        self.meant(access, &roles.members, asked).await
    }

    /// Gives one member roles and takes others as part of a step; says what really changes. Roles that are gone are
    /// passed over.
    pub(crate) async fn roles_in_step(
        &self,
        access: &GuildAccess,
        user: UserId,
        wanted: &Changed,
        reason: Option<&str>,
        effects: &Effects,
    ) -> Result<Changed> {
        let drafted = self
            .draft_member(access, user, reason, |state, member| {
                let doer = self.person(state, access.user)?;
                for role in &wanted.given {
                    if let Some(given) = state.roles.get(role).filter(|_| !member.roles.contains(role)) {
                        hierarchy::may_give_role(&doer, &target(state, given))?;
                        member.roles.push(*role);
                    }
                }
                for role in &wanted.taken {
                    if let Some(taken) = state.roles.get(role).filter(|_| member.roles.contains(role)) {
                        hierarchy::may_take_role(&doer, &target(state, taken))?;
                        member.roles.retain(|held| held != role);
                    }
                }
                Ok(())
            })
            .await?;
        let (before, after) = (&drafted.before.roles, &drafted.after.roles);
        let missing = |these: &[RoleId], those: &[RoleId]| -> Vec<RoleId> {
            these.iter().filter(|role| !those.contains(role)).copied().collect()
        };
        let changed = Changed { given: missing(after, before), taken: missing(before, after) };
        if let Some(change) = drafted.change {
            change.into_effects(effects);
        }
        Ok(changed)
    }
}
