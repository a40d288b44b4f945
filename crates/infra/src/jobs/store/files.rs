//! Which files jobs have made.

use guildhall_base::{JobId, Result};
use serde::Serialize;

use crate::db::{Batch, Db, Row};
use crate::{params, sql};

/// A file that a job has made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct File {
    /// Its name, unique within the job.
    pub name: String,
    /// Its size in bytes.
    pub size: u64,
    /// Its media type.
    pub content_type: String,
}

/// Enters a file that a run begins to write or has written.
pub(in super::super) fn add(batch: &mut Batch, job: JobId, fence: i64, file: &File, whole: bool) {
    batch.run(
        sql!(
            "INSERT INTO job_files (job_id, name, fence, whole, size, content_type) VALUES ($1, $2, $3, $4, $5, $6)
             ON CONFLICT (job_id, name, fence)
             DO UPDATE SET whole = excluded.whole, size = excluded.size, content_type = excluded.content_type"
        ),
        params![job, &file.name, fence, whole, file.size, &file.content_type],
    );
}

/// The files of a job, by name, each with the fence of the last run that wrote it whole.
pub(in super::super) async fn all(db: &Db, job: JobId) -> Result<Vec<(File, i64)>> {
    let text = sql!(
        "SELECT name, size, content_type, fence FROM job_files AS f WHERE job_id = $1 AND whole AND NOT EXISTS (
             SELECT 1 FROM job_files AS l WHERE l.job_id = $1 AND l.name = f.name AND l.whole AND l.fence > f.fence)
         ORDER BY name"
    );
    let rows = db.all(text, params![job]).await?;
    let mut files = Vec::with_capacity(rows.len());
    for row in rows {
        let (name, size, content_type, fence) = row.read()?;
        files.push((File { name, size, content_type }, fence));
    }
    Ok(files)
}

/// The fences of earlier runs that began to write a file of a job.
pub(in super::super) async fn earlier(db: &Db, job: JobId, name: &str, fence: i64) -> Result<Vec<i64>> {
    let text = sql!("SELECT fence FROM job_files WHERE job_id = $1 AND name = $2 AND fence < $3");
    db.all(text, params![job, name, fence]).await?.iter().map(Row::read).collect()
}

/// Forgets what earlier runs wrote of a file.
pub(in super::super) async fn forget_earlier(db: &Db, job: JobId, name: &str, fence: i64) -> Result<()> {
    let text = sql!("DELETE FROM job_files WHERE job_id = $1 AND name = $2 AND fence < $3");
    db.run(text, params![job, name, fence]).await.map(drop)
}
