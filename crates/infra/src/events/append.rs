//! The statements that append events.

use guildhall_base::{Error, Result, Timestamp};

use super::NewEvent;
use super::row::Scope;
use crate::db::{Batch, Json, Outcome};
use crate::{params, sql};

/// Inserts one event at the head's position.
pub(super) fn insert(batch: &mut Batch, event: &NewEvent, now: Timestamp) -> Result<()> {
    let scope = Scope::of(event)?;
    batch.run(
        sql!(
            "INSERT INTO events
                 (position, at, name, scope, guild_id, channel_id, permissions, users, actor_id, body)
             VALUES ((SELECT position FROM event_head), $1, $2, $3, $4, $5, $6, $7, $8, $9)"
        ),
        params![
            now,
            event.name,
            scope.scope,
            scope.guild,
            scope.channel,
            scope.permissions,
            scope.users,
            event.actor,
            event.body.as_str(),
        ],
    );
    Ok(())
}

/// Inserts events at the positions up to the head's.
pub(super) fn insert_all(batch: &mut Batch, events: &[NewEvent], now: Timestamp) -> Result<()> {
    let mut rows = Vec::with_capacity(events.len());
    for (ordinal, event) in events.iter().enumerate() {
        let scope = Scope::of(event)?;
        rows.push((
            ordinal,
            event.name,
            scope.scope,
            scope.guild.map(guildhall_base::Id::get),
            scope.channel.map(guildhall_base::Id::get),
            scope.permissions.map(guildhall_base::Permissions::to_db),
            scope.users,
            event.actor.map(guildhall_base::Id::get),
            event.body.as_str(),
            event.was.as_deref(),
        ));
    }
    batch.run(
        sql!(
            "INSERT INTO events
                 (position, at, name, scope, guild_id, channel_id, permissions, users, actor_id, body, was)
             SELECT h.position - $1 + 1 + r.ordinal, $2, r.name, r.scope, r.guild_id, r.channel_id,
                    r.permissions, r.users, r.actor_id, r.body, r.was
             FROM event_head AS h,
                  {rows $3: ordinal bigint, name text, scope bigint, guild_id bigint, channel_id bigint,
                            permissions bigint, users text, actor_id bigint, body text, was text} AS r"
        ),
        params![events.len(), now, Json(rows)],
    );
    Ok(())
}

/// The position that the counter's statement returned.
pub(super) fn position(outcomes: &[Outcome], index: usize) -> Result<u64> {
    let row = outcomes.get(index).and_then(|outcome| outcome.rows.first());
    let (position,) = row.ok_or_else(|| Error::internal("the event log has no head"))?.read::<(i64,)>()?;
    Ok(position.cast_unsigned())
}
