//! What other processes change reaches this one's memory through the event log.

use guildhall_base::{Result, UserId};
use guildhall_infra::events::Event;
use serde::Deserialize;

use crate::Accounts;
use crate::events::{CREDENTIALS_ENDED, CredentialsEnded, STANDING_CHANGED};

/// How many events are looked at in one go.
const ROUND: usize = 512;

#[derive(Deserialize)]
struct Changed {
    user_id: UserId,
}

impl Accounts {
    /// Follows the log and forgets what has changed: sessions and tokens that ended, people who are something else
    /// now. Runs until it is dropped or the log is closed; a process that serves runs it once.
    pub async fn follow(self) {
        let mut tail = self.0.events.tail(self.0.events.head());
        loop {
            match tail.next(ROUND).await {
                Ok(Some(events)) => {
                    for event in events {
                        self.take_in(&event);
                    }
                }
                Ok(None) => return,
                Err(error) => {
                    tracing::warn!(%error, "accounts cannot follow the event log; trying again");
                    tokio::time::sleep(std::time::Duration::from_millis(200)).await;
                }
            }
        }
    }

    fn take_in(&self, event: &Event) {
        match &*event.name {
            CREDENTIALS_ENDED => {
                let ended: Result<CredentialsEnded> = event.parse();
                if let Ok(ended) = ended {
                    self.forget_credentials(ended.user_id);
                }
            }
            STANDING_CHANGED => {
                let changed: Result<Changed> = event.parse();
                // What their sessions may be used for follows from it.
                if let Ok(changed) = changed {
                    self.forget_credentials(changed.user_id);
                }
            }
            "USER_UPDATE" => {
                if let Some(user) = event.actor {
                    self.0.users.forget(user);
                }
            }
            _ => {}
        }
    }
}
