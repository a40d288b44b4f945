//! Voice states without media: who says to be in which voice channel. In memory only.

use std::collections::HashMap;
use std::sync::Arc;

use guildhall_base::{ChannelId, GuildId, Permissions, UserId};
use guildhall_infra::events::Audience;
use parking_lot::Mutex;
use serde_json::{Value, json};

use crate::Gateway;
use crate::hub::Spread;
use crate::protocol::{Close, VoiceUpdate};
use crate::session::Session;

#[derive(Debug, Clone)]
struct Voice {
    channel: ChannelId,
    session: Arc<str>,
    body: Value,
}

/// Who is in which voice channel.
#[derive(Debug, Default)]
pub(crate) struct Voices(Mutex<HashMap<GuildId, HashMap<UserId, Voice>>>);

impl Gateway {
    /// Op 4: join, move, leave, or change what one hears and says. What may not be is ignored, as Discord does.
    pub(crate) async fn set_voice(&self, session: &Session, update: VoiceUpdate) -> Result<(), Close> {
        let user = session.record.user;
        let Some(channel) = update.channel_id else {
            self.leave_voice(user, update.guild_id).await;
            return Ok(());
        };
        let Some(room) = self.world().loaded(update.guild_id) else { return Ok(()) };
        let needed = Permissions::VIEW_CHANNEL | Permissions::CONNECT;
        let (is_voice, may) = {
            let state = room.read();
            let is_voice = state.channels.get(&channel).is_some_and(|state| state.channel.kind.is_voice());
            (is_voice, state.channel_permissions(user, channel, self.now()).contains(needed))
        };
        if !(is_voice && may) {
            return Ok(());
        }
        let moved = {
            let voices = self.voices().0.lock();
            voices
                .get(&room.id)
                .and_then(|guild| guild.get(&user))
                .is_none_or(|voice| voice.channel != channel)
        };
        let body = json!({
            "channel_id": channel, "user_id": user, "session_id": &*session.record.id,
            "deaf": false, "mute": false, "suppress": false,
            "self_deaf": update.self_deaf, "self_mute": update.self_mute, "self_video": update.self_video,
            "request_to_speak_timestamp": null,
        });
        let voice = Voice { channel, session: session.record.id.clone(), body };
        self.voices().0.lock().entry(room.id).or_default().insert(user, voice.clone());
        self.tell_voice(user, room.id, voice.body).await;
        if moved {
            // No endpoint: clients take it for a voice server that is not up yet, and wait.
            let body =
                json!({ "token": &*session.record.id, "guild_id": room.id, "endpoint": null }).to_string();
            session.tell(
                &mut Spread::of(Arc::from("VOICE_SERVER_UPDATE"), body.into()),
                self.config().queue_bytes,
            );
        }
        Ok(())
    }

    /// A session is gone for good: it leaves the voice channels that it was in.
    pub(crate) async fn hang_up(&self, session: &Session) {
        let user = session.record.user;
        let guilds: Vec<GuildId> = {
            let voices = self.voices().0.lock();
            let is_its = |guild: &HashMap<UserId, Voice>| {
                guild.get(&user).is_some_and(|voice| voice.session == session.record.id)
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
            voices.get_mut(&guild).and_then(|voices| voices.remove(&user))
        };
        if let Some(Voice { mut body, .. }) = left {
            if let Some(body) = body.as_object_mut() {
                body.insert("channel_id".to_owned(), Value::Null);
            }
            self.tell_voice(user, guild, body).await;
        }
    }

    async fn tell_voice(&self, user: UserId, guild: GuildId, mut body: Value) {
        let member = match self.world().loaded(guild) {
            Some(room) => self.chat().member(&room, user).await.ok().flatten(),
            None => None,
        };
        if let Some(body) = body.as_object_mut() {
            body.insert("guild_id".to_owned(), json!(guild));
            if let Some(member) = member {
                body.insert("member".to_owned(), json!(member));
            }
        }
        self.tell(&self.unlogged("VOICE_STATE_UPDATE", Audience::Guild(guild), body.to_string()));
    }

    /// Who is in voice channels of a guild, and their states.
    pub(crate) fn voice_states(&self, guild: GuildId) -> (Vec<UserId>, Vec<Value>) {
        let voices = self.voices().0.lock();
        let Some(voices) = voices.get(&guild) else { return (Vec::new(), Vec::new()) };
        voices.iter().map(|(user, voice)| (*user, voice.body.clone())).unzip()
    }
}
