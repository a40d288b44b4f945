//! Tables `listing_days` and `listing_shards`, and the counts that follow from them.

use guildhall_base::{Result, Timestamp};
use guildhall_infra::db::{Batch, Db, Row, Rows};
use guildhall_infra::{params, sql};

use crate::model::{Day, ListingId, Seen};
use crate::rules::stats::Posted;

/// Milliseconds of a day.
const DAY: i64 = 24 * 3600 * 1000;

/// The day that a time is in.
pub(crate) fn day(at: Timestamp) -> i64 {
    at.millis().div_euclid(DAY)
}

/// Counts a vote for the day.
pub(crate) fn add_vote(batch: &mut Batch, id: ListingId, now: Timestamp) {
    batch.run(
        sql!(
            "INSERT INTO listing_days (kind, id, day, votes) VALUES ($1, $2, $3, 1)
             ON CONFLICT (kind, id, day) DO UPDATE SET votes = listing_days.votes + 1"
        ),
        params![id.kind.number(), id.id, day(now)],
    );
}

/// Counts views and invites, for the listings that are still there.
pub(crate) fn add_seen(batch: &mut Batch, seen: &[(ListingId, Seen)], now: Timestamp) {
    let rows = || -> Rows {
        let row = |(id, seen): &(ListingId, Seen)| params![id.kind.number(), id.id, seen.views, seen.invites];
        seen.iter().map(row).collect()
    };
    batch.run(
        sql!(
            "UPDATE listing_counts SET views = listing_counts.views + m.views, invites = listing_counts.invites + m.invites
             FROM {rows $1: kind bigint, id bigint, views bigint, invites bigint} AS m
             WHERE listing_counts.kind = m.kind AND listing_counts.id = m.id"
        ),
        params![rows()],
    );
    batch.run(
        sql!(
            "INSERT INTO listing_days (kind, id, day, views, invites)
             SELECT m.kind, m.id, $2, m.views, m.invites
             FROM {rows $1: kind bigint, id bigint, views bigint, invites bigint} AS m
             JOIN listings AS l ON l.kind = m.kind AND l.id = m.id WHERE true
             ON CONFLICT (kind, id, day) DO UPDATE
             SET views = listing_days.views + excluded.views, invites = listing_days.invites + excluded.invites"
        ),
        params![rows(), day(now)],
    );
}

/// Writes down what a bot says of its size: the sum of its shards where it speaks of one of them.
pub(crate) fn set_size(batch: &mut Batch, id: ListingId, posted: &Posted, now: Timestamp) {
    let key = || params![id.kind.number(), id.id];
    let guilds = posted.guilds();
    if guilds.is_some() {
        batch.run(sql!("DELETE FROM listing_shards WHERE kind = $1 AND id = $2"), key());
    } else if let Some(shards) = posted.shard_count {
        // What was said of shards that it no longer has.
        let mut params = key();
        params.extend(params![shards]);
        batch.run(sql!("DELETE FROM listing_shards WHERE kind = $1 AND id = $2 AND shard >= $3"), params);
    }
    let one = posted.shard_id.zip(posted.guild_count).filter(|_| guilds.is_none());
    let listed = posted.shards.iter().flatten().enumerate().map(|(shard, guilds)| (shard as u64, *guilds));
    let rows: Rows = listed.chain(one).map(|(shard, guilds)| params![shard, guilds]).collect();
    let mut params = key();
    params.extend(params![rows]);
    batch.run(
        sql!(
            "INSERT INTO listing_shards (kind, id, shard, guilds)
             SELECT $1, $2, m.shard, m.guilds FROM {rows $3: shard bigint, guilds bigint} AS m WHERE true
             ON CONFLICT (kind, id, shard) DO UPDATE SET guilds = excluded.guilds"
        ),
        params,
    );
    let mut params = key();
    params.extend(params![guilds, posted.user_count.unwrap_or(0), posted.shard_count(), now]);
    batch.run(
        sql!(
            "UPDATE listing_counts SET users = $4, shards = $5, counted_at = $6,
                 guilds = COALESCE($3, (SELECT CAST(COALESCE(SUM(s.guilds), 0) AS BIGINT) FROM listing_shards AS s
                                        WHERE s.kind = $1 AND s.id = $2))
             WHERE kind = $1 AND id = $2"
        ),
        params,
    );
    let mut params = key();
    params.extend(params![day(now)]);
    batch.run(
        sql!(
            "INSERT INTO listing_days (kind, id, day, guilds, users)
             SELECT $1, $2, $3, c.guilds, c.users FROM listing_counts AS c WHERE c.kind = $1 AND c.id = $2
             ON CONFLICT (kind, id, day) DO UPDATE SET guilds = excluded.guilds, users = excluded.users"
        ),
        params,
    );
}

/// The guilds of a bot's shards, as far as it said them, the first shard first.
pub(crate) async fn shards(db: &Db, id: ListingId) -> Result<Vec<u64>> {
    let rows = db
        .all(
            sql!("SELECT guilds FROM listing_shards WHERE kind = $1 AND id = $2 ORDER BY shard"),
            params![id.kind.number(), id.id],
        )
        .await?;
    rows.iter().map(Row::read).collect()
}

/// A listing's days from one on, the earliest first; days on which nothing was said or done are not there.
pub(crate) async fn since(db: &Db, id: ListingId, first: i64) -> Result<Vec<Day>> {
    let rows = db
        .all(
            sql!(
                "SELECT day, guilds, users, votes, views, invites FROM listing_days
                 WHERE kind = $1 AND id = $2 AND day >= $3 ORDER BY day"
            ),
            params![id.kind.number(), id.id, first],
        )
        .await?;
    let read = |row: &Row| {
        let mut columns = row.columns();
        Ok(Day {
            begin: Timestamp::from_millis(columns.next::<i64>()?.saturating_mul(DAY)),
            guilds: columns.next()?,
            users: columns.next()?,
            votes: columns.next()?,
            seen: Seen { views: columns.next()?, invites: columns.next()? },
        })
    };
    rows.iter().map(read).collect()
}
