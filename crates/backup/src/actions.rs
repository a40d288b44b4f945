//! What people ask for. The API and the pages call these and nothing else.

use guildhall_accounts::Actor;
use guildhall_base::{GuildId, JobId, Result, codes::NOT_FOUND};
use guildhall_infra::jobs::{Filter, Job as _, NewJob, Record, State};
use serde::{Deserialize, Serialize};

use crate::Backups;
use crate::archive::Archive;
use crate::import::{BackupImport, FILE};
use crate::plan::Options;
use crate::restore::{self, Foretold, GuildRestore, Restore, Source, Target};

/// A backup that is there, or being made.
#[derive(Debug, Clone)]
pub struct Kept {
    /// The job that made or read it.
    pub record: Record,
    /// The file that holds it, and its size, once it is there.
    pub file: Option<(String, u64)>,
}

/// A restore that somebody wants.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Wish {
    /// The job whose backup it is.
    pub backup: JobId,
    /// What it was sealed with.
    pub passphrase: Option<String>,
    /// Where it goes.
    pub into: Into,
    /// What is wanted.
    pub options: Options,
}

/// Where somebody wants a restore.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "at")]
pub enum Into {
    /// A guild of this server.
    Here {
        /// Which.
        guild: GuildId,
    },
    /// A new guild of this server.
    New {
        /// What it is called.
        name: Option<String>,
    },
    /// A guild of another server.
    Elsewhere {
        /// The server's address.
        address: String,
        /// The token of a bot there.
        token: String,
        /// Which guild.
        guild: GuildId,
    },
}

impl Backups {
    /// The backups of a guild, newest first, for its administrators.
    ///
    /// # Errors
    /// `NOT_FOUND`; `NOT_ADMINISTRATOR`.
    pub async fn list(&self, actor: &Actor, guild: GuildId) -> Result<Vec<Kept>> {
        self.administers(actor.id(), guild).await?;
        let mut kept = Vec::new();
        for name in [BackupImport::NAME, crate::backup::GuildBackup::NAME] {
            let filter = Filter { guild: Some(guild), name: Some(name.to_owned()), ..Filter::default() };
            for record in self.0.jobs.list(&filter, 50).await? {
                let files = match record.state {
                    State::Done => self.0.jobs.files(record.id).await?,
                    _ => Vec::new(),
                };
                let file = files.into_iter().next().map(|file| (file.name, file.size));
                kept.push(Kept { record, file });
            }
        }
        kept.sort_by_key(|kept| std::cmp::Reverse(kept.record.id));
        Ok(kept)
    }

    /// The file of a backup that somebody may read.
    ///
    /// # Errors
    /// `NOT_FOUND`.
    pub async fn source(&self, actor: &Actor, backup: JobId) -> Result<Source> {
        let files = self.0.jobs.files(backup).await?;
        let file = files.into_iter().next().map_or_else(|| FILE.to_owned(), |file| file.name);
        let source = Source { job: backup, file };
        self.may_read(actor.id(), &source).await?;
        Ok(source)
    }

    /// What a restore would do, and how long it would take, without doing it.
    ///
    /// # Errors
    /// What may not be read or restored; what cannot be opened; what the target says.
    pub async fn foretell(&self, actor: &Actor, wish: &Wish) -> Result<Foretold> {
        let source = self.source(actor, wish.backup).await?;
        let target = self.target(&wish.into)?;
        self.may_restore(actor.id(), &target).await?;
        let remote = self.remote(actor.id(), &target)?;
        // A folder of its own for each look: two may look at the same time.
        let folder = format!("plans/{:032x}", rand::random::<u128>());
        let archive = restore::open_source(self, &source, wish.passphrase.as_deref(), folder).await?;
        let foretold = self.foretold(&remote, &target, &archive, &wish.options).await;
        archive.remove().await?;
        foretold
    }

    async fn foretold(
        &self,
        remote: &crate::remote::Remote,
        target: &Target,
        archive: &Archive,
        options: &Options,
    ) -> Result<Foretold> {
        let guild = match target {
            Target::Here { guild } | Target::Elsewhere { guild, .. } => Some(*guild),
            Target::New { .. } => None,
        };
        Ok(restore::foretell(remote, guild, archive, options).await?)
    }

    /// Has a guild restored.
    ///
    /// # Errors
    /// What may not be read or restored.
    pub async fn restore(&self, actor: &Actor, wish: &Wish) -> Result<JobId> {
        let source = self.source(actor, wish.backup).await?;
        let target = self.target(&wish.into)?;
        self.may_restore(actor.id(), &target).await?;
        let passphrase = wish.passphrase.as_deref().map(|text| self.seal(text)).transpose()?;
        let told = Restore { source, passphrase, target, options: wish.options.clone() };
        let mut job = NewJob::of::<GuildRestore>(&told).user(actor.id());
        if let Target::Here { guild } = told.target {
            job = job.guild(guild).limited_by(guild.to_string());
        }
        self.0.jobs.enqueue_now(job).await
    }

    fn target(&self, into: &Into) -> Result<Target> {
        Ok(match into {
            Into::Here { guild } => Target::Here { guild: *guild },
            Into::New { name } => Target::New { name: name.clone() },
            Into::Elsewhere { address, token, guild } => {
                let known = crate::remote::Address::new(address)?;
                self.0.fetch.check(&known.api)?;
                Target::Elsewhere { address: address.clone(), token: self.seal(token)?, guild: *guild }
            }
        })
    }

    /// Removes a backup of a guild, with the record of the job that made it.
    ///
    /// # Errors
    /// `NOT_FOUND`; `STATE`, while it is being made.
    pub async fn forget(&self, actor: &Actor, backup: JobId) -> Result<()> {
        self.source(actor, backup).await?;
        let record = self.0.jobs.get(backup).await?;
        if ![BackupImport::NAME, crate::backup::GuildBackup::NAME].contains(&record.name.as_str()) {
            return Err(NOT_FOUND.into());
        }
        self.0.jobs.forget(backup).await
    }
}
