//! Tokens: three parts that libraries recognise, of which only the last is secret. Only hashes are stored.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use guildhall_base::{Timestamp, UserId};
use rand::{CryptoRng, RngExt as _};
use sha2::{Digest as _, Sha256};

/// A longer text is no token; it is not even hashed.
const MAX_LENGTH: usize = 256;

/// The SHA-256 of a token: what is stored, and the key it is found by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct TokenHash([u8; 32]);

impl TokenHash {
    /// The hash of a text that may be a token; none if it cannot be one.
    pub(crate) fn of(text: &str) -> Option<Self> {
        let plausible =
            (1..=MAX_LENGTH).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic());
        plausible.then(|| Self(Sha256::digest(text.as_bytes()).into()))
    }

    /// As stored.
    pub(crate) fn to_vec(self) -> Vec<u8> {
        self.0.to_vec()
    }

    /// From the database.
    pub(crate) fn from_vec(bytes: Vec<u8>) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }
}

/// A new token for a user: `base64url(id in decimal).base64url(6 bytes of time).base64url(32 random bytes)`,
/// nowhere padded. hikari reads the first part.
pub(crate) fn new_token(user: UserId, now: Timestamp, random: &mut impl CryptoRng) -> String {
    let secret: [u8; 32] = random.random();
    let [_, _, time @ ..] = now.millis().to_be_bytes();
    let id = URL_SAFE_NO_PAD.encode(user.to_string());
    format!("{id}.{}.{}", URL_SAFE_NO_PAD.encode(time), URL_SAFE_NO_PAD.encode(secret))
}

/// A one-time code for a link: 32 random bytes.
pub(crate) fn new_code(random: &mut impl CryptoRng) -> String {
    let secret: [u8; 32] = random.random();
    URL_SAFE_NO_PAD.encode(secret)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_has_three_unpadded_parts_of_which_the_first_is_the_id() {
        let token = new_token(
            UserId::new(175_928_847_299_117_063),
            Timestamp::from_millis(1_700_000_000_000),
            &mut rand::rng(),
        );
        let parts: Vec<_> = token.split('.').collect();
        assert_eq!(parts.len(), 3);
        assert_eq!(URL_SAFE_NO_PAD.decode(parts[0]).unwrap(), b"175928847299117063");
        assert_eq!(URL_SAFE_NO_PAD.decode(parts[1]).unwrap().len(), 6);
        assert_eq!(URL_SAFE_NO_PAD.decode(parts[2]).unwrap().len(), 32);
        assert!(!token.contains('='));
    }

    #[test]
    fn what_cannot_be_a_token_is_not_hashed() {
        assert!(TokenHash::of("").is_none());
        assert!(TokenHash::of("a b").is_none());
        assert!(TokenHash::of(&"x".repeat(257)).is_none());
        assert_eq!(TokenHash::of("abc"), TokenHash::of("abc"));
    }
}
