//! The bodies of events and answers that are put together from several things.

use std::collections::HashSet;
use std::sync::Arc;

use guildhall_accounts::User;
use guildhall_base::{Error, GuildId, Permissions, Result, RoleId, Timestamp, UserId};
use serde::Serialize;
use serde_json::Value;

use crate::Chat;
use crate::model::{Channel, Emoji, Guild, Member, Role, Sticker};
use crate::store;
use crate::world::{GuildRoom, GuildState};

/// `GUILD_ROLE_CREATE` and `GUILD_ROLE_UPDATE`.
#[derive(Serialize)]
pub(crate) struct RoleEvent<'a> {
    pub(crate) guild_id: GuildId,
    pub(crate) role: &'a Role,
}

/// `GUILD_ROLE_DELETE`.
#[derive(Serialize)]
pub(crate) struct RoleDeleted {
    pub(crate) guild_id: GuildId,
    pub(crate) role_id: RoleId,
}

/// `GUILD_MEMBER_ADD` and `GUILD_MEMBER_UPDATE`.
#[derive(Serialize)]
pub(crate) struct MemberEvent<'a> {
    pub(crate) guild_id: GuildId,
    #[serde(flatten)]
    pub(crate) member: &'a Member,
}

/// `GUILD_MEMBER_REMOVE`, `GUILD_BAN_ADD`, `GUILD_BAN_REMOVE`.
#[derive(Serialize)]
pub(crate) struct UserInGuild<'a> {
    pub(crate) guild_id: GuildId,
    pub(crate) user: &'a User,
}

/// A guild as REST returns it.
#[derive(Serialize)]
pub(crate) struct GuildBody {
    #[serde(flatten)]
    guild: Arc<Guild>,
    roles: Vec<Arc<Role>>,
    emojis: Vec<Arc<Emoji>>,
    stickers: Vec<Arc<Sticker>>,
    #[serde(flatten)]
    counts: Option<Counts>,
}

/// `GUILD_UPDATE`.
pub(crate) fn guild_event(guild: &Guild, state: &GuildState) -> Result<Value> {
    let body = GuildBody {
        guild: Arc::new(guild.clone()),
        roles: state.ordered_roles(),
        emojis: state.emojis.values().cloned().collect(),
        stickers: state.stickers.values().cloned().collect(),
        counts: None,
    };
    serde_json::to_value(body).map_err(Error::internal)
}

/// How many members a guild has and how many of them are online.
#[derive(Serialize, Clone, Copy)]
pub(crate) struct Counts {
    pub(crate) approximate_member_count: usize,
    pub(crate) approximate_presence_count: usize,
}

impl GuildBody {
    pub(crate) fn of(room: &GuildRoom, counts: Option<Counts>) -> Self {
        let state = room.read();
        Self {
            guild: state.guild.clone(),
            roles: state.ordered_roles(),
            emojis: state.emojis.values().cloned().collect(),
            stickers: state.stickers.values().cloned().collect(),
            counts,
        }
    }
}

/// One entry of the list of one's own guilds.
#[derive(Serialize)]
pub(crate) struct PartialGuild {
    pub(crate) id: GuildId,
    pub(crate) name: String,
    pub(crate) icon: Option<String>,
    pub(crate) banner: Option<String>,
    pub(crate) owner: bool,
    pub(crate) permissions: Permissions,
    pub(crate) features: Vec<String>,
    #[serde(flatten)]
    pub(crate) counts: Option<Counts>,
}

/// The body of `GUILD_CREATE` for one member; presences and voice states are the gateway's to fill in.
#[derive(Serialize)]
pub struct GuildCreate {
    #[serde(flatten)]
    guild: Arc<Guild>,
    roles: Vec<Arc<Role>>,
    emojis: Vec<Arc<Emoji>>,
    stickers: Vec<Arc<Sticker>>,
    channels: Vec<Channel>,
    threads: Vec<Channel>,
    members: Vec<Member>,
    joined_at: Option<Timestamp>,
    large: bool,
    member_count: usize,
    unavailable: bool,
    /// Presences of the members above.
    pub presences: Vec<Value>,
    /// Who is in which voice channel.
    pub voice_states: Vec<Value>,
    stage_instances: [u8; 0],
    guild_scheduled_events: [u8; 0],
    soundboard_sounds: [u8; 0],
    activity_instances: [u8; 0],
    embedded_activities: [u8; 0],
}

