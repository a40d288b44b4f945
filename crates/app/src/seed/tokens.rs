//! Tokens that are the same on every run, so that seeding twice neither changes nor doubles one. The database keeps
//! only hashes; what cannot be read back must be computed again.

use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use anyhow::{Context, Result, bail, ensure};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use guildhall_base::UserId;
use sha2::{Digest, Sha256};

/// The key of one installation that its seeded tokens are computed with.
pub(super) struct TokenKey([u8; 32]);

impl TokenKey {
    /// Reads `seed.key` from the data folder, or makes it, readable by this user only.
    ///
    /// # Errors
    /// If the file cannot be read or written.
    pub(super) fn open(data: &Path) -> Result<Self> {
        let path = data.join("seed.key");
        let place = || format!("cannot use the key file {}", path.display());
        match fs::read(&path) {
            Ok(bytes) => {
                Ok(Self(bytes.try_into().ok().context("it does not hold 32 bytes").with_context(place)?))
            }
            Err(error) if error.kind() == ErrorKind::NotFound => {
                let key: [u8; 32] = rand::random();
                let mut file = OpenOptions::new()
                    .write(true)
                    .create_new(true)
                    .mode(0o600)
                    .open(&path)
                    .with_context(place)?;
                file.write_all(&key).and_then(|()| file.sync_all()).with_context(place)?;
                Ok(Self(key))
            }
            Err(error) => Err(error).with_context(place),
        }
    }

    /// The token of a user, human or bot: three parts like every token, the first of which is the id.
    pub(super) fn token(&self, user: UserId) -> String {
        // Hashed twice, so that no longer text's token follows from this one.
        let inner = Sha256::new().chain_update(self.0).chain_update(user.get().to_be_bytes()).finalize();
        let secret = URL_SAFE_NO_PAD.encode(Sha256::digest(inner));
        format!("{}.{}.{secret}", URL_SAFE_NO_PAD.encode(user.to_string()), URL_SAFE_NO_PAD.encode("seeded"))
    }
}

/// The bot that a fixed token says it belongs to: libraries read the id from its first part.
///
/// # Errors
/// If it has not the form that libraries accept.
pub(super) fn bot_of(token: &str) -> Result<UserId> {
    let [id, middle, secret] = token.split('.').collect::<Vec<_>>()[..] else {
        bail!("a bot's token has three parts with dots between: base64(id).x.y");
    };
    let bytes =
        URL_SAFE_NO_PAD.decode(id).or_else(|_| STANDARD_NO_PAD.decode(id)).or_else(|_| STANDARD.decode(id));
    let text = bytes.ok().and_then(|bytes| String::from_utf8(bytes).ok());
    let id = text.and_then(|text| text.parse().ok()).context("a bot's token begins with its id in base64")?;
    ensure!(
        !middle.is_empty() && !secret.is_empty(),
        "the second and third part of a bot's token are not empty"
    );
    Ok(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_stay_the_same_and_name_their_user() {
        let folder = tempfile::tempdir().unwrap();
        let token = TokenKey::open(folder.path()).unwrap().token(UserId::new(42));
        assert_eq!(TokenKey::open(folder.path()).unwrap().token(UserId::new(42)), token);
        assert_eq!(bot_of(&token).unwrap(), UserId::new(42));
        let other = tempfile::tempdir().unwrap();
        assert_ne!(TokenKey::open(other.path()).unwrap().token(UserId::new(42)), token);
    }

    #[test]
    fn tokens_that_libraries_would_refuse_are_refused() {
        for bad in ["", "a.b", "MTIz.x.", "!!.x.y", "YWJj.x.y", "a.b.c.d"] {
            assert!(bot_of(bad).is_err(), "{bad}");
        }
        assert_eq!(bot_of("MTIz.x.y").unwrap(), UserId::new(123));
    }
}
