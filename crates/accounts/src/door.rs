//! [`Accounts`]: what other features call. What it can do is said beside each thing: `authenticate`, `known`, `actions`.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use guildhall_base::{Clock, Ids, UserId};
use guildhall_infra::cache::Fresh;
use guildhall_infra::db::{Db, Migration};
use guildhall_infra::events::EventLog;

use crate::authenticate::Held;
use crate::config::Config;
use crate::ended::Ended;
use crate::life::Life;
use crate::model::{Account, SessionClass};
use crate::password::Hasher;
use crate::slow::Slow;
use crate::token::TokenHash;
use crate::{passkey, store};

/// The door. Clones share everything.
#[derive(Clone)]
pub struct Accounts(pub(crate) Arc<Inner>);

pub(crate) struct Inner {
    pub(crate) db: Db,
    pub(crate) clock: Clock,
    pub(crate) ids: Ids,
    pub(crate) events: EventLog,
    pub(crate) config: Config,
    pub(crate) hasher: Hasher,
    pub(crate) slow: Slow,
    /// None where the address has no name.
    pub(crate) passkeys: Option<passkey::Site>,
    pub(crate) ended: Ended,
    pub(crate) tokens: Fresh<TokenHash, Held>,
    pub(crate) users: Fresh<UserId, Arc<Account>>,
    pub(crate) life: OnceLock<Life>,
}

impl Accounts {
    /// Over this database, whose [`migrations`](Self::migrations) are applied.
    pub fn new(db: Db, clock: Clock, ids: Ids, events: EventLog, config: Config) -> Self {
        Self(Arc::new(Inner {
            db,
            ids,
            events,
            hasher: Hasher::new(config.hash_threads, 64),
            slow: Slow::new(clock.clone()),
            passkeys: config.public_url.as_ref().and_then(|url| passkey::Site::new(&config.name, url)),
            clock,
            config,
            ended: Ended::new(),
            tokens: Fresh::new(100_000),
            users: Fresh::new(100_000),
            life: OnceLock::new(),
        }))
    }

    /// The tables of this crate.
    pub fn migrations() -> Vec<Migration> {
        store::migrations()
    }

    /// The event log that changes of accounts are written to.
    pub fn events(&self) -> &EventLog {
        &self.0.events
    }

    /// What the operator decided.
    pub fn config(&self) -> &Config {
        &self.0.config
    }

    /// What opens an account here, besides its password.
    pub(crate) fn ways_in(&self) -> store::ways_in::Open {
        let config = &self.0.config;
        let reached = config.fetch.is_some() && config.public_url.is_some();
        store::ways_in::Open {
            mail: config.post.is_some(),
            passkeys: self.0.passkeys.is_some(),
            providers: config.providers.keys().filter(|_| reached).cloned().collect(),
        }
    }

    /// How long a session lives after its last use.
    pub(crate) fn life(&self, class: SessionClass) -> Duration {
        match class {
            SessionClass::Web => self.0.config.session_life,
            // One of a script does not slide; how often its use is noted is the same.
            SessionClass::Api | SessionClass::Script => self.0.config.api_session_life,
        }
    }
}
