//! Pushed authorization requests (RFC 9126): the client sends its request here first, so that nobody on the way can
//! read or change it.

use axum::http::HeaderMap;
use serde::Serialize;

use super::dpop::Use;
use crate::OAuth;
use crate::model::Parameters;
use crate::refused::Refused;
use crate::rules::request::{self, Unsound};

/// Where the pushed request is now.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Pushed {
    request_uri: String,
    expires_in: u64,
}

impl OAuth {
    /// Takes a request whose client has proved to be it.
    pub(crate) async fn push(
        &self,
        headers: &HeaderMap,
        mut parameters: Parameters,
        twice: Option<&str>,
    ) -> Result<Pushed, Refused> {
        let caller = self.caller(headers, &parameters).await?;
        let jkt = match headers.get("dpop").and_then(|proof| proof.to_str().ok()) {
            Some(proof) => {
                Some(self.proven(proof, Use { method: "POST", path: "/oauth2/par", token: None }).await?)
            }
            None => None,
        };
        if parameters.get("request_uri").is_some() {
            return Err(Refused::new("invalid_request", "A pushed request names no other."));
        }
        if jkt.is_some() && parameters.get("dpop_jkt").is_some_and(|named| Some(named) != jkt.as_deref()) {
            return Err(Refused::new("invalid_dpop_proof", "dpop_jkt names another key than the proof."));
        }
        parameters.remove("client_secret");
        parameters.set("client_id", caller.application.id.to_string());
        request::read(&caller.application, &parameters, twice, self.0.clock.now()).map_err(|unsound| {
            match unsound {
                Unsound::Page(_) => {
                    Refused::new("invalid_request", "redirect_uri is missing or not registered.")
                }
                Unsound::Redirect(refusal) => Refused::new(refusal.error, refusal.description),
            }
        })?;
        let (request_uri, expires_in) =
            self.store_request(&caller.application, parameters, jkt, true).await?;
        Ok(Pushed { request_uri, expires_in })
    }
}
