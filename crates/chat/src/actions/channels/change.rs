//! How channels are changed: everything is read with the guild's layout, decided on what was read, and committed
//! only if the layout is still the same.

use guildhall_base::{ChannelId, GuildId, Result};
use guildhall_infra::db::codes::CONFLICT;
use guildhall_infra::events::Audience;

use super::super::{Change, LAYOUT_ATTEMPTS};
use crate::access::GuildAccess;
use crate::model::{Channel, ChannelType};
use crate::rules::positions::{Bucket, ChannelShift, ChannelSlot, Spot};
use crate::world::Was;
use crate::{Chat, codes, store};

/// A guild's channels and threads as they are before a change.
pub(in crate::actions) struct Before {
    pub(super) guild: GuildId,
    pub(super) channels: Vec<Channel>,
}

/// The run of channels in which clients show this type.
pub(super) fn bucket(kind: ChannelType) -> Bucket {
    match kind {
        ChannelType::Category => Bucket::Category,
        _ if kind.is_voice() => Bucket::Voice,
        _ => Bucket::Text,
    }
}

impl Before {
    /// One of the channels.
    pub(in crate::actions) fn get(&self, id: ChannelId) -> Result<&Channel> {
        Ok(self.channels.iter().find(|channel| channel.id == id).ok_or(codes::UNKNOWN_CHANNEL)?)
    }

    /// Their places; threads have none.
    pub(super) fn slots(&self) -> Vec<ChannelSlot> {
        let placed = self.channels.iter().filter(|channel| !channel.kind.is_thread());
        let slot = |channel: &Channel| ChannelSlot {
            id: channel.id,
            bucket: bucket(channel.kind),
            spot: Spot { parent: channel.parent_id, position: channel.position },
        };
        placed.map(slot).collect()
    }

    /// Gives channels new places in one statement.
    pub(super) fn place(&self, change: &mut Change, shifts: &[ChannelShift]) {
        let moved = shifts.iter().filter(|shift| shift.from != shift.to);
        let places: Vec<_> = moved.map(|shift| (shift.id, shift.to.position, shift.to.parent)).collect();
        store::channels::set_positions(&mut change.batch, &places);
    }

    /// A channel at its new place.
    pub(super) fn moved(&self, shift: &ChannelShift) -> Result<Channel> {
        let Spot { parent, position } = shift.to;
        Ok(Channel { parent_id: parent, position, ..self.get(shift.id)?.clone() })
    }

    /// Gives channels new places, and tells of each.
    pub(super) fn shift(&self, change: &mut Change, shifts: &[ChannelShift]) -> Result<()> {
        self.place(change, shifts);
        shifts.iter().try_for_each(|shift| self.tell(change, &self.moved(shift)?))
    }

    /// Tells of a changed channel those who can view it.
    pub(in crate::actions) fn tell(&self, change: &mut Change, channel: &Channel) -> Result<()> {
        let was = Was::channel(self.get(channel.id)?, channel);
        change.emit_over("CHANNEL_UPDATE", Audience::Channel(self.guild, channel.id), channel, &was)
    }
}

impl Chat {
    /// Reads the channels, has `plan` decide and add its statements and events, and commits; begins again if
    /// somebody else changed roles or channels in between. A plan without events is not written.
    pub(in crate::actions) async fn change_channels<T>(
        &self,
        access: &GuildAccess,
        plan: impl Fn(&Before, &mut Change) -> Result<T>,
    ) -> Result<T> {
        let guild = access.id();
        let _turn = access.room.structure.lock().await;
        for _ in 0..LAYOUT_ATTEMPTS {
            let (layout, channels) = store::channels::all(self.db(), guild).await?;
            let before = Before { guild, channels };
            let mut change = Change::new();
            store::guilds::claim_layout(&mut change.batch, guild, layout);
            let planned = plan(&before, &mut change)?;
            if change.is_silent() {
                return Ok(planned);
            }
            match self.commit(change).await {
                Err(error) if error.is(CONFLICT) => {}
                done => return done.map(|_| planned),
            }
        }
        Err(CONFLICT.into())
    }
}
