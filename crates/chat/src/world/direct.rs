//! Direct messages in memory: who takes part. Changes are rare, so an event about one forgets it.

use std::sync::Arc;

use guildhall_base::{ChannelId, Result, UserId};
use guildhall_infra::db::Db;
use guildhall_infra::events::Event;
use guildhall_infra::{params, sql};
use serde::Deserialize;

use super::World;
use crate::model::ChannelType;

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
        let Some((room, position)) = load(&self.0.db, channel).await? else { return Ok(None) };
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

async fn load(db: &Db, channel: ChannelId) -> Result<Option<(DirectRoom, u64)>> {
    let rows = db
        .all(
            sql!(
                "SELECT h.position, c.type, r.user_id
                 FROM event_head AS h, channels AS c JOIN recipients AS r ON r.channel_id = c.id
                 WHERE c.id = $1 AND c.guild_id IS NULL ORDER BY r.user_id"
            ),
            params![channel],
        )
        .await?;
    let mut room = None;
    for row in &rows {
        let (position, kind, user) = row.read::<(i64, i64, UserId)>()?;
        let kind = ChannelType::from_number(kind).unwrap_or(ChannelType::Direct);
        let (room, _) = room
            .get_or_insert((DirectRoom { id: channel, kind, users: Vec::new() }, position.cast_unsigned()));
        room.users.push(user);
    }
    Ok(room)
}
