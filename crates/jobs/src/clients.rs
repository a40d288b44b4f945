//! Programs that may ask for jobs: each has a name and a secret in the configuration, of which only the hash is there.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use guildhall_base::{Error, Result};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq as _;

/// What a hash begins with in the configuration.
const PREFIX: &str = "sha256:";
/// How many random bytes a secret has at least; guessing them is hopeless, so their hash needs no salt and no work.
const SECRET_BYTES: usize = 32;

/// One program in the configuration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Client {
    /// The hash of its secret as `guildhall jobs secret` prints it, or several while it is being replaced.
    pub secret: Secrets,
}

/// One hash or several.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Secrets {
    /// One.
    One(String),
    /// The new one and the old one.
    Several(Vec<String>),
}

/// The programs by name.
#[derive(Debug, Clone, Default)]
pub struct Clients(BTreeMap<String, Vec<[u8; 32]>>);

impl Clients {
    /// From the configuration.
    ///
    /// # Errors
    /// If a hash is not one; names the client.
    pub fn new(clients: &BTreeMap<String, Client>) -> Result<Self> {
        let mut known = BTreeMap::new();
        for (name, client) in clients {
            let hashes = match &client.secret {
                Secrets::One(hash) => std::slice::from_ref(hash),
                Secrets::Several(hashes) => hashes.as_slice(),
            };
            let wrong = || {
                Error::internal(format!(
                    "jobs.clients.{name}.secret must be {PREFIX} and 64 hexadecimal digits; \
                     `guildhall jobs secret` makes one"
                ))
            };
            if name.is_empty()
                || !name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.'))
            {
                return Err(Error::internal(format!(
                    "jobs.clients.{name}: letters, digits, _, - and . make a name"
                )));
            }
            let hashes: Option<Vec<_>> = hashes.iter().map(|hash| parse(hash)).collect();
            known.insert(name.clone(), hashes.filter(|hashes| !hashes.is_empty()).ok_or_else(wrong)?);
        }
        Ok(Self(known))
    }

    /// The program that an `Authorization: Basic` header names, if its secret is right.
    pub(crate) fn authenticate(&self, header: &str) -> Option<String> {
        let (scheme, credentials) = header.split_once(' ')?;
        if !scheme.eq_ignore_ascii_case("basic") {
            return None;
        }
        let credentials = String::from_utf8(STANDARD.decode(credentials.trim()).ok()?).ok()?;
        let (name, secret) = credentials.split_once(':')?;
        let sent: [u8; 32] = Sha256::digest(secret.as_bytes()).into();
        // A name that does not exist takes as long as one that does.
        let nobody = vec![[0; 32]];
        let (hashes, exists) = self.0.get(name).map_or((&nobody, false), |hashes| (hashes, true));
        let mut right = subtle::Choice::from(0);
        for hash in hashes {
            right |= hash.ct_eq(&sent);
        }
        (bool::from(right) && exists).then(|| name.to_owned())
    }
}

fn parse(hash: &str) -> Option<[u8; 32]> {
    let digits = hash.strip_prefix(PREFIX)?;
    let byte = |at: usize| u8::from_str_radix(digits.get(at * 2..at * 2 + 2)?, 16).ok();
    let bytes: Vec<u8> = (0..32).map(byte).collect::<Option<_>>()?;
    (digits.len() == 64 && digits.is_ascii()).then(|| bytes.try_into().ok())?
}

/// A new secret from these random bytes, and what is written into the configuration for it.
pub fn new_secret(random: [u8; SECRET_BYTES]) -> (String, String) {
    let secret = URL_SAFE_NO_PAD.encode(random);
    let hash: String = Sha256::digest(secret.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect();
    (secret, format!("{PREFIX}{hash}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(name: &str, secret: &str) -> String {
        format!("Basic {}", STANDARD.encode(format!("{name}:{secret}")))
    }

    #[test]
    fn a_program_is_known_by_its_secrets_and_by_nothing_else() {
        let (first, first_hash) = new_secret([1; 32]);
        let (second, second_hash) = new_secret([2; 32]);
        let both = Client { secret: Secrets::Several(vec![first_hash.clone(), second_hash]) };
        let one = Client { secret: Secrets::One(first_hash) };
        let configured = [("both".to_owned(), both), ("one".to_owned(), one)].into();
        let clients = Clients::new(&configured).unwrap();
        assert_eq!(clients.authenticate(&header("both", &first)).as_deref(), Some("both"));
        assert_eq!(clients.authenticate(&header("both", &second)).as_deref(), Some("both"));
        assert_eq!(clients.authenticate(&header("one", &first)).as_deref(), Some("one"));
        for wrong in [
            header("one", &second),
            header("one", ""),
            header("nobody", &first),
            header("", ""),
            "Basic !!".to_owned(),
            format!("Bearer {first}"),
            first,
        ] {
            assert_eq!(clients.authenticate(&wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_secret_in_the_clear_is_refused() {
        for wrong in ["secret", "sha256:", "sha256:00", &format!("sha256:{}", "x".repeat(64))] {
            let client = Client { secret: Secrets::One(wrong.to_owned()) };
            assert!(Clients::new(&[("a".to_owned(), client)].into()).is_err(), "{wrong}");
        }
        let none = Client { secret: Secrets::Several(vec![]) };
        assert!(Clients::new(&[("a".to_owned(), none)].into()).is_err());
    }
}
