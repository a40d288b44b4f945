//! Reading channels.

use guildhall_accounts::Actor;
use guildhall_base::{ChannelId, GuildId, Result};
use serde::Serialize;

use super::direct::DirectBody;
use crate::access::Place;
use crate::model::Channel;
use crate::{Chat, codes};

/// A channel as its reader sees it.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub(crate) enum ChannelBody {
    /// Of a guild.
    Guild(Channel),
    /// Between people.
    Direct(DirectBody),
}

impl Chat {
    /// A channel as those who may view it see it.
    pub(crate) async fn read_channel(&self, actor: &Actor, id: ChannelId) -> Result<ChannelBody> {
        let access = self.channel(actor, id).await?;
        match &access.place {
            Place::Guild(guild) => {
                let state = guild.room.read();
                Ok(ChannelBody::Guild(state.channels.get(&id).ok_or(codes::UNKNOWN_CHANNEL)?.wire()))
            }
            Place::Direct(_) => Ok(ChannelBody::Direct(self.read_direct(&access).await?)),
        }
    }

    /// The channels of a guild that the actor may view, threads excepted.
    pub(crate) async fn guild_channels(&self, actor: &Actor, id: GuildId) -> Result<Vec<Channel>> {
        let access = self.guild(actor, id).await?;
        let mut channels = access.room.read().ordered_channels(actor.user.id, self.now());
        channels.retain(|channel| !channel.kind.is_thread());
        Ok(channels)
    }
}
