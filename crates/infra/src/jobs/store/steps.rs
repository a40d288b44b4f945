//! The journal of steps, and what a run writes while it runs.

use std::collections::HashMap;

use guildhall_base::{JobId, Result, Timestamp};

use super::super::model::{Progress, codes};
use crate::db::{Batch, Db};
use crate::{params, sql};

/// The results of the steps that were done.
pub(in super::super) async fn journal(db: &Db, job: JobId) -> Result<HashMap<String, String>> {
    let rows = db.all(sql!("SELECT name, result FROM job_steps WHERE job_id = $1"), params![job]).await?;
    rows.iter().map(crate::db::Row::read).collect()
}

/// Makes a batch conditional on the run's holding the job; writes how far it is. The first statement of the batch, so
/// that it also holds the row against those who would take the job over.
pub(in super::super) fn hold(batch: &mut Batch, job: JobId, fence: i64, now: Timestamp, at: &Progress) {
    batch.must(
        sql!(
            "UPDATE jobs SET done = $4, total = $5, words = $6, failures = 0, rescues = 0
             WHERE id = $1 AND fence = $2 AND state = 2 AND lease_until > $3 AND NOT cancel"
        ),
        params![job, fence, now, at.done, at.total, &at.words],
        codes::LOST,
    );
}

/// Writes how far a run is, if it still holds the job.
pub(in super::super) fn moved(batch: &mut Batch, job: JobId, fence: i64, now: Timestamp, at: &Progress) {
    batch.must(
        sql!(
            "UPDATE jobs SET done = $4, total = $5, words = $6
             WHERE id = $1 AND fence = $2 AND state = 2 AND lease_until > $3 AND NOT cancel"
        ),
        params![job, fence, now, at.done, at.total, &at.words],
        codes::LOST,
    );
}

/// Says that a step is done.
pub(in super::super) fn entry(batch: &mut Batch, job: JobId, name: &str, result: &str, now: Timestamp) {
    batch.run(
        sql!("INSERT INTO job_steps (job_id, name, result, at) VALUES ($1, $2, $3, $4)"),
        params![job, name, result, now],
    );
}

/// One run that is under way.
#[derive(Debug, Clone)]
pub(in super::super) struct Held {
    pub(in super::super) id: JobId,
    pub(in super::super) fence: i64,
}

/// Renews leases; gives those that still hold, and whether each is to be cancelled.
pub(in super::super) async fn renew(
    db: &Db,
    held: &[Held],
    now: Timestamp,
    until: Timestamp,
) -> Result<Vec<(JobId, bool)>> {
    let rows: crate::db::Rows = held.iter().map(|run| params![run.id, run.fence]).collect();
    let outcome = db
        .run(
            sql!(
                "UPDATE jobs SET lease_until = $3
                 FROM {rows $1: id bigint, fence bigint} AS h
                 WHERE jobs.id = h.id AND jobs.fence = h.fence AND jobs.state = 2 AND jobs.lease_until > $2
                 RETURNING jobs.id, jobs.cancel"
            ),
            params![rows, now, until],
        )
        .await?;
    outcome.rows.iter().map(crate::db::Row::read).collect()
}
