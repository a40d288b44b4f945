//! Who may do what to whom: the permission for the deed is not enough, the doer must also stand above the role or
//! member it is done to, and may hand out only what the doer has
//! (<https://discord.com/developers/docs/topics/permissions#permission-hierarchy>).
//!
//! Where roles deny (see [`super::permissions`]), lifting a denial grants what was denied, so it needs the same.
//! Owners are above everybody and everything but themselves.

use std::cmp::Reverse;

use guildhall_base::{Error, GuildId, Permissions, RoleId, UserId};

use super::codes;
use super::permissions::RoleGrant;
use super::positions::RoleShift;

/// Why something is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Denied {
    /// One of these is needed and not there.
    Missing(Permissions),
    /// The role does not stand below the doer's highest.
    RoleTooHigh(RoleId),
    /// The member does not stand below the doer.
    MemberTooHigh,
    /// The member owns the guild.
    Owner,
    /// Administrators cannot be timed out.
    Administrator,
    /// These would be handed out or denied by somebody who does not have them.
    Beyond(Permissions),
    /// The role is `@everyone` or belongs to a bot or integration.
    InvalidRole(RoleId),
}

impl From<Denied> for Error {
    fn from(denied: Denied) -> Self {
        match denied {
            Denied::InvalidRole(_) => codes::INVALID_ROLE.into(),
            _ => codes::MISSING_PERMISSIONS.into(),
        }
    }
}

/// Shorthand for a decision.
pub type Decision = Result<(), Denied>;

/// How high a role stands: by position, and of equal ones the older is above.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Rank {
    position: i64,
    id: Reverse<RoleId>,
}

impl Rank {
    /// That of a role.
    pub fn new(position: i64, id: RoleId) -> Self {
        Self { position, id: Reverse(id) }
    }

    /// That of somebody who has these roles besides `@everyone`: the highest role's.
    pub fn highest(guild: GuildId, roles: impl IntoIterator<Item = (RoleId, i64)>) -> Self {
        let everyone = Self::new(0, guild.cast());
        roles.into_iter().map(|(id, position)| Self::new(position, id)).fold(everyone, Self::max)
    }
}

/// A member who does something, or to whom something is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Person {
    /// Who.
    pub user: UserId,
    /// Whether the guild is theirs.
    pub owner: bool,
    /// Where they stand.
    pub rank: Rank,
    /// What they may do in the guild, by [`super::permissions::in_guild`].
    pub permissions: Permissions,
}

/// A role to which something is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RoleTarget {
    /// What it is and grants, before the change.
    pub grant: RoleGrant,
    /// Whether it is `@everyone`.
    pub everyone: bool,
    /// Whether it belongs to a bot or integration.
    pub managed: bool,
}

impl Person {
    fn needs(&self, permission: Permissions) -> Decision {
        if self.permissions.contains(permission) { Ok(()) } else { Err(Denied::Missing(permission)) }
    }

    fn above_role(&self, role: &RoleGrant) -> Decision {
        let above = self.owner || Rank::new(role.position, role.id) < self.rank;
        if above { Ok(()) } else { Err(Denied::RoleTooHigh(role.id)) }
    }

    fn above_member(&self, target: &Person) -> Decision {
        match target.owner {
            true => Err(Denied::Owner),
            false if self.owner || target.rank < self.rank => Ok(()),
            false => Err(Denied::MemberTooHigh),
        }
    }

    fn has(&self, bits: Permissions) -> Decision {
        let beyond = bits - self.permissions;
        if self.owner || beyond.is_empty() { Ok(()) } else { Err(Denied::Beyond(beyond)) }
    }
}

/// Making a role that grants and denies this much.
pub fn may_create_role(actor: &Person, permissions: Permissions, denied: Permissions) -> Decision {
    actor.needs(Permissions::MANAGE_ROLES)?;
    actor.has(permissions | denied)
}

/// Editing a role so that it grants and denies this much. What it granted before may stay; a denial may be put up or
/// lifted only by those who have what it denies.
pub fn may_edit_role(
    actor: &Person,
    role: &RoleTarget,
    permissions: Permissions,
    denied: Permissions,
) -> Decision {
    actor.needs(Permissions::MANAGE_ROLES)?;
    actor.above_role(&role.grant)?;
    actor.has((permissions - role.grant.permissions) | (denied ^ role.grant.denied))
}

