//! Revocation (RFC 7009) and introspection (RFC 7662): a client about its own tokens.

use axum::http::HeaderMap;
use guildhall_infra::db::Batch;
use serde::Serialize;

use super::issue::seconds;
use crate::OAuth;
use crate::events::Ended;
use crate::model::{Parameters, SecretHash};
use crate::refused::Refused;
use crate::store;

/// What a client is told about a token.
#[derive(Debug, Clone, Default, Serialize)]
pub(crate) struct Introspection {
    active: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    scope: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    client_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sub: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    username: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    token_type: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    iss: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    aud: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    iat: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    exp: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    jti: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    auth_time: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    acr: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cnf: Option<super::issue::Confirmation>,
}

impl OAuth {
    /// Ends a token. A refresh token ends its whole family; an access token only itself. One that is unknown, or
    /// another's, is answered as if it had been ended.
    pub(crate) async fn revoke(&self, headers: &HeaderMap, body: &Parameters) -> Result<(), Refused> {
        let caller = self.caller(headers, body).await?;
        let token = body.get("token").ok_or_else(|| Refused::new("invalid_request", "token is required."))?;
        let mut batch = Batch::new();
        if let Some((_, grant)) = store::grants::find_refresh(&self.0.db, SecretHash::of(token)).await? {
            if grant.application == caller.application.id {
                store::grants::remove(&mut batch, grant.id);
                self.end(batch, &Ended { grants: vec![grant.id], ..Ended::default() }).await?;
            }
            return Ok(());
        }
        if let Some(checked) = self.check(token).await?
            && checked.application == caller.application.id
        {
            store::grants::revoke_token(&mut batch, &checked.jti, checked.expires);
            self.end(batch, &Ended { token: Some(checked.jti.clone()), ..Ended::default() }).await?;
        }
        Ok(())
    }

    /// Says what a token is. Only a client that can prove to be it is told, and only about its own.
    pub(crate) async fn introspect(
        &self,
        headers: &HeaderMap,
        body: &Parameters,
    ) -> Result<Introspection, Refused> {
        let caller = self.caller(headers, body).await?;
        if !caller.confidential {
            return Err(Refused::invalid_client());
        }
        let token = body.get("token").ok_or_else(|| Refused::new("invalid_request", "token is required."))?;
        let id = caller.application.id;
        let issuer = self.0.config.issuer.clone();
        let now = self.0.clock.now();
        if let Some((refresh, grant)) = store::grants::find_refresh(&self.0.db, SecretHash::of(token)).await?
        {
            if grant.application != id || refresh.used.is_some() || refresh.expires <= now {
                return Ok(Introspection::default());
            }
            return Ok(Introspection {
                active: true,
                scope: Some(grant.scopes.to_string()),
                client_id: Some(id.to_string()),
                sub: Some(grant.user.to_string()),
                iss: Some(issuer),
                exp: Some(seconds(refresh.expires)),
                ..Introspection::default()
            });
        }
        let Some(checked) = self.check(token).await?.filter(|checked| checked.application == id) else {
            return Ok(Introspection::default());
        };
        let username = self.0.accounts.user(checked.user).await.ok().map(|user| user.username.clone());
        Ok(Introspection {
            active: true,
            scope: Some(checked.scopes.to_string()),
            client_id: Some(id.to_string()),
            sub: Some(checked.user.to_string()),
            username,
            token_type: Some(if checked.jkt.is_some() { "DPoP" } else { "Bearer" }),
            aud: Some(issuer.clone()),
            iss: Some(issuer),
            iat: Some(checked.issued),
            exp: Some(seconds(checked.expires)),
            jti: Some(checked.jti.clone()),
            auth_time: checked.auth_time,
            acr: checked.acr.clone(),
            cnf: checked.jkt.clone().map(|jkt| super::issue::Confirmation { jkt }),
        })
    }
}
