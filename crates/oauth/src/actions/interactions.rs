//! Interactions that an application receives over HTTP at an address of its own, signed with its key
//! (<https://discord.com/developers/docs/interactions/overview#configuring-an-interactions-endpoint-url>).

use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;

use axum::http::{HeaderValue, Method, StatusCode, header};
use ed25519_dalek::{Signer as _, SigningKey};
use guildhall_base::{ApplicationId, Error, Result};
use guildhall_infra::db::Batch;
use guildhall_infra::fetch::{Answer, Fetch, NO_ANSWER, Outgoing};
use guildhall_infra::seal::Seal;
use serde_json::{Value, json};

use crate::Applications;
use crate::model::Application;
use crate::store;
use crate::store::usage::Delivery;

/// How long an application may take.
const ANSWER_WITHIN: Duration = Duration::from_secs(3);
/// An answer may have files with it.
const MOST_BYTES: usize = 30 * 1024 * 1024;
/// The most of an answer to a test.
const MOST_OF_A_TEST: usize = 64 * 1024;

/// How applications are reached.
pub(crate) struct Reach {
    seal: Seal,
    fetch: Fetch,
}

/// What an application answered, and where that is noted.
#[derive(Debug)]
pub struct Answered {
    /// What came, or why nothing did.
    pub answer: Result<Answer>,
    application: ApplicationId,
    delivery: Delivery,
}

