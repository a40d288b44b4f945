//! Loading with authorization: what these calls return is the thing and the proof that its holder may see it.
//! What somebody may not see does not exist for them: 404.

use std::sync::Arc;

use guildhall_accounts::Actor;
use guildhall_base::{ChannelId, GuildId, Permissions, Result, Timestamp, UserId};

use crate::Chat;
use crate::codes;
use crate::model::Channel;
use crate::rules::permissions::IN_DIRECT_MESSAGES;
use crate::world::{DirectRoom, GuildRoom};

/// A guild that the actor is a member of.
#[derive(Debug, Clone)]
pub struct GuildAccess {
    /// The guild.
    pub room: Arc<GuildRoom>,
    /// The member.
    pub user: UserId,
    /// What they may do in it.
    pub permissions: Permissions,
}

impl GuildAccess {
    /// The guild's id.
    pub fn id(&self) -> GuildId {
        self.room.id
    }

    /// Refuses unless the member has all of these permissions.
    ///
    /// # Errors
    /// 50013, Missing Permissions.
    pub fn require(&self, permissions: Permissions) -> Result<()> {
        require(self.permissions, permissions)
    }

    /// Whether the guild is the member's own.
    pub fn is_owner(&self) -> bool {
        self.room.read().guild.owner_id == self.user
    }
}

fn require(held: Permissions, wanted: Permissions) -> Result<()> {
    if held.contains(wanted) { Ok(()) } else { Err(codes::MISSING_PERMISSIONS.into()) }
}

/// Where a channel is.
#[derive(Debug, Clone)]
pub enum Place {
    /// In a guild.
    Guild(GuildAccess),
    /// Between people.
    Direct(Arc<DirectRoom>),
}

/// A channel that the actor may view.
#[derive(Debug, Clone)]
pub struct ChannelAccess {
    /// Which.
    pub id: ChannelId,
    /// Who views it.
    pub user: UserId,
    /// What they may do in it.
    pub permissions: Permissions,
    /// Whether it is a webhook that writes here, with its own id for a user's.
    pub is_webhook: bool,
    /// Where it is.
    pub place: Place,
    /// When access was checked.
    pub at: Timestamp,
    /// The channel; for direct messages without what only its reader needs.
    pub channel: Arc<Channel>,
}

impl ChannelAccess {
    /// Refuses unless the actor has all of these permissions here.
    ///
    /// # Errors
    /// 50013, Missing Permissions.
    pub fn require(&self, permissions: Permissions) -> Result<()> {
        require(self.permissions, permissions)
    }

    /// The guild the channel is in.
    ///
    /// # Errors
    /// 50003 in direct messages.
    pub fn guild(&self) -> Result<&GuildAccess> {
        match &self.place {
            Place::Guild(guild) => Ok(guild),
            Place::Direct(_) => Err(codes::NOT_IN_DIRECT.into()),
        }
    }

    /// The guild's id, if it is in one.
    pub fn guild_id(&self) -> Option<GuildId> {
        match &self.place {
            Place::Guild(guild) => Some(guild.id()),
            Place::Direct(_) => None,
        }
    }

    /// Who hears of what happens here.
    pub fn audience(&self) -> guildhall_infra::events::Audience {
        use guildhall_infra::events::Audience;
        match &self.place {
            Place::Guild(guild) => Audience::Channel(guild.id(), self.id),
            Place::Direct(room) => Audience::Users(room.users.clone()),
        }
    }
}

impl Chat {
    /// A guild, for one of its members.
    ///
    /// # Errors
    /// 10004, Unknown Guild, for everybody else.
    pub async fn guild(&self, actor: &Actor, id: GuildId) -> Result<GuildAccess> {
        let room = self.world.guild(id).await?.ok_or(codes::UNKNOWN_GUILD)?;
        self.enter(actor.user.id, room).ok_or(codes::UNKNOWN_GUILD.into())
    }

    /// A guild for work that goes on in somebody's name after they asked for it.
    ///
    /// # Errors
    /// 10004, Unknown Guild, if they are no member (any more).
    pub(crate) async fn guild_for(&self, user: UserId, id: GuildId) -> Result<GuildAccess> {
        let room = self.world.guild(id).await?.ok_or(codes::UNKNOWN_GUILD)?;
        self.enter(user, room).ok_or(codes::UNKNOWN_GUILD.into())
    }

    fn enter(&self, user: UserId, room: Arc<GuildRoom>) -> Option<GuildAccess> {
        let permissions = {
            let state = room.read();
            state.members.get(&user)?;
            state.permissions(user, self.now())
        };
        Some(GuildAccess { room, user, permissions })
    }

    /// A channel, for those who may view it.
    ///
    /// # Errors
    /// 10003, Unknown Channel, for everybody else.
    pub async fn channel(&self, actor: &Actor, id: ChannelId) -> Result<ChannelAccess> {
        let user = actor.user.id;
        match self.world.guild_of(id).await? {
            Some(room) => self.guild_channel(user, room, id),
            None => {
                let room = self.world.direct(id).await?.ok_or(codes::UNKNOWN_CHANNEL)?;
                self.direct_channel(user, room).ok_or(codes::UNKNOWN_CHANNEL.into())
            }
        }
    }

    pub(crate) fn guild_channel(
        &self,
        user: UserId,
        room: Arc<GuildRoom>,
        id: ChannelId,
    ) -> Result<ChannelAccess> {
        let at = self.now();
        let (permissions, channel) = {
            let state = room.read();
            let channel = state.channels.get(&id).ok_or(codes::UNKNOWN_CHANNEL)?.channel.clone();
            (state.channel_permissions(user, id, at), channel)
        };
        if !permissions.contains(Permissions::VIEW_CHANNEL) {
            return Err(codes::UNKNOWN_CHANNEL.into());
        }
        let guild = self.enter(user, room).ok_or(codes::UNKNOWN_CHANNEL)?;
        let place = Place::Guild(guild);
        Ok(ChannelAccess { id, user, permissions, is_webhook: false, place, at, channel })
    }

    fn direct_channel(&self, user: UserId, room: Arc<DirectRoom>) -> Option<ChannelAccess> {
        if !room.users.contains(&user) {
            return None;
        }
        let channel = Arc::new(Channel::direct(room.id, room.kind));
        Some(ChannelAccess {
            id: room.id,
            user,
            permissions: IN_DIRECT_MESSAGES,
            is_webhook: false,
            place: Place::Direct(room),
            at: self.now(),
            channel,
        })
    }
}
