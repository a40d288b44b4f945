//! Invites: making, showing and deleting them; [`join`] is what one does with one.

mod body;
mod join;

use guildhall_accounts::Actor;
use guildhall_base::{ChannelId, Form, GuildId, Permissions, Result};
use guildhall_infra::events::Audience;
use serde_json::{Map, Value, json};

use self::body::Detail;
pub(crate) use self::body::{InviteBody, InviteCard};
use super::Change;
use super::audit::{Action, Note};
use crate::access::Place;
use crate::model::ChannelType;
use crate::rules::read::Object;
use crate::rules::{limits, names};
use crate::store::{self, invites::StoredInvite};
use crate::{Chat, codes};

/// How long an invite holds that does not say: a day.
const DEFAULT_AGE_S: i64 = 86_400;

/// What is asked of a new invite.
#[derive(Debug, Clone, Copy)]
struct Draft {
    max_age: i64,
    max_uses: i64,
    temporary: bool,
    unique: bool,
}

impl Draft {
    fn read(body: &Map<String, Value>) -> Result<Self> {
        let mut form = Form::new();
        let object = Object::body(body);
        let draft = Self {
            max_age: object.integer(&mut form, "max_age", limits::INVITE_AGE_S).unwrap_or(DEFAULT_AGE_S),
            max_uses: object.integer(&mut form, "max_uses", limits::INVITE_USES).unwrap_or(0),
            temporary: object.boolean(&mut form, "temporary").unwrap_or(false),
            unique: object.boolean(&mut form, "unique").unwrap_or(false),
        };
        form.finish()?;
        Ok(draft)
    }

    /// Whether an invite is what is asked for.
    fn is(self, invite: &StoredInvite) -> bool {
        (self.max_age, self.max_uses, self.temporary) == (invite.max_age, invite.max_uses, invite.temporary)
    }
}

/// Who hears of a guild's invites: those who manage its channels.
pub(crate) fn audience(guild: GuildId) -> Audience {
    Audience::Permission(guild, Permissions::MANAGE_CHANNELS)
}

impl Chat {
    /// Makes an invite, or, unless a new one is wanted, gives the actor's own that is equal.
    pub(crate) async fn create_invite(
        &self,
        actor: &Actor,
        channel: ChannelId,
        body: &Map<String, Value>,
        reason: Option<String>,
    ) -> Result<InviteBody> {
        let access = self.channel(actor, channel).await?;
        let guild = access.guild()?;
        access.require(Permissions::CREATE_INSTANT_INVITE)?;
        if access.channel.kind == ChannelType::Category || access.channel.kind.is_thread() {
            return Err(codes::INVALID_CHANNEL_TYPE.into());
        }
        let draft = Draft::read(body)?;
        let now = self.now();
        if !draft.unique {
            let known = store::invites::list(self.db(), guild.id(), Some(channel), now).await?;
            let mut known = known.into_iter().rev().filter(|invite| invite.inviter == actor.user.id);
            if let Some(invite) = known.find(|invite| draft.is(invite)) {
                return self.invite_body(&guild.room, invite, Detail::WITH_METADATA).await;
            }
        }
        let age = std::time::Duration::from_secs(draft.max_age.unsigned_abs());
        let invite = StoredInvite {
            code: names::invite_code(&mut rand::rng()),
            guild: guild.id(),
            channel,
            inviter: actor.user.id,
            created_at: now,
            max_age: draft.max_age,
            expires_at: (draft.max_age > 0).then(|| now.after(age)),
            max_uses: draft.max_uses,
            uses: 0,
            temporary: draft.temporary,
        };
        let mut change = Change::new();
        store::invites::insert(&mut change.batch, &invite);
        change.emit("INVITE_CREATE", audience(guild.id()), &body::created(&invite, &actor.user))?;
        let note = Note::new(Action::InviteCreate, None, reason);
        let note = note.difference(None, Some(&body::audited(&invite)))?;
        self.note(&mut change, guild.id(), actor.user.id, note)?;
        self.commit(change).await?;
        self.invite_body(&guild.room, invite, Detail::WITH_METADATA).await
    }

    /// An invite, for anybody who has its code.
    pub(crate) async fn read_invite(&self, code: &str, with_counts: bool) -> Result<InviteBody> {
        let invite = self.stored_invite(code).await?;
        let room = self.world.guild(invite.guild).await?.ok_or(codes::UNKNOWN_INVITE)?;
        self.invite_body(&room, invite, Detail { counts: with_counts, metadata: false }).await
    }

    async fn stored_invite(&self, code: &str) -> Result<StoredInvite> {
        if !names::is_invite_code(code) {
            return Err(codes::UNKNOWN_INVITE.into());
        }
        store::invites::get(self.db(), code, self.now()).await
    }

    /// The invites to a channel.
    pub(crate) async fn channel_invites(&self, actor: &Actor, channel: ChannelId) -> Result<Vec<InviteBody>> {
        let access = self.channel(actor, channel).await?;
        let Place::Guild(guild) = &access.place else { return Err(codes::NOT_IN_DIRECT.into()) };
        access.require(Permissions::MANAGE_CHANNELS)?;
        let invites = store::invites::list(self.db(), guild.id(), Some(channel), self.now()).await?;
        self.invite_bodies(&guild.room, invites, Detail::WITH_METADATA).await
    }

    /// The invites to a guild. Those who may only read its audit log see them without how they were made and used.
    pub(crate) async fn guild_invites(&self, actor: &Actor, guild: GuildId) -> Result<Vec<InviteBody>> {
        let access = self.guild(actor, guild).await?;
        let metadata = access.permissions.contains(Permissions::MANAGE_GUILD);
        if !metadata {
            access.require(Permissions::VIEW_AUDIT_LOG)?;
        }
        let invites = store::invites::list(self.db(), guild, None, self.now()).await?;
        self.invite_bodies(&access.room, invites, Detail { counts: false, metadata }).await
    }

    /// Deletes an invite: those who manage its channel or its guild may.
    pub(crate) async fn delete_invite(
        &self,
        actor: &Actor,
        code: &str,
        reason: Option<String>,
    ) -> Result<InviteBody> {
        let invite = self.stored_invite(code).await?;
        let guild = invite.guild;
        let access = self.guild(actor, guild).await.map_err(|_| codes::MISSING_PERMISSIONS)?;
        let here = access.room.read().channel_permissions(actor.user.id, invite.channel, self.now());
        if !here.contains(Permissions::MANAGE_CHANNELS) {
            access.require(Permissions::MANAGE_GUILD)?;
        }
        let mut change = Change::new();
        store::invites::delete(&mut change.batch, &invite.code);
        emit_deleted(&mut change, &invite)?;
        let note = Note::new(Action::InviteDelete, None, reason);
        self.note(&mut change, guild, actor.user.id, note.difference(Some(&body::audited(&invite)), None)?)?;
        self.commit(change).await?;
        self.invite_body(&access.room, invite, Detail { counts: false, metadata: false }).await
    }
}

/// `INVITE_DELETE`.
fn emit_deleted(change: &mut Change, invite: &StoredInvite) -> Result<()> {
    let body = json!({ "code": invite.code, "guild_id": invite.guild, "channel_id": invite.channel });
    change.emit("INVITE_DELETE", audience(invite.guild), &body)
}
