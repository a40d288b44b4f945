//! Where a backup is, and how it is opened.

use bytes::Bytes;
use futures_util::stream::BoxStream;
use futures_util::{StreamExt as _, TryStreamExt as _};
use guildhall_base::codes::NOT_FOUND;
use guildhall_base::{JobId, Result, UserId};
use guildhall_infra::jobs::{Ctx, Outcome, Stop};
use serde::{Deserialize, Serialize};

use super::lasting;
use crate::Backups;
use crate::archive::{Archive, Entry, Portion, Unpacking, Work, finish, unpack};
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
    let (_, blob) = backups.0.jobs.open_signed(&backups.0.jobs.sign(source.job, &source.file)).await?;
    let work = Work::new(backups.0.blobs.clone(), folder);
    unpack(blob.stream().into_stream(), passphrase, work, Limits::default()).await
}

/// Where a file is that a job opens.
#[derive(Debug, Clone, Copy)]
pub(crate) enum File<'a> {
    /// A file that a job has made.
    Made(&'a Source),
    /// One that waits in the blob store under this key.
    Brought(&'a str),
}

impl File<'_> {
    async fn stream(self, backups: &Backups) -> Result<BoxStream<'static, Result<Bytes>>> {
        let blob = match self {
            Self::Made(source) => {
                let signed = backups.0.jobs.sign(source.job, &source.file);
                backups.0.jobs.open_signed(&signed).await?.1
            }
            Self::Brought(key) => backups.0.blobs.get(key).await?,
        };
        Ok(blob.stream().boxed())
    }
}

/// The same in steps of a job, each of them some parts, so that a run that goes on after a kill writes nothing again. What
/// was written is removed where the file turns out to be no backup.
pub(crate) async fn open_in_steps(
    backups: &Backups,
    ctx: &Ctx,
    file: File<'_>,
    passphrase: Option<&str>,
    work: &Work,
) -> Outcome<Archive> {
    const OPENED: &str = "open";
    if ctx.jobs().steps(ctx.id()).await?.contains_key(OPENED) {
        return Ok(Archive::open(work.clone()).await?);
    }
    let mut entries: Vec<Entry> = Vec::new();
    let mut begun: Option<Unpacking<'static>> = None;
    for number in 0.. {
        let name = format!("{OPENED}-{number}");
        let step = ctx.step(&name, async |_| {
            let portion = async {
                let unpacking = match &mut begun {
                    Some(unpacking) => unpacking,
                    none => {
                        let (stream, limits) = (file.stream(backups).await?, Limits::default());
                        let unpacking = Unpacking::begin(stream, passphrase, work.clone(), limits).await?;
                        let unpacking = none.insert(unpacking);
                        unpacking.pass(&entries).await?;
                        unpacking
                    }
                };
                unpacking.portion().await
            };
            let stop = match portion.await {
                Ok(portion) => return Ok(portion),
                Err(error) => lasting(error),
            };
            if matches!(stop, Stop::Fail(_)) {
                work.remove_all(&entries).await?;
                work.remove_all(begun.as_ref().map_or(&[], |begun| &begun.begun)).await?;
            }
            Err(stop)
        });
        let portion: Portion = step.await?;
        entries.extend(portion.entries);
        if portion.last {
            break;
        }
    }
    ctx.step(OPENED, async |_| finish(work, &entries).await.map(drop).map_err(lasting)).await?;
    Ok(Archive::open(work.clone()).await?)
}