/// Members up to this count are sent whole in `GUILD_CREATE` to sessions that get member lists at all; of larger
/// guilds those who are online, up to as many. The rest is asked for by op 8.
const WHOLE_LIST: usize = 1000;

impl GuildCreate {
    /// Who is among the members that are sent.
    pub fn member_ids(&self) -> Vec<UserId> {
        self.members.iter().filter_map(|member| member.user.as_ref()).map(|user| user.id).collect()
    }
}

impl Chat {
    /// What a member learns of a guild when they connect or join. `with_members` is for sessions that may know all
    /// members; the others get themselves and those in `extra` (whoever is in a voice channel). None if they are no
    /// member.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub async fn guild_create(
        &self,
        user: UserId,
        room: &GuildRoom,
        with_members: bool,
        extra: &[UserId],
    ) -> Result<Option<GuildCreate>> {
        let now = self.now();
        let (mut body, mut members) = {
            let state = room.read();
            let Some(own) = state.members.get(&user) else { return Ok(None) };
            let (threads, channels) =
                state.ordered_channels(user, now).into_iter().partition(|channel| channel.kind.is_thread());
            let mut chosen: Vec<UserId> = std::iter::once(user).chain(extra.iter().copied()).collect();
            if with_members && state.members.len() > WHOLE_LIST {
                chosen.extend(self.world.online_in(&state).into_iter().take(WHOLE_LIST));
            }
            let mut seen = HashSet::new();
            chosen.retain(|id| seen.insert(*id));
            let chosen = chosen.iter().filter_map(|id| state.members.get_key_value(id));
            let members: Vec<_> = chosen.map(|(id, member)| (*id, member.clone())).collect();
            let body = GuildCreate {
                guild: state.guild.clone(),
                roles: state.ordered_roles(),
                emojis: state.emojis.values().cloned().collect(),
                stickers: state.stickers.values().cloned().collect(),
                channels,
                threads,
                members: Vec::new(),
                joined_at: Some(own.joined_at),
                large: state.members.len() > 250,
                member_count: state.members.len(),
                unavailable: false,
                presences: Vec::new(),
                voice_states: Vec::new(),
                stage_instances: [],
                guild_scheduled_events: [],
                soundboard_sounds: [],
                activity_instances: [],
                embedded_activities: [],
            };
            (body, members)
        };
        if with_members && body.member_count <= WHOLE_LIST {
            let most = i64::try_from(WHOLE_LIST).unwrap_or(i64::MAX);
            members = store::members::page(self.db(), room.id, UserId::new(0), most).await?;
        }
        body.members = self.with_users(members).await?;
        Ok(Some(body))
    }

    /// Joins members with their users; those whose user is gone are left out.
    pub(crate) async fn with_users(&self, members: Vec<(UserId, Member)>) -> Result<Vec<Member>> {
        let ids: Vec<_> = members.iter().map(|(id, _)| *id).collect();
        let users = self.parts.accounts.users(&ids).await?;
        let known = members.into_iter().filter_map(|(id, member)| Some((users.get(&id)?, member)));
        Ok(known.map(|(user, member)| member.with_user(user)).collect())
    }

    /// A member with their user, from memory where possible. None if they are no member.
    ///
    /// # Errors
    /// If the user cannot be read.
    pub async fn member(&self, room: &GuildRoom, user: UserId) -> Result<Option<Member>> {
        let Some(member) = room.read().members.get(&user).cloned() else { return Ok(None) };
        Ok(Some(member.with_user(&*self.parts.accounts.user(user).await?)))
    }

    /// A page of a guild's members with their users, by ascending id.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub async fn members_after(&self, room: &GuildRoom, after: UserId, limit: i64) -> Result<Vec<Member>> {
        self.with_users(store::members::page(self.db(), room.id, after, limit).await?).await
    }
}
