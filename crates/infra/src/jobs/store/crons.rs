//! When jobs of the calendar come next.

use guildhall_base::{Result, Timestamp};

use super::super::model::codes;
use crate::db::{Batch, Db};
use crate::{params, sql};

/// What is stored of one.
pub(in super::super) struct Stored {
    pub(in super::super) name: String,
    pub(in super::super) schedule: String,
    pub(in super::super) next_at: Timestamp,
}

/// All of them.
pub(in super::super) async fn all(db: &Db) -> Result<Vec<Stored>> {
    let rows = db.all(sql!("SELECT name, schedule, next_at FROM job_crons"), params![]).await?;
    let mut all = Vec::with_capacity(rows.len());
    for row in rows {
        let (name, schedule, next_at) = row.read()?;
        all.push(Stored { name, schedule, next_at });
    }
    Ok(all)
}

/// Sets the next time of one that is new or whose schedule is another than before.
pub(in super::super) async fn set(db: &Db, name: &str, schedule: &str, next: Timestamp) -> Result<()> {
    let text = sql!(
        "INSERT INTO job_crons (name, schedule, next_at) VALUES ($1, $2, $3)
         ON CONFLICT (name) DO UPDATE SET schedule = excluded.schedule, next_at = excluded.next_at
         WHERE job_crons.schedule <> excluded.schedule"
    );
    db.run(text, params![name, schedule, next]).await.map(drop)
}

/// Claims one time: the batch fails with `LOST` where another process was faster.
pub(in super::super) fn advance(
    batch: &mut Batch,
    name: &str,
    schedule: &str,
    due: Timestamp,
    next: Timestamp,
) {
    batch.must(
        sql!("UPDATE job_crons SET next_at = $4 WHERE name = $1 AND schedule = $2 AND next_at = $3"),
        params![name, schedule, due, next],
        codes::LOST,
    );
}
