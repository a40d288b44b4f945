//! Random texts that prove something, and their hashes, which are all that is stored.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use guildhall_base::{Error, Result};
use rand::RngExt as _;
use sha2::{Digest as _, Sha256};

/// SHA-256 of a secret text. Enough for texts of 32 random bytes: there is nothing to guess.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct SecretHash(pub [u8; 32]);

impl SecretHash {
    /// Of a text.
    pub fn of(text: &str) -> Self {
        Self(Sha256::digest(text.as_bytes()).into())
    }

    /// From the database.
    ///
    /// # Errors
    /// Internal, if it is no hash.
    pub fn from_vec(bytes: Vec<u8>) -> Result<Self> {
        let hash = bytes.try_into().map_err(|_| Error::internal("a stored hash has a wrong length"))?;
        Ok(Self(hash))
    }

    /// As stored.
    pub fn to_vec(self) -> Vec<u8> {
        self.0.to_vec()
    }
}

/// 32 random bytes in base64url: a code, a refresh token, a client's secret.
pub(crate) fn new_secret() -> String {
    let bytes: [u8; 32] = rand::rng().random();
    URL_SAFE_NO_PAD.encode(bytes)
}

/// The base64url of SHA-256 of a text, as PKCE (RFC 7636 4.2) and DPoP's `ath` want it.
pub(crate) fn sha256_base64url(text: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(text.as_bytes()))
}
