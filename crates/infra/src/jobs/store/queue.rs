//! Into the queue and out of it.

use guildhall_base::{JobId, Result, Timestamp};

use super::super::enqueue::{NewJob, When};
use super::super::model::{Owner, Progress, State};
use crate::db::{Batch, Db, Params, Row, Sql};
use crate::{params, sql};

/// The statement that adds a job.
pub(in super::super) fn insert(id: JobId, job: &NewJob, now: Timestamp) -> Result<(Sql, Params)> {
    let run_at = match job.when {
        When::Now => now,
        When::After(delay) => now.after(delay),
        When::At(at) => at,
    };
    let state = if run_at > now { State::Scheduled } else { State::Ready };
    let unique = job.unique.as_ref().map(|key| format!("{}:{key}", job.about.name));
    let payload = job.payload.clone()?;
    let text = sql!(
        "INSERT INTO jobs (id, name, version, queue, state, priority, run_at, payload, user_id, guild_id, client,
                           request_key, unique_key, limit_key, keep, created_at, afterwards)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)
         ON CONFLICT DO NOTHING"
    );
    let keep = i64::try_from(job.about.rules.keep.as_millis()).unwrap_or(i64::MAX);
    let params = params![
        id,
        job.about.name,
        job.about.version,
        job.about.rules.queue,
        state.number(),
        job.priority,
        run_at,
        payload,
        job.owner.user,
        job.owner.guild,
        &job.client,
        &job.request_key,
        unique,
        &job.limit_key,
        keep,
        now,
        job.afterwards.clone()?
    ];
    Ok((text, params))
}

/// A job that a worker has just got.
#[derive(Debug, Clone)]
pub(in super::super) struct Claimed {
    pub(in super::super) id: JobId,
    pub(in super::super) name: String,
    pub(in super::super) version: u32,
    pub(in super::super) fence: i64,
    pub(in super::super) failures: u32,
    pub(in super::super) payload: String,
    pub(in super::super) owner: Owner,
    pub(in super::super) progress: Progress,
    pub(in super::super) created_at: Timestamp,
    pub(super) order: (i64, Timestamp, JobId),
}

/// Who claims, what, and how much.
pub(in super::super) struct Claim<'a> {
    pub(in super::super) queue: &'a str,
    pub(in super::super) names: &'a [&'static str],
    pub(in super::super) worker: &'a str,
    pub(in super::super) now: Timestamp,
    pub(in super::super) lease_until: Timestamp,
    pub(in super::super) limit: usize,
}

/// Takes due jobs of a queue, the most urgent first.
pub(in super::super) async fn claim(db: &Db, claim: &Claim<'_>) -> Result<Vec<Claimed>> {
    let text = sql!(
        "WITH due AS MATERIALIZED (
             SELECT id FROM jobs
             WHERE queue = $1 AND state = 0 AND name {in $2}
               AND NOT EXISTS (SELECT 1 FROM job_queues WHERE name = $1 AND paused)
             ORDER BY priority DESC, run_at, id LIMIT $3 {skip_locked})
         UPDATE jobs SET state = 2, fence = fence + 1, worker = $4, lease_until = $5, claimed_at = $6,
                         started_at = COALESCE(started_at, $6)
         WHERE id IN (SELECT id FROM due) AND state = 0
         RETURNING id, name, version, fence, failures, payload, user_id, guild_id, done, total, words, created_at,
                   priority, run_at"
    );
    let mut batch = Batch::new();
    let limit = i64::try_from(claim.limit).unwrap_or(i64::MAX);
    batch.run(text, params![claim.queue, claim.names, limit, claim.worker, claim.lease_until, claim.now]);
    let outcomes = db.write(batch).await?;
    let rows = outcomes.first().map(|outcome| outcome.rows.as_slice()).unwrap_or_default();
    let mut claimed = rows.iter().map(read).collect::<Result<Vec<_>>>()?;
    claimed.sort_by_key(|job| job.order);
    Ok(claimed)
}

/// Takes one job, if it is due.
pub(in super::super) async fn claim_one(
    db: &Db,
    id: JobId,
    worker: &str,
    (now, lease_until): (Timestamp, Timestamp),
) -> Result<Option<Claimed>> {
    let text = sql!(
        "UPDATE jobs SET state = 2, fence = fence + 1, worker = $2, lease_until = $3, claimed_at = $4,
                         started_at = COALESCE(started_at, $4)
         WHERE id = $1 AND state = 0
         RETURNING id, name, version, fence, failures, payload, user_id, guild_id, done, total, words, created_at,
                   priority, run_at"
    );
    let outcome = db.run(text, params![id, worker, lease_until, now]).await?;
    outcome.rows.first().map(read).transpose()
}

/// Reads what a claim returns.
pub(super) fn read(row: &Row) -> Result<Claimed> {
    let mut columns = row.columns();
    let id: JobId = columns.next()?;
    Ok(Claimed {
        id,
        name: columns.next()?,
        version: columns.next()?,
        fence: columns.next()?,
        failures: columns.next()?,
        payload: columns.next()?,
        owner: Owner { user: columns.next()?, guild: columns.next()? },
        progress: Progress { done: columns.next()?, total: columns.next()?, words: columns.next()? },
        created_at: columns.next()?,
        order: (-columns.next::<i64>()?, columns.next()?, id),
    })
}
