//! The chat as the seeder uses it: the same routes that bots call, called without a network and as whomever the
//! described world names.

use std::sync::Arc;

use anyhow::{Context, Result, bail};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::header::CONTENT_TYPE;
use axum::http::{Method, Request};
use guildhall_accounts::{Actor, Credential, SessionId, SessionScopes, User};
use serde::de::DeserializeOwned;
use serde_json::Value;
use tower::ServiceExt;

/// Largest answer that is read: a guild with every channel it may have is far below.
const ANSWER_BYTES: usize = 16 * 1024 * 1024;

/// The routes of the REST API, without limits.
pub(super) struct Api(pub(super) Router);

impl Api {
    /// Asks for something.
    pub(super) async fn get<T: DeserializeOwned>(&self, actor: &Actor, path: &str) -> Result<T> {
        let answer = self.call(actor, Method::GET, path, None).await?;
        serde_json::from_value(answer).with_context(|| format!("the answer to GET {path} is not understood"))
    }

    /// Makes one request.
    ///
    /// # Errors
    /// The refusal, as the API words it.
    pub(super) async fn call(
        &self,
        actor: &Actor,
        method: Method,
        path: &str,
        body: Option<Value>,
    ) -> Result<Value> {
        let name = format!("{method} {path}");
        let body = body.map_or_else(Body::empty, |body| Body::from(body.to_string()));
        let request = Request::builder().method(method).uri(path).header(CONTENT_TYPE, "application/json");
        // The extractor takes an actor that is there already for authenticated.
        let request = request.extension(actor.clone()).body(body)?;
        let response = self.0.clone().oneshot(request).await.unwrap_or_else(|never| match never {});
        let status = response.status();
        let bytes = to_bytes(response.into_body(), ANSWER_BYTES).await.context("the answer breaks off")?;
        if !status.is_success() {
            bail!("{name} was refused: {status} {}", String::from_utf8_lossy(&bytes));
        }
        if bytes.is_empty() {
            return Ok(Value::Null);
        }
        serde_json::from_slice(&bytes).with_context(|| format!("the answer to {name} is not JSON"))
    }
}

/// Somebody, authenticated by being described.
pub(super) fn actor(user: Arc<User>) -> Actor {
    let credential = match user.bot {
        true => Credential::Bot { application: user.id.cast() },
        false => Credential::Session { id: SessionId::new(0), scopes: SessionScopes::FOR_PROGRAMS },
    };
    Actor { user, credential, staff: false }
}
