//! What a guild shows of itself before one joins.

use std::sync::Arc;

use guildhall_accounts::Actor;
use guildhall_base::{GuildId, Result};
use serde::Serialize;

use crate::model::{Emoji, Sticker};
use crate::{Chat, codes};

/// A guild as those see it who think of joining.
#[derive(Debug, Serialize)]
pub(crate) struct GuildPreview {
    id: GuildId,
    name: String,
    icon: Option<String>,
    splash: Option<String>,
    discovery_splash: Option<String>,
    home_header: Option<String>,
    description: Option<String>,
    features: Vec<String>,
    emojis: Vec<Arc<Emoji>>,
    stickers: Vec<Arc<Sticker>>,
    approximate_member_count: usize,
    approximate_presence_count: usize,
}

impl Chat {
    /// A guild's preview: for its members, and for everybody if it wants to be found.
    pub(crate) async fn guild_preview(&self, actor: &Actor, id: GuildId) -> Result<GuildPreview> {
        let room = self.world.guild(id).await?.ok_or(codes::UNKNOWN_GUILD)?;
        let state = room.read();
        let settings = state.guild.settings.clone();
        let discoverable = settings.features.iter().any(|feature| feature == "DISCOVERABLE");
        if !discoverable && !state.members.contains_key(&actor.user.id) {
            return Err(codes::UNKNOWN_GUILD.into());
        }
        Ok(GuildPreview {
            id,
            name: settings.name,
            icon: settings.icon,
            splash: settings.splash,
            discovery_splash: settings.discovery_splash,
            home_header: None,
            description: settings.description,
            features: settings.features,
            emojis: state.emojis.values().cloned().collect(),
            stickers: state.stickers.values().cloned().collect(),
            approximate_member_count: state.members.len(),
            approximate_presence_count: self.world.online_members(&state),
        })
    }
}
