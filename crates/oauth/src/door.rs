//! [`Applications`]: what other features call.

use std::sync::Arc;

use guildhall_accounts::{Accounts, User};
use guildhall_base::{ApplicationId, Code, Kind, Result, UserId, codes};

use crate::Application;

/// No such application.
pub(crate) const UNKNOWN_APPLICATION: Code =
    Code::new(Kind::NotFound, 10002, "unknown_application", "Unknown Application");

/// The door. Clones share everything.
#[derive(Debug, Clone)]
pub struct Applications(Accounts);

impl Applications {
    /// The accounts that the bots belong to.
    pub fn accounts(&self) -> &Accounts {
        &self.0
    }

    /// An application, from memory if seen lately. Fails with code 10002.
    pub async fn get(&self, _id: ApplicationId) -> Result<Arc<Application>> {
        Err(UNKNOWN_APPLICATION.into())
    }

    /// The application whose bot this user is. Fails with code 10002.
    pub async fn of_bot(&self, bot: UserId) -> Result<Arc<Application>> {
        self.get(bot.cast()).await
    }

    /// Makes an application and its bot user; answers with the bot's token, which is shown only now.
    pub async fn create(&self, _owner: UserId, _name: &str) -> Result<(Arc<Application>, Arc<User>, String)> {
        Err(codes::UNAVAILABLE.into())
    }
}
