//! Tokens of interactions: whoever has one may answer for 15 minutes. Only their hashes are stored.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use guildhall_base::InteractionId;
use rand::{CryptoRng, RngExt as _};
use sha2::{Digest as _, Sha256};

/// A new token, of the form that Discord's have: `base64url(interaction:{id}:{secret})`.
pub(super) fn new_token(id: InteractionId, random: &mut impl CryptoRng) -> String {
    let secret: [u8; 32] = random.random();
    URL_SAFE_NO_PAD.encode(format!("interaction:{id}:{}", URL_SAFE_NO_PAD.encode(secret)))
}

/// Whether a token has the form of an interaction's; webhooks' tokens, which are as good at the same addresses, begin
/// with 96 random bits and have not.
pub(crate) fn is_interaction(token: &str) -> bool {
    // base64url("interaction:")
    token.starts_with("aW50ZXJhY3Rpb246")
}

/// What a token is stored and found by.
pub(super) fn hash(token: &str) -> [u8; 32] {
    Sha256::digest(token.as_bytes()).into()
}
