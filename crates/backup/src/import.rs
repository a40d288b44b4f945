//! Backups that somebody brings: ours, AntiRaid's, discord-backup's. What is brought waits in the blob store for the job
//! that reads all of it, and keeps it in our own format as a file of the job, like a backup that was made here.

use bytes::Bytes;
use futures_util::{Stream, TryStreamExt as _};
use guildhall_base::{GuildId, JobId, Result, UserId, codes::NOT_FOUND};
use guildhall_infra::jobs::{Ctx, Job, NewJob, Outcome, Owner, Rules, Stop};
use serde::{Deserialize, Serialize};

use crate::Backups;
use crate::archive::{Work, pack, unpack};
use crate::container::Limits;
use crate::restore::{QUEUE, lasting};

/// The most bytes of a file that somebody brings: 512 MiB.
pub const UPLOAD_LIMIT: u64 = 512 << 20;
/// What the file of a backup is called.
pub const FILE: &str = "backup.guildhall";

/// What the job is told.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Import {
    /// Where the file waits.
    key: String,
    /// What it was sealed with; sealed.
    passphrase: Option<String>,
}

/// What a backup is of, for people.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Imported {
    /// What the guild was called.
    pub name: String,
    /// When it was backed up, in milliseconds since 1970.
    pub created_at: i64,
    /// How many bytes the file has.
    pub size: u64,
}

/// The job.
pub struct BackupImport(pub Backups);

impl Job for BackupImport {
    const NAME: &'static str = "backup_import";
    const RULES: Rules = Rules::new().queue(QUEUE).keep(std::time::Duration::from_secs(30 * 24 * 3600));
    type Payload = Import;
    type Output = Imported;

    async fn admit(&self, owner: Owner, _: Import) -> Result<()> {
        match (owner.user, owner.guild) {
            (Some(user), Some(guild)) => self.0.administers(user, guild).await,
            (Some(_), None) => Ok(()),
            _ => Err(NOT_FOUND.into()),
        }
    }

    async fn run(&self, ctx: Ctx, import: Import) -> Outcome<Imported> {
        let parts = &self.0.0;
        let passphrase = import.passphrase.as_deref().map(|sealed| self.0.unseal(sealed)).transpose()?;
        let imported = ctx
            .step("import", async |_| {
                ctx.progress(0, None, "Reading the file");
                let blob = parts.blobs.get(&import.key).await.map_err(lasting)?;
                let work = Work::new(parts.blobs.clone(), format!("imports/{}", ctx.id()));
                let stream = blob.stream().into_stream();
                let archive = unpack(stream, passphrase.as_deref(), work.clone(), Limits::default()).await;
                let archive = match archive {
                    Ok(archive) => archive,
                    Err(error) => {
                        let stop = lasting(error);
                        if matches!(stop, Stop::Fail(_)) {
                            parts.blobs.delete(&import.key).await?;
                        }
                        return Err(stop);
                    }
                };
                let entries = work.index().await?;
                let file = pack(work.clone(), entries);
                let file =
                    ctx.put_file(FILE, "application/octet-stream", file, Limits::default().file).await?;
                let manifest = archive.manifest();
                let imported = Imported {
                    name: manifest.guild_name.clone(),
                    created_at: manifest.created_at.millis(),
                    size: file.size,
                };
                archive.remove().await?;
                Ok(imported)
            })
            .await?;
        parts.blobs.delete(&import.key).await?;
        Ok(imported)
    }
}

impl Backups {
    /// Takes a file that somebody brings for a guild that they administer, or for themselves; gives the job that reads it.
    ///
    /// # Errors
    /// What [`BackupImport`] refuses; `TOO_LARGE` above [`UPLOAD_LIMIT`]; the stream's own.
    pub async fn import(
        &self,
        owner: Owner,
        file: impl Stream<Item = Result<Bytes>>,
        passphrase: Option<&str>,
    ) -> Result<JobId> {
        let (Some(user), guild): (Option<UserId>, Option<GuildId>) = (owner.user, owner.guild) else {
            return Err(NOT_FOUND.into());
        };
        if let Some(guild) = guild {
            self.administers(user, guild).await?;
        }
        let key = format!("backups/uploads/{user}/{:032x}", rand::random::<u128>());
        self.0.blobs.put_stream(&key, file, UPLOAD_LIMIT).await?;
        let passphrase = passphrase.map(|text| self.seal(text)).transpose()?;
        let mut job = NewJob::of::<BackupImport>(&Import { key, passphrase }).user(user);
        if let Some(guild) = guild {
            job = job.guild(guild).limited_by(guild.to_string());
        }
        self.0.jobs.enqueue_now(job).await
    }
}
