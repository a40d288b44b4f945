//! Claims from queues that have limits, and the state of queues.

use guildhall_base::{Result, Timestamp};
use serde::Serialize;

use super::super::queues::{Queue, Rate};
use super::queue::{Claim, Claimed, read};
use crate::db::{Batch, Db, Row};
use crate::{params, sql};

/// No limit.
const NONE: i64 = i64::MAX / 4;
/// How many jobs are looked at for a claim at least; those of keys that may start nothing are not among them.
const NEAR: i64 = 256;

/// As [`super::queue::claim`], within the queue's limits. The queue's row is locked first, so that what is counted stays
/// true until the commit. It may give fewer than there are: as long as it gives any, another claim may give more.
pub(in super::super) async fn claim(db: &Db, claim: &Claim<'_>, queue: &Queue) -> Result<Vec<Claimed>> {
    let mut batch = Batch::new();
    batch.run(
        sql!(
            "INSERT INTO job_queues (name, turn) VALUES ($1, 1)
             ON CONFLICT (name) DO UPDATE SET turn = job_queues.turn + 1"
        ),
        params![claim.queue],
    );
    let text = sql!(
        "WITH busy AS MATERIALIZED (
             SELECT limit_key FROM jobs WHERE queue = $1 AND state = 2 AND limit_key IS NOT NULL
             GROUP BY limit_key HAVING count(*) >= $9
             UNION
             SELECT substr(scope, length($1) + 2) FROM job_starts
             WHERE $13 AND substr(scope, 1, length($1) + 1) = $1 || ':' AND at > $11
             GROUP BY scope HAVING count(*) >= $10),
         near AS MATERIALIZED (
             SELECT id, priority, run_at, limit_key FROM jobs
             WHERE queue = $1 AND state = 0 AND name {in $2}
               AND (limit_key IS NULL OR NOT limit_key IN (SELECT limit_key FROM busy))
             ORDER BY priority DESC, run_at, id LIMIT $14),
         due AS MATERIALIZED (
             SELECT w.id FROM (
                 SELECT id, priority, run_at, limit_key,
                        row_number() OVER (PARTITION BY limit_key ORDER BY priority DESC, run_at, id) AS nth
                 FROM near) AS w
             WHERE NOT EXISTS (SELECT 1 FROM job_queues WHERE name = $1 AND paused)
               AND (w.limit_key IS NULL OR (
                    w.nth + (SELECT count(*) FROM jobs AS r
                             WHERE r.queue = $1 AND r.state = 2 AND r.limit_key = w.limit_key) <= $9
                    AND w.nth + (SELECT count(*) FROM job_starts AS s
                                 WHERE s.scope = $1 || ':' || w.limit_key AND s.at > $11) <= $10))
             ORDER BY w.priority DESC, w.run_at, w.id
             LIMIT (SELECT CASE WHEN MIN(l.n) < 0 THEN 0 ELSE MIN(l.n) END FROM (
                        SELECT CAST($3 AS BIGINT) AS n
                        UNION ALL SELECT CAST($7 AS BIGINT) - count(*) FROM jobs WHERE queue = $1 AND state = 2
                        UNION ALL SELECT CAST($8 AS BIGINT) - count(*) FROM job_starts
                                  WHERE scope = $1 AND at > $12) AS l))
         UPDATE jobs SET state = 2, fence = fence + 1, worker = $4, lease_until = $5, claimed_at = $6,
                         started_at = COALESCE(started_at, $6)
         WHERE id IN (SELECT id FROM due) AND state = 0
         RETURNING id, name, version, fence, failures, payload, user_id, guild_id, done, total, words, created_at,
                   priority, run_at"
    );
    let limit = i64::try_from(claim.limit).unwrap_or(i64::MAX);
    let (starts, since) = within(queue.rate, claim.now);
    let (key_starts, key_since) = within(queue.rate_per_key, claim.now);
    let claimed = batch.run(
        text,
        params![
            claim.queue,
            claim.names,
            limit,
            claim.worker,
            claim.lease_until,
            claim.now,
            queue.running.map_or(NONE, i64::from),
            starts,
            queue.running_per_key.map_or(NONE, i64::from),
            key_starts,
            key_since,
            since,
            queue.rate_per_key.is_some(),
            limit.max(NEAR)
        ],
    );
    for (rate, key) in [(queue.rate, false), (queue.rate_per_key, true)] {
        if rate.is_some() {
            remember(&mut batch, claim, key);
        }
    }
    let outcomes = db.write(batch).await?;
    let rows = outcomes.get(claimed).map(|outcome| outcome.rows.as_slice()).unwrap_or_default();
    let mut claimed = rows.iter().map(read).collect::<Result<Vec<_>>>()?;
    claimed.sort_by_key(|job| job.order);
    Ok(claimed)
}

