//! Secrets that must be kept readable (signing keys, second factors) are stored sealed: encrypted with a key that is
//! not in the database, so that a stolen backup of the database opens nothing.

use std::fmt;
use std::fs::OpenOptions;
use std::io::{ErrorKind, Read as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use guildhall_base::{Error, Result};
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::hmac;

/// How many bytes the key has.
const KEY_BYTES: usize = 32;

/// Seals and opens with one key (AES-256-GCM, a random nonce before each text). Clones share it.
#[derive(Clone)]
pub struct Seal(Arc<(LessSafeKey, hmac::Key)>);

impl fmt::Debug for Seal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Seal")
    }
}

impl Seal {
    /// From 32 secret bytes.
    ///
    /// # Errors
    /// If there are not 32.
    pub fn new(key: &[u8]) -> Result<Self> {
        let cipher = UnboundKey::new(&AES_256_GCM, key).map_err(|_| wrong("the key must have 32 bytes"))?;
        // Codes are made with a key of their own, so that nothing is both encrypted and signed with one.
        let derived = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), b"guildhall authentication codes");
        let codes = hmac::Key::new(hmac::HMAC_SHA256, derived.as_ref());
        Ok(Self(Arc::new((LessSafeKey::new(cipher), codes))))
    }

    /// An authentication code of a text (HMAC-SHA256) that only holders of the key can make. The purpose keeps codes
    /// for one thing from being good for another.
    pub fn code(&self, purpose: &str, text: &[u8]) -> [u8; 32] {
        let mut context = hmac::Context::with_key(&self.0.1);
        context.update(purpose.as_bytes());
        context.update(&[0]);
        context.update(text);
        context.sign().as_ref().first_chunk().copied().unwrap_or_default()
    }

    /// With the key in a file, base64 in one line; makes it where it does not exist, readable by its owner only. Nodes
    /// that share a database share this file.
    ///
    /// # Errors
    /// If it can be neither read nor made, or holds something else.
    pub fn open(path: &Path) -> Result<Self> {
        let fresh: [u8; KEY_BYTES] = rand::random();
        match OpenOptions::new().write(true).create_new(true).mode(0o600).open(path) {
            Ok(mut file) => {
                let text = format!("{}\n", STANDARD_NO_PAD.encode(fresh));
                file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).map_err(Error::internal)?;
                return Self::new(&fresh);
            }
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            Err(error) => return Err(Error::internal(error)),
        }
        let mut text = String::new();
        let mut file = std::fs::File::open(path).map_err(Error::internal)?;
        file.read_to_string(&mut text).map_err(Error::internal)?;
        Self::new(&STANDARD_NO_PAD.decode(text.trim()).map_err(Error::internal)?)
    }

    /// Encrypts. What is given as `place` (a table and a key) is not hidden, but must be the same when it is opened, so
    /// that one row's secret cannot be put into another row.
    ///
    /// # Errors
    /// Never for texts of a sensible length.
    pub fn seal(&self, place: &str, text: &[u8]) -> Result<Vec<u8>> {
        let nonce: [u8; NONCE_LEN] = rand::random();
        let mut sealed = text.to_vec();
        self.0
            .0
            .seal_in_place_append_tag(
                Nonce::assume_unique_for_key(nonce),
                Aad::from(place.as_bytes()),
                &mut sealed,
            )
            .map_err(|_| wrong("the text cannot be sealed"))?;
        Ok([nonce.as_slice(), &sealed].concat())
    }

    /// Decrypts.
    ///
    /// # Errors
    /// If it was sealed with another key or for another place, or was changed.
    pub fn unseal(&self, place: &str, sealed: &[u8]) -> Result<Vec<u8>> {
        let broken = || wrong("a sealed text cannot be opened: it was sealed with another key, or damaged");
        let (nonce, text) = sealed.split_at_checked(NONCE_LEN).ok_or_else(broken)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| broken())?;
        let mut text = text.to_vec();
        let opened =
            self.0.0.open_in_place(nonce, Aad::from(place.as_bytes()), &mut text).map_err(|_| broken())?;
        Ok(opened.to_vec())
    }
}

fn wrong(text: &'static str) -> Error {
    Error::internal(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_sealed_opens_only_with_the_same_key_at_the_same_place() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secret.key");
        let seal = Seal::open(&path).unwrap();
        let sealed = seal.seal("keys/1", b"hush").unwrap();
        assert!(!sealed.windows(4).any(|part| part == b"hush"));
        let again = Seal::open(&path).unwrap();
        assert_eq!(again.unseal("keys/1", &sealed).unwrap(), b"hush");
        assert!(again.unseal("keys/2", &sealed).is_err());
        assert!(Seal::new(&[7; 32]).unwrap().unseal("keys/1", &sealed).is_err());
        assert!(again.unseal("keys/1", b"short").is_err());
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }
}
