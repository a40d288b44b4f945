//! Permission bits, numbered and named as Discord documents them
//! (<https://discord.com/developers/docs/topics/permissions#permissions-bitwise-permission-flags>).

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

bitflags::bitflags! {
    /// A set of permissions. A decimal string in JSON; unknown bits are dropped when read.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
    pub struct Permissions: u64 {
        /// Create invites.
        const CREATE_INSTANT_INVITE = 1 << 0;
        /// Kick members.
        const KICK_MEMBERS = 1 << 1;
        /// Ban members.
        const BAN_MEMBERS = 1 << 2;
        /// Everything, and past every channel overwrite.
        const ADMINISTRATOR = 1 << 3;
        /// Create, edit and delete channels.
        const MANAGE_CHANNELS = 1 << 4;
        /// Edit the guild.
        const MANAGE_GUILD = 1 << 5;
        /// Add new reactions to messages.
        const ADD_REACTIONS = 1 << 6;
        /// Read the audit log.
        const VIEW_AUDIT_LOG = 1 << 7;
        /// Priority speaker in voice channels.
        const PRIORITY_SPEAKER = 1 << 8;
        /// Go live.
        const STREAM = 1 << 9;
        /// See a channel and read its messages.
        const VIEW_CHANNEL = 1 << 10;
        /// Send messages (not in threads).
        const SEND_MESSAGES = 1 << 11;
        /// Send `/tts` messages.
        const SEND_TTS_MESSAGES = 1 << 12;
        /// Delete and pin others' messages.
        const MANAGE_MESSAGES = 1 << 13;
        /// Links get embeds.
        const EMBED_LINKS = 1 << 14;
        /// Upload files.
        const ATTACH_FILES = 1 << 15;
        /// Read messages sent before.
        const READ_MESSAGE_HISTORY = 1 << 16;
        /// Mention `@everyone`, `@here` and unmentionable roles.
        const MENTION_EVERYONE = 1 << 17;
        /// Use other guilds' emojis.
        const USE_EXTERNAL_EMOJIS = 1 << 18;
        /// View guild insights.
        const VIEW_GUILD_INSIGHTS = 1 << 19;
        /// Join voice channels.
        const CONNECT = 1 << 20;
        /// Speak in voice channels.
        const SPEAK = 1 << 21;
        /// Mute members in voice channels.
        const MUTE_MEMBERS = 1 << 22;
        /// Deafen members in voice channels.
        const DEAFEN_MEMBERS = 1 << 23;
        /// Move members between voice channels.
        const MOVE_MEMBERS = 1 << 24;
        /// Voice activity detection.
        const USE_VAD = 1 << 25;
        /// Change one's own nickname.
        const CHANGE_NICKNAME = 1 << 26;
        /// Change others' nicknames.
        const MANAGE_NICKNAMES = 1 << 27;
        /// Create, edit and delete roles and overwrites.
        const MANAGE_ROLES = 1 << 28;
        /// Manage webhooks.
        const MANAGE_WEBHOOKS = 1 << 29;
        /// Manage emojis, stickers and sounds.
        const MANAGE_GUILD_EXPRESSIONS = 1 << 30;
        /// Use application commands.
        const USE_APPLICATION_COMMANDS = 1 << 31;
        /// Ask to speak in stage channels.
        const REQUEST_TO_SPEAK = 1 << 32;
        /// Edit and delete scheduled events.
        const MANAGE_EVENTS = 1 << 33;
        /// Manage threads.
        const MANAGE_THREADS = 1 << 34;
        /// Create public threads.
        const CREATE_PUBLIC_THREADS = 1 << 35;
        /// Create private threads.
        const CREATE_PRIVATE_THREADS = 1 << 36;
        /// Use other guilds' stickers.
        const USE_EXTERNAL_STICKERS = 1 << 37;
        /// Send messages in threads.
        const SEND_MESSAGES_IN_THREADS = 1 << 38;
        /// Use activities.
        const USE_EMBEDDED_ACTIVITIES = 1 << 39;
        /// Time members out.
        const MODERATE_MEMBERS = 1 << 40;
        /// View role subscription insights.
        const VIEW_CREATOR_MONETIZATION_ANALYTICS = 1 << 41;
        /// Use the soundboard.
        const USE_SOUNDBOARD = 1 << 42;
        /// Create emojis, stickers and sounds.
        const CREATE_GUILD_EXPRESSIONS = 1 << 43;
        /// Create scheduled events.
        const CREATE_EVENTS = 1 << 44;
        /// Use other guilds' sounds.
        const USE_EXTERNAL_SOUNDS = 1 << 45;
        /// Send voice messages.
        const SEND_VOICE_MESSAGES = 1 << 46;
        /// Set a voice channel's status.
        const SET_VOICE_CHANNEL_STATUS = 1 << 48;
        /// Send polls.
        const SEND_POLLS = 1 << 49;
        /// Use applications that are not in the guild.
        const USE_EXTERNAL_APPS = 1 << 50;
        /// Pin and unpin messages.
        const PIN_MESSAGES = 1 << 51;
        /// Send messages without waiting for slow mode.
        const BYPASS_SLOWMODE = 1 << 52;
    }
}

impl Permissions {
    /// As stored: the bits as a BIGINT.
    pub const fn to_db(self) -> i64 {
        self.bits().cast_signed()
    }

    /// From a stored BIGINT; unknown bits are dropped.
    pub const fn from_db(bits: i64) -> Self {
        Self::from_bits_truncate(bits.cast_unsigned())
    }
}

impl Serialize for Permissions {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.bits())
    }
}

impl<'de> Deserialize<'de> for Permissions {
    /// Accepts a decimal string or an integer.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Form {
            Number(u64),
            Text(String),
        }
        let bits = match Form::deserialize(deserializer)? {
            Form::Number(bits) => bits,
            Form::Text(text) => text.parse().map_err(|_| {
                de::Error::invalid_value(de::Unexpected::Str(&text), &"permission bits as a decimal number")
            })?,
        };
        Ok(Self::from_bits_truncate(bits))
    }
}
