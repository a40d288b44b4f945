//! The job that makes a backup of a guild, of this server or of any other that speaks Discord's protocol.
//!
//! What is read is kept at once as a part in the blob store, in journaled steps of up to a thousand messages: a run
//! that goes on after a kill reads nothing again that an earlier one has kept. At the end the parts are joined to one
//! file and removed.

mod messages;
mod options;
mod people;
mod secret;
pub(crate) mod tree;

use std::time::Duration;

use guildhall_base::{Error, GuildId, Result, UserId, codes::NOT_FOUND};
use guildhall_infra::jobs::{Ctx, Effects, Job, Outcome, Owner, Phrase, Progress, Rules, Stop};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

pub use options::{Allowance, Asset, Options};
pub use secret::{Elsewhere, Hidden, Passphrase};

use crate::Backups;
use crate::archive::{Entry, Work, pack, sealed};
use crate::codes::SECRETS_GONE;
use crate::import::FILE;
use crate::model::Guild;
use crate::parts::Part;
use crate::remote::{Address, Remote};
use crate::restore::lasting;
use messages::Reading;

/// What it is.
pub const CONTENT_TYPE: &str = "application/vnd.guildhall.backup";

/// What the job is told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wanted {
    /// The guild.
    pub guild_id: GuildId,
    /// Where it is, if not here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub elsewhere: Option<Elsewhere>,
    /// Seals the file. It is turned into a key for this file at once, and never kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub passphrase: Option<Passphrase>,
    /// What is wanted of it.
    #[serde(default)]
    pub options: Options,
}

/// What the job answers.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// The name of its file.
    pub file: String,
    /// Bytes of the file.
    pub size: u64,
    /// How many parts it has.
    pub parts: usize,
    /// How many messages are in it.
    pub messages: u64,
    /// How many members.
    pub members: u64,
    /// How many files of messages.
    pub attachments: u64,
}

/// The job.
pub struct GuildBackup(pub Backups);

impl Job for GuildBackup {
    const NAME: &'static str = "guild_backup";
    const RULES: Rules = Rules::new().queue("backups").keep(Duration::from_secs(7 * 24 * 3600)).offered();
    type Payload = Wanted;
    type Output = Report;

    async fn admit(&self, owner: Owner, wanted: Wanted) -> Result<()> {
        wanted.options.check(&self.0.0.allowance)?;
        if let Some(Passphrase::Plain(text)) = &wanted.passphrase {
            secret::check(text)?;
        }
        self.0.reader(owner, &wanted).await.map(drop)
    }

    async fn prepare(&self, wanted: Wanted) -> Result<Wanted> {
        self.0.without_secrets(wanted).await
    }

    fn afterwards(wanted: &Wanted) -> Option<Wanted> {
        let mut kept = wanted.clone();
        if let Some(passphrase) = &mut kept.passphrase {
            *passphrase = Passphrase::Lock { head: String::new(), key: Hidden::gone() };
        }
        if let Some(elsewhere) = &mut kept.elsewhere {
            elsewhere.token = Hidden::gone();
        }
        (kept != *wanted).then_some(kept)
    }

    fn unique(wanted: &Wanted) -> Option<String> {
        Some(wanted.guild_id.to_string())
    }

    async fn run(&self, ctx: Ctx, wanted: Wanted) -> Outcome<Report> {
        wanted.options.check(&self.0.0.allowance).map_err(lasting)?;
        if wanted.passphrase.as_ref().is_some_and(Passphrase::is_gone) {
            return Err(Stop::fail(SECRETS_GONE));
        }
        // Rights may have gone since it was asked for.
        let remote = self.0.reader(ctx.owner(), &wanted).await.map_err(lasting)?;
        let work = Work::new(self.0.0.blobs.clone(), format!("backups/{}", ctx.id()));
        let (guild, options) = (wanted.guild_id, &wanted.options);
        let run = Run { backups: &self.0, ctx: &ctx, guild, options, remote, work, prefix: "" };
        run.whole(FILE, wanted.passphrase.as_ref()).await
    }
}

impl Backups {
    /// The way to the guild, for those who may have a backup of it: its administrators. Without a person, the operator
    /// or a program of the configuration asks, and the guild's owner is taken for them. What a bot may read elsewhere is
    /// for that server to say.
    async fn reader(&self, owner: Owner, wanted: &Wanted) -> Result<Remote> {
        if let Some(Elsewhere { address, token }) = &wanted.elsewhere {
            return self.elsewhere(Address::new(address)?, &self.reveal(token)?);
        }
        if owner.guild.is_some_and(|guild| guild != wanted.guild_id) {
            return Err(NOT_FOUND.into());
        }
        let user = match owner.user {
            Some(user) => user,
            None => self.owner_of(wanted.guild_id).await?,
        };
        self.administers(user, wanted.guild_id).await?;
        Ok(self.inside(user))
    }

    async fn owner_of(&self, guild: GuildId) -> Result<UserId> {
        let room = self.0.chat.world().guild(guild).await?.ok_or(NOT_FOUND)?;
        let owner = room.read().guild.owner_id;
        Ok(owner)
    }
}

