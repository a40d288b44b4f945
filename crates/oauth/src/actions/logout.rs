//! Signing out: asked for by an application (OpenID Connect RP-initiated logout), and told to applications
//! (back-channel logout).

use std::sync::Arc;

use axum::http::{HeaderValue, Method, header};
use guildhall_accounts::{Actor, SessionId};
use guildhall_base::{ApplicationId, Result};
use guildhall_infra::db::Batch;
use guildhall_infra::fetch::Outgoing;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::issue::seconds;
use crate::OAuth;
use crate::model::{Application, Grant, Parameters};
use crate::rules::redirect;
use crate::store;
use crate::store::usage::Delivery;

/// How long an application may take to believe a logout token, in seconds.
const LOGOUT_TOKEN_LIFE: i64 = 120;

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

    /// Ends the actor's session here and tells the applications that they signed in to with it.
    ///
    /// # Errors
    /// If it cannot be ended.
    pub(crate) async fn sign_out(&self, actor: &Actor) -> Result<()> {
        let grants = match actor.session() {
            Some(session) => store::grants::of_session(&self.0.db, session).await?,
            None => Vec::new(),
        };
        self.0.accounts.sign_out(actor).await?;
        for grant in grants {
            let server = self.clone();
            tokio::spawn(async move {
                if let Err(error) = server.tell_signed_out(&grant).await {
                    tracing::warn!(%error, application = %grant.application, "a sign-out could not be told");
                }
            });
        }
        Ok(())
    }

    /// Sends a logout token, and notes in the application's log what came of it.
    async fn tell_signed_out(&self, grant: &Grant) -> Result<()> {
        let application = self.0.applications.get(grant.application).await?;
        let (Some(url), Some(session)) =
            (application.client.backchannel_logout_uri.clone(), grant.authentication.session)
        else {
            return Ok(());
        };
        let token = self.logout_token(grant, session, &application)?;
        let form =
            url::form_urlencoded::Serializer::new(String::new()).append_pair("logout_token", &token).finish();
        let began = self.0.clock.now();
        let mut delivery = Delivery {
            id: self.0.ids.next::<()>().get(),
            kind: "backchannel_logout".to_owned(),
            url: url.clone(),
            at: began,
            status: 0,
            took_ms: 0,
            problem: String::new(),
        };
        let sent = match url.parse() {
            Ok(address) => {
                let mut outgoing = Outgoing::new(Method::POST, address);
                let form_type = HeaderValue::from_static("application/x-www-form-urlencoded");
                outgoing.headers.insert(header::CONTENT_TYPE, form_type);
                outgoing.body = form.into();
                self.0.fetch.send(outgoing).await.map_err(|error| error.detail.into_owned())
            }
            Err(_) => Err("This is no address.".to_owned()),
        };
        match sent {
            Ok(answer) => delivery.status = answer.status.as_u16(),
            Err(problem) => delivery.problem = problem,
        }
        delivery.took_ms = u64::try_from(self.0.clock.now().since(began).as_millis()).unwrap_or(0);
        let mut batch = Batch::new();
        store::usage::insert_delivery(&mut batch, application.id, &delivery);
        self.0.db.write(batch).await.map(|_| ())
    }

    fn logout_token(&self, grant: &Grant, session: SessionId, application: &Application) -> Result<String> {
        let now = seconds(self.0.clock.now());
        let claims = LogoutToken {
            iss: &self.0.config.issuer,
            sub: grant.user.to_string(),
            aud: grant.application.to_string(),
            iat: now,
            exp: now + LOGOUT_TOKEN_LIFE,
            jti: crate::model::new_secret(),
            sid: session.to_string(),
            events: json!({ "http://schemas.openid.net/event/backchannel-logout": {} }),
        };
        self.0.keys.sign(application.client.id_token_alg, "logout+jwt", &claims)
    }
}
