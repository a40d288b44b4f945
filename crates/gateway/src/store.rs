//! Every statement on the gateway's tables: what of sessions outlives the process, and how often accounts began one.

use guildhall_base::{Result, Timestamp, UserId};
use guildhall_infra::db::{Batch, Db, Json, Row};
use guildhall_infra::{params, sql};

use crate::intents::Intents;
use crate::session::Record;

/// A session as saved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Saved {
    pub(crate) record: Record,
    /// The latest number that the client is known to have seen.
    pub(crate) s: u32,
    /// Its position in the log.
    pub(crate) position: u64,
    /// When that became known.
    pub(crate) seen_at: Timestamp,
}

/// How often an account began a session within the current 24 hours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Starts {
    pub(crate) since: Timestamp,
    pub(crate) count: u32,
}

#[derive(Clone)]
pub(crate) struct Store(Db);

impl Store {
    pub(crate) fn new(db: Db) -> Self {
        Self(db)
    }

    /// A saved session.
    pub(crate) async fn session(&self, id: &str) -> Result<Option<Saved>> {
        let row = self
            .0
            .opt(
                sql!(
                    "SELECT user_id, bot, intents, shard, shards, s, position, seen_at
                     FROM gateway_sessions WHERE id = $1"
                ),
                params![id],
            )
            .await?;
        let Some(row) = row else { return Ok(None) };
        let (user, bot, intents, shard, shards, s, position, seen_at) =
            row.read::<(UserId, bool, i64, i64, i64, i64, i64, Timestamp)>()?;
        let small = |number: i64| u32::try_from(number).unwrap_or_default();
        let intents = Intents(intents.cast_unsigned());
        let record = Record { id: id.into(), user, bot, intents, shard: (small(shard), small(shards)) };
        Ok(Some(Saved { record, s: small(s), position: position.cast_unsigned(), seen_at }))
    }

    /// Somebody's sessions as they may see them: number, and when it was last heard of.
    pub(crate) async fn own(&self, user: UserId) -> Result<Vec<serde_json::Value>> {
        let text =
            sql!("SELECT id, s, seen_at FROM gateway_sessions WHERE user_id = $1 ORDER BY seen_at, id");
        let rows = self.0.all(text, params![user]).await?;
        let entry = |row: &Row| {
            let (id, s, seen_at) = row.read::<(String, i64, Timestamp)>()?;
            Ok(serde_json::json!({ "id": id, "s": s, "seen_at": seen_at }))
        };
        rows.iter().map(entry).collect()
    }

    /// Whether a session of an account is saved.
    pub(crate) async fn has_session(&self, user: UserId) -> Result<bool> {
        let row = sql!("SELECT 1 FROM gateway_sessions WHERE user_id = $1 LIMIT 1");
        Ok(self.0.opt(row, params![user]).await?.is_some())
    }

    /// How often accounts began a session, for those whose 24 hours began after `since`.
    pub(crate) async fn starts(&self, since: Timestamp) -> Result<Vec<(UserId, Starts)>> {
        let text = sql!("SELECT user_id, since, count FROM gateway_starts WHERE since > $1");
        let rows = self.0.all(text, params![since]).await?;
        let starts = |row: &Row| {
            let (user, since, count) = row.read::<(UserId, Timestamp, i64)>()?;
            Ok((user, Starts { since, count: u32::try_from(count).unwrap_or(u32::MAX) }))
        };
        rows.iter().map(starts).collect()
    }

    /// Forgets sessions last seen before `expired`.
    pub(crate) async fn forget(&self, expired: Timestamp) -> Result<()> {
        let text = sql!("DELETE FROM gateway_sessions WHERE seen_at < $1");
        self.0.run(text, params![expired]).await.map(drop)
    }

    /// Writes what has changed, all in one transaction.
    pub(crate) async fn write(
        &self,
        sessions: &[Saved],
        ended: &[String],
        starts: &[(UserId, Starts)],
    ) -> Result<()> {
        let mut batch = Batch::new();
        if !sessions.is_empty() {
            let rows: Vec<_> = sessions.iter().map(session_row).collect();
            batch.run(
                sql!(
                    "INSERT INTO gateway_sessions
                         (id, user_id, bot, intents, shard, shards, s, position, seen_at)
                     SELECT r.id, r.user_id, r.bot, r.intents, r.shard, r.shards, r.s, r.position, r.seen_at
                     FROM {rows $1: id text, user_id bigint, bot boolean, intents bigint, shard bigint,
                                    shards bigint, s bigint, position bigint, seen_at bigint} AS r
                     WHERE true
                     ON CONFLICT (id) DO UPDATE
                     SET s = excluded.s, position = excluded.position, seen_at = excluded.seen_at"
                ),
                params![Json(rows)],
            );
        }
        if !ended.is_empty() {
            batch.run(sql!("DELETE FROM gateway_sessions WHERE id {in $1}"), params![ended.to_vec()]);
        }
        if !starts.is_empty() {
            let rows: Vec<_> = starts
                .iter()
                .map(|(user, starts)| (user.get(), starts.since.millis(), starts.count))
                .collect();
            batch.run(
                sql!(
                    "INSERT INTO gateway_starts (user_id, since, count)
                     SELECT r.user_id, r.since, r.count
                     FROM {rows $1: user_id bigint, since bigint, count bigint} AS r
                     WHERE true
                     ON CONFLICT (user_id) DO UPDATE SET since = excluded.since, count = excluded.count"
                ),
                params![Json(rows)],
            );
        }
        self.0.write(batch).await?;
        Ok(())
    }
}

type SessionRow = (String, i64, bool, i64, u32, u32, u32, i64, i64);

fn session_row(saved: &Saved) -> SessionRow {
    let record = &saved.record;
    (
        record.id.to_string(),
        record.user.get(),
        record.bot,
        record.intents.0.cast_signed(),
        record.shard.0,
        record.shard.1,
        saved.s,
        saved.position.cast_signed(),
        saved.seen_at.millis(),
    )
}

/// Removes what is kept of somebody.
pub(crate) fn forget(batch: &mut Batch, user: UserId) {
    batch.run(sql!("DELETE FROM gateway_sessions WHERE user_id = $1"), params![user]);
    batch.run(sql!("DELETE FROM gateway_starts WHERE user_id = $1"), params![user]);
}
