//! Tokens of listings: three parts as other lists' libraries expect, of which the second names the listing and only the
//! last is secret.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rand::{CryptoRng, RngExt as _};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

use crate::model::{ListingId, ListingKind};

/// A longer text is no token; it is not even looked at.
const LONGEST: usize = 300;

/// What a token says openly.
#[derive(Serialize, Deserialize)]
struct Names {
    id: guildhall_base::AnyId,
    kind: ListingKind,
}

/// A new token.
///
/// # Errors
/// Internal, if the name cannot be written as JSON.
pub(crate) fn new(listing: ListingId, random: &mut impl CryptoRng) -> guildhall_base::Result<String> {
    let names = Names { id: listing.id, kind: listing.kind };
    let names = serde_json::to_vec(&names).map_err(guildhall_base::Error::internal)?;
    let secret: [u8; 32] = random.random();
    let parts = [br#"{"typ":"listing"}"#.as_slice(), &names, &secret];
    Ok(parts.map(|part| URL_SAFE_NO_PAD.encode(part)).join("."))
}

/// Whose token a text may be.
pub(crate) fn names(text: &str) -> Option<ListingId> {
    let mut parts = text.split('.');
    let (_, names, secret) = (parts.next()?, parts.next()?, parts.next()?);
    if text.len() > LONGEST || secret.is_empty() || parts.next().is_some() {
        return None;
    }
    let names: Names = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(names).ok()?).ok()?;
    Some(ListingId { kind: names.kind, id: names.id })
}

/// What is stored of a token.
pub(crate) fn hash(text: &str) -> [u8; 32] {
    Sha256::digest(text.as_bytes()).into()
}

/// Whether a text is the token of which this is stored; takes as long whatever differs.
pub(crate) fn fits(text: &str, stored: &[u8]) -> bool {
    hash(text).ct_eq(stored).into()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failing test says so by panicking")]

    use guildhall_base::UserId;

    use super::*;

    #[test]
    fn a_token_names_its_listing_and_fits_its_hash_alone() {
        let bot = ListingId::bot(UserId::new(1_573_306_918_502_576_128));
        let (one, two) = (new(bot, &mut rand::rng()).unwrap(), new(bot, &mut rand::rng()).unwrap());
        assert_ne!(one, two);
        assert_eq!(names(&one), Some(bot));
        assert!(fits(&one, &hash(&one)) && !fits(&two, &hash(&one)) && !fits(&one, &[]));
        // Libraries of top.gg read the id out of the second part.
        let second = one.split('.').nth(1).unwrap();
        let read: serde_json::Value =
            serde_json::from_slice(&URL_SAFE_NO_PAD.decode(second).unwrap()).unwrap();
        assert_eq!(read["id"], "1573306918502576128");
    }

    #[test]
    fn what_is_no_token_names_nobody() {
        for text in ["", "a.b.c", "a.b", "...", "e30.e30.x", &"x".repeat(400)] {
            assert_eq!(names(text), None, "{text}");
        }
    }
}
