//! Use cases, one file per resource. Each loads with authorization, asks a rule, and commits the rows and the events
//! of its change together.

pub(crate) mod audit;
pub(crate) mod audit_log;
pub(crate) mod bans;
pub(crate) mod bodies;
pub(crate) mod channels;
pub(crate) mod commands;
pub(crate) mod direct;
mod enroll;
pub(crate) mod expressions;
mod gone_files;
pub(crate) mod guilds;
pub(crate) mod interactions;
pub(crate) mod invites;
pub(crate) mod mass;
pub(crate) mod members;
pub(crate) mod messages;
mod overwrites;
mod own_data;
pub(crate) mod pictures;
pub(crate) mod pins;
pub(crate) mod preview;
pub(crate) mod reactions;
pub(crate) mod reads;
pub(crate) mod roles;
pub(crate) mod webhooks;

use guildhall_base::Result;
use guildhall_infra::db::{Batch, Outcome};
use guildhall_infra::events::{Audience, NewEvent};
use guildhall_infra::jobs::Effects;
use serde::Serialize;

use crate::Chat;
use crate::world::Was;

/// How often a change of roles or channels is tried again because somebody else was faster. Each time somebody was.
pub(crate) const LAYOUT_ATTEMPTS: usize = 64;

/// One change on its way: its statements and what will be told of it.
#[derive(Default)]
pub(crate) struct Change {
    /// Statements, run in one transaction.
    pub(crate) batch: Batch,
    events: Vec<NewEvent>,
}

impl Change {
    /// Nothing yet.
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// Adds an event; the body is encoded now.
    pub(crate) fn emit<T: Serialize>(
        &mut self,
        name: &'static str,
        audience: Audience,
        body: &T,
    ) -> Result<()> {
        self.events.push(NewEvent::new(name, audience, body)?);
        Ok(())
    }

    /// The same for an event that decides who sees what: with what was before.
    pub(crate) fn emit_over<T: Serialize>(
        &mut self,
        name: &'static str,
        audience: Audience,
        body: &T,
        was: &Was,
    ) -> Result<()> {
        self.events.push(NewEvent::new(name, audience, body)?.was(was)?);
        Ok(())
    }

    /// Makes it part of a job's step.
    pub(crate) fn into_effects(self, effects: &Effects) {
        effects.batch(|batch| batch.append(self.batch));
        self.events.into_iter().for_each(|event| effects.event(event));
    }

    /// Whether there is nothing to tell.
    pub(crate) fn is_silent(&self) -> bool {
        self.events.is_empty()
    }

    /// Adds an event that says whose it is.
    pub(crate) fn push(&mut self, event: NewEvent) {
        self.events.push(event);
    }
}

impl Chat {
    /// Writes a change. When this returns, it is durable and the world shows it.
    pub(crate) async fn commit(&self, change: Change) -> Result<Vec<Outcome>> {
        self.parts.log.commit(change.batch, &change.events).await
    }

    /// Writes a change that no permission and no visibility follows from.
    pub(crate) async fn commit_leaf(&self, change: Change) -> Result<Vec<Outcome>> {
        self.parts.log.commit_leaf(change.batch, &change.events).await
    }
}
