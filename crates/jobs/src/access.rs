//! Who asks, and what they may see. What one may not see is not there: 404.

use axum::extract::{FromRef, FromRequestParts};
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use axum::response::Response;
use guildhall_accounts::codes::MISSING_RIGHTS;
use guildhall_accounts::{Accounts, Actor, Rights};
use guildhall_base::{GuildId, JobId, Permissions, Result, codes};
use guildhall_infra::jobs::{File, Record};

use crate::Desk;

/// Who asks.
#[derive(Debug, Clone)]
pub enum Asker {
    /// A program of the configuration.
    Client(String),
    /// A person, or a bot.
    Person(Actor),
}

impl<S> FromRequestParts<S> for Asker
where
    Desk: FromRef<S>,
    Accounts: FromRef<S>,
    S: Send + Sync,
{
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> std::result::Result<Self, Response> {
        let desk = Desk::from_ref(state);
        let header = parts.headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
        if let Some(client) = header.and_then(|header| desk.0.clients.authenticate(header)) {
            return Ok(Self::Client(client));
        }
        <Actor as FromRequestParts<S>>::from_request_parts(parts, state).await.map(Self::Person)
    }
}

impl Asker {
    /// By what name their requests are told apart from those of others.
    pub(crate) fn name(&self) -> String {
        match self {
            Self::Client(name) => name.clone(),
            // Names in the configuration have no colon.
            Self::Person(actor) => format!("user:{}", actor.id()),
        }
    }
}

impl Desk {
    /// A job, for those who may see it; they may also cancel it and try it again.
    ///
    /// # Errors
    /// `NOT_FOUND`.
    pub async fn job(&self, asker: &Asker, id: JobId) -> Result<Record> {
        let record = self.jobs().get(id).await?;
        let seen = self.concerns(asker, &record).await? || self.looks_after(asker).await?;
        if seen { Ok(record) } else { Err(codes::NOT_FOUND.into()) }
    }

    /// The files that a job made, for those whom it concerns. To look after jobs is not to read what is in them: other
    /// people's are only for who holds every right.
    ///
    /// # Errors
    /// As [`Desk::job`]; `MISSING_RIGHTS`.
    pub async fn files(&self, asker: &Asker, id: JobId) -> Result<Vec<File>> {
        let record = self.job(asker, id).await?;
        if !self.concerns(asker, &record).await? {
            self.require(asker, Rights::all()).await?;
        }
        self.jobs().files(id).await
    }

    /// Whether a job is the asker's own, or of a guild that they manage.
    async fn concerns(&self, asker: &Asker, record: &Record) -> Result<bool> {
        Ok(match asker {
            Asker::Client(name) => record.client.as_deref() == Some(name),
            Asker::Person(actor) if record.owner.user == Some(actor.id()) => true,
            Asker::Person(actor) => match record.owner.guild {
                Some(guild) => self.manages(actor, guild).await?,
                None => false,
            },
        })
    }

    /// Whether they look after everybody's jobs: see them with their causes, cancel them and try them again. From fresh
    /// data.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub async fn looks_after(&self, asker: &Asker) -> Result<bool> {
        self.holds(asker, Rights::JOBS_MANAGE).await
    }

    /// Whether they may start any kind of job, for anybody: programs, and who holds every right.
    pub(crate) async fn starts_all(&self, asker: &Asker) -> Result<bool> {
        Ok(matches!(asker, Asker::Client(_)) || self.holds(asker, Rights::all()).await?)
    }

    async fn holds(&self, asker: &Asker, rights: Rights) -> Result<bool> {
        match asker {
            Asker::Client(_) => Ok(false),
            Asker::Person(actor) => self.0.accounts.holds_rights(actor, rights).await,
        }
    }

    /// Refuses whoever has not these rights now.
    pub(crate) async fn require(&self, asker: &Asker, rights: Rights) -> Result<()> {
        match asker {
            Asker::Client(_) => Err(MISSING_RIGHTS.into()),
            Asker::Person(actor) => self.0.accounts.require_rights(actor, rights).await.map(drop),
        }
    }

    /// Whether they manage this guild.
    pub(crate) async fn manages(&self, actor: &Actor, guild: GuildId) -> Result<bool> {
        match self.0.chat.guild(actor, guild).await {
            Ok(access) => Ok(access.permissions.contains(Permissions::MANAGE_GUILD)),
            Err(error) if error.kind() == guildhall_base::Kind::NotFound => Ok(false),
            Err(error) => Err(error),
        }
    }
}
