//! [`Accounts`]: what other features call.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use guildhall_base::{Result, UserId, codes};

use crate::{Actor, User};

/// What the operator decides about accounts.
#[derive(Debug, Clone)]
pub struct Config {
    /// Whether strangers may register.
    pub registration: bool,
    /// Whether the site is reached by https, so that cookies are marked `Secure`.
    pub secure: bool,
    /// How long a web session lives after it was last used.
    pub session_life: Duration,
}

impl Default for Config {
    fn default() -> Self {
        Self { registration: true, secure: false, session_life: Duration::from_secs(30 * 24 * 3600) }
    }
}

/// A user to make.
#[derive(Debug, Clone, Default)]
pub struct NewUser {
    /// The name; unique among humans, free among bots.
    pub username: String,
    /// The name to show.
    pub global_name: Option<String>,
    /// The password; without one nobody signs in as this user.
    pub password: Option<String>,
    /// Whether it is a bot.
    pub bot: bool,
    /// Whether they run this installation.
    pub staff: bool,
    /// The id, where it is given (an application's); otherwise a new one.
    pub id: Option<UserId>,
}

/// The door. Clones share everything.
#[derive(Debug, Clone)]
pub struct Accounts(Arc<Config>);

impl Accounts {
    /// What the operator decided.
    pub fn config(&self) -> &Config {
        &self.0
    }

    /// Whose credential this is: `Bot <token>` or a person's bare session token. No database call when it was seen
    /// lately. Fails with [`codes::UNAUTHENTICATED`].
    pub async fn authenticate(&self, _header: &str) -> Result<Actor> {
        Err(codes::UNAUTHENTICATED.into())
    }

    /// Forgets what is known of a user in memory, after something changed behind this door's back.
    pub fn invalidate(&self, _user: UserId) {}

    /// A user, from memory if seen lately. Fails with code 10013.
    pub async fn user(&self, _id: UserId) -> Result<Arc<User>> {
        Err(codes::NOT_FOUND.into())
    }

    /// Those of these users that exist.
    pub async fn users(&self, _ids: &[UserId]) -> Result<HashMap<UserId, Arc<User>>> {
        Ok(HashMap::new())
    }

    /// A human by unique name.
    pub async fn user_by_name(&self, _username: &str) -> Result<Option<Arc<User>>> {
        Ok(None)
    }
}