/// A private key and its public half in hexadecimal.
fn new_key() -> (SigningKey, String) {
    let key = SigningKey::from_bytes(&rand::random());
    let public = key.verifying_key().to_bytes();
    (key, hex(&public))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// What a key is sealed for.
fn place(id: ApplicationId) -> String {
    format!("interaction_keys/{id}")
}

impl Applications {
    /// Says how applications are reached; the first call counts. Without it, none are, and what they are signed with
    /// is not known.
    pub fn reach_by(&self, seal: Seal, fetch: Fetch) {
        let _ = self.0.reach.set(Reach { seal, fetch });
    }

    fn reach(&self) -> Result<&Reach> {
        self.0.reach.get().ok_or_else(|| Error::internal("nothing says how applications are reached"))
    }

    /// A new key for an application: its public half, and the private one as it is stored.
    pub(super) fn interaction_key(&self, id: ApplicationId) -> Result<(String, Option<Vec<u8>>)> {
        let (key, public) = new_key();
        let Some(reach) = self.0.reach.get() else { return Ok((public, None)) };
        Ok((public, Some(reach.seal.seal(&place(id), key.as_bytes())?)))
    }

    /// Gives keys to applications that were made before there were any.
    pub(crate) async fn give_interaction_keys(&self) -> Result<()> {
        for id in store::applications::without_interaction_key(&self.0.db).await? {
            let (public, sealed) = self.interaction_key(id)?;
            let mut batch = Batch::new();
            store::applications::set_interaction_key(&mut batch, id, &public, sealed);
            self.change(batch, id).await?;
        }
        Ok(())
    }

    async fn signing_key(&self, id: ApplicationId) -> Result<Arc<SigningKey>> {
        if let Some(key) = self.0.signing.get(&id) {
            return Ok(key);
        }
        let sealed = store::applications::interaction_key(&self.0.db, id).await?;
        let sealed = sealed.ok_or_else(|| Error::internal("an application has no key"))?;
        let secret = self.reach()?.seal.unseal(&place(id), &sealed)?;
        let secret = secret.as_slice().try_into().map_err(Error::internal)?;
        let key = Arc::new(SigningKey::from_bytes(secret));
        self.0.signing.insert(id, key.clone());
        Ok(key)
    }

    /// Posts an interaction to the address of an application; it has three seconds. What came of it is noted by
    /// [`Applications::note_answer`].
    ///
    /// # Errors
    /// If it cannot be signed. That nobody answers is in the result.
    pub async fn post_interaction(&self, application: &Application, body: &Value) -> Result<Answered> {
        let url = application.interactions_endpoint_url.clone().unwrap_or_default();
        self.post(application.id, &url, "interaction", body, true).await
    }

    async fn post(
        &self,
        id: ApplicationId,
        url: &str,
        kind: &str,
        body: &Value,
        honest: bool,
    ) -> Result<Answered> {
        let key = self.signing_key(id).await?;
        let began = self.0.clock.now();
        let (body, timestamp) = (body.to_string(), began.millis().div_euclid(1000).to_string());
        let mut signature = key.sign(format!("{timestamp}{body}").as_bytes()).to_bytes();
        if !honest {
            signature[0] ^= 1;
        }
        let mut delivery = Delivery {
            id: self.0.ids.next::<()>().get(),
            kind: kind.to_owned(),
            url: url.to_owned(),
            at: began,
            status: 0,
            took_ms: 0,
            problem: String::new(),
            attempt: 1,
            subject: String::new(),
        };
        let answer = match url.parse() {
            Ok(address) => {
                let mut outgoing = Outgoing::new(Method::POST, address);
                let text = |text: String| HeaderValue::try_from(text).map_err(Error::internal);
                outgoing.headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
                outgoing.headers.insert("x-signature-ed25519", text(hex(&signature))?);
                outgoing.headers.insert("x-signature-timestamp", text(timestamp)?);
                outgoing.body = body.into();
                outgoing.max_bytes = Some(if kind == "interaction" { MOST_BYTES } else { MOST_OF_A_TEST });
                let sending = tokio::time::timeout(ANSWER_WITHIN, self.reach()?.fetch.send(outgoing)).await;
                sending.unwrap_or_else(|_| Err(NO_ANSWER.because("There was no answer within 3 seconds.")))
            }
            Err(_) => Err(guildhall_infra::fetch::UNUSABLE_ADDRESS.into()),
        };
        delivery.took_ms = u64::try_from(self.0.clock.now().since(began).as_millis()).unwrap_or(0);
        match &answer {
            Ok(answer) => delivery.status = answer.status.as_u16(),
            Err(error) => delivery.problem = error.detail.to_string(),
        }
        Ok(Answered { answer, application: id, delivery })
    }

    /// Notes in the application's delivery log what came of a request, and what was wrong with the answer if anything.
    ///
    /// # Errors
    /// If it cannot be written.
    pub async fn note_answer(&self, answered: Answered, problem: Option<String>) -> Result<()> {
        let Answered { application, mut delivery, .. } = answered;
        if let Some(problem) = problem {
            delivery.problem = problem;
        }
        let mut batch = Batch::new();
        store::usage::insert_delivery(&mut batch, application, &delivery);
        self.0.db.write(batch).await?;
        Ok(())
    }

    /// Whether an address is one that an application listens at and where it looks at signatures: it answers a test,
    /// and refuses one that is signed wrongly. The text says what is not so.
    pub(super) async fn try_endpoint(&self, application: &Application, url: &str) -> Result<Option<String>> {
        let loopback = ["http://127.0.0.1", "http://localhost", "http://[::1]"];
        let plain = loopback.iter().any(|start| url.starts_with(start));
        if url.len() > 512 || !(url.starts_with("https://") || plain) {
            return Ok(Some("It must be an https address of at most 512 characters.".to_owned()));
        }
        let test = |id: i64| {
            json!({
                "id": id.to_string(), "application_id": application.id, "type": 1, "version": 1,
                "token": crate::model::new_secret(), "user": null, "entitlements": [],
                "authorizing_integration_owners": {},
            })
        };
        for honest in [true, false] {
            let body = test(self.0.ids.next::<()>().get());
            let answered = self.post(application.id, url, "interaction_test", &body, honest).await?;
            let problem = match (&answered.answer, honest) {
                (Err(error), _) => Some(error.detail.to_string()),
                (Ok(answer), true) => {
                    let body = serde_json::from_slice::<Value>(&answer.body).unwrap_or_default();
                    let pong = body.get("type") == Some(&Value::from(1));
                    let right = answer.status == StatusCode::OK && pong;
                    (!right)
                        .then(|| "It does not answer a test (type 1) with status 200 and type 1.".to_owned())
                }
                (Ok(answer), false) => (answer.status != StatusCode::UNAUTHORIZED)
                    .then(|| "It does not refuse a wrong signature with status 401.".to_owned()),
            };
            self.note_answer(answered, problem.clone()).await?;
            if problem.is_some() {
                return Ok(problem);
            }
        }
        Ok(None)
    }
}
