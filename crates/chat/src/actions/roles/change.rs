//! How roles are changed: everything is read with the guild's layout, decided on what was read, and committed only
//! if the layout is still the same.

use guildhall_base::{GuildId, Result, RoleId};
use guildhall_infra::db::codes::CONFLICT;
use guildhall_infra::events::Audience;

use super::super::bodies::RoleEvent;
use super::super::{Change, LAYOUT_ATTEMPTS};
use crate::access::GuildAccess;
use crate::model::Role;
use crate::rules::hierarchy::{Person, Rank, RoleTarget};
use crate::rules::permissions::RoleGrant;
use crate::rules::positions::{RoleShift, RoleSlot};
use crate::world::Was;
use crate::{Chat, codes, store};

/// A guild's roles as they are before a change, and who wants it.
pub(super) struct Before {
    pub(super) guild: GuildId,
    pub(super) roles: Vec<Role>,
    pub(super) actor: Person,
}

impl Before {
    /// The role that everybody has.
    pub(super) fn everyone(&self) -> RoleId {
        self.guild.cast()
    }

    /// One of the roles.
    pub(super) fn get(&self, id: RoleId) -> Result<&Role> {
        Ok(self.roles.iter().find(|role| role.id == id).ok_or(codes::UNKNOWN_ROLE)?)
    }

    /// Their places.
    pub(super) fn slots(&self) -> Vec<RoleSlot> {
        self.roles.iter().map(|role| RoleSlot { id: role.id, position: role.position }).collect()
    }

    /// What they grant.
    pub(super) fn grants(&self) -> Vec<RoleGrant> {
        self.roles.iter().map(grant).collect()
    }

    /// A role as the hierarchy's rules see it.
    pub(super) fn target(&self, role: &Role) -> RoleTarget {
        RoleTarget {
            grant: grant(role),
            everyone: role.id == self.everyone(),
            managed: role.settings.managed,
        }
    }

    /// Gives roles new places in one statement, and tells of each; from the lowest up.
    pub(super) fn shift(&self, change: &mut Change, shifts: &[RoleShift]) -> Result<()> {
        shift(change, self.guild, &self.roles, shifts)
    }
}

/// Gives roles new places in one statement, and tells of each; from the lowest up. `roles` are as they are before.
pub(crate) fn shift(change: &mut Change, guild: GuildId, roles: &[Role], shifts: &[RoleShift]) -> Result<()> {
    let places: Vec<_> = shifts.iter().map(|shift| (shift.id, shift.to)).collect();
    store::roles::set_positions(&mut change.batch, &places);
    for (id, position) in places {
        let role = roles.iter().find(|role| role.id == id).ok_or(codes::UNKNOWN_ROLE)?;
        let moved = Role { position, ..role.clone() };
        let event = RoleEvent { guild_id: guild, role: &moved };
        change.emit_over("GUILD_ROLE_UPDATE", Audience::Guild(guild), &event, &Was::role(role, &moved))?;
    }
    Ok(())
}

fn grant(role: &Role) -> RoleGrant {
    RoleGrant {
        id: role.id,
        position: role.position,
        permissions: role.permissions,
        denied: role.denied_permissions,
    }
}

impl Chat {
    /// Reads the roles, has `plan` decide and add its statements and events, and commits; begins again if somebody
    /// else changed roles or channels in between. A plan without events is not written.
    pub(super) async fn change_roles<T>(
        &self,
        access: &GuildAccess,
        plan: impl Fn(&Before, &mut Change) -> Result<T>,
    ) -> Result<T> {
        let guild = access.id();
        let _turn = access.room.structure.lock().await;
        for _ in 0..LAYOUT_ATTEMPTS {
            let (layout, roles) = store::roles::all(self.db(), guild).await?;
            let before = Before { guild, actor: self.stand(access, &roles)?, roles };
            let mut change = Change::new();
            store::guilds::claim_layout(&mut change.batch, guild, layout);
            let planned = plan(&before, &mut change)?;
            if change.is_silent() {
                return Ok(planned);
            }
            match self.commit(change).await {
                Err(error) if error.is(CONFLICT) => {}
                done => return done.map(|_| planned),
            }
        }
        Err(CONFLICT.into())
    }

    /// Where the actor stands among the roles as they were read.
    fn stand(&self, access: &GuildAccess, roles: &[Role]) -> Result<Person> {
        let state = access.room.read();
        let person = state.person(access.user, self.now()).ok_or(codes::UNKNOWN_GUILD)?;
        let held = state.members.get(&access.user).map(|member| member.roles.as_slice()).unwrap_or_default();
        let held = roles.iter().filter(|role| held.contains(&role.id));
        let rank = Rank::highest(access.id(), held.map(|role| (role.id, role.position)));
        Ok(Person { rank, ..person })
    }
}
