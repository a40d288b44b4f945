//! How things stood before an event, as far as that decides who sees what.
//!
//! The events that decide it carry a [`Was`], which is exact: what is in it was read under the version that the same
//! transaction claims (the guild's layout, the member's version, the guild's own row). Where it was not, it says as
//! of when it is known, and whoever takes the event back has to make sure that nothing came in between.

use std::collections::BTreeMap;

use guildhall_base::{ChannelId, Permissions, Result, RoleId, UserId};
use guildhall_infra::events::Event;
use serde::{Deserialize, Serialize};

use super::GuildState;
use crate::model::{Channel, ChannelType, Guild, Member, Overwrite, Role};

/// Longer lists of people are not kept: then nobody can take the event back.
const MOST: usize = 1000;

/// What was before an event.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Was {
    /// The same, as far as it decides who sees what.
    Same,
    /// A role granted this.
    Role { permissions: Permissions, denied: Permissions, position: i64 },
    /// There was a role; these held it, and these channels had an overwrite for it.
    GoneRole {
        role: Box<Role>,
        holders: Option<Vec<UserId>>,
        overwrites: Vec<(ChannelId, Overwrite)>,
        known_at: u64,
    },
    /// A channel was of this type, under this one, with these overwrites.
    Channel { kind: ChannelType, parent: Option<ChannelId>, overwrites: Vec<Overwrite> },
    /// The guild was somebody else's.
    Owner(UserId),
    /// A member held other roles.
    Roles(Vec<RoleId>),
    /// There was a member.
    GoneMember { member: Box<Member>, known_at: u64 },
    /// There was a guild with these members.
    GoneGuild { members: Option<Vec<UserId>> },
}

impl Was {
    /// Of a role that has become another.
    pub(crate) fn role(old: &Role, new: &Role) -> Self {
        let parts = |role: &Role| (role.permissions, role.denied_permissions, role.position);
        if parts(old) == parts(new) {
            return Self::Same;
        }
        let (permissions, denied, position) = parts(old);
        Self::Role { permissions, denied, position }
    }

    /// Of a role that is deleted, in a guild that the world knew like this when it had come to `known_at`.
    pub(crate) fn gone_role(role: &Role, state: &GuildState, known_at: u64) -> Self {
        let holders = state.members.iter().filter(|(_, member)| member.roles.contains(&role.id));
        let holders: Vec<UserId> = holders.map(|(user, _)| *user).take(MOST + 1).collect();
        let overwrites = state.channels.values().filter_map(|channel| {
            let channel = &channel.channel;
            let own =
                channel.permission_overwrites.iter().find(|overwrite| overwrite.id == role.id.cast())?;
            Some((channel.id, *own))
        });
        Self::GoneRole {
            role: Box::new(role.clone()),
            holders: (holders.len() <= MOST).then_some(holders),
            overwrites: overwrites.collect(),
            known_at,
        }
    }

    /// Of a channel that has become another.
    pub(crate) fn channel(old: &Channel, new: &Channel) -> Self {
        let same_parent = old.parent_id == new.parent_id || !(old.kind.is_thread() || new.kind.is_thread());
        if old.kind == new.kind && old.permission_overwrites == new.permission_overwrites && same_parent {
            return Self::Same;
        }
        let overwrites = old.permission_overwrites.clone();
        Self::Channel { kind: old.kind, parent: old.parent_id, overwrites }
    }

    /// Of a guild that has become another.
    pub(crate) fn guild(old: &Guild, new: &Guild) -> Self {
        if old.owner_id == new.owner_id { Self::Same } else { Self::Owner(old.owner_id) }
    }

    /// Of a member who has become another.
    pub(crate) fn member(old: &Member, new: &Member) -> Self {
        if old.roles == new.roles { Self::Same } else { Self::Roles(old.roles.clone()) }
    }

    /// Of a guild that is deleted.
    pub(crate) fn gone_guild(state: &GuildState) -> Self {
        let members = (state.members.len() <= MOST).then(|| state.members.keys().copied().collect());
        Self::GoneGuild { members }
    }
}

#[derive(Deserialize)]
struct OnlyRole {
    role: OnlyId<RoleId>,
}

#[derive(Deserialize)]
struct OnlyId<T> {
    id: T,
}

/// Whether somebody was a member of a guild that this event deleted; `None` if nobody knows.
pub fn lost_a_member(event: &Event, user: UserId) -> Option<bool> {
    match serde_json::from_str(event.was.as_deref()?).ok()? {
        Was::GoneGuild { members } => Some(members?.contains(&user)),
        _ => None,
    }
}