/// Deleting a role.
pub fn may_delete_role(actor: &Person, role: &RoleTarget) -> Decision {
    actor.needs(Permissions::MANAGE_ROLES)?;
    if role.everyone || role.managed {
        return Err(Denied::InvalidRole(role.grant.id));
    }
    actor.above_role(&role.grant)?;
    actor.has(role.grant.denied)
}

/// Giving a role to any member, the owner and oneself included.
pub fn may_give_role(actor: &Person, role: &RoleTarget) -> Decision {
    actor.needs(Permissions::MANAGE_ROLES)?;
    if role.everyone || role.managed {
        return Err(Denied::InvalidRole(role.grant.id));
    }
    actor.above_role(&role.grant)
}

/// Taking a role from any member, oneself included.
pub fn may_take_role(actor: &Person, role: &RoleTarget) -> Decision {
    may_give_role(actor, role)?;
    actor.has(role.grant.denied)
}

/// Moving roles: no row at or above the actor's highest role may change, nor may a role come to stand above a denial
/// that took from it what the actor does not have. `roles` is all roles of the guild as they are.
pub fn may_move_roles(actor: &Person, roles: &[RoleGrant], shifts: &[RoleShift]) -> Decision {
    actor.needs(Permissions::MANAGE_ROLES)?;
    if actor.owner {
        return Ok(());
    }
    let too_high = |shift: &&RoleShift| shift.from.max(shift.to) >= actor.rank.position;
    if let Some(shift) = shifts.iter().find(too_high) {
        return Err(Denied::RoleTooHigh(shift.id));
    }
    let after = |role: &RoleGrant| {
        let shift = shifts.iter().find(|shift| shift.id == role.id);
        Rank::new(shift.map_or(role.position, |shift| shift.to), role.id)
    };
    let before = |role: &RoleGrant| Rank::new(role.position, role.id);
    for denying in roles.iter().filter(|role| !role.denied.is_empty()) {
        let freed = roles
            .iter()
            .filter(|role| role.permissions.intersects(denying.denied - actor.permissions))
            .filter(|role| before(role) < before(denying) && after(role) > after(denying))
            .fold(Permissions::empty(), |freed, role| freed | (role.permissions & denying.denied));
        actor.has(freed)?;
    }
    Ok(())
}

/// Kicking a member.
pub fn may_kick(actor: &Person, target: &Person) -> Decision {
    actor.needs(Permissions::KICK_MEMBERS)?;
    actor.above_member(target)
}

/// Banning somebody, who need not be a member.
pub fn may_ban(actor: &Person, target: Option<&Person>) -> Decision {
    actor.needs(Permissions::BAN_MEMBERS)?;
    target.map_or(Ok(()), |target| actor.above_member(target))
}

/// Changing somebody's nickname, or one's own.
pub fn may_rename(actor: &Person, target: &Person) -> Decision {
    if actor.user == target.user {
        return actor.needs(Permissions::CHANGE_NICKNAME);
    }
    actor.needs(Permissions::MANAGE_NICKNAMES)?;
    actor.above_member(target)
}

/// Timing a member out, or with `lift` ending a timeout. Administrators, whom it would not hinder, cannot be.
/// `target.permissions` must be those without a timeout.
pub fn may_time_out(actor: &Person, target: &Person, lift: bool) -> Decision {
    actor.needs(Permissions::MODERATE_MEMBERS)?;
    actor.above_member(target)?;
    if !lift && target.permissions.contains(Permissions::ADMINISTRATOR) {
        return Err(Denied::Administrator);
    }
    Ok(())
}

/// Setting or deleting a channel's overwrite. `in_channel` is what the actor may do in the channel, `changed` the bits
/// whose allowance or denial changes, `trusted` whether an overwrite of the channel itself grants the actor
/// [`Permissions::MANAGE_ROLES`]: who is trusted with a channel's permissions may set those one does not have. Only
/// administrators set [`Permissions::MANAGE_ROLES`] itself.
pub fn may_overwrite(
    actor: &Person,
    in_channel: Permissions,
    changed: Permissions,
    trusted: bool,
) -> Decision {
    if actor.owner || actor.permissions.contains(Permissions::ADMINISTRATOR) {
        return Ok(());
    }
    if !in_channel.contains(Permissions::MANAGE_ROLES) {
        return Err(Denied::Missing(Permissions::MANAGE_ROLES));
    }
    let own = if trusted { Permissions::all() } else { actor.permissions | in_channel };
    let beyond = changed - (own - Permissions::MANAGE_ROLES);
    if beyond.is_empty() { Ok(()) } else { Err(Denied::Beyond(beyond)) }
}
