//! Direct messages in memory: who takes part. Changes are rare, so an event about one forgets it.

use std::sync::Arc;

use guildhall_base::{ChannelId, Result, UserId};
use guildhall_infra::events::Event;
use serde::Deserialize;

use super::World;
use crate::model::ChannelType;
use crate::store;

/// A channel of two or more people without a guild.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DirectRoom {
    /// Which.
    pub id: ChannelId,
    /// [`ChannelType::Direct`] or [`ChannelType::GroupDirect`].
    pub kind: ChannelType,
    /// Everybody who takes part.
    pub users: Vec<UserId>,
}

#[derive(Deserialize)]
struct About {
    #[serde(alias = "id")]
    channel_id: ChannelId,
}

impl World {
    /// A direct message channel, from the database if need be. None if it is none.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub async fn direct(&self, channel: ChannelId) -> Result<Option<Arc<DirectRoom>>> {
        if let Some(room) = self.0.direct.get(&channel) {
            return Ok(Some(room.clone()));
        }
        let Some((room, position)) = store::direct::room(&self.0.db, channel).await? else { return Ok(None) };
        let room = Arc::new(room);
        let applied = self.0.position.lock();
        // If something was applied since, it may have been about this channel: use what was read, keep nothing.
        if position >= *applied {
            self.0.direct.insert(channel, room.clone());
        }
        Ok(Some(room))
    }

    pub(super) fn take_in_direct(&self, event: &Event) -> Result<()> {
        if matches!(
            &*event.name,
            "CHANNEL_UPDATE" | "CHANNEL_DELETE" | "CHANNEL_RECIPIENT_ADD" | "CHANNEL_RECIPIENT_REMOVE"
        ) {
            let About { channel_id } = event.parse()?;
            self.0.direct.remove(&channel_id);
        }
        Ok(())
    }
}
