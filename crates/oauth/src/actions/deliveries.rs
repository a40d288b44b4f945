//! What was sent to an application's addresses: shown to its owner, and sent once more where they ask for it.

use guildhall_accounts::Actor;
use guildhall_base::{ApplicationId, Code, Error, Kind, Result};
use guildhall_infra::db::Batch;

use super::logout::Over;
use crate::OAuth;
use crate::store;

/// No such delivery, or one that cannot be made again.
const UNKNOWN_DELIVERY: Code =
    Code::new(Kind::NotFound, 0, "unknown_delivery", "There is no such delivery, or it cannot be repeated.");

impl OAuth {
    /// Sends a logout token of an application of the actor's own again; what comes of it is in the log soon after.
    ///
    /// # Errors
    /// `UNKNOWN_APPLICATION`; [`UNKNOWN_DELIVERY`].
    pub(crate) async fn repeat_delivery(
        &self,
        actor: &Actor,
        id: ApplicationId,
        delivery: i64,
    ) -> Result<()> {
        let application = self.0.applications.owned(actor, id).await?;
        let found = store::usage::find_delivery(&self.0.db, id, delivery).await?;
        let found = found.filter(|found| !found.subject.is_empty()).ok_or(UNKNOWN_DELIVERY)?;
        let over: Over = serde_json::from_str(&found.subject).map_err(Error::internal)?;
        let mut batch = Batch::new();
        self.tell(&mut batch, &application, over)?;
        self.0.db.write(batch).await?;
        Ok(())
    }
}
