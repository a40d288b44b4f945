//! The job that restores a guild from a backup, into a new guild or one that is there, here or on any server that speaks
//! Discord's protocol.
//!
//! It first opens the backup, keeps a backup of the target as it is (by which [`crate::undo`] takes it all back), makes
//! the [plan](crate::plan) and then carries it out, one journaled step for each thing that is made. A request that is
//! not idempotent may have been answered by a process that died before it could write so down. So before the first thing
//! of its kind that is not in the journal, a run looks at the target for one that nobody knows: not there at the start,
//! not in the journal, called as the wanted one is. Messages are looked for among what the restore's own webhook wrote
//! last in the channel.

mod carry;
mod create;
mod dress;
mod features;
mod messages;
mod people;
mod prepare;
mod source;
mod target;
mod text;

use std::collections::{BTreeMap, BTreeSet};

use guildhall_base::{Code, GuildId, JobId, Kind, Permissions, Result, UserId, codes::NOT_FOUND};
use guildhall_infra::jobs::{Ctx, Job, Outcome, Owner, Rules, Stop};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::Backups;
use crate::codes::SECRETS_GONE;
use crate::plan::{LeftOut, Options, What};
use crate::remote::Remote;
use carry::Way;

pub(crate) use people::{BANS, People};
pub use prepare::Foretold;
pub(crate) use prepare::foretell;
pub use source::Source;
pub(crate) use source::{File, open_in_steps, open_source};

/// The queue that restores and their undoing share: one at a time for each guild.
pub const QUEUE: &str = "restores";
/// What is kept of the target before anything is done to it.
pub(crate) const BEFORE: &str = "before.guildhall";
/// The most refusals that a report names.
const MOST_NAMED: usize = 200;

/// Whoever asks does not run the guild.
pub const NOT_ADMINISTRATOR: Code = Code::new(
    Kind::Forbidden,
    50013,
    "backup_needs_administrator",
    "Only administrators of a guild can have backups of it or restore it.",
);

/// Where a restore goes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "at")]
pub enum Target {
    /// A guild of this server.
    Here {
        /// Which.
        guild: GuildId,
    },
    /// A guild that is made for it, owned by whoever asked.
    New {
        /// What it is called; as in the backup if nothing is said.
        name: Option<String>,
    },
    /// A guild of another server.
    Elsewhere {
        /// Its address: `https://discord.com`.
        address: String,
        /// The token of a bot that is an administrator there; sealed.
        token: String,
        /// Which.
        guild: GuildId,
    },
}

/// What the job is told.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Restore {
    /// Where the backup is.
    pub source: Source,
    /// What it was sealed with; sealed.
    pub passphrase: Option<String>,
    /// Where it goes.
    pub target: Target,
    /// What is wanted.
    pub options: Options,
}

/// What the job answers.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Report {
    /// The guild.
    #[schema(value_type = String)]
    pub guild: Option<GuildId>,
    /// How many operations of each kind are done, by words such as `create role`.
    pub done: BTreeMap<String, u64>,
    /// How many were refused.
    pub refused: u64,
    /// The first of them.
    pub refusals: Vec<Refused>,
    /// What nobody can restore.
    pub left_out: Vec<LeftOut>,
}

/// Something that the target did not let happen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Refused {
    /// What it is about.
    pub what: What,
    /// What it is called.
    pub name: String,
    /// What the target said.
    pub why: String,
}

impl Report {
    fn count(&mut self, word: String, number: u64) {
        *self.done.entry(word).or_default() += number;
    }

    fn refuse(&mut self, what: What, name: &str, why: String) {
        self.refused += 1;
        if self.refusals.len() < MOST_NAMED {
            self.refusals.push(Refused { what, name: name.to_owned(), why });
        }
    }
}

/// The job.
pub struct GuildRestore(pub Backups);

impl Job for GuildRestore {
    const NAME: &'static str = "guild_restore";
    const RULES: Rules = Rules::new()
        .queue(QUEUE)
        .attempts(12, std::time::Duration::from_secs(5), std::time::Duration::from_secs(900))
        .keep(std::time::Duration::from_secs(30 * 24 * 3600))
        .undone_by(crate::undo::NAME);
    type Payload = Restore;
    type Output = Report;

    async fn admit(&self, owner: Owner, restore: Restore) -> Result<()> {
        let user = owner.user.ok_or(NOT_FOUND)?;
        self.0.may_read(user, &restore.source).await?;
        self.0.may_restore(user, &restore.target).await
    }

