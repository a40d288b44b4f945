//! What somebody granted: seen and taken back by them.

use std::sync::Arc;

use guildhall_accounts::Actor;
use guildhall_base::{ApplicationId, Result};
use guildhall_infra::db::Batch;

use super::logout::Over;
use crate::OAuth;
use crate::codes::{ONLY_PEOPLE, UNKNOWN_APPLICATION};
use crate::events::{Ended, EndedConsent};
use crate::model::{Application, Consent};
use crate::store;

impl OAuth {
    /// What the actor allowed which applications, the last one first.
    ///
    /// # Errors
    /// For bots and applications.
    pub async fn consents(&self, actor: &Actor) -> Result<Vec<(Consent, Arc<Application>)>> {
        actor.session().ok_or(ONLY_PEOPLE)?;
        let mut list = Vec::new();
        for consent in store::grants::consents(&self.0.db, actor.id()).await? {
            let application = self.0.applications.get(consent.application).await?;
            list.push((consent, application));
        }
        Ok(list)
    }

    /// Takes everything back that the actor allowed an application: its tokens end, its next request is asked about.
    ///
    /// # Errors
    /// `UNKNOWN_APPLICATION` if nothing was allowed.
    pub async fn take_back(&self, actor: &Actor, application: ApplicationId) -> Result<()> {
        actor.session().ok_or(ONLY_PEOPLE)?;
        if store::grants::consent(&self.0.db, actor.id(), application).await?.is_none() {
            return Err(UNKNOWN_APPLICATION.into());
        }
        let user = actor.id();
        let told = self.0.applications.get(application).await?;
        let mut batch = Batch::new();
        // It is over for the application as if they had signed out.
        for (session, id) in store::grants::sessions(&self.0.db, user).await? {
            if id == application {
                self.tell(&mut batch, &told, Over { application, user, session })?;
            }
        }
        store::grants::remove_all(&mut batch, user, application);
        let ended = EndedConsent { user: actor.id(), application, at: self.0.clock.now() };
        self.end(batch, &Ended { consent: Some(ended), ..Ended::default() }).await
    }
}
