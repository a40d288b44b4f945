//! Makes tokens: access tokens (RFC 9068), ID tokens, refresh tokens.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use guildhall_base::{ApplicationId, Result, Scopes, Timestamp, UserId};
use guildhall_infra::db::Batch;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};

use crate::OAuth;
use crate::model::{
    Application, Authentication, Grant, GrantId, Refresh, SecretHash, SigningAlg, new_secret,
};
use crate::store;

/// The type of an access token (RFC 9068 2.1).
pub(crate) const ACCESS_TYPE: &str = "at+jwt";

/// The claims of an access token.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct AccessClaims {
    pub(crate) iss: String,
    pub(crate) aud: String,
    /// The user, or the application itself with client credentials.
    pub(crate) sub: String,
    pub(crate) client_id: ApplicationId,
    pub(crate) scope: String,
    pub(crate) iat: i64,
    pub(crate) exp: i64,
    pub(crate) jti: String,
    /// The family that it belongs to; absent with client credentials.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) gid: Option<GrantId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) auth_time: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) acr: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) amr: Vec<String>,
    /// The key that whoever uses it must prove (RFC 9449 6.1).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) cnf: Option<Confirmation>,
}

/// The thumbprint of a key.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Confirmation {
    pub(crate) jkt: String,
}

/// What the token endpoint answers.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct TokenAnswer {
    pub(crate) access_token: String,
    pub(crate) token_type: &'static str,
    pub(crate) expires_in: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) refresh_token: Option<String>,
    pub(crate) scope: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) id_token: Option<String>,
    /// The guild that the bot was added to, where it was (Discord).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) guild: Option<Value>,
}

/// How long access tokens live: on our path or on Discord's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Path {
    /// `/oauth2/token`.
    Ours,
    /// `/api/v10/oauth2/token`.
    Discord,
}

/// The whole second, as JWTs count.
pub(crate) fn seconds(at: Timestamp) -> i64 {
    at.millis().div_euclid(1000)
}

/// The words of `amr`.
fn amr(authentication: &Authentication) -> Vec<String> {
    authentication.amr.split_ascii_whitespace().map(str::to_owned).collect()
}

impl OAuth {
    pub(crate) fn access_life(&self, path: Path) -> Duration {
        match path {
            Path::Ours => self.0.config.access_life,
            Path::Discord => self.0.config.discord_access_life,
        }
    }

    /// Signs an access token. `grant` is none with client credentials; then `subject` acts for itself.
    pub(crate) fn access_token(
        &self,
        grant: Option<&Grant>,
        (application, subject, scopes): (ApplicationId, UserId, Scopes),
        jkt: Option<&str>,
        path: Path,
    ) -> Result<TokenAnswer> {
        let (now, life) = (self.0.clock.now(), self.access_life(path));
        let jti: [u8; 16] = rand::random();
        let scope = scopes.to_string();
        let claims = AccessClaims {
            iss: self.0.config.issuer.clone(),
            aud: self.0.config.issuer.clone(),
            sub: subject.to_string(),
            client_id: application,
            scope: scope.clone(),
            iat: seconds(now),
            exp: seconds(now.after(life)),
            jti: URL_SAFE_NO_PAD.encode(jti),
            gid: grant.map(|grant| grant.id),
            auth_time: grant.map(|grant| seconds(grant.authentication.at)),
            acr: grant.map(|grant| grant.authentication.acr.clone()),
            amr: grant.map(|grant| amr(&grant.authentication)).unwrap_or_default(),
            cnf: jkt.map(|jkt| Confirmation { jkt: jkt.to_owned() }),
        };
        Ok(TokenAnswer {
            access_token: self.0.keys.sign(SigningAlg::EdDsa, ACCESS_TYPE, &claims)?,
            token_type: if jkt.is_some() { "DPoP" } else { "Bearer" },
            expires_in: life.as_secs(),
            refresh_token: None,
            scope,
            id_token: None,
            guild: None,
        })
    }

    /// Whether a grant comes with a refresh token: always as Discord does it; in OpenID Connect by `offline_access`.
    pub(crate) fn is_refreshed(scopes: Scopes) -> bool {
        !scopes.contains(Scopes::OPENID) || scopes.contains(Scopes::OFFLINE)
    }

    /// Adds a new refresh token to a batch; gives it, and what is stored of it.
    pub(crate) fn refresh_token(
        &self,
        batch: &mut Batch,
        grant: &Grant,
        application: &Application,
        jkt: Option<&str>,
    ) -> (String, Refresh) {
        let token = new_secret();
        let refresh = Refresh {
            hash: SecretHash::of(&token),
            grant: grant.id,
            // A confidential client proves itself by its secret and may change its key (RFC 9449 5).
            dpop_jkt: jkt.filter(|_| application.client.public).map(str::to_owned),
            expires: grant.expires,
            used: None,
        };
        store::grants::insert_refresh(batch, &refresh);
        (token, refresh)
    }

    /// Signs an ID token (OpenID Connect Core 2), if the grant is of that kind.
    pub(crate) async fn id_token(
        &self,
        grant: &Grant,
        application: &Application,
        nonce: Option<&str>,
        access_token: &str,
    ) -> Result<Option<String>> {
        if !grant.scopes.contains(Scopes::OPENID) {
            return Ok(None);
        }
        let now = self.0.clock.now();
        let mut claims = Map::new();
        let half = Sha256::digest(access_token.as_bytes());
        let half = half.first_chunk::<16>().copied().unwrap_or_default();
        let mut put = |name: &str, value: Value| claims.insert(name.to_owned(), value);
        put("iss", json!(self.0.config.issuer));
        put("sub", json!(grant.user));
        put("aud", json!(grant.application));
        put("iat", json!(seconds(now)));
        put("exp", json!(seconds(now.after(self.0.config.access_life))));
        put("auth_time", json!(seconds(grant.authentication.at)));
        put("acr", json!(grant.authentication.acr));
        put("amr", json!(amr(&grant.authentication)));
        // Ed25519 works with SHA-512, whose left half is the hash of the other algorithm's length.
        match application.client.id_token_alg {
            SigningAlg::Rs256 => put("at_hash", json!(URL_SAFE_NO_PAD.encode(half))),
            SigningAlg::EdDsa => {
                let whole = sha2::Sha512::digest(access_token.as_bytes());
                let half = whole.first_chunk::<32>().copied().unwrap_or_default();
                put("at_hash", json!(URL_SAFE_NO_PAD.encode(half)))
            }
        };
        if let Some(session) = grant.authentication.session {
            put("sid", json!(session));
        }
        if let Some(nonce) = nonce {
            put("nonce", json!(nonce));
        }
        if !grant.claims.id_token.is_empty() {
            let user = self.claims_of(grant.user, Scopes::empty(), &grant.claims.id_token).await?;
            claims.extend(user);
        }
        self.0.keys.sign(application.client.id_token_alg, "JWT", &claims).map(Some)
    }
}
