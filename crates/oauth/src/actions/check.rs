//! Whether an access token holds. No database call for one that was checked lately; one that was revoked is not
//! believed any more, here at once, in other processes as soon as they have heard the event.

use std::sync::Arc;

use guildhall_base::{ApplicationId, Result, Scopes, Timestamp, UserId};

use super::issue::{ACCESS_TYPE, AccessClaims, seconds};
use crate::OAuth;
use crate::model::{GrantId, SecretHash};
use crate::store;

/// Longer texts are no tokens of ours.
const MAX_LENGTH: usize = 4096;

/// An access token that holds.
#[derive(Debug, Clone)]
pub struct Checked {
    /// In whose name.
    pub user: UserId,
    /// Which application acts.
    pub application: ApplicationId,
    /// What it was allowed.
    pub scopes: Scopes,
    /// Until when.
    pub expires: Timestamp,
    /// The key that must be proved along with it (DPoP).
    pub jkt: Option<String>,
    /// Its family; none with client credentials.
    pub(crate) grant: Option<GrantId>,
    pub(crate) jti: String,
    pub(crate) issued: i64,
    pub(crate) auth_time: Option<i64>,
    pub(crate) acr: Option<String>,
}

impl OAuth {
    /// What an access token says, if it holds.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub async fn check(&self, token: &str) -> Result<Option<Arc<Checked>>> {
        if token.len() > MAX_LENGTH {
            return Ok(None);
        }
        let hash = SecretHash::of(token);
        let checked = match self.0.checked.get(hash) {
            Some(checked) => checked,
            None => {
                let mark = self.0.checked.mark();
                let Some(checked) = self.verify(token).await?.map(Arc::new) else { return Ok(None) };
                self.0.checked.keep(mark, hash, checked.clone());
                checked
            }
        };
        let ended = checked.grant.is_some_and(|grant| self.0.ended_grants.contains_key(&grant))
            || self.0.ended_tokens.contains_key(&checked.jti);
        let taken_back = self.0.ended_consents.get(&(checked.user, checked.application));
        let ended =
            ended || checked.grant.zip(taken_back).is_some_and(|(grant, at)| grant.created_at() <= at);
        if ended || checked.expires <= self.0.clock.now() {
            return Ok(None);
        }
        // An application that was removed takes its tokens along.
        match self.0.applications.get(checked.application).await {
            Ok(_) => Ok(Some(checked)),
            Err(error) if error.is(crate::codes::UNKNOWN_APPLICATION) => Ok(None),
            Err(error) => Err(error),
        }
    }

    async fn verify(&self, token: &str) -> Result<Option<Checked>> {
        let Some(claims) = self.0.keys.verify::<AccessClaims>(token, ACCESS_TYPE).await? else {
            return Ok(None);
        };
        let issuer = &self.0.config.issuer;
        if claims.iss != *issuer || claims.aud != *issuer || claims.exp <= seconds(self.0.clock.now()) {
            return Ok(None);
        }
        let Ok(user) = claims.sub.parse() else { return Ok(None) };
        if !store::grants::holds(&self.0.db, claims.gid, &claims.jti).await? {
            return Ok(None);
        }
        Ok(Some(Checked {
            user,
            application: claims.client_id,
            scopes: Scopes::parse(&claims.scope).0,
            expires: Timestamp::from_millis(claims.exp.saturating_mul(1000)),
            jkt: claims.cnf.map(|cnf| cnf.jkt),
            grant: claims.gid,
            jti: claims.jti,
            issued: claims.iat,
            auth_time: claims.auth_time,
            acr: claims.acr,
        }))
    }
}
