//! The keys that tokens are signed with: made here, kept sealed in the database, changed every 90 days.

use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::Signer as _;
use guildhall_base::{Clock, Error, Result, Timestamp};
use guildhall_infra::db::{Batch, Db};
use guildhall_infra::seal::Seal;
use jsonwebtoken::jwk::{Jwk, PublicKeyUse, ThumbprintHash};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Validation};
use parking_lot::{Mutex, RwLock};
use ring::rand::SystemRandom;
use ring::rsa::KeyPair;
use ring::signature::RSA_PKCS1_SHA256;
use rsa::pkcs1::EncodeRsaPrivateKey as _;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::model::SigningAlg;
use crate::store::keys::{self, StoredKey};

/// A key that is older gets a successor.
const ROTATE_AFTER: Duration = Duration::from_secs(90 * 24 * 3600);
/// A new key is published this long before anything is signed with it, so that clients' caches know it by then.
const PUBLISH_AHEAD: Duration = Duration::from_secs(3600);
/// A key is published this long after it was made: what it signed last has ended by then.
const FORGET_AFTER: Duration = Duration::from_secs(98 * 24 * 3600);
/// A token with an unknown key makes us look for keys of other nodes, not more often than this.
const LOOK_EVERY: Duration = Duration::from_secs(10);
/// What stands before the 32 secret bytes of an Ed25519 key in PKCS #8 (RFC 8410).
const ED25519_HEAD: [u8; 16] = [0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20];

/// A key that was not stored yet: its algorithm and its secret part (PKCS #8 or PKCS #1, DER).
#[derive(Clone)]
pub struct NewKey(SigningAlg, Vec<u8>);

impl NewKey {
    /// Makes a key; an RSA key takes a core for a good part of a second.
    ///
    /// # Errors
    /// If the system gives no randomness.
    pub fn generate(algorithm: SigningAlg) -> Result<Self> {
        let secret = match algorithm {
            SigningAlg::EdDsa => [ED25519_HEAD.as_slice(), &rand::random::<[u8; 32]>()].concat(),
            SigningAlg::Rs256 => {
                let key =
                    rsa::RsaPrivateKey::new(&mut rsa::rand_core::OsRng, 2048).map_err(Error::internal)?;
                key.to_pkcs1_der().map_err(Error::internal)?.as_bytes().to_vec()
            }
        };
        Ok(Self(algorithm, secret))
    }
}

/// The keys. Clones share them.
#[derive(Clone)]
pub struct Keys(Arc<Inner>);

struct Inner {
    db: Db,
    clock: Clock,
    seal: Seal,
    ring: RwLock<Arc<Vec<Key>>>,
    looked: Mutex<Timestamp>,
}

struct Key {
    id: String,
    algorithm: SigningAlg,
    created: Timestamp,
    secret: Secret,
    public: Jwk,
    verifying: DecodingKey,
}

enum Secret {
    Ed(Box<ed25519_dalek::SigningKey>),
    /// Signed with by ring, which takes half as long as the library's own.
    Rsa(Box<KeyPair>),
}

impl Secret {
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>> {
        match self {
            Self::Ed(key) => Ok(key.sign(message).to_bytes().to_vec()),
            Self::Rsa(pair) => {
                let mut signature = vec![0; pair.public().modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message, &mut signature)
                    .map_err(|_| Error::internal("the RSA key signs nothing"))?;
                Ok(signature)
            }
        }
    }
}

impl Keys {
    /// Loads the keys, and makes the first ones where there are none: `first`, or new ones.
    ///
    /// # Errors
    /// If the database cannot be read or written, or the keys were sealed with another key.
    pub async fn open(db: Db, clock: Clock, seal: Seal, first: &[NewKey]) -> Result<Self> {
        let looked = Mutex::new(clock.now());
        let keys = Self(Arc::new(Inner { db, clock, seal, ring: RwLock::default(), looked }));
        keys.load().await?;
        if keys.0.ring.read().is_empty() {
            let mut batch = Batch::new();
            for key in first {
                keys::insert(&mut batch, &keys.prepare(key)?);
            }
            keys.0.db.write(batch).await?;
            keys.load().await?;
        }
        keys.tend().await?;
        Ok(keys)
    }

    /// Reads the keys that there are; other processes may have made some.
    pub(crate) async fn load(&self) -> Result<()> {
        let stored = keys::all(&self.0.db).await?;
        let ring = stored.iter().map(|key| self.read(key)).collect::<Result<_>>()?;
        *self.0.ring.write() = Arc::new(ring);
        Ok(())
    }

    fn read(&self, stored: &StoredKey) -> Result<Key> {
        let algorithm = SigningAlg::named(&stored.algorithm)
            .ok_or_else(|| Error::internal("a signing key has an unknown algorithm"))?;
        let secret = self.0.seal.unseal(&place(&stored.id), &stored.sealed)?;
        let mut public = public(algorithm, &secret)?;
        public.common.key_id = Some(stored.id.clone());
        public.common.public_key_use = Some(PublicKeyUse::Signature);
        let verifying = DecodingKey::from_jwk(&public).map_err(Error::internal)?;
        let secret = match algorithm {
            SigningAlg::Rs256 => {
                let pair = KeyPair::from_der(&secret).map_err(|error| Error::internal(error.to_string()))?;
                Secret::Rsa(Box::new(pair))
            }
            SigningAlg::EdDsa => {
                let seed =
                    secret.last_chunk().ok_or_else(|| Error::internal("a signing key is too short"))?;
                Secret::Ed(Box::new(ed25519_dalek::SigningKey::from_bytes(seed)))
            }
        };
        Ok(Key { id: stored.id.clone(), algorithm, created: stored.created, secret, public, verifying })
    }