/// The step after which there is nothing but tidying up.
const FINISHED: &str = "file";
/// What the steps begin with that keep a guild before it is changed.
const BEFORE: &str = "before-";
/// The step of a job that changes a guild after which the guild is kept.
pub(crate) const KEPT: &str = "before-file";

/// A reading that is over.
#[derive(Serialize, Deserialize)]
struct Finished {
    report: Report,
    entries: Vec<Entry>,
}

/// One reading of a guild, for a backup that somebody wants or for one that is kept before a restore.
struct Run<'a> {
    backups: &'a Backups,
    ctx: &'a Ctx,
    guild: GuildId,
    options: &'a Options,
    remote: Remote,
    work: Work,
    /// What the names of its steps begin with.
    prefix: &'static str,
}

impl Run<'_> {
    /// Reads all that is wanted and joins it to this file of the job.
    async fn whole(&self, name: &str, passphrase: Option<&Passphrase>) -> Outcome<Report> {
        let steps = self.ctx.jobs().steps(self.ctx.id()).await?;
        let Finished { report, entries } = match steps.get(&format!("{}{FINISHED}", self.prefix)) {
            // The parts may be gone already.
            Some(finished) => serde_json::from_str(finished).map_err(Error::internal)?,
            None => {
                let (entries, mut report) = self.parts().await?;
                report.file = name.to_owned();
                report.parts = entries.len();
                let Progress { done, total, .. } = self.ctx.progress_so_far();
                self.ctx.progress(done, total, Phrase::new("backup-job-writing", "Writing the file"));
                let written = self.step(FINISHED, async |_| {
                    report.size = self.file(name, &entries, passphrase).await?;
                    Ok(Finished { report, entries })
                });
                let finished = written.await?;
                self.ctx.progress(done, total, "");
                finished
            }
        };
        self.step("tidy", async |_| Ok(self.work.remove_all(&entries).await?)).await?;
        Ok(report)
    }

    /// Keeps all that is wanted as parts.
    async fn parts(&self) -> Outcome<(Vec<Entry>, Report)> {
        self.ctx.progress(0, None, Phrase::new("backup-job-reading-guild", "Reading the guild"));
        let mut entries = self.step("guild", async |_| self.tree().await).await?;
        let guild: Guild = self.work.json(crate::archive::GUILD).await?;
        let mut report = Report::default();
        if self.options.members {
            report.members = self.members(&mut entries).await?;
        }
        if self.options.bans {
            self.bans(&mut entries).await?;
        }
        let read = Reading::new(self, &guild).all(&mut entries).await?;
        (report.messages, report.attachments) = (read.messages, read.attachments);
        if self.remote.is_inside() {
            self.features(&mut entries).await?;
        }
        Ok((entries, report))
    }

    /// What features add.
    async fn features(&self, entries: &mut Vec<Entry>) -> Outcome {
        for part in &self.backups.0.features {
            let name = format!("feature-{}", part.name());
            let added = self.step(&name, async |_| Ok(feature(part.as_ref(), self.guild, &self.work).await?));
            entries.extend(added.await?);
        }
        Ok(())
    }

    /// Joins the parts to a file of the job; gives its size.
    async fn file(&self, name: &str, entries: &[Entry], passphrase: Option<&Passphrase>) -> Outcome<u64> {
        let file = pack(self.work.clone(), entries.to_vec());
        let kept = match passphrase {
            Some(passphrase) => {
                let lock = self.backups.lock(passphrase).await.map_err(lasting)?;
                self.ctx.put_file(name, CONTENT_TYPE, sealed(file, &lock)?, u64::MAX).await?
            }
            None => self.ctx.put_file(name, CONTENT_TYPE, file, u64::MAX).await?,
        };
        Ok(kept.size)
    }

    /// A step of the job, under a name that no other reading of the same job has.
    async fn step<T, F>(&self, name: &str, body: impl FnOnce(Effects) -> F) -> Outcome<T>
    where
        T: Serialize + DeserializeOwned,
        F: Future<Output = Outcome<T>>,
    {
        self.ctx.step(&format!("{}{name}", self.prefix), body).await
    }
}

/// Keeps a guild as it is in a file of the job that is going to change it: everything but what was said.
pub(crate) async fn keep(
    backups: &Backups,
    ctx: &Ctx,
    remote: &Remote,
    guild: GuildId,
    (folder, name): (String, &str),
) -> Outcome {
    let options = Options { messages: false, ..Options::default() };
    let work = Work::new(backups.0.blobs.clone(), folder);
    let run = Run { backups, ctx, guild, options: &options, remote: remote.clone(), work, prefix: BEFORE };
    run.whole(name, None).await.map(drop)
}

/// What one feature adds.
async fn feature(part: &dyn Part, guild: GuildId, work: &Work) -> Result<Option<Entry>> {
    let Some(content) = part.write(guild).await? else { return Ok(None) };
    let name = crate::archive::feature_name(part.name(), part.version());
    work.put(&name, content, true).await.map(Some)
}
