//! Events of this feature that are not for clients: the gateway acts on them.

use guildhall_base::{ChannelId, GuildId, UserId};
use serde::{Deserialize, Serialize};

/// The name of the internal event that says where a moderator wants somebody; its body is [`VoiceMove`].
pub const VOICE_MOVE: &str = "VOICE_MOVE";

/// Somebody who is in a voice channel is to be in another, or in none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VoiceMove {
    /// In which guild.
    pub guild_id: GuildId,
    /// Who.
    pub user_id: UserId,
    /// Where to; null puts them out.
    pub channel_id: Option<ChannelId>,
}
