//! Joining a guild by an invite.

use guildhall_accounts::{Actor, User};
use guildhall_base::{Result, codes::CONFLICT};
use guildhall_infra::db;
use guildhall_infra::events::{Audience, NewEvent};

use super::super::Change;
use super::body::{Detail, InviteBody};
use super::emit_deleted;
use crate::model::{Member, MessageBody};
use crate::store::{self, invites::StoredInvite, messages::StoredMessage};
use crate::world::GuildRoom;
use crate::{Chat, codes};

/// How often a use is counted again because somebody else used the invite at the same time; only those of limited use
/// are read again, and none has more uses than this.
const ATTEMPTS: usize = 128;
/// The type of the message that somebody joined.
const JOIN_NOTICE: u8 = 7;
/// The bit of `system_channel_flags` that suppresses it.
const SUPPRESS_JOIN: u32 = 1;

impl Chat {
    /// Makes the actor a member. For one who is one already nothing happens, and nothing is counted.
    pub(crate) async fn use_invite(&self, actor: &Actor, code: &str) -> Result<InviteBody> {
        if actor.user.bot {
            return Err(codes::BOTS_CANNOT.into());
        }
        for _ in 0..ATTEMPTS {
            let invite = self.stored_invite(code).await?;
            let room = self.world.guild(invite.guild).await?.ok_or(codes::UNKNOWN_INVITE)?;
            let joined = self.join(&actor.user, &room, &invite).await;
            let new_member = match joined {
                Err(error) if error.is(CONFLICT) => continue,
                Err(error) if error.is(db::codes::DUPLICATE) => false,
                joined => joined?,
            };
            let detail = Detail { counts: true, metadata: false };
            let mut body = self.invite_body(&room, invite, detail).await?;
            body.new_member = Some(new_member);
            return Ok(body);
        }
        Err(CONFLICT.into())
    }

    /// Counts the use and adds the member in one transaction; false if they are one already.
    async fn join(&self, user: &User, room: &GuildRoom, invite: &StoredInvite) -> Result<bool> {
        let guild = invite.guild;
        let paused = {
            let state = room.read();
            if state.members.contains_key(&user.id) {
                return Ok(false);
            }
            state.guild.settings.features.iter().any(|feature| feature == "INVITES_DISABLED")
        };
        if store::bans::get(self.db(), guild, user.id).await?.is_some() {
            return Err(codes::BANNED.into());
        }
        if paused {
            return Err(codes::INVITES_PAUSED.into());
        }
        if store::members::guild_count(self.db(), user.id).await? >= self.parts.config.guilds_per_user {
            return Err(codes::MAX_GUILDS.into());
        }
        let mut change = Change::new();
        store::bans::refuse(&mut change.batch, guild, user.id);
        store::invites::count_use(&mut change.batch, invite, self.now());
        let member = self.admit(&mut change, guild, user, Vec::new())?;
        if invite.temporary {
            store::members::make_temporary(&mut change.batch, guild, user.id);
        }
        if invite.max_uses == invite.uses + 1 {
            store::invites::delete(&mut change.batch, &invite.code);
            emit_deleted(&mut change, invite)?;
        }
        self.announce_join(&mut change, room, user, member).await?;
        self.welcome_back(&mut change, guild, user.id).await?;
        self.commit(change).await?;
        Ok(true)
    }

    /// Says in the guild's system channel that somebody joined, if it has one and wants that.
    pub(crate) async fn announce_join(
        &self,
        change: &mut Change,
        room: &GuildRoom,
        user: &User,
        member: Member,
    ) -> Result<()> {
        let channel = {
            let state = room.read();
            let settings = &state.guild.settings;
            let wanted = settings.system_channel_flags & SUPPRESS_JOIN == 0;
            settings.system_channel_id.filter(|channel| wanted && state.channels.contains_key(channel))
        };
        let Some(channel) = channel else { return Ok(()) };
        let notice = StoredMessage {
            id: self.parts.ids.next(),
            channel_id: channel,
            author_id: user.id,
            kind: JOIN_NOTICE,
            flags: 0,
            content: String::new(),
            edited_at: None,
            pinned_at: None,
            body: MessageBody::default(),
        };
        store::messages::insert(&mut change.batch, &notice)?;
        let mut message = self.render_one(notice, user.id).await?;
        message.guild_id = Some(room.id);
        message.member = Some(Member { user: None, ..member });
        let audience = Audience::Channel(room.id, channel);
        change.push(NewEvent::new("MESSAGE_CREATE", audience, &message)?.by(user.id));
        Ok(())
    }
}
