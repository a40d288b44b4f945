//! What jobs say of themselves.

use guildhall_base::{Ids, JobId, Result, Timestamp};
use serde::Serialize;

use super::super::phrase::Phrase;
use super::super::run::Line;
use crate::db::{Batch, Db, Rows};
use crate::{params, sql};

/// Adds lines.
pub(in super::super) fn add(batch: &mut Batch, ids: &Ids, job: JobId, lines: &[Line]) {
    if lines.is_empty() {
        return;
    }
    let rows: Rows = lines.iter().map(|line| params![ids.next::<()>(), line.at, &line.words]).collect();
    batch.run(
        sql!(
            "INSERT INTO job_lines (job_id, id, at, words)
             SELECT $1, l.id, l.at, l.words FROM {rows $2: id bigint, at bigint, words text} AS l"
        ),
        params![job, rows],
    );
}

/// A line of a job's log.
#[derive(Debug, Clone, Serialize)]
pub struct Said {
    /// Ascends.
    pub id: guildhall_base::AnyId,
    /// When it was said.
    pub at: Timestamp,
    /// What.
    pub words: Phrase,
}

/// The newest lines, oldest first.
pub(in super::super) async fn newest(db: &Db, job: JobId, limit: i64) -> Result<Vec<Said>> {
    let rows = db
        .all(
            sql!("SELECT id, at, words FROM job_lines WHERE job_id = $1 ORDER BY id DESC LIMIT $2"),
            params![job, limit],
        )
        .await?;
    let mut lines = Vec::with_capacity(rows.len());
    for row in rows.iter().rev() {
        let (id, at, words) = row.read()?;
        lines.push(Said { id, at, words });
    }
    Ok(lines)
}
