//! What happens to jobs that nobody holds: their end, their rescue, their due time, their removal.

use guildhall_base::{JobId, Result, Timestamp, UserId};

use super::super::model::{Failure, Owner, Progress, State, codes};
use crate::db::{Batch, Db, Json, Row, Rows};
use crate::{params, sql};

/// How a run left its job.
#[derive(Debug, Clone)]
pub(in super::super) struct Left {
    pub(in super::super) id: JobId,
    pub(in super::super) fence: i64,
    pub(in super::super) state: State,
    pub(in super::super) run_at: Option<Timestamp>,
    pub(in super::super) failures: u32,
    pub(in super::super) progress: Progress,
    pub(in super::super) result: Option<String>,
    pub(in super::super) error: Option<Failure>,
}

/// Writes how runs left their jobs. Jobs that a run no longer holds stay as they are; those that were to be cancelled
/// are cancelled. With `cancelled` only those are written for which it is so. The rows it returns are the ids and states of those that were written.
pub(in super::super) fn leave(
    batch: &mut Batch,
    left: &[Left],
    cancelled: Option<bool>,
    now: Timestamp,
    keep_dead: i64,
) {
    let rows: Rows = left
        .iter()
        .map(|left| {
            params![
                left.id,
                left.fence,
                left.state.number(),
                left.run_at,
                left.failures,
                left.progress.done,
                left.progress.total,
                &left.progress.words,
                &left.result,
                left.error.as_ref().map(Json)
            ]
        })
        .collect();
    let text = sql!(
            "UPDATE jobs SET
                 state = CASE WHEN jobs.cancel THEN 5 ELSE l.state END,
                 run_at = COALESCE(l.run_at, jobs.run_at),
                 failures = l.failures,
                 rescues = 0,
                 done = l.done, total = l.total, words = l.words,
                 payload = CASE WHEN jobs.cancel OR l.state > 2 THEN COALESCE(jobs.afterwards, jobs.payload)
                                ELSE jobs.payload END,
                 result = CASE WHEN jobs.cancel THEN NULL ELSE l.result END,
                 error = l.error,
                 lease_until = NULL,
                 finished_at = CASE WHEN jobs.cancel OR l.state > 2 THEN $2 END,
                 keep_until = CASE WHEN jobs.cancel OR l.state = 3 THEN $2 + jobs.keep
                                   WHEN l.state = 4 THEN $2 + $3 END
             FROM {rows $1: id bigint, fence bigint, state bigint, run_at bigint, failures bigint, done bigint,
                            total bigint, words text, result text, error text} AS l
             WHERE jobs.id = l.id AND jobs.fence = l.fence AND jobs.state = 2 AND jobs.lease_until > $2
               AND (CAST($4 AS BOOLEAN) IS NULL OR jobs.cancel = $4)
             RETURNING jobs.id, jobs.state"
    );
    let params = params![rows, now, keep_dead, cancelled];
    match cancelled {
        Some(_) => batch.must(text, params, codes::LOST),
        None => batch.run(text, params),
    };
}

/// A job that changed without a run.
#[derive(Debug, Clone)]
pub(in super::super) struct Moved {
    pub(in super::super) id: JobId,
    pub(in super::super) queue: String,
    pub(in super::super) state: State,
}

/// Reads what [`rescue`] returns.
pub(in super::super) fn moved(row: &Row) -> Result<Moved> {
    let (id, queue, state): (JobId, String, i64) = row.read()?;
    Ok(Moved { id, queue, state: State::from_number(state) })
}

/// A job with an owner whose lease ran out.
#[derive(Debug)]
pub(in super::super) struct Lost {
    pub(in super::super) id: JobId,
    pub(in super::super) name: String,
    pub(in super::super) queue: String,
    pub(in super::super) owner: Owner,
    pub(in super::super) progress: Progress,
    fence: i64,
    cancel: bool,
    rescues: u32,
}

impl Lost {
    /// What it will be.
    pub(in super::super) fn after(&self, most: u32) -> State {
        match self {
            Self { cancel: true, .. } => State::Cancelled,
            Self { rescues, .. } if rescues + 1 >= most => State::Dead,
            _ => State::Ready,
        }
    }
}

/// Jobs with an owner whose lease ran out, up to `limit`.
pub(in super::super) async fn lost(db: &Db, now: Timestamp, limit: i64) -> Result<Vec<Lost>> {
    let text = sql!(
        "SELECT id, name, queue, user_id, guild_id, done, total, words, fence, cancel, rescues FROM jobs
         WHERE state = 2 AND lease_until <= $1 AND (user_id IS NOT NULL OR guild_id IS NOT NULL)
         ORDER BY lease_until LIMIT $2"
    );
    let rows = db.all(text, params![now, limit]).await?;
    let read = |row: &Row| {
        let mut columns = row.columns();
        Ok(Lost {
            id: columns.next()?,
            name: columns.next()?,
            queue: columns.next()?,
            owner: Owner { user: columns.next()?, guild: columns.next()? },
            progress: Progress { done: columns.next()?, total: columns.next()?, words: columns.next()? },
            fence: columns.next()?,
            cancel: columns.next()?,
            rescues: columns.next()?,
        })
    };
    rows.iter().map(read).collect()
}

