//! Moving channels: one transaction of a constant number of statements, however many move.

use guildhall_accounts::Actor;
use guildhall_base::{GuildId, Ids, Permissions, Result, UserId};

use super::super::Change;
use super::super::audit::{Action, Note, write_down};
use super::super::overwrites::Keeper;
use super::change::Before;
use crate::model::{Channel, Overwrite};
use crate::rules::positions::{self, ChannelMove};
use crate::{Chat, codes, store};

/// Who moves channels, why, and what they may take over from a category.
struct Mover<'a> {
    user: UserId,
    reason: Option<&'a String>,
    may_lock: &'a (dyn Fn(&Channel, &[Overwrite]) -> Result<()> + Sync),
}

impl Chat {
    /// Moves channels within and between categories, and has them take over a category's overwrites.
    ///
    /// # Errors
    /// 10004 for strangers, 10003 for a channel that is not there, 50013 without permission, 50035 for a place that
    /// does not make sense.
    pub async fn move_channels(
        &self,
        actor: &Actor,
        guild: GuildId,
        moves: &[ChannelMove],
        reason: Option<String>,
    ) -> Result<()> {
        let access = self.guild(actor, guild).await?;
        access.require(Permissions::MANAGE_CHANNELS)?;
        let may_lock = |channel: &Channel, after: &[Overwrite]| {
            let keeper = Keeper::of(&access, channel, self.now())?;
            keeper.may_replace(&channel.permission_overwrites, after)
        };
        let mover = Mover { user: actor.user.id, reason: reason.as_ref(), may_lock: &may_lock };
        self.change_channels(&access, |before, change| plan(&self.parts.ids, before, change, moves, &mover))
            .await
    }
}

fn plan(
    ids: &Ids,
    before: &Before,
    change: &mut Change,
    moves: &[ChannelMove],
    mover: &Mover<'_>,
) -> Result<()> {
    let shifts = positions::move_channels(&before.slots(), moves)
        .map_err(|refused| refused.error(codes::UNKNOWN_CHANNEL, true))?;
    before.place(change, &shifts);
    let (mut locked, mut notes) = (Vec::new(), Vec::new());
    for shift in &shifts {
        let old = before.get(shift.id)?;
        let mut new = before.moved(shift)?;
        if let (true, Some(parent)) = (shift.lock_permissions, shift.to.parent) {
            let inherited = &before.get(parent)?.permission_overwrites;
            (mover.may_lock)(old, inherited)?;
            new.permission_overwrites.clone_from(inherited);
            locked.push((shift.id, parent));
        }
        if new == *old {
            continue;
        }
        before.tell(change, &new)?;
        // That others made room goes without saying.
        if moves.iter().any(|wish| wish.id == shift.id) {
            let note = Note::new(Action::ChannelUpdate, Some(shift.id.cast()), mover.reason.cloned());
            notes.push(note.difference(Some(old), Some(&new))?);
        }
    }
    store::channels::inherit_overwrites(&mut change.batch, &locked);
    write_down(ids, change, before.guild, mover.user, notes)
}

#[cfg(test)]
mod tests {
    use guildhall_base::{ChannelId, Clock, Timestamp};

    use super::*;
    use crate::model::ChannelType;

    /// How many statements it takes to turn the order of so many channels around and lock half of them to a category.
    fn statements(channels: i64) -> usize {
        let guild = GuildId::new(1);
        let category = Channel::direct(ChannelId::new(9_999), ChannelType::Category);
        let channel =
            |id: i64| Channel { position: id, ..Channel::direct(ChannelId::new(id), ChannelType::Text) };
        let channels_before = (0..channels).map(channel).chain([category.clone()]).collect();
        let before = Before { guild, channels: channels_before };
        let wish = |id: i64| ChannelMove {
            id: ChannelId::new(id),
            position: Some(channels - 1 - id),
            parent: (id % 20 == 0).then_some(Some(category.id)),
            lock_permissions: id % 20 == 0,
        };
        let moves: Vec<_> = (0..channels).map(wish).collect();
        let ids = Ids::new(Clock::manual(Timestamp::from_millis(1_790_000_000_000)).0, 0);
        let mover = Mover { user: UserId::new(7), reason: None, may_lock: &|_, _| Ok(()) };
        let mut change = Change::new();
        plan(&ids, &before, &mut change, &moves, &mover).unwrap();
        assert!(!change.is_silent());
        change.batch.len()
    }

    #[test]
    fn moving_all_of_500_channels_takes_as_many_statements_as_moving_five() {
        assert_eq!(statements(5), statements(499));
        assert!(statements(499) <= 4, "{}", statements(499));
    }
}