impl GuildState {
    /// As much of the guild as decides what one user sees.
    #[must_use]
    pub fn as_seen_by(&self, user: UserId) -> Self {
        Self {
            as_of: self.as_of,
            guild: self.guild.clone(),
            roles: self.roles.clone(),
            channels: self.channels.clone(),
            emojis: BTreeMap::new(),
            stickers: BTreeMap::new(),
            members: self.members.get(&user).map(|member| (user, member.clone())).into_iter().collect(),
        }
    }

    /// Takes in an event, which may be of another guild or about somebody else.
    ///
    /// # Errors
    /// If its body cannot be read.
    pub fn take_forward(&mut self, event: &Event) -> Result<()> {
        self.apply(event).map(drop)
    }

    /// Takes an event back, as far as it decides what `user` sees. `None` if that cannot be done. Otherwise the
    /// result is right for every position before the event's that is not smaller than the one answered with; for
    /// smaller ones too, if no membership of the user changed in between.
    ///
    /// # Errors
    /// If what the event says cannot be read.
    pub fn take_back(&mut self, event: &Event, user: UserId) -> Result<Option<u64>> {
        let own = event.actor == Some(user);
        match &*event.name {
            "GUILD_ROLE_CREATE" => {
                let OnlyRole { role } = event.parse()?;
                self.roles.remove(&role.id);
            }
            "CHANNEL_CREATE" | "THREAD_CREATE" => {
                let OnlyId { id } = event.parse::<OnlyId<ChannelId>>()?;
                self.channels.remove(&id);
            }
            "CHANNEL_DELETE" | "THREAD_DELETE" => {
                let channel: Channel = event.parse()?;
                self.channels.insert(channel.id, super::ChannelState::new(channel));
            }
            "GUILD_MEMBER_ADD" if own => drop(self.members.remove(&user)),
            name if name.starts_with("GUILD_MEMBER_") && !own => {}
            _ => {
                let Some(was) = event.was.as_deref() else { return Ok(None) };
                let was = serde_json::from_str(was).map_err(guildhall_base::Error::internal)?;
                return self.restore(event, user, was);
            }
        }
        Ok(Some(0))
    }

    fn restore(&mut self, event: &Event, user: UserId, was: Was) -> Result<Option<u64>> {
        match was {
            Was::Same => {}
            Was::Role { permissions, denied, position } => {
                let OnlyRole { role } = event.parse()?;
                let Some(role) = self.roles.get_mut(&role.id) else { return Ok(None) };
                let role = std::sync::Arc::make_mut(role);
                (role.permissions, role.denied_permissions, role.position) = (permissions, denied, position);
            }
            Was::GoneRole { role, holders, overwrites, known_at } => {
                let Some(holders) = holders else { return Ok(None) };
                if let Some(member) = self.members.get_mut(&user).filter(|_| holders.contains(&user)) {
                    member.roles.push(role.id);
                }
                for (channel, overwrite) in overwrites {
                    self.overwrite_again(channel, overwrite);
                }
                self.roles.insert(role.id, std::sync::Arc::new(*role));
                return Ok(Some(known_at));
            }
            Was::Channel { kind, parent, overwrites } => {
                let OnlyId { id } = event.parse::<OnlyId<ChannelId>>()?;
                let Some(state) = self.channels.get(&id) else { return Ok(None) };
                let channel = state.wire();
                let channel =
                    Channel { kind, parent_id: parent, permission_overwrites: overwrites, ..channel };
                self.channels.insert(id, super::ChannelState::new(channel));
            }
            Was::Owner(owner) => std::sync::Arc::make_mut(&mut self.guild).owner_id = owner,
            Was::Roles(roles) => {
                let Some(member) = self.members.get_mut(&user) else { return Ok(None) };
                member.roles = roles;
            }
            Was::GoneMember { member, known_at } => {
                self.members.insert(user, *member);
                return Ok(Some(known_at));
            }
            Was::GoneGuild { .. } => return Ok(None),
        }
        Ok(Some(0))
    }

    fn overwrite_again(&mut self, channel: ChannelId, overwrite: Overwrite) {
        if let Some(state) = self.channels.get(&channel) {
            let mut channel = state.wire();
            channel.permission_overwrites.push(overwrite);
            self.channels.insert(channel.id, super::ChannelState::new(channel));
        }
    }
}
