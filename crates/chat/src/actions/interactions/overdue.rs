//! Interactions that nobody answers: after a while they have failed, and later they are forgotten.

use std::time::Duration;

use guildhall_base::{InteractionId, Result};
use serde_json::json;

use crate::actions::Change;
use crate::store;
use crate::store::interactions::State;
use crate::{Chat, codes};

/// How often it is looked for interactions that failed.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// How long interactions are kept after their token has expired, and the answers that only one user sees.
const KEEP: Duration = Duration::from_secs(24 * 60 * 60);
/// Discord's number for an application that did not answer in time.
const TIMEOUT: u8 = 2;

impl Chat {
    /// Tells users of interactions that their applications have not answered in time. Returns how many there were.
    ///
    /// # Errors
    /// If the database cannot be read or written.
    pub async fn fail_overdue_interactions(&self) -> Result<usize> {
        let mut failed = 0;
        for mut interaction in store::interactions::overdue(self.db(), self.now()).await? {
            interaction.state = State::Failed;
            let mut change = Change::new();
            let (from, otherwise) = (State::Waiting, codes::ALREADY_ACKNOWLEDGED);
            store::interactions::advance(&mut change.batch, &interaction, from, otherwise)?;
            interaction.tell(&mut change, "INTERACTION_FAILURE", json!({ "reason_code": TIMEOUT }))?;
            match self.commit_leaf(change).await {
                Ok(_) => failed += 1,
                // Another process was faster.
                Err(error) if error.is(codes::ALREADY_ACKNOWLEDGED) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(failed)
    }

    /// Tells the user of an interaction that its application has not answered as it should. One that was answered all
    /// the same stays as it is.
    pub(super) async fn fail_interaction(&self, id: InteractionId, token: &str) {
        let failed = async {
            let found = store::interactions::by_token(self.db(), super::token::hash(token)).await?;
            let waiting = found.filter(|found| found.id == id && found.state == State::Waiting);
            let Some(mut interaction) = waiting else { return Ok(()) };
            interaction.state = State::Failed;
            let mut change = Change::new();
            let (from, otherwise) = (State::Waiting, codes::ALREADY_ACKNOWLEDGED);
            store::interactions::advance(&mut change.batch, &interaction, from, otherwise)?;
            interaction.tell(&mut change, "INTERACTION_FAILURE", json!({ "reason_code": TIMEOUT }))?;
            self.commit_leaf(change).await.map(drop)
        };
        match failed.await {
            Err(error) if !error.is(codes::ALREADY_ACKNOWLEDGED) => {
                tracing::warn!(%error, "a failed interaction could not be told");
            }
            _ => {}
        }
    }

    /// Forgets interactions a day after their token expired, and as old answers that only one user saw, with their
    /// files.
    ///
    /// # Errors
    /// If the database cannot be read or written.
    pub async fn forget_old_interactions(&self) -> Result<()> {
        let before = self.now().before(KEEP);
        let mut change = Change::new();
        store::interactions::forget(&mut change.batch, before);
        self.commit_leaf(change).await?;
        loop {
            let old = store::interactions::old_private(self.db(), before).await?;
            if old.is_empty() {
                return Ok(());
            }
            let mut change = Change::new();
            let ids: Vec<_> = old.iter().map(|message| message.id).collect();
            store::interactions::delete_old_private(&mut change.batch, &ids);
            self.commit_leaf(change).await?;
            for message in old {
                self.drop_files(message.channel_id, &message.body.attachments).await;
            }
        }
    }

    /// Looks for overdue ones as time goes by, until the future is dropped. Any number of processes may. It is no job:
    /// what it does follows from the table and the clock at any time, and a second is all it may be late.
    pub async fn tend_interactions(&self) {
        let mut looks = tokio::time::interval(LOOK_EVERY);
        loop {
            looks.tick().await;
            if let Err(error) = self.fail_overdue_interactions().await {
                tracing::warn!(%error, "unanswered interactions could not be looked after");
            }
        }
    }
}
