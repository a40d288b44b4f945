//! Who asks, and what they may see. What one may not see is not there: 404.

use axum::extract::{FromRef, FromRequestParts};
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use axum::response::Response;
use guildhall_accounts::{Accounts, Actor};
use guildhall_base::{GuildId, JobId, Permissions, Result, codes};
use guildhall_infra::jobs::Record;

use crate::Desk;
use crate::codes::ONLY_STAFF;

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
    /// Whether they run the installation.
    pub fn is_staff(&self) -> bool {
        matches!(self, Self::Person(actor) if actor.staff)
    }

    /// Refuses everybody else.
    pub(crate) fn require_staff(&self) -> Result<()> {
        if self.is_staff() { Ok(()) } else { Err(ONLY_STAFF.into()) }
    }

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
        let seen = match asker {
            Asker::Client(name) => record.client.as_deref() == Some(name),
            Asker::Person(actor) => {
                actor.staff
                    || record.owner.user == Some(actor.id())
                    || match record.owner.guild {
                        Some(guild) => self.manages(actor, guild).await?,
                        None => false,
                    }
            }
        };
        if seen { Ok(record) } else { Err(codes::NOT_FOUND.into()) }
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