    fn afterwards(restore: &Restore) -> Option<Restore> {
        let mut kept = Restore { passphrase: None, ..restore.clone() };
        if let Target::Elsewhere { token, .. } = &mut kept.target {
            token.clear();
        }
        (kept != *restore).then_some(kept)
    }

    async fn run(&self, ctx: Ctx, restore: Restore) -> Outcome<Report> {
        let user = ctx.owner().user.ok_or_else(|| Stop::fail(NOT_FOUND))?;
        // Things may have changed since it was asked for, and since the last run.
        self.0.may_read(user, &restore.source).await.map_err(lasting)?;
        self.0.may_restore(user, &restore.target).await.map_err(lasting)?;
        // For whoever undoes it, which needs the token of another server for as long as it can be done.
        let told = Restore { passphrase: None, ..restore.clone() };
        ctx.step(crate::undo::TOLD, async |_| Ok(told)).await?;
        carry::run(&self.0, &ctx, user, &restore, Way::There).await
    }
}

/// Restores what was kept of a target, for [`crate::undo`]. Who was banned by what is undone is banned no more, but for
/// those who were so before.
pub(crate) async fn carry_back(
    backups: &Backups,
    ctx: &Ctx,
    user: UserId,
    restore: &Restore,
    banned: BTreeSet<UserId>,
) -> Outcome<Report> {
    carry::run(backups, ctx, user, restore, Way::Back { banned }).await
}

/// A lack of rights does not pass by waiting.
pub(crate) fn lasting(error: guildhall_base::Error) -> Stop {
    match error.kind() {
        Kind::Unavailable | Kind::Internal | Kind::RateLimited => Stop::from(error),
        _ => Stop::fail(error),
    }
}

impl Backups {
    /// Whether somebody may restore into this target: administrators of the guild. What they may do in another server
    /// is that server's to say.
    ///
    /// # Errors
    /// `NOT_FOUND` for a guild that they are not in; [`NOT_ADMINISTRATOR`].
    pub async fn may_restore(&self, user: UserId, target: &Target) -> Result<()> {
        match target {
            Target::Here { guild } => self.administers(user, *guild).await,
            Target::New { .. } | Target::Elsewhere { .. } => Ok(()),
        }
    }

    /// Refuses everybody but administrators of the guild.
    pub(crate) async fn administers(&self, user: UserId, guild: GuildId) -> Result<()> {
        let session = guildhall_accounts::Credential::Session {
            id: guildhall_accounts::SessionId::new(0),
            scopes: guildhall_accounts::SessionScopes::FOR_PROGRAMS,
        };
        let actor = self.0.accounts.vouch(user, session).await?;
        let access = self.0.chat.guild(&actor, guild).await?;
        if access.is_owner() || access.permissions.contains(Permissions::ADMINISTRATOR) {
            Ok(())
        } else {
            Err(NOT_ADMINISTRATOR.into())
        }
    }

    /// The way to a target.
    ///
    /// # Errors
    /// If an address or token cannot be used.
    pub(crate) fn remote(&self, user: UserId, target: &Target) -> Result<Remote> {
        match target {
            Target::Here { .. } | Target::New { .. } => Ok(self.inside(user)),
            Target::Elsewhere { token, .. } if token.is_empty() => Err(SECRETS_GONE.into()),
            Target::Elsewhere { address, token, .. } => {
                self.elsewhere(crate::remote::Address::new(address)?, &self.unseal(token)?)
            }
        }
    }

    /// Hides a passphrase or a token in a payload.
    ///
    /// # Errors
    /// Never in practice.
    pub fn seal(&self, secret: &str) -> Result<String> {
        use base64::Engine as _;
        let sealed = self.0.seal.seal("backup secret", secret.as_bytes())?;
        Ok(base64::engine::general_purpose::STANDARD_NO_PAD.encode(sealed))
    }

    pub(crate) fn unseal(&self, sealed: &str) -> Result<String> {
        use base64::Engine as _;
        let sealed = base64::engine::general_purpose::STANDARD_NO_PAD
            .decode(sealed)
            .map_err(guildhall_base::Error::internal)?;
        String::from_utf8(self.0.seal.unseal("backup secret", &sealed)?)
            .map_err(guildhall_base::Error::internal)
    }
}

/// The folder in which a job opens its backup.
pub(crate) fn folder(job: JobId) -> String {
    format!("restores/{job}")
}
