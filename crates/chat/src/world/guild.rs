//! One guild in memory and what follows from it: who may do what where.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use guildhall_base::{ChannelId, EmojiId, MessageId, Permissions, RoleId, StickerId, Timestamp, UserId};

use crate::model::{Channel, Emoji, Guild, Member, OverwriteType, Role, Sticker};
use crate::rules::hierarchy::{Person, Rank};
use crate::rules::permissions::{self, Overwrite, OverwriteKind, Place, RoleGrant, Standing};

/// A guild's rows as values.
#[derive(Debug)]
pub struct GuildState {
    /// The position of the last event that is in here.
    pub as_of: u64,
    /// The guild itself.
    pub guild: Arc<Guild>,
    /// Its roles, `@everyone` among them.
    pub roles: HashMap<RoleId, Arc<Role>>,
    /// Its channels.
    pub channels: HashMap<ChannelId, ChannelState>,
    /// Its members, without their users.
    pub members: HashMap<UserId, Member>,
    /// Its emojis, oldest first.
    pub emojis: BTreeMap<EmojiId, Arc<Emoji>>,
    /// Its stickers, oldest first.
    pub stickers: BTreeMap<StickerId, Arc<Sticker>>,
}

/// A channel with its overwrites as the permission rules read them.
#[derive(Debug, Clone)]
pub struct ChannelState {
    /// The channel; its newest message is in `last_message`.
    pub channel: Arc<Channel>,
    /// The newest message.
    pub last_message: Option<MessageId>,
    overwrites: Vec<Overwrite>,
}

impl ChannelState {
    /// Wraps a channel.
    pub fn new(channel: Channel) -> Self {
        let overwrites = channel
            .permission_overwrites
            .iter()
            .map(|overwrite| Overwrite {
                id: overwrite.id,
                kind: match overwrite.kind {
                    OverwriteType::Role => OverwriteKind::Role,
                    OverwriteType::Member => OverwriteKind::Member,
                },
                allow: overwrite.allow,
                deny: overwrite.deny,
            })
            .collect();
        Self { last_message: channel.last_message_id, channel: Arc::new(channel), overwrites }
    }

    /// The channel as it is sent to clients.
    pub fn wire(&self) -> Channel {
        Channel { last_message_id: self.last_message, ..Channel::clone(&self.channel) }
    }
}

impl GuildState {
    fn everyone(&self) -> Permissions {
        self.roles.get(&self.guild.id.cast()).map_or(Permissions::empty(), |role| role.permissions)
    }

    fn grants<'a>(&'a self, roles: &'a [RoleId]) -> impl Iterator<Item = RoleGrant> + Clone + 'a {
        roles.iter().filter_map(|id| self.roles.get(id)).map(|role| RoleGrant {
            id: role.id,
            position: role.position,
            permissions: role.permissions,
            denied: role.denied_permissions,
        })
    }

    fn standing(&self, user: UserId, member: &Member, now: Timestamp) -> Standing {
        Standing {
            user,
            owner: self.guild.owner_id == user,
            timed_out: member.communication_disabled_until.is_some_and(|until| until > now),
        }
    }

    /// What a member may do in the guild; nothing if they are not one.
    pub fn permissions(&self, user: UserId, now: Timestamp) -> Permissions {
        let Some(member) = self.members.get(&user) else { return Permissions::empty() };
        let standing = self.standing(user, member, now);
        permissions::guild_permissions(standing, self.everyone(), self.grants(&member.roles))
    }

    /// What a member may do in a channel; nothing if they are no member or there is no such channel.
    pub fn channel_permissions(&self, user: UserId, channel: ChannelId, now: Timestamp) -> Permissions {
        let (Some(member), Some(state)) = (self.members.get(&user), self.channels.get(&channel)) else {
            return Permissions::empty();
        };
        let kind = state.channel.kind;
        let (source, place) = if kind.is_thread() {
            let parent = state.channel.parent_id.and_then(|parent| self.channels.get(&parent));
            (parent.unwrap_or(state), Place::Thread)
        } else {
            (state, if kind.is_voice() { Place::Voice } else { Place::Text })
        };
        let base = permissions::combine(self.everyone(), self.grants(&member.roles));
        let holds = |role| member.roles.contains(&role);
        let standing = self.standing(user, member, now);
        permissions::in_channel(standing, base, self.guild.id, holds, &source.overwrites, place)
    }

    /// What everybody may do in a channel who has no role.
    pub fn everyone_in(&self, channel: ChannelId) -> Permissions {
        let Some(state) = self.channels.get(&channel) else { return Permissions::empty() };
        let nobody = Standing { user: UserId::new(0), owner: false, timed_out: false };
        let place = if state.channel.kind.is_voice() { Place::Voice } else { Place::Text };
        permissions::in_channel(nobody, self.everyone(), self.guild.id, |_| false, &state.overwrites, place)
    }

    /// A member as the hierarchy's rules see them; a timeout does not lower anybody. None if they are no member.
    pub fn person(&self, user: UserId, now: Timestamp) -> Option<Person> {
        let member = self.members.get(&user)?;
        let places = self.grants(&member.roles).map(|role| (role.id, role.position));
        Some(Person {
            user,
            owner: self.guild.owner_id == user,
            rank: Rank::highest(self.guild.id, places),
            permissions: self.permissions(user, now),
        })
    }

    /// Whether a member may see a channel.
    pub fn can_view(&self, user: UserId, channel: ChannelId, now: Timestamp) -> bool {
        self.channel_permissions(user, channel, now).contains(Permissions::VIEW_CHANNEL)
    }

    /// The channels that a member may see.
    pub fn visible_channels(&self, user: UserId, now: Timestamp) -> HashSet<ChannelId> {
        self.channels.keys().copied().filter(|channel| self.can_view(user, *channel, now)).collect()
    }

    /// The roles in their order, `@everyone` first.
    pub fn ordered_roles(&self) -> Vec<Arc<Role>> {
        let mut roles: Vec<_> = self.roles.values().cloned().collect();
        roles.sort_unstable_by_key(|role| (role.position, role.id));
        roles
    }

    /// The channels that a member may see, in a stable order.
    pub fn ordered_channels(&self, user: UserId, now: Timestamp) -> Vec<Channel> {
        let visible = self.channels.values().filter(|state| self.can_view(user, state.channel.id, now));
        let mut channels: Vec<_> = visible.map(ChannelState::wire).collect();
        channels.sort_unstable_by_key(|channel| (channel.position, channel.id));
        channels
    }

    /// The place of a member's highest role, with its id for ties (the older one is higher); `None` without a role.
    pub fn highest_role(&self, user: UserId) -> Option<&Arc<Role>> {
        let member = self.members.get(&user)?;
        member
            .roles
            .iter()
            .filter_map(|id| self.roles.get(id))
            .max_by_key(|role| (role.position, std::cmp::Reverse(role.id)))
    }
}
