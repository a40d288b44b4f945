//! Changing what a member is called, has and may.

use guildhall_accounts::Actor;
use guildhall_base::{ChannelId, Form, GuildId, Patch, Permissions, Result, RoleId, Timestamp, UserId};
use guildhall_infra::events::{Audience, NewEvent};
use serde_json::{Map, Value};

use super::super::Change;
use super::super::audit::{Action, Note};
use super::super::pictures::Gallery;
use super::change::target;
use crate::access::GuildAccess;
use crate::events::{VOICE_MOVE, VoiceMove};
use crate::model::Member;
use crate::rules::hierarchy::{self, Person};
use crate::rules::read::{Object, snowflake};
use crate::rules::{limits, names};
use crate::world::GuildState;
use crate::{Chat, codes};

/// The one flag that moderators set: the member need not meet the guild's verification level.
const BYPASSES_VERIFICATION: u32 = 1 << 2;

/// A body that says what is to change in a member.
pub(crate) type MemberBody = Map<String, Value>;

/// What is to change in a member; the rest stays.
#[derive(Debug, Default)]
struct Draft {
    nick: Patch<String>,
    roles: Option<Vec<RoleId>>,
    mute: Option<bool>,
    deaf: Option<bool>,
    channel: Patch<ChannelId>,
    timeout: Patch<Timestamp>,
    flags: Option<u32>,
}

impl Draft {
    /// Reads a body, or complains about every wrong field.
    fn read(body: &MemberBody, now: Timestamp) -> Result<Self> {
        let mut form = Form::new();
        let object = Object::body(body);
        let roles = object.list(&mut form, "roles", 0..=250);
        let roles: Vec<_> = roles
            .into_iter()
            .filter_map(|entry| snowflake(&mut form, entry.value, entry.path))
            .map(guildhall_base::AnyId::cast)
            .collect();
        let timeout = object.timestamp(&mut form, "communication_disabled_until");
        if let Some(until) = timeout {
            limits::timeout(&mut form, "communication_disabled_until", until, now);
        }
        let draft = Self {
            nick: read_nick(&mut form, &object),
            roles: object.get("roles").map(|_| roles),
            mute: object.boolean(&mut form, "mute"),
            deaf: object.boolean(&mut form, "deaf"),
            channel: object
                .names("channel_id")
                .then(|| object.snowflake(&mut form, "channel_id").map(guildhall_base::AnyId::cast)),
            // A time that has passed ends the timeout, as null does.
            timeout: object
                .names("communication_disabled_until")
                .then_some(timeout.filter(|until| *until > now)),
            flags: object
                .integer(&mut form, "flags", 0..=i64::from(u32::MAX))
                .and_then(|flags| u32::try_from(flags).ok()),
        };
        form.finish()?;
        Ok(draft)
    }

    /// Refuses unless the doer may do what the draft wants with somebody's voice.
    fn require_voice_permissions(&self, doer: &Person) -> Result<()> {
        let wanted = [
            (self.mute.is_some(), Permissions::MUTE_MEMBERS),
            (self.deaf.is_some(), Permissions::DEAFEN_MEMBERS),
            (self.channel.is_some(), Permissions::MOVE_MEMBERS),
        ];
        match wanted.iter().all(|(wanted, needed)| !wanted || doer.permissions.contains(*needed)) {
            true => Ok(()),
            false => Err(codes::MISSING_PERMISSIONS.into()),
        }
    }
}

fn read_nick(form: &mut Form, object: &Object<'_>) -> Patch<String> {
    object.names("nick").then(|| {
        let nick = object.text(form, "nick", 0..=usize::MAX)?;
        names::nickname(form, "nick", &nick)
    })
}

impl Chat {
    /// Changes a member, in all that the body names or not at all.
    pub(crate) async fn edit_member(
        &self,
        actor: &Actor,
        guild: GuildId,
        user: UserId,
        body: &MemberBody,
        reason: Option<String>,
    ) -> Result<Member> {
        let access = self.guild(actor, guild).await?;
        let draft = Draft::read(body, self.now())?;
        let connected = self.world.voice_of(guild, user);
        if connected.is_none() && (draft.mute.is_some() || draft.deaf.is_some() || draft.channel.is_some()) {
            // Who may not know is told that they may not.
            let doer = access.room.read().person(actor.user.id, self.now()).ok_or(codes::UNKNOWN_GUILD)?;
            draft.require_voice_permissions(&doer)?;
            return Err(codes::NOT_IN_VOICE.into());
        }
        let member = self
            .change_member(&access, user, reason.clone(), |state, member| {
                let (doer, who) = (self.person(state, actor.user.id)?, self.person(state, user)?);
                apply(state, &doer, &who, &draft, member, self.now())
            })
            .await?;
        if let Some(channel) = draft.channel.filter(|channel| *channel != connected) {
            self.move_in_voice(&access, user, channel, reason).await?;
        }
        Ok(member)
    }

