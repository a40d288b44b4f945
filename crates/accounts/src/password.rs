//! Passwords: argon2id (19 MiB, two passes, one lane, as OWASP recommends), a few at a time on blocking threads.

use std::sync::Arc;
use std::time::Duration;

use argon2::password_hash::phc::PasswordHash;
use argon2::{Algorithm, Argon2, Params, PasswordHasher as _, PasswordVerifier as _, Version};
use guildhall_base::{Error, Result, codes};
use tokio::sync::Semaphore;

/// Memory in KiB, passes, lanes.
const COST: (u32, u32, u32) = (19 * 1024, 2, 1);

/// Compared with when there is no such user or no password, so that the answer takes as long. No text hashes to it
/// that anybody could find.
const NOBODY: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$Z3VpbGRoYWxsbm9ib2R5$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// Hashes and compares passwords without blocking the server: at most `running` at once, at most `waiting` more in
/// the queue; whoever comes then is told to come back.
#[derive(Debug, Clone)]
pub(crate) struct Hasher {
    admitted: Arc<Semaphore>,
    running: Arc<Semaphore>,
}

impl Hasher {
    /// With these bounds.
    pub(crate) fn new(running: usize, waiting: usize) -> Self {
        let running = running.max(1);
        Self {
            admitted: Arc::new(Semaphore::new(running + waiting)),
            running: Arc::new(Semaphore::new(running)),
        }
    }

    /// The PHC string to store.
    pub(crate) async fn hash(&self, password: &str) -> Result<String> {
        let password = password.to_owned();
        self.run(move || {
            let hash = argon()?.hash_password(password.as_bytes()).map_err(broken)?;
            Ok(hash.to_string())
        })
        .await
    }

    /// Whether the password is the one that was stored. Takes as long when nothing was stored.
    pub(crate) async fn verify(&self, password: &str, stored: Option<String>) -> Result<bool> {
        let (password, known) = (password.to_owned(), stored.is_some());
        self.run(move || {
            let stored = stored.as_deref().unwrap_or(NOBODY);
            if is_imported(stored) {
                return bcrypt::verify(password, stored).map_err(broken);
            }
            let hash = PasswordHash::new(stored).map_err(broken)?;
            Ok(argon()?.verify_password(password.as_bytes(), &hash).is_ok() && known)
        })
        .await
    }

    async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
        let busy = || Error { retry_after: Some(Duration::from_secs(2)), ..codes::UNAVAILABLE.into() };
        let _place = self.admitted.try_acquire().map_err(|_| busy())?;
        // The permit goes with the work: a caller who gives up must not make room for more work than is allowed.
        let turn = self.running.clone().acquire_owned().await.map_err(Error::internal)?;
        let work = move || {
            let _turn = turn;
            work()
        };
        tokio::task::spawn_blocking(work).await.map_err(Error::internal)?
    }
}

fn argon() -> Result<Argon2<'static>> {
    let params = Params::new(COST.0, COST.1, COST.2, None).map_err(broken)?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

/// Whether a stored password came from a system that used bcrypt. It is written anew when its owner signs in.
pub(crate) fn is_imported(stored: &str) -> bool {
    stored.starts_with("$2")
}

/// Whether a text is a hash that can be taken over from another system: bcrypt (`$2a$`, `$2b$`, `$2y$`, cost up to 15)
/// or argon2id of up to 256 MiB and ten passes. Costlier ones would let their owner keep the server busy.
pub(crate) fn is_importable(hash: &str) -> bool {
    if is_imported(hash) {
        let cost = hash.parse::<bcrypt::HashParts>().map(|parts| parts.get_cost());
        return hash.len() == 60 && cost.is_ok_and(|cost| (4..=15).contains(&cost));
    }
    let Ok(parsed) = PasswordHash::new(hash) else { return false };
    let bounded = Params::try_from(&parsed)
        .is_ok_and(|params| params.m_cost() <= 256 * 1024 && params.t_cost() <= 10 && params.p_cost() <= 8);
    hash.starts_with("$argon2id$") && parsed.hash.is_some() && bounded
}

fn broken(error: impl std::fmt::Display) -> Error {
    Error::internal(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn only_the_right_password_matches_and_nobody_has_one() {
        let hasher = Hasher::new(1, 4);
        let stored = hasher.hash("correct horse").await.unwrap();
        assert!(stored.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{stored}");
        assert!(hasher.verify("correct horse", Some(stored.clone())).await.unwrap());
        assert!(!hasher.verify("correct house", Some(stored)).await.unwrap());
        assert!(!hasher.verify("correct horse", None).await.unwrap());
    }

    #[tokio::test]
    async fn hashes_of_other_systems_are_understood_within_bounds() {
        let hasher = Hasher::new(1, 4);
        let theirs = bcrypt::hash("correct horse", 4).unwrap();
        assert!(is_importable(&theirs) && is_imported(&theirs));
        assert!(hasher.verify("correct horse", Some(theirs.clone())).await.unwrap());
        assert!(!hasher.verify("correct house", Some(theirs.clone())).await.unwrap());
        assert!(is_importable(&hasher.hash("x").await.unwrap()));
        for bad in [
            "",
            "plain",
            "$2b$31$abcdefghijklmnopqrstuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuu",
            "$argon2id$v=19$m=4194304,t=2,p=1$Z3VpbGRoYWxsbm9ib2R5$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
            "$argon2i$v=19$m=19456,t=2,p=1$Z3VpbGRoYWxsbm9ib2R5$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        ] {
            assert!(!is_importable(bad), "{bad}");
        }
    }

    #[tokio::test]
    async fn more_than_the_queue_holds_are_sent_away() {
        let hasher = Hasher::new(1, 1);
        let all = (0..8).map(|_| {
            let hasher = hasher.clone();
            tokio::spawn(async move { hasher.verify("x", None).await })
        });
        let mut refused = 0;
        for task in all.collect::<Vec<_>>() {
            match task.await.unwrap() {
                Ok(matches) => assert!(!matches),
                Err(error) => {
                    assert!(error.is(codes::UNAVAILABLE) && error.retry_after.is_some());
                    refused += 1;
                }
            }
        }
        assert!(refused > 0);
    }
}
