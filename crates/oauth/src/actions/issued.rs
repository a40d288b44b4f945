//! Codes and refresh tokens that this process gave out and expects back, so that nothing is read when they come. The
//! database decides all the same: whatever comes of them is one batch with a claim that only an unused, unrevoked one
//! passes, whoever used or revoked it. What is kept never changes, and is taken out by the first who brings it.

use std::time::Duration;

use guildhall_base::Timestamp;
use moka::policy::EvictionPolicy;
use moka::sync::Cache;

use crate::config::Config;
use crate::model::{Code, Grant, Refresh, SecretHash};

/// How many of each are kept; a few hundred bytes are one.
const MOST: u64 = 20_000;

/// What was given out lately.
pub(crate) struct Issued {
    codes: Cache<SecretHash, Code>,
    refreshes: Cache<SecretHash, (Refresh, Grant)>,
}

impl Issued {
    pub(crate) fn new(config: &Config) -> Self {
        // A client comes for new tokens about when the access token ends.
        Self { codes: kept(config.code_life), refreshes: kept(config.access_life * 2) }
    }

    /// To be called when the code is in the database.
    pub(crate) fn keep_code(&self, hash: SecretHash, code: Code) {
        self.codes.insert(hash, code);
    }

    /// To be called when the token is in the database.
    pub(crate) fn keep_refresh(&self, refresh: Refresh, grant: Grant) {
        self.refreshes.insert(refresh.hash, (refresh, grant));
    }

    /// What is known of a code that fits; of any other the database must tell why it does not.
    pub(crate) fn take_code(&self, hash: SecretHash, fits: impl FnOnce(&Code) -> bool) -> Option<Code> {
        self.codes.remove(&hash).filter(fits)
    }

    /// The same of a refresh token.
    pub(crate) fn take_refresh(
        &self,
        hash: SecretHash,
        now: Timestamp,
        jkt: Option<&str>,
    ) -> Option<(Refresh, Grant)> {
        self.refreshes.remove(&hash).filter(|(refresh, _)| refresh.may_be_used(now, jkt))
    }
}

fn kept<V: Clone + Send + Sync + 'static>(life: Duration) -> Cache<SecretHash, V> {
    let kept = Cache::builder().max_capacity(MOST).eviction_policy(EvictionPolicy::lru());
    kept.time_to_live(life).build()
}