    /// Has the gateway put somebody who is in a voice channel into another one, or out.
    async fn move_in_voice(
        &self,
        access: &GuildAccess,
        user: UserId,
        channel: Option<ChannelId>,
        reason: Option<String>,
    ) -> Result<()> {
        let guild = access.id();
        let mut change = Change::new();
        let body = VoiceMove { guild_id: guild, user_id: user, channel_id: channel };
        change.push(NewEvent::new(VOICE_MOVE, Audience::Internal, &body)?.by(access.user));
        let note = match channel {
            Some(channel) => Note::new(Action::MemberMove, None, reason)
                .option("channel_id", channel.to_string())
                .option("count", "1"),
            None => Note::new(Action::MemberDisconnect, None, reason).option("count", "1"),
        };
        self.note(&mut change, guild, access.user, note)?;
        self.commit(change).await.map(drop)
    }

    /// Changes what the actor's own body names: nickname, picture, banner, what they say of themselves here.
    pub(crate) async fn edit_own_member(
        &self,
        actor: &Actor,
        guild: GuildId,
        body: &MemberBody,
        reason: Option<String>,
    ) -> Result<Member> {
        let access: GuildAccess = self.guild(actor, guild).await?;
        let mut form = Form::new();
        let object = Object::body(body);
        let nick = read_nick(&mut form, &object);
        let (avatar, banner) = (object.picture(&mut form, "avatar"), object.picture(&mut form, "banner"));
        let bio = object.names("bio").then(|| object.text(&mut form, "bio", 0..=190).unwrap_or_default());
        form.finish()?;
        let user = actor.user.id;
        let avatar = self.keep_picture(Gallery::MemberAvatar(guild, user), &avatar).await?;
        let banner = self.keep_picture(Gallery::MemberBanner(guild, user), &banner).await?;
        self.change_member(&access, user, reason, |state, member| {
            let person = self.person(state, user)?;
            rename(&person, &person, nick.as_ref(), member)?;
            let settings = &mut member.settings;
            settings.avatar = avatar.clone().unwrap_or_else(|| settings.avatar.take());
            settings.banner = banner.clone().unwrap_or_else(|| settings.banner.take());
            settings.bio = bio.clone().unwrap_or_else(|| std::mem::take(&mut settings.bio));
            Ok(())
        })
        .await
    }
}

fn rename(doer: &Person, who: &Person, nick: Option<&Option<String>>, member: &mut Member) -> Result<()> {
    if let Some(nick) = nick.filter(|nick| **nick != member.settings.nick) {
        hierarchy::may_rename(doer, who)?;
        member.settings.nick.clone_from(nick);
    }
    Ok(())
}

/// Takes over what the doer may change, or refuses.
fn apply(
    state: &GuildState,
    doer: &Person,
    who: &Person,
    draft: &Draft,
    member: &mut Member,
    now: Timestamp,
) -> Result<()> {
    rename(doer, who, draft.nick.as_ref(), member)?;
    if let Some(wanted) = &draft.roles {
        // Everybody has `@everyone`; some libraries list it.
        let wanted: Vec<_> = wanted.iter().copied().filter(|role| *role != state.guild.id.cast()).collect();
        set_roles(state, doer, wanted, member)?;
    }
    draft.require_voice_permissions(doer)?;
    if let Some(mute) = draft.mute {
        member.settings.mute = mute;
    }
    if let Some(deaf) = draft.deaf {
        member.settings.deaf = deaf;
    }
    if let Some(Some(channel)) = draft.channel {
        let target = state.channels.get(&channel).ok_or(codes::UNKNOWN_CHANNEL)?;
        if !target.channel.kind.is_voice() {
            return Err(codes::INVALID_CHANNEL_TYPE.into());
        }
        let own = state.channel_permissions(doer.user, channel, now);
        if !own.contains(Permissions::VIEW_CHANNEL | Permissions::CONNECT) {
            return Err(codes::MISSING_PERMISSIONS.into());
        }
    }
    if let Some(timeout) = draft.timeout {
        hierarchy::may_time_out(doer, who, timeout.is_none())?;
        member.communication_disabled_until = timeout;
    }
    if let Some(flags) = draft.flags {
        set_flags(doer, flags, member)?;
    }
    Ok(())
}

/// Gives and takes what differs from the whole list that is wanted.
fn set_roles(state: &GuildState, doer: &Person, wanted: Vec<RoleId>, member: &mut Member) -> Result<()> {
    let known = |role| state.roles.get(role).ok_or(codes::UNKNOWN_ROLE);
    for role in wanted.iter().filter(|role| !member.roles.contains(role)) {
        hierarchy::may_give_role(doer, &target(state, known(role)?))?;
    }
    for role in member.roles.iter().filter(|role| !wanted.contains(role)) {
        hierarchy::may_take_role(doer, &target(state, known(role)?))?;
    }
    member.roles = wanted;
    Ok(())
}

fn set_flags(doer: &Person, flags: u32, member: &mut Member) -> Result<()> {
    let moderator = Permissions::MODERATE_MEMBERS | Permissions::KICK_MEMBERS | Permissions::BAN_MEMBERS;
    if !doer.permissions.contains(Permissions::MANAGE_GUILD) && !doer.permissions.contains(moderator) {
        return Err(codes::MISSING_PERMISSIONS.into());
    }
    let kept = member.settings.flags & !BYPASSES_VERIFICATION;
    member.settings.flags = kept | flags & BYPASSES_VERIFICATION;
    Ok(())
}