/// Gives jobs whose lease ran out to others; those that have killed too many processes are dead. Either one that was
/// found lost, and the batch fails with `LOST` if it no longer is as it was found, or all that nobody owns.
pub(in super::super) fn rescue(
    batch: &mut Batch,
    one: Option<&Lost>,
    now: Timestamp,
    most: u32,
    keep_dead: i64,
) {
    let died = Failure {
        code: "job_died".to_owned(),
        detail: "Its process died too often.".to_owned(),
        cause: None,
    };
    let text = sql!(
        "UPDATE jobs SET
             state = CASE WHEN cancel THEN 5 WHEN rescues + 1 >= $2 THEN 4 ELSE 0 END,
             rescues = rescues + 1,
             payload = CASE WHEN cancel OR rescues + 1 >= $2 THEN COALESCE(afterwards, payload) ELSE payload END,
             lease_until = NULL,
             error = CASE WHEN NOT cancel AND rescues + 1 >= $2 THEN $4 ELSE error END,
             finished_at = CASE WHEN cancel OR rescues + 1 >= $2 THEN $1 END,
             keep_until = CASE WHEN cancel THEN $1 + keep WHEN rescues + 1 >= $2 THEN $1 + $3 END
         WHERE state = 2 AND lease_until <= $1
           AND CASE WHEN CAST($5 AS BIGINT) IS NULL THEN user_id IS NULL AND guild_id IS NULL
                    ELSE id = $5 AND fence = $6 AND cancel = $7 AND rescues = $8 END
         RETURNING id, queue, state"
    );
    let params = params![
        now,
        most,
        keep_dead,
        Json(died),
        one.map(|lost| lost.id),
        one.map(|lost| lost.fence),
        one.map(|lost| lost.cancel),
        one.map(|lost| lost.rescues)
    ];
    match one {
        Some(_) => batch.must(text, params, codes::LOST),
        None => batch.run(text, params),
    };
}

/// Makes jobs ready whose time has come.
pub(in super::super) async fn promote(db: &Db, now: Timestamp) -> Result<Vec<Moved>> {
    let outcome = db
        .run(
            sql!("UPDATE jobs SET state = 0 WHERE state = 1 AND run_at <= $1 RETURNING id, queue, state"),
            params![now],
        )
        .await?;
    outcome.rows.iter().map(moved).collect()
}

/// When the next job becomes due.
pub(in super::super) async fn next_due(db: &Db) -> Result<Option<Timestamp>> {
    db.one(sql!("SELECT MIN(run_at) FROM jobs WHERE state = 1"), params![]).await?.read()
}

/// Ends the time for which a finished job is kept; whether there is one.
pub(in super::super) async fn expire(db: &Db, id: JobId, now: Timestamp) -> Result<bool> {
    let outcome =
        db.run(sql!("UPDATE jobs SET keep_until = $2 WHERE id = $1 AND state > 2"), params![id, now]).await?;
    Ok(outcome.affected > 0)
}

/// Removes up to `limit` finished jobs whose time is over; gives what their files' keys are made of.
pub(in super::super) async fn trim(db: &Db, now: Timestamp, limit: i64) -> Result<Vec<(JobId, i64, String)>> {
    let rows = db
        .all(
            sql!("SELECT id FROM jobs WHERE state > 2 AND keep_until <= $1 ORDER BY keep_until LIMIT $2"),
            params![now, limit],
        )
        .await?;
    let ids = rows.iter().map(Row::read).collect::<Result<Vec<i64>>>()?;
    remove(db, &ids).await
}

/// Somebody's jobs that wait or run.
pub(in super::super) async fn unfinished_of(db: &Db, user: UserId) -> Result<Vec<JobId>> {
    let rows = db.all(sql!("SELECT id FROM jobs WHERE user_id = $1 AND state < 3"), params![user]).await?;
    rows.iter().map(Row::read).collect()
}

/// Some of somebody's jobs that are finished.
pub(in super::super) async fn finished_of(db: &Db, user: UserId) -> Result<Vec<i64>> {
    let text = sql!("SELECT id FROM jobs WHERE user_id = $1 AND state > 2 ORDER BY id LIMIT 500");
    db.all(text, params![user]).await?.iter().map(Row::read).collect()
}

/// Takes somebody's name off their jobs.
pub(in super::super) async fn disown(db: &Db, user: UserId) -> Result<()> {
    let text = sql!("UPDATE jobs SET user_id = NULL, client = NULL, request_key = NULL WHERE user_id = $1");
    db.run(text, params![user]).await.map(drop)
}

/// Removes finished jobs; gives what their files' keys are made of.
pub(in super::super) async fn remove(db: &Db, ids: &[i64]) -> Result<Vec<(JobId, i64, String)>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let mut batch = Batch::new();
    batch.run(sql!("SELECT job_id, fence, name FROM job_files WHERE job_id {in $1}"), params![ids]);
    batch.run(sql!("DELETE FROM job_files WHERE job_id {in $1}"), params![ids]);
    batch.run(sql!("DELETE FROM job_steps WHERE job_id {in $1}"), params![ids]);
    batch.run(sql!("DELETE FROM job_lines WHERE job_id {in $1}"), params![ids]);
    batch.run(sql!("DELETE FROM jobs WHERE id {in $1} AND state > 2"), params![ids]);
    let outcomes = db.write(batch).await?;
    let files = outcomes.first().map(|outcome| outcome.rows.as_slice()).unwrap_or_default();
    files.iter().map(Row::read).collect()
}
