//! Backups that somebody brings: ours, AntiRaid's, discord-backup's. What is brought waits in the blob store for the job
//! that reads all of it, and keeps it in our own format as a file of the job, like a backup that was made here.

use bytes::Bytes;
use futures_util::Stream;
use guildhall_base::{Error, GuildId, JobId, Result, UserId, codes::NOT_FOUND};
use guildhall_infra::jobs::{Ctx, Job, NewJob, Outcome, Owner, Phrase, Rules, Stop};
use serde::{Deserialize, Serialize};

use crate::Backups;
use crate::archive::{Work, pack};
use crate::container::Limits;
use crate::restore::{File, QUEUE, open_in_steps};

/// The most bytes of a file that somebody brings: 512 MiB.
pub const UPLOAD_LIMIT: u64 = 512 << 20;
/// What the file of a backup is called.
pub const FILE: &str = "backup.guildhall";

/// The step after which there is nothing but tidying up.
const IMPORTED: &str = "import";

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

    fn afterwards(import: &Import) -> Option<Import> {
        import.passphrase.as_ref().map(|_| Import { passphrase: None, ..import.clone() })
    }

    async fn run(&self, ctx: Ctx, import: Import) -> Outcome<Imported> {
        let blobs = &self.0.0.blobs;
        let work = Work::new(blobs.clone(), format!("imports/{}", ctx.id()));
        let steps = ctx.jobs().steps(ctx.id()).await?;
        let imported = match steps.get(IMPORTED) {
            // The parts may be gone already.
            Some(imported) => serde_json::from_str(imported).map_err(Error::internal)?,
            None => self.read(&ctx, &import, &work).await?,
        };
        work.clear().await?;
        blobs.delete(&import.key).await?;
        let size = imported.size;
        ctx.progress(size, size, Phrase::new("backup-job-read-file", "The file is read"));
        Ok(imported)
    }
}

impl BackupImport {
    /// Opens what was brought and joins its parts to a file of our own format.
    async fn read(&self, ctx: &Ctx, import: &Import, work: &Work) -> Outcome<Imported> {
        let passphrase = import.passphrase.as_deref().map(|sealed| self.0.unseal(sealed)).transpose()?;
        ctx.progress(0, None, Phrase::new("backup-job-reading-file", "Reading the file"));
        let file = File::Brought(&import.key);
        let archive = match open_in_steps(&self.0, ctx, file, passphrase.as_deref(), work).await {
            Err(stop @ Stop::Fail(_)) => {
                self.0.0.blobs.delete(&import.key).await?;
                return Err(stop);
            }
            opened => opened?,
        };
        ctx.step(IMPORTED, async |_| {
            let file = pack(work.clone(), work.index().await?);
            let file = ctx.put_file(FILE, crate::backup::CONTENT_TYPE, file, Limits::default().file).await?;
            let manifest = archive.manifest();
            Ok(Imported {
                name: manifest.guild_name.clone(),
                created_at: manifest.created_at.millis(),
                size: file.size,
            })
        })
        .await
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
