//! Voice states without media: who says to be in which voice channel, and what moderators make of it. In memory
//! only, for as long as the session that joined.

use std::collections::HashMap;
use std::sync::Arc;

use guildhall_base::{ChannelId, GuildId, Permissions, UserId};
use guildhall_chat::events::{VOICE_MOVE, VoiceMove};
use guildhall_chat::model::ChannelType;
use guildhall_chat::{GuildRoom, GuildState};
use guildhall_infra::events::{Audience, Event};
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::Gateway;
use crate::hub::Spread;
use crate::protocol::{Close, VoiceUpdate};
use crate::session::Session;

/// Somebody's voice state (<https://discord.com/developers/docs/resources/voice#voice-state-object>).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Voice {
    channel_id: Option<ChannelId>,
    user_id: UserId,
    session_id: Arc<str>,
    /// By a moderator.
    deaf: bool,
    /// By a moderator.
    mute: bool,
    self_deaf: bool,
    self_mute: bool,
    self_video: bool,
    /// May not speak here, whatever they want.
    suppress: bool,
    request_to_speak_timestamp: Option<u8>,
}

/// Who is in which voice channel.
#[derive(Debug, Default)]
pub(crate) struct Voices(Mutex<HashMap<GuildId, HashMap<UserId, Voice>>>);

#[derive(Deserialize)]
struct OnlyChannel {
    id: ChannelId,
}

impl Voices {
    fn of(&self, guild: GuildId, user: UserId) -> Option<Voice> {
        self.0.lock().get(&guild)?.get(&user).cloned()
    }

    fn users(&self, guild: GuildId, is_meant: impl Fn(&Voice) -> bool) -> Vec<UserId> {
        let voices = self.0.lock();
        let Some(voices) = voices.get(&guild) else { return Vec::new() };
        voices.values().filter(|voice| is_meant(voice)).map(|voice| voice.user_id).collect()
    }
}

/// What a member is in a channel: deafened, muted, unable to speak.
fn silenced(state: &GuildState, user: UserId, channel: ChannelId, held: Permissions) -> (bool, bool, bool) {
    let settings = state.members.get(&user).map(|member| &member.settings);
    let is_stage = state.channels.get(&channel).is_some_and(|state| state.channel.kind == ChannelType::Stage);
    let is_idle = state.guild.settings.afk_channel_id == Some(channel);
    let suppressed = is_stage || is_idle || !held.contains(Permissions::SPEAK);
    (settings.is_some_and(|s| s.deaf), settings.is_some_and(|s| s.mute), suppressed)
}

impl Gateway {
    /// Op 4: join, move, leave, or change what one hears and says. What may not be is ignored, as Discord does.
    pub(crate) async fn set_voice(&self, session: &Session, update: VoiceUpdate) -> Result<(), Close> {
        if !session.may_write() {
            return Ok(());
        }
        let user = session.record.user;
        let Some(channel) = update.channel_id else {
            self.leave_voice(user, update.guild_id).await;
            return Ok(());
        };
        let Some(room) = self.world().loaded(update.guild_id) else { return Ok(()) };
        let voice = {
            let state = room.read();
            let held = state.channel_permissions(user, channel, self.now());
            if !self.may_join(&state, user, channel, held) {
                return Ok(());
            }
            let (deaf, mute, suppress) = silenced(&state, user, channel, held);
            Voice {
                channel_id: Some(channel),
                user_id: user,
                session_id: session.record.id.clone(),
                deaf,
                mute,
                self_deaf: update.self_deaf,
                self_mute: update.self_mute,
                self_video: update.self_video && held.contains(Permissions::STREAM),
                suppress,
                request_to_speak_timestamp: None,
            }
        };
        self.place_voice(&room, voice).await;
        Ok(())
    }

    fn may_join(&self, state: &GuildState, user: UserId, channel: ChannelId, held: Permissions) -> bool {
        let Some(target) = state.channels.get(&channel).map(|state| &state.channel) else { return false };
        if !target.kind.is_voice() || !held.contains(Permissions::VIEW_CHANNEL | Permissions::CONNECT) {
            return false;
        }
        let limit = usize::try_from(target.settings.user_limit.unwrap_or_default()).unwrap_or_default();
        let is_other = |voice: &Voice| voice.channel_id == Some(channel) && voice.user_id != user;
        limit == 0
            || held.contains(Permissions::MOVE_MEMBERS)
            || self.voices().users(state.guild.id, is_other).len() < limit
    }

    /// Writes down a voice state, and tells of it.
    async fn place_voice(&self, room: &GuildRoom, voice: Voice) {
        let (user, channel, session) = (voice.user_id, voice.channel_id, voice.session_id.clone());
        let old = self.voices().0.lock().entry(room.id).or_default().insert(user, voice.clone());
        if old.as_ref() == Some(&voice) {
            return;
        }
        self.world().set_voice(room.id, user, channel);
        self.tell_voice(room.id, &voice).await;
        if old.is_none_or(|old| old.channel_id != channel) {
            // No endpoint: clients take it for a voice server that is not up yet, and wait.
            let body = json!({ "token": &*session, "guild_id": room.id, "endpoint": null }).to_string();
            let session = self.hub().lock().session(&session);
            if let Some(session) = session {
                let mut spread = Spread::of(Arc::from("VOICE_SERVER_UPDATE"), body.into());
                session.tell(&mut spread, self.config().queue_bytes);
            }
        }
    }

