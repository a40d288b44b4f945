//! Where a backup is, and how it is opened.

use futures_util::TryStreamExt as _;
use guildhall_base::codes::NOT_FOUND;
use guildhall_base::{JobId, Result, UserId};
use serde::{Deserialize, Serialize};

use crate::Backups;
use crate::archive::{Archive, Work, unpack};
use crate::container::Limits;

/// Where a backup is: a file that a job has made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    /// Which job.
    pub job: JobId,
    /// The file's name.
    pub file: String,
}

impl Backups {
    /// Whether somebody may read this backup: one of a guild that they administer, or of their own.
    ///
    /// # Errors
    /// `NOT_FOUND`.
    pub async fn may_read(&self, user: UserId, source: &Source) -> Result<()> {
        let record = self.0.jobs.get(source.job).await.map_err(|_| NOT_FOUND)?;
        match record.owner.guild {
            Some(guild) => self.administers(user, guild).await.map_err(|_| NOT_FOUND.into()),
            None if record.owner.user == Some(user) => Ok(()),
            None => Err(NOT_FOUND.into()),
        }
    }
}

/// Opens a backup in a folder; all of it is checked then.
pub(crate) async fn open_source(
    backups: &Backups,
    source: &Source,
    passphrase: Option<&str>,
    folder: String,
) -> Result<Archive> {
    let signed = backups.0.jobs.sign(source.job, &source.file);
    let (_, blob) = backups.0.jobs.open_signed(&signed).await?;
    let work = Work::new(backups.0.blobs.clone(), folder);
    unpack(blob.stream().into_stream(), passphrase, work, Limits::default()).await
}
