//! Making what is not there. Not idempotent, so each first request of a kind, and each that nobody answered, is preceded
//! by a look at the target.

use std::collections::BTreeSet;
use std::sync::atomic::Ordering;

use axum::http::Method;
use guildhall_infra::jobs::Outcome;
use serde_json::{Map, Value, json};

use super::carry::{Carrier, Done, REASON, refusable};
use super::dress;
use crate::plan::{self, Operation, What};
use crate::remote::{Attached, Call, Content, Fault};

/// How often something is asked for that nobody answers.
const TRIES: u32 = 4;

impl Carrier<'_> {
    pub(super) async fn create(&self, operation: &Operation) -> Outcome<Done> {
        let body = plan::resolve(&operation.body, &*self.made.lock());
        refusable(self.make(operation, &body).await)
    }

    async fn make(&self, operation: &Operation, body: &Map<String, Value>) -> Result<Done, Fault> {
        let looked = self.looked.get(&operation.what);
        let mut doubt = looked.is_some_and(|looked| !looked.swap(true, Ordering::Relaxed));
        let mut tries = 0;
        let id = loop {
            if doubt && let Some(id) = self.stray(operation, body).await? {
                break id;
            }
            tries += 1;
            match self.ask(operation, body).await {
                Ok(made) => break text(&made, "id"),
                // It may have been done.
                Err(Fault::Unsure(error)) if tries < TRIES => {
                    tracing::debug!(%error, key = operation.key(), "nobody knows whether this was made");
                    doubt = true;
                    tokio::time::sleep(std::time::Duration::from_secs(u64::from(tries))).await;
                }
                Err(fault) => return Err(fault),
            }
        };
        let refused = self.finish(operation, body, &id).await?;
        Ok(Done { id: Some(id), refused })
    }

    fn list_path(&self, what: What) -> String {
        let kind = match what {
            What::Role => "roles",
            What::Channel => "channels",
            What::Emoji => "emojis",
            _ => "stickers",
        };
        format!("/guilds/{}/{kind}", self.guild)
    }

    /// What a dead run made of this, if it did: not there at the start, not in the journal, and called the same.
    async fn stray(&self, operation: &Operation, body: &Map<String, Value>) -> Result<Option<String>, Fault> {
        let known = match operation.what {
            What::Role => &self.prepared.known.roles,
            What::Channel => &self.prepared.known.channels,
            What::Emoji => &self.prepared.known.emojis,
            _ => &self.prepared.known.stickers,
        };
        let there: Vec<Value> = match self.remote.get(&self.list_path(operation.what)).await {
            Ok(there) => there,
            Err(fault) if fault.is_gone() => return Ok(None),
            Err(fault) => return Err(fault),
        };
        let made: BTreeSet<String> = self.made.lock().ids.clone();
        let same = |thing: &&Value| {
            let id = text(thing, "id");
            let of_a_kind = operation.what != What::Channel || thing.get("type") == body.get("type");
            !known.contains(&id) && !made.contains(&id) && of_a_kind && is_called(thing, operation)
        };
        Ok(there.iter().find(same).map(|thing| text(thing, "id")))
    }

    async fn ask(&self, operation: &Operation, body: &Map<String, Value>) -> Result<Value, Fault> {
        let path = self.list_path(operation.what);
        let mut body = body.clone();
        let picture = operation.pictures.iter().next();
        let picture = match picture.filter(|_| matches!(operation.what, What::Emoji | What::Sticker)) {
            Some((field, name)) => self.picture(name).await?.map(|content| (field.clone(), content)),
            None => None,
        };
        match (operation.what, picture) {
            (What::Emoji, Some((field, content))) => {
                body.insert(field, dress::data_uri(&content).into());
                self.remote.post(&path, &body, Some(REASON)).await
            }
            (What::Sticker, Some((_, data))) => {
                let field = |(name, value): (String, Value)| {
                    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                    (name, text)
                };
                let content_type = dress::kind(&data).to_owned();
                let name = format!("sticker.{}", content_type.rsplit('/').next().unwrap_or("png"));
                let content = Content::Form {
                    fields: body.into_iter().map(field).collect(),
                    file: Attached { name, content_type, data },
                };
                let call = Call::new(Method::POST, path).with(content).because(REASON);
                let answer = self.remote.call(call).await?;
                Ok(serde_json::from_slice(&answer).unwrap_or_default())
            }
            _ => self.remote.post(&path, &body, Some(REASON)).await,
        }
    }

    /// What making alone does not do: a role's icon, and that a channel has no overwrites although its category has.
    /// Gives why the target would not have it.
    async fn finish(
        &self,
        operation: &Operation,
        body: &Map<String, Value>,
        id: &str,
    ) -> Result<Option<String>, Fault> {
        let mut rest = Map::new();
        let path = match operation.what {
            What::Role => {
                for (field, picture) in &operation.pictures {
                    if let Some(content) = self.picture(picture).await? {
                        rest.insert(field.clone(), dress::data_uri(&content).into());
                    }
                }
                format!("/guilds/{}/roles/{id}", self.guild)
            }
            What::Channel => {
                let bare =
                    body.get("permission_overwrites").and_then(Value::as_array).is_some_and(Vec::is_empty);
                if bare && body.get("parent_id").is_some_and(Value::is_string) {
                    rest.insert("permission_overwrites".into(), json!([]));
                }
                format!("/channels/{id}")
            }
            _ => return Ok(None),
        };
        if rest.is_empty() {
            return Ok(None);
        }
        match self.remote.patch(&path, &rest, Some(REASON)).await {
            Ok(_) => Ok(None),
            Err(fault) => match fault.refusal() {
                Some(refusal) => Ok(Some(refusal.to_string())),
                None => Err(fault),
            },
        }
    }
}

/// Whether a thing of the target is called as the wanted one. Servers write the names of text channels in their own way.
fn is_called(thing: &Value, operation: &Operation) -> bool {
    let plain = |name: &str| name.to_lowercase().split_whitespace().collect::<Vec<_>>().join("-");
    let name = text(thing, "name");
    name == operation.name || (operation.what == What::Channel && plain(&name) == plain(&operation.name))
}

pub(super) fn text(value: &Value, key: &str) -> String {
    value.get(key).and_then(Value::as_str).unwrap_or_default().to_owned()
}