fn within(rate: Option<Rate>, now: Timestamp) -> (i64, Timestamp) {
    rate.map_or((NONE, now), |rate| (i64::from(rate.count), now.before(rate.per)))
}

/// Writes down what has just started.
fn remember(batch: &mut Batch, claim: &Claim<'_>, key: bool) {
    batch.run(
        sql!(
            "INSERT INTO job_starts (scope, at, job_id, fence)
             SELECT CASE WHEN $3 THEN queue || ':' || limit_key ELSE queue END, claimed_at, id, fence FROM jobs
             WHERE queue = $1 AND state = 2 AND claimed_at = $2 AND (NOT $3 OR limit_key IS NOT NULL)
             ON CONFLICT DO NOTHING"
        ),
        params![claim.queue, claim.now, key],
    );
}

/// Forgets starts that no limit looks at.
pub(in super::super) async fn forget(db: &Db, before: Timestamp) -> Result<()> {
    db.run(sql!("DELETE FROM job_starts WHERE at < $1"), params![before]).await.map(drop)
}

/// Stops or starts giving out a queue's jobs.
pub(in super::super) async fn pause(db: &Db, queue: &str, paused: bool) -> Result<()> {
    let text = sql!(
        "INSERT INTO job_queues (name, paused) VALUES ($1, $2)
         ON CONFLICT (name) DO UPDATE SET paused = excluded.paused"
    );
    db.run(text, params![queue, paused]).await.map(drop)
}

/// How a queue is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct QueueState {
    /// Its name.
    pub name: String,
    /// Whether its jobs are held back.
    pub paused: bool,
    /// Jobs that are due.
    pub ready: u64,
    /// Jobs that wait for their time.
    pub scheduled: u64,
    /// Jobs that run.
    pub running: u64,
    /// Jobs that were given up.
    pub dead: u64,
    /// Jobs finished within the last hour.
    pub done_last_hour: u64,
}

/// How the queues are that have jobs that are not over, dead ones, or ones done lately, or that were paused. What was done
/// long ago is not counted through.
pub(in super::super) async fn states(db: &Db, hour_ago: Timestamp) -> Result<Vec<QueueState>> {
    let rows = db
        .all(
            sql!(
                "SELECT q.name, COALESCE(p.paused, FALSE), q.ready, q.scheduled, q.running, q.dead, q.done
                 FROM (SELECT name, sum(ready) AS ready, sum(scheduled) AS scheduled, sum(running) AS running,
                              sum(dead) AS dead, sum(done) AS done
                       FROM (SELECT name, 0 AS ready, 0 AS scheduled, 0 AS running, 0 AS dead, 0 AS done
                             FROM job_queues
                             UNION ALL SELECT queue, count(*), 0, 0, 0, 0 FROM jobs WHERE state = 0 GROUP BY queue
                             UNION ALL SELECT queue, 0, count(*), 0, 0, 0 FROM jobs WHERE state = 1 GROUP BY queue
                             UNION ALL SELECT queue, 0, 0, count(*), 0, 0 FROM jobs WHERE state = 2 GROUP BY queue
                             UNION ALL SELECT queue, 0, 0, 0, count(*), 0 FROM jobs WHERE state = 4 GROUP BY queue
                             UNION ALL SELECT queue, 0, 0, 0, 0, count(*) FROM jobs
                                       WHERE state = 3 AND finished_at > $1 GROUP BY queue) AS parts
                       GROUP BY name) AS q
                 LEFT JOIN job_queues AS p ON p.name = q.name ORDER BY q.name"
            ),
            params![hour_ago],
        )
        .await?;
    rows.iter().map(state).collect()
}

fn state(row: &Row) -> Result<QueueState> {
    let (name, paused, ready, scheduled, running, dead, done_last_hour) = row.read()?;
    Ok(QueueState { name, paused, ready, scheduled, running, dead, done_last_hour })
}
