//! An application as an OAuth2 client: where it may send people back to, and what it may ask for.

use guildhall_base::{Scopes, Timestamp};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

use super::SecretHash;

/// How an application proves at the token endpoint who it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Client {
    /// Where it may send people back to; compared exactly (loopback ports aside, RFC 8252 7.3).
    pub redirect_uris: Vec<String>,
    /// Where it may send people after signing out.
    pub logout_uris: Vec<String>,
    /// Where it is told that a session ended (OpenID Connect back-channel logout).
    pub backchannel_logout_uri: Option<String>,
    /// Whether it cannot keep a secret: then it has none, and PKCE is required.
    pub public: bool,
    /// What it may ask for at most.
    pub scopes: Scopes,
    /// What of it a user may leave out at the consent page.
    pub optional_scopes: Scopes,
    /// With what its ID tokens are signed.
    pub id_token_alg: SigningAlg,
    /// Whether a confidential client must use PKCE too.
    pub require_pkce: bool,
    /// Whether its authorization requests must be pushed (RFC 9126).
    pub require_par: bool,
    /// Whether its tokens must be bound to a key (RFC 9449).
    pub dpop_bound: bool,
    /// Whether staff vouch for it.
    pub verified: bool,
    /// Requests with its tokens a second; 0 is the installation's default.
    pub per_second: u32,
    /// Requests with its tokens a day; 0 is the installation's default.
    pub per_day: u32,
    /// The hash of the token that manages a dynamic registration.
    pub registration_hash: Option<SecretHash>,
}

impl Default for Client {
    fn default() -> Self {
        Self {
            redirect_uris: Vec::new(),
            logout_uris: Vec::new(),
            backchannel_logout_uri: None,
            public: false,
            scopes: Scopes::all(),
            optional_scopes: Scopes::empty(),
            id_token_alg: SigningAlg::Rs256,
            require_pkce: false,
            require_par: false,
            dpop_bound: false,
            verified: false,
            per_second: 0,
            per_day: 0,
            registration_hash: None,
        }
    }
}

/// A signature algorithm of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SigningAlg {
    /// RSA PKCS#1 v1.5 with SHA-256: every OpenID Connect client understands it.
    Rs256,
    /// Ed25519: small and fast; all access tokens, and ID tokens of clients that ask for it.
    EdDsa,
}

impl SigningAlg {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Rs256, Self::EdDsa];

    /// Its name in JOSE.
    pub fn name(self) -> &'static str {
        match self {
            Self::Rs256 => "RS256",
            Self::EdDsa => "EdDSA",
        }
    }

    /// By its name in JOSE.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|alg| alg.name() == name)
    }
}

/// A secret of a client. Its text was shown once and is not kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientSecret {
    /// Which; no secret.
    pub id: i64,
    /// What is compared.
    pub hash: SecretHash,
    /// Its last characters, to tell one from the other.
    pub hint: String,
    /// When it was made.
    pub created: Timestamp,
    /// Until when it is good, if a newer one replaced it.
    pub expires: Option<Timestamp>,
}

impl ClientSecret {
    /// Whether a text is this secret, in constant time.
    pub fn matches(&self, text: &str, now: Timestamp) -> bool {
        let hash: [u8; 32] = Sha256::digest(text.as_bytes()).into();
        let same: bool = hash.ct_eq(&self.hash.0).into();
        same && self.expires.is_none_or(|expires| expires > now)
    }
}