    fn prepare(&self, key: &NewKey) -> Result<StoredKey> {
        let NewKey(algorithm, secret) = key;
        let id = public(*algorithm, secret)?.thumbprint(ThumbprintHash::SHA256).map_err(Error::internal)?;
        let sealed = self.0.seal.seal(&place(&id), secret)?;
        Ok(StoredKey { id, algorithm: algorithm.name().to_owned(), sealed, created: self.0.clock.now() })
    }

    /// Makes successors of old keys and forgets those that signed nothing that still holds. To be called now and then.
    ///
    /// # Errors
    /// If the database cannot be read or written.
    pub async fn tend(&self) -> Result<()> {
        let now = self.0.clock.now();
        let mut batch = Batch::new();
        for algorithm in SigningAlg::ALL {
            let ring = self.0.ring.read().clone();
            let newest = ring.iter().find(|key| key.algorithm == algorithm).map(|key| key.created);
            if newest.is_none_or(|created| now.since(created) > ROTATE_AFTER) {
                keys::insert(&mut batch, &self.prepare(&generated(algorithm).await?)?);
            }
        }
        if batch.is_empty() && self.0.ring.read().iter().all(|key| now.since(key.created) < FORGET_AFTER) {
            return Ok(());
        }
        keys::prune(&mut batch, now.before(FORGET_AFTER));
        self.0.db.write(batch).await?;
        self.load().await
    }

    /// Makes a new key of every algorithm now, as after a leak was feared. The old ones stay published, so that what
    /// they signed holds until it ends by itself.
    ///
    /// # Errors
    /// As [`Keys::tend`].
    pub async fn rotate(&self) -> Result<()> {
        let mut batch = Batch::new();
        for algorithm in SigningAlg::ALL {
            keys::insert(&mut batch, &self.prepare(&generated(algorithm).await?)?);
        }
        self.0.db.write(batch).await?;
        self.load().await
    }

    /// The public parts, as `jwks_uri` has them.
    pub fn public(&self) -> Vec<Jwk> {
        self.0.ring.read().iter().map(|key| key.public.clone()).collect()
    }

    /// Signs claims with the current key.
    ///
    /// # Errors
    /// Internal, if there is no key.
    pub fn sign(&self, algorithm: SigningAlg, typ: &str, claims: &impl Serialize) -> Result<String> {
        let now = self.0.clock.now();
        let ring = self.0.ring.read().clone();
        let mut candidates = ring.iter().filter(|key| key.algorithm == algorithm);
        let newest = candidates.clone().find(|key| now.since(key.created) >= PUBLISH_AHEAD);
        let key = newest
            .or_else(|| candidates.next_back())
            .ok_or_else(|| Error::internal("there is no key to sign with"))?;
        // The library would read the key anew for every token; this is most of what the token endpoint does.
        let head = format!(r#"{{"typ":"{typ}","alg":"{}","kid":"{}"}}"#, algorithm.name(), key.id);
        let mut token = URL_SAFE_NO_PAD.encode(head);
        token.push('.');
        let body = serde_json::to_vec(claims).map_err(Error::internal)?;
        URL_SAFE_NO_PAD.encode_string(body, &mut token);
        let signature = key.secret.sign(token.as_bytes())?;
        token.push('.');
        URL_SAFE_NO_PAD.encode_string(signature, &mut token);
        Ok(token)
    }

    /// The claims of a token that one of these keys signed, if it is of this type. Neither times nor audience are
    /// looked at. None if it is not ours.
    ///
    /// # Errors
    /// If another node's keys cannot be read.
    pub async fn verify<T: DeserializeOwned + Clone>(&self, token: &str, typ: &str) -> Result<Option<T>> {
        let Ok(header) = jsonwebtoken::decode_header(token) else { return Ok(None) };
        let (Some(id), true) = (header.kid, header.typ.as_deref() == Some(typ)) else { return Ok(None) };
        let known = |ring: &[Key]| ring.iter().any(|key| key.id == id);
        if !known(&self.0.ring.read().clone()) && self.may_look() {
            self.load().await?;
        }
        let ring = self.0.ring.read().clone();
        let Some(key) = ring.iter().find(|key| key.id == id) else { return Ok(None) };
        let mut validation = Validation::new(match key.algorithm {
            SigningAlg::Rs256 => Algorithm::RS256,
            SigningAlg::EdDsa => Algorithm::EdDSA,
        });
        validation.required_spec_claims.clear();
        validation.validate_exp = false;
        validation.validate_aud = false;
        Ok(jsonwebtoken::decode(token, &key.verifying, &validation).ok().map(|data| data.claims))
    }

    fn may_look(&self) -> bool {
        let (now, mut looked) = (self.0.clock.now(), self.0.looked.lock());
        let may = now.since(*looked) >= LOOK_EVERY;
        if may {
            *looked = now;
        }
        may
    }
}

async fn generated(algorithm: SigningAlg) -> Result<NewKey> {
    let making = tokio::task::spawn_blocking(move || NewKey::generate(algorithm));
    making.await.map_err(Error::internal)?
}

/// What a sealed key is bound to.
fn place(id: &str) -> String {
    format!("signing_keys/{id}")
}

fn public(algorithm: SigningAlg, secret: &[u8]) -> Result<Jwk> {
    let (key, algorithm) = match algorithm {
        SigningAlg::Rs256 => (EncodingKey::from_rsa_der(secret), Algorithm::RS256),
        SigningAlg::EdDsa => (EncodingKey::from_ed_der(secret), Algorithm::EdDSA),
    };
    Jwk::from_encoding_key(&key, algorithm).map_err(Error::internal)
}
