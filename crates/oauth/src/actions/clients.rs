//! Who calls the token endpoint: client authentication (RFC 6749 2.3).

use std::sync::Arc;

use axum::http::{HeaderMap, header};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use guildhall_base::ApplicationId;
use percent_encoding::percent_decode_str;

use crate::OAuth;
use crate::codes::UNKNOWN_APPLICATION;
use crate::model::{Application, Parameters};
use crate::refused::Refused;

/// A client, and whether it has proved to be it.
#[derive(Debug, Clone)]
pub(crate) struct Caller {
    pub(crate) application: Arc<Application>,
    /// False for public clients: they only said who they are.
    pub(crate) confidential: bool,
}

impl OAuth {
    /// By `Authorization: Basic`, by `client_id` and `client_secret` in the body, or for a public client by its
    /// `client_id` alone. Never two at once.
    pub(crate) async fn caller(&self, headers: &HeaderMap, body: &Parameters) -> Result<Caller, Refused> {
        let basic = basic(headers)?;
        let secret = body.get("client_secret");
        let (id, secret) = match (&basic, secret) {
            (Some(_), Some(_)) => {
                return Err(Refused::new("invalid_request", "Use one way to authenticate the client."));
            }
            (Some((id, _)), None) if body.get("client_id").is_some_and(|named| named != id) => {
                return Err(Refused::invalid_client());
            }
            (Some((id, secret)), None) => (id.as_str(), Some(secret.as_str())),
            (None, secret) => (body.get("client_id").ok_or_else(Refused::invalid_client)?, secret),
        };
        let id: ApplicationId = id.parse().map_err(|_| Refused::invalid_client())?;
        let application = match self.0.applications.get(id).await {
            Ok(application) => application,
            Err(error) if error.is(UNKNOWN_APPLICATION) => return Err(Refused::invalid_client()),
            Err(error) => return Err(error.into()),
        };
        match (application.client.public, secret.filter(|secret| !secret.is_empty())) {
            (true, None) => Ok(Caller { application, confidential: false }),
            (false, Some(secret)) => {
                let now = self.0.clock.now();
                let secrets = self.0.applications.secrets(id).await?;
                if secrets.iter().any(|known| known.matches(secret, now)) {
                    Ok(Caller { application, confidential: true })
                } else {
                    Err(Refused::invalid_client())
                }
            }
            _ => Err(Refused::invalid_client()),
        }
    }
}

/// Name and password of `Authorization: Basic`, each form-encoded before it was put together.
fn basic(headers: &HeaderMap) -> Result<Option<(String, String)>, Refused> {
    let Some(value) = headers.get(header::AUTHORIZATION) else { return Ok(None) };
    let text = value.to_str().map_err(|_| Refused::invalid_client())?;
    let Some((scheme, rest)) = text.split_once(' ') else { return Err(Refused::invalid_client()) };
    if !scheme.eq_ignore_ascii_case("basic") {
        return Err(Refused::invalid_client());
    }
    let decoded = STANDARD.decode(rest.trim()).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    let decoded = decoded.ok_or_else(Refused::invalid_client)?;
    let (id, secret) = decoded.split_once(':').ok_or_else(Refused::invalid_client)?;
    let decode = |text: &str| percent_decode_str(&text.replace('+', " ")).decode_utf8_lossy().into_owned();
    Ok(Some((decode(id), decode(secret))))
}
