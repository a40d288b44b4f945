//! Claims from queues that have limits, and the state of queues.

use guildhall_base::{Result, Timestamp};
use serde::Serialize;

use super::super::queues::{Queue, Rate};
use super::queue::{Claim, Claimed, read};
use crate::db::{Batch, Db, Row};
use crate::{params, sql};

/// No limit.
const NONE: i64 = i64::MAX / 4;

/// As [`super::queue::claim`], within the queue's limits. The queue's row is locked first, so that what is counted stays
/// true until the commit.
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
        "WITH due AS MATERIALIZED (
             SELECT w.id FROM (
                 SELECT id, priority, run_at, limit_key,
                        row_number() OVER (PARTITION BY limit_key ORDER BY priority DESC, run_at, id) AS nth
                 FROM jobs WHERE queue = $1 AND state = 0 AND name {in $2}) AS w
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
            since
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

/// How the queues are that have jobs or were paused.
pub(in super::super) async fn states(db: &Db, hour_ago: Timestamp) -> Result<Vec<QueueState>> {
    let rows = db
        .all(
            sql!(
                "SELECT q.name, COALESCE((SELECT p.paused FROM job_queues AS p WHERE p.name = q.name), FALSE),
                        count(j.id) FILTER (WHERE j.state = 0), count(j.id) FILTER (WHERE j.state = 1),
                        count(j.id) FILTER (WHERE j.state = 2), count(j.id) FILTER (WHERE j.state = 4),
                        count(j.id) FILTER (WHERE j.state = 3 AND j.finished_at > $1)
                 FROM (SELECT name FROM job_queues UNION SELECT DISTINCT queue FROM jobs) AS q
                 LEFT JOIN jobs AS j ON j.queue = q.name GROUP BY q.name ORDER BY q.name"
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