    /// Whether an event of the log may change voice states.
    pub(crate) fn has_voices_to_follow(&self, event: &Event) -> bool {
        let may = matches!(
            &*event.name,
            VOICE_MOVE | "GUILD_MEMBER_UPDATE" | "GUILD_MEMBER_REMOVE" | "CHANNEL_DELETE" | "GUILD_DELETE"
        );
        may && !self.voices().0.lock().is_empty()
    }

    /// Changes voice states as an event of the log demands, which the world has taken in.
    pub(crate) async fn voices_follow(&self, event: &Event) {
        if &*event.name == VOICE_MOVE {
            if let Ok(VoiceMove { guild_id, user_id, channel_id }) = event.parse() {
                self.move_voice(guild_id, user_id, channel_id).await;
            }
            return;
        }
        let Some(guild) = event.audience.guild() else { return };
        match (&*event.name, event.actor) {
            ("GUILD_MEMBER_UPDATE", Some(user)) => self.silence(guild, user).await,
            ("GUILD_MEMBER_REMOVE", Some(user)) => self.leave_voice(user, guild).await,
            ("CHANNEL_DELETE", _) => {
                let Ok(OnlyChannel { id }) = event.parse() else { return };
                for user in self.voices().users(guild, |voice| voice.channel_id == Some(id)) {
                    self.leave_voice(user, guild).await;
                }
            }
            ("GUILD_DELETE", _) => {
                self.voices().0.lock().remove(&guild);
                self.world().forget_voices(guild);
            }
            _ => {}
        }
    }

    /// A moderator has moved somebody to another channel, or out.
    async fn move_voice(&self, guild: GuildId, user: UserId, channel: Option<ChannelId>) {
        let Some(channel) = channel else { return self.leave_voice(user, guild).await };
        let (Some(voice), Some(room)) = (self.voices().of(guild, user), self.world().loaded(guild)) else {
            return;
        };
        let (deaf, mute, suppress) = {
            let state = room.read();
            let held = state.channel_permissions(user, channel, self.now());
            silenced(&state, user, channel, held)
        };
        self.place_voice(&room, Voice { channel_id: Some(channel), deaf, mute, suppress, ..voice }).await;
    }

    /// A member was perhaps muted or deafened, or may speak no more.
    async fn silence(&self, guild: GuildId, user: UserId) {
        if let Some(channel) = self.voices().of(guild, user).and_then(|voice| voice.channel_id) {
            self.move_voice(guild, user, Some(channel)).await;
        }
    }

    /// A session is gone for good: it leaves the voice channels that it was in.
    pub(crate) async fn hang_up(&self, session: &Session) {
        let user = session.record.user;
        let guilds: Vec<GuildId> = {
            let voices = self.voices().0.lock();
            let is_its = |guild: &HashMap<UserId, Voice>| {
                guild.get(&user).is_some_and(|voice| voice.session_id == session.record.id)
            };
            voices.iter().filter(|(_, guild)| is_its(guild)).map(|(id, _)| *id).collect()
        };
        for guild in guilds {
            self.leave_voice(user, guild).await;
        }
    }

    async fn leave_voice(&self, user: UserId, guild: GuildId) {
        let left = {
            let mut voices = self.voices().0.lock();
            let left = voices.get_mut(&guild).and_then(|voices| voices.remove(&user));
            voices.retain(|_, voices| !voices.is_empty());
            left
        };
        if let Some(voice) = left {
            self.world().set_voice(guild, user, None);
            self.tell_voice(guild, &Voice { channel_id: None, ..voice }).await;
        }
    }

    async fn tell_voice(&self, guild: GuildId, voice: &Voice) {
        let member = match self.world().loaded(guild) {
            Some(room) => self.chat().member(&room, voice.user_id).await.ok().flatten(),
            None => None,
        };
        let mut body = json!(voice);
        if let Some(body) = body.as_object_mut() {
            body.insert("guild_id".to_owned(), json!(guild));
            if let Some(member) = member {
                body.insert("member".to_owned(), json!(member));
            }
        }
        self.tell(&self.unlogged("VOICE_STATE_UPDATE", Audience::Guild(guild), body.to_string()));
    }

    /// Who is in voice channels of a guild, and their states.
    pub(crate) fn voice_states(&self, guild: GuildId) -> (Vec<UserId>, Vec<serde_json::Value>) {
        let voices = self.voices().0.lock();
        let Some(voices) = voices.get(&guild) else { return (Vec::new(), Vec::new()) };
        voices.iter().map(|(user, voice)| (*user, json!(voice))).unzip()
    }
}
