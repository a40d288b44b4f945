//! What the authorization server keeps of people: what they allowed applications, and applications of their own.

use guildhall_accounts::life::{Archive, Later, OwnData, UserColumn};
use guildhall_base::{Result, UserId};
use guildhall_infra::db::Batch;
use guildhall_infra::jobs::{Ctx, Effects, Outcome};
use serde_json::json;

use crate::codes::UNKNOWN_APPLICATION;
use crate::events::{Ended, EndedConsent};
use crate::{OAuth, store};

const COLUMNS: &[UserColumn] = &[
    UserColumn::gone("applications", "owner_id"),
    UserColumn::gone("consents", "user_id"),
    UserColumn::gone("grants", "user_id"),
    UserColumn::gone("authorization_codes", "user_id"),
    UserColumn::gone("device_codes", "user_id"),
    UserColumn::gone("registration_tokens", "created_by"),
    UserColumn::gone("application_days", "user_id"),
];

impl OwnData for OAuth {
    fn name(&self) -> &'static str {
        "oauth"
    }

    fn columns(&self) -> &'static [UserColumn] {
        COLUMNS
    }

    fn export<'a>(&'a self, user: UserId, archive: &'a mut Archive) -> Later<'a, Result<()>> {
        Box::pin(self.export_own(user, archive))
    }

    fn forget<'a>(&'a self, _ctx: &'a Ctx, user: UserId, effects: Effects) -> Later<'a, Outcome> {
        Box::pin(async move {
            self.end_application_of(user).await?;
            self.end_consents(user).await?;
            effects.batch(|batch| store::own_data::forget(batch, user));
            Ok(())
        })
    }
}

impl OAuth {
    async fn export_own(&self, user: UserId, archive: &mut Archive) -> Result<()> {
        archive.list("allowed.json").await?;
        for consent in store::grants::consents(&self.0.db, user).await? {
            let application = self.0.applications.get(consent.application).await?;
            let entry = json!({
                "application_id": application.id, "application": application.name,
                "scopes": consent.scopes.to_string(),
            });
            archive.item(&entry).await?;
        }
        archive.end_list().await?;
        archive.list("applications.json").await?;
        for application in self.0.applications.of_owner(user).await? {
            let entry = json!({
                "id": application.id, "name": application.name, "description": application.description,
                "created_at": application.created, "redirect_uris": application.client.redirect_uris,
                "scopes": application.client.scopes.to_string(), "public": application.public,
            });
            archive.item(&entry).await?;
        }
        archive.end_list().await
    }

    /// Deletes the application whose bot this is, with everything that was allowed to it.
    async fn end_application_of(&self, bot: UserId) -> Result<()> {
        let application = match self.0.applications.of_bot(bot).await {
            Err(error) if error.is(UNKNOWN_APPLICATION) => return Ok(()),
            other => other?.id,
        };
        let mut batch = Batch::new();
        store::applications::remove(&mut batch, application);
        let ended = Ended { application: Some(application), ..Ended::default() };
        match self.end(batch, &ended).await {
            // An earlier try got so far.
            Err(error) if error.is(UNKNOWN_APPLICATION) => Ok(()),
            other => other,
        }
    }

    /// Takes back everything that somebody allowed.
    async fn end_consents(&self, user: UserId) -> Result<()> {
        for application in store::own_data::allowed(&self.0.db, user).await? {
            let mut batch = Batch::new();
            store::grants::remove_all(&mut batch, user, application);
            let ended = EndedConsent { user, application, at: self.0.clock.now() };
            self.end(batch, &Ended { consent: Some(ended), ..Ended::default() }).await?;
        }
        Ok(())
    }
}
