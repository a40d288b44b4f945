//! DPoP (RFC 9449): a proof, made anew for each request, that whoever brings a token holds the key it is bound to.
//!
//! Proofs carry a nonce of ours, which is an authentication code of the current five minutes: nothing is stored for it.
//! A proof without one is answered with one before anything else happens, so that no code and no refresh token is
//! consumed by a request that has to be sent again.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use guildhall_base::{Code, Error, Kind};
use guildhall_infra::db::Batch;
use jsonwebtoken::jwk::{Jwk, ThumbprintHash};
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde::Deserialize;

use crate::OAuth;
use crate::model::{SecretHash, sha256_base64url};
use crate::refused::Refused;
use crate::store;

/// How long one nonce is given out; it is taken for as long again.
const NONCE_LIFE: Duration = Duration::from_secs(300);
/// How far a client's clock may be off, in seconds.
const CLOCK_SKEW: i64 = 300;
const REPLAYED: Code = Code::new(Kind::Invalid, 0, "dpop_replayed", "This proof was used before.");
/// What clients may sign proofs with.
pub(crate) const ALGORITHMS: [&str; 3] = ["ES256", "EdDSA", "RS256"];

/// What a proof is for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Use<'a> {
    /// The request's method.
    pub(crate) method: &'a str,
    /// The request's path; the host is the issuer's.
    pub(crate) path: &'a str,
    /// The access token that comes with it.
    pub(crate) token: Option<&'a str>,
}

#[derive(Deserialize, Clone)]
struct Proof {
    jti: String,
    htm: String,
    htu: String,
    iat: i64,
    #[serde(default)]
    nonce: Option<String>,
    #[serde(default)]
    ath: Option<String>,
}

impl OAuth {
    /// The nonce to use from now on.
    pub(crate) fn nonce(&self) -> String {
        self.nonce_of(0)
    }

    fn nonce_of(&self, ago: i64) -> String {
        let window = i64::try_from(NONCE_LIFE.as_millis()).unwrap_or(i64::MAX);
        let number = self.0.clock.now().millis().div_euclid(window) - ago;
        let code = self.0.seal.code("dpop nonce", &number.to_be_bytes());
        URL_SAFE_NO_PAD.encode(code.first_chunk::<16>().copied().unwrap_or_default())
    }

    /// The thumbprint of the key that a proof is made with. The proof is good once.
    pub(crate) async fn proven(&self, proof: &str, wanted: Use<'_>) -> Result<String, Refused> {
        let (jkt, spent) = self.read_proof(proof, wanted)?;
        let mut batch = Batch::new();
        let until = self.0.clock.now().after(NONCE_LIFE * 3);
        store::grants::spend_proof(&mut batch, spent, until, REPLAYED);
        match self.0.db.write(batch).await {
            Ok(_) => Ok(jkt),
            Err(error) if error.is(REPLAYED) => Err(wrong("This proof was used before.")),
            Err(error) => Err(error.into()),
        }
    }

    fn read_proof(&self, text: &str, wanted: Use<'_>) -> Result<(String, SecretHash), Refused> {
        let header = jsonwebtoken::decode_header(text).map_err(|_| wrong("This is no proof."))?;
        let known = matches!(header.alg, Algorithm::ES256 | Algorithm::EdDSA | Algorithm::RS256);
        let (Some(jwk), true, Some("dpop+jwt")) = (header.jwk, known, header.typ.as_deref()) else {
            return Err(wrong("A proof has typ dpop+jwt, a known algorithm and a public key."));
        };
        let (claims, jkt) =
            verified(text, &jwk, header.alg).ok_or_else(|| wrong("The signature is wrong."))?;
        let url = format!("{}{}", self.0.config.issuer, wanted.path);
        if claims.htm != wanted.method || claims.htu.split(['?', '#']).next() != Some(&url) {
            return Err(wrong("The proof is for another request."));
        }
        let now = super::issue::seconds(self.0.clock.now());
        if (now - claims.iat).abs() > CLOCK_SKEW || claims.jti.is_empty() {
            return Err(wrong("The proof is too old, or of the future."));
        }
        if wanted.token.map(sha256_base64url) != claims.ath {
            return Err(wrong("The proof is for another token."));
        }
        if !claims.nonce.is_some_and(|nonce| nonce == self.nonce_of(0) || nonce == self.nonce_of(1)) {
            let refused = Refused::new("use_dpop_nonce", "Send the proof again with this nonce.");
            return Err(Refused { nonce: Some(self.nonce()), ..refused });
        }
        let spent = SecretHash::of(&format!("{jkt} {}", claims.jti));
        Ok((jkt, spent))
    }
}

fn verified(text: &str, jwk: &Jwk, algorithm: Algorithm) -> Option<(Proof, String)> {
    let key = DecodingKey::from_jwk(jwk).ok()?;
    let mut validation = Validation::new(algorithm);
    validation.required_spec_claims.clear();
    validation.validate_exp = false;
    validation.validate_aud = false;
    let claims = jsonwebtoken::decode::<Proof>(text, &key, &validation).ok()?.claims;
    Some((claims, jwk.thumbprint(ThumbprintHash::SHA256).ok()?))
}

fn wrong(description: &'static str) -> Refused {
    Refused::new("invalid_dpop_proof", description)
}

impl From<Refused> for Error {
    fn from(refused: Refused) -> Self {
        guildhall_base::codes::UNAUTHENTICATED.because(refused.description)
    }
}
