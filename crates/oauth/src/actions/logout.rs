//! Signing out: asked for by an application (OpenID Connect RP-initiated logout), and told to applications
//! (back-channel logout).

use std::sync::Arc;

use guildhall_accounts::SessionId;
use guildhall_base::{ApplicationId, Result, UserId};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::issue::seconds;
use crate::OAuth;
use crate::model::{Application, Parameters};
use crate::rules::redirect;

/// How long an application may take to believe a logout token, in seconds.
const LOGOUT_TOKEN_LIFE: i64 = 120;

/// A session that an application was signed in with and that is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Over {
    pub(crate) application: ApplicationId,
    pub(crate) user: UserId,
    pub(crate) session: SessionId,
}

/// A sign-out that an application asks for.
#[derive(Debug, Clone, Default)]
pub(crate) struct LogoutRequest {
    /// Which application, if it said so in a way that is believed.
    pub(crate) application: Option<Arc<Application>>,
    /// Where to go afterwards; only a registered address.
    pub(crate) back: Option<String>,
}

#[derive(Serialize)]
struct LogoutToken<'a> {
    iss: &'a str,
    sub: String,
    aud: String,
    iat: i64,
    exp: i64,
    jti: String,
    sid: String,
    events: Value,
}

impl OAuth {
    /// Understands a request to sign out. An address is believed only with the application it is registered for.
    pub(crate) async fn understand_logout(&self, given: &Parameters) -> Result<LogoutRequest> {
        #[derive(Deserialize, Clone)]
        struct Audience {
            aud: ApplicationId,
        }
        let hinted = match given.get("id_token_hint") {
            Some(token) => self.0.keys.verify::<Audience>(token, "JWT").await?.map(|hint| hint.aud),
            None => None,
        };
        let named = given.get("client_id").and_then(|id| id.parse().ok());
        let id = match (hinted, named) {
            (Some(hinted), Some(named)) if hinted != named => return Ok(LogoutRequest::default()),
            (hinted, named) => hinted.or(named),
        };
        let Some(id) = id else { return Ok(LogoutRequest::default()) };
        let application = self.0.applications.get(id).await?;
        let back = given
            .get("post_logout_redirect_uri")
            .filter(|uri| application.client.logout_uris.iter().any(|known| known == uri))
            .map(|uri| redirect::with(uri, &[("state", given.get("state").unwrap_or_default())]));
        Ok(LogoutRequest { application: Some(application), back })
    }

    /// Says that a session is over. `jti` is the same each time that it is said.
    pub(crate) fn logout_token(&self, application: &Application, over: Over, jti: String) -> Result<String> {
        let now = seconds(self.0.clock.now());
        let claims = LogoutToken {
            iss: &self.0.config.issuer,
            sub: over.user.to_string(),
            aud: application.id.to_string(),
            iat: now,
            exp: now + LOGOUT_TOKEN_LIFE,
            jti,
            sid: over.session.to_string(),
            events: json!({ "http://schemas.openid.net/event/backchannel-logout": {} }),
        };
        self.0.keys.sign(application.client.id_token_alg, "logout+jwt", &claims)
    }
}
