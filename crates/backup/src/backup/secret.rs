//! What a payload may not keep in the clear.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use guildhall_base::codes::INVALID_FORM;
use guildhall_base::{Error, FieldError, Result};
use serde::{Deserialize, Serialize};

use super::Wanted;
use crate::Backups;
use crate::codes::SECRETS_GONE;
use crate::container::seal::Lock;

/// The shortest passphrase, in characters.
const SHORTEST: usize = 8;
/// The longest, in bytes.
const LONGEST: usize = 1024;

/// A guild of another server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Elsewhere {
    /// Its address: `https://discord.com`.
    pub address: String,
    /// The token of a bot that may read the guild.
    pub token: Hidden,
}

/// A secret as it is sent, and as it is kept.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Hidden {
    /// As it is sent.
    Plain(String),
    /// As it is kept.
    Sealed {
        /// Base64.
        sealed: String,
    },
}

/// A passphrase as it is sent, and what is kept in its place.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Passphrase {
    /// As it is sent.
    Plain(String),
    /// What is kept: nothing from which the passphrase follows, and a key that opens this one file.
    Lock {
        /// The file's head, in which the key is wrapped for the passphrase.
        head: String,
        /// The key, sealed by this server.
        key: Hidden,
    },
}

impl Passphrase {
    /// Whether what is needed of it was removed when the job was over.
    pub(super) fn is_gone(&self) -> bool {
        matches!(self, Self::Lock { key, .. } if *key == Hidden::gone())
    }
}

impl Hidden {
    /// What is left of it when nobody needs it any more.
    pub(super) fn gone() -> Self {
        Self::Sealed { sealed: String::new() }
    }
}

impl fmt::Debug for Hidden {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Hidden")
    }
}

impl fmt::Debug for Passphrase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Passphrase")
    }
}

/// Whether a passphrase can be used.
pub(super) fn check(text: &str) -> Result<()> {
    if text.chars().count() < SHORTEST || text.len() > LONGEST {
        let wrong = FieldError {
            min: Some(SHORTEST as i64),
            max: Some(LONGEST as i64),
            ..FieldError::new("passphrase", "BASE_TYPE_BAD_LENGTH", "8 characters to 1024 bytes")
        };
        return Err(Error { fields: vec![wrong], ..Error::from(INVALID_FORM) });
    }
    Ok(())
}

impl Backups {
    /// The same with nothing secret in the clear.
    pub(super) async fn without_secrets(&self, mut wanted: Wanted) -> Result<Wanted> {
        if let Some(elsewhere) = &mut wanted.elsewhere
            && let Hidden::Plain(token) = &elsewhere.token
        {
            elsewhere.token = self.hide(token.as_bytes())?;
        }
        if let Some(Passphrase::Plain(text)) = wanted.passphrase.take() {
            check(&text)?;
            let lock =
                tokio::task::spawn_blocking(move || Lock::new(&text)).await.map_err(Error::internal)??;
            wanted.passphrase = Some(Passphrase::Lock { key: self.hide(&lock.key)?, head: lock.head });
        }
        Ok(wanted)
    }

    fn hide(&self, secret: &[u8]) -> Result<Hidden> {
        let sealed = self.0.seal.seal("backup", secret)?;
        Ok(Hidden::Sealed { sealed: STANDARD_NO_PAD.encode(sealed) })
    }

    /// The secret as it was sent.
    pub(super) fn reveal(&self, hidden: &Hidden) -> Result<String> {
        String::from_utf8(self.open(hidden)?).map_err(Error::internal)
    }

    fn open(&self, hidden: &Hidden) -> Result<Vec<u8>> {
        match hidden {
            Hidden::Plain(text) => Ok(text.as_bytes().to_vec()),
            Hidden::Sealed { sealed } if sealed.is_empty() => Err(SECRETS_GONE.into()),
            Hidden::Sealed { sealed } => {
                self.0.seal.unseal("backup", &STANDARD_NO_PAD.decode(sealed).map_err(Error::internal)?)
            }
        }
    }

    /// What the file is sealed with.
    pub(super) async fn lock(&self, passphrase: &Passphrase) -> Result<Lock> {
        match passphrase {
            Passphrase::Plain(text) => {
                let text = text.clone();
                tokio::task::spawn_blocking(move || Lock::new(&text)).await.map_err(Error::internal)?
            }
            Passphrase::Lock { head, key } => {
                let key = self.open(key)?.try_into().map_err(|_| Error::internal("no key of a backup"))?;
                Ok(Lock { head: head.clone(), key })
            }
        }
    }
}
