//! A client of Discord's REST API v10, the one way in which backups are read and restores are written: over HTTP to any
//! server that speaks the protocol ([`Remote::over_http`]), or to Guildhall itself in this process, as the person who
//! asked for the work ([`Remote::inside`]). Both go through the same paths and bodies, so what works with one works with
//! the other.
//!
//! The target's limits are respected: one request at a time per bucket and never one that the last answer said would be
//! refused, `Retry-After` where it happens all the same, pauses after failures of the other side, and an end of it all
//! long before a server would shut its door on too many refusals.

mod body;
pub mod fault;
mod http;
mod inside;
mod pace;
#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Duration;

use axum::http::{HeaderMap, Method, StatusCode};
use bytes::Bytes;
use guildhall_base::{ChannelId, Error, GuildId, UserId};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

pub use body::{Attached, Content};
pub use fault::{Fault, Refusal};
pub use http::{Address, UNUSABLE_TOKEN};
pub use inside::Inside;

use http::OverHttp;
use inside::InProcess;
use pace::Pace;

/// Where the protocol's routes begin.
const PREFIX: &str = "/api/v10";
/// The largest JSON answer that is read.
const LARGEST_ANSWER: usize = 32 * 1024 * 1024;
/// How often a request is made at most.
const TRIES: u32 = 8;
/// The longest pause that a target may ask for before a request is given up; the job tries again later.
const LONGEST_WAIT: Duration = Duration::from_secs(15 * 60);

/// A server that speaks Discord's protocol, as one user of it. Clones share connections and limits.
#[derive(Clone)]
pub struct Remote {
    way: Way,
    pace: Arc<Pace>,
}

#[derive(Clone)]
enum Way {
    Http(OverHttp),
    Inside(InProcess),
}

/// One request.
#[derive(Debug, Clone)]
pub struct Call {
    /// How.
    pub method: Method,
    /// Where, after `/api/v10`: `/guilds/1/roles?with=query`.
    pub path: String,
    /// With what.
    pub content: Content,
    /// What the target's audit log shall say.
    pub reason: Option<String>,
    /// Whether doing it twice is the same as doing it once, so that it may be repeated where nobody knows whether it was
    /// done. Everything but POST.
    pub repeatable: bool,
}

impl Call {
    /// A request without a body.
    pub fn new(method: Method, path: impl Into<String>) -> Self {
        let repeatable = method != Method::POST;
        Self { method, path: path.into(), content: Content::Nothing, reason: None, repeatable }
    }

    /// With this body.
    #[must_use]
    pub fn with(mut self, content: Content) -> Self {
        self.content = content;
        self
    }

    /// With this reason for the audit log.
    #[must_use]
    pub fn because(mut self, reason: impl Into<String>) -> Self {
        self.reason = Some(reason.into());
        self
    }
}

/// What came back.
#[derive(Debug, Clone)]
struct Reply {
    status: StatusCode,
    headers: HeaderMap,
    body: Bytes,
}

impl Remote {
    /// A server over HTTP.
    ///
    /// # Errors
    /// If the address or the token cannot be used.
    pub fn over_http(
        fetch: guildhall_infra::fetch::Fetch,
        address: Address,
        token: &str,
    ) -> Result<Self, Error> {
        Ok(Self { way: Way::Http(OverHttp::new(fetch, address, token)?), pace: Arc::default() })
    }

    /// Guildhall itself, as this person: every request is authorized by how things stand then, and none by a token.
    pub fn inside(inside: Inside, user: UserId) -> Self {
        Self { way: Way::Inside(InProcess::new(inside, user)), pace: Arc::default() }
    }

    /// Whether it is this installation.
    pub fn is_inside(&self) -> bool {
        matches!(self.way, Way::Inside(_))
    }

    /// Whether it is Discord, whose limits are known.
    pub fn is_discord(&self) -> bool {
        matches!(&self.way, Way::Http(http) if http.is_discord())
    }

    /// Reads something.
    ///
    /// # Errors
    /// [`Fault`].
    pub async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, Fault> {
        read(&self.call(Call::new(Method::GET, path)).await?)
    }

    /// Makes something. Never repeated where it may have been done: see [`Fault::Unsure`].
    ///
    /// # Errors
    /// [`Fault`].
    pub async fn post(
        &self,
        path: &str,
        body: &impl Serialize,
        reason: Option<&str>,
    ) -> Result<Value, Fault> {
        self.send(Method::POST, path, body, reason).await
    }

    /// Changes something.
    ///
    /// # Errors
    /// [`Fault`].
    pub async fn patch(
        &self,
        path: &str,
        body: &impl Serialize,
        reason: Option<&str>,
    ) -> Result<Value, Fault> {
        self.send(Method::PATCH, path, body, reason).await
    }

    /// Sets something.
    ///
    /// # Errors
    /// [`Fault`].
    pub async fn put(&self, path: &str, body: &impl Serialize, reason: Option<&str>) -> Result<Value, Fault> {
        self.send(Method::PUT, path, body, reason).await
    }

    /// Removes something. What is gone already is a success.
    ///
    /// # Errors
    /// [`Fault`].
    pub async fn delete(&self, path: &str, reason: Option<&str>) -> Result<(), Fault> {
        let mut call = Call::new(Method::DELETE, path);
        call.reason = reason.map(str::to_owned);
        match self.call(call).await {
            Ok(_) => Ok(()),
            Err(fault) if fault.is_gone() => Ok(()),
            Err(fault) => Err(fault),
        }
    }

    /// Makes something that has files: the JSON goes as `payload_json`.
    ///
    /// # Errors
    /// [`Fault`].
    pub async fn post_files(
        &self,
        path: &str,
        body: &impl Serialize,
        files: Vec<Attached>,
        reason: Option<&str>,
    ) -> Result<Value, Fault> {
        let json = serde_json::to_value(body).map_err(Error::internal)?;
        let mut call = Call::new(Method::POST, path).with(Content::Files { json, files });
        call.reason = reason.map(str::to_owned);
        value(&self.call(call).await?)
    }

    async fn send(
        &self,
        method: Method,
        path: &str,
        body: &impl Serialize,
        reason: Option<&str>,
    ) -> Result<Value, Fault> {
        let json = serde_json::to_value(body).map_err(Error::internal)?;
        let mut call = Call::new(method, path).with(Content::Json(json));
        call.reason = reason.map(str::to_owned);
        value(&self.call(call).await?)
    }

    /// Makes a request, waits where the target asks for it, repeats it where that is safe, and gives the body of a
    /// success.
    ///
    /// # Errors
    /// [`Fault`].
    pub async fn call(&self, call: Call) -> Result<Bytes, Fault> {
        let mut tries = 0;
        loop {
            tries += 1;
            self.pace.admit()?;
            let reply = match &self.way {
                Way::Http(http) => http.send(&call).await,
                Way::Inside(inside) => inside.send(&call).await,
            };
            let fault = match reply {
                Ok(reply) if reply.status.is_success() => return Ok(reply.body),
                Ok(reply) => Fault::of(&reply),
                Err(error) if call.repeatable => Fault::Failed(error),
                Err(error) => Fault::Unsure(error),
            };
            self.pace.note(&fault);
            let pause = match &fault {
                Fault::Slow(wait) if *wait <= LONGEST_WAIT => *wait,
                Fault::Failed(error) if call.repeatable && fault::passes(error) => pause_after(tries),
                // Nobody can tell whether it was done.
                Fault::Failed(error) if !call.repeatable => return Err(Fault::Unsure(error.clone())),
                _ => return Err(fault),
            };
            if tries >= TRIES {
                return Err(fault);
            }
            tokio::time::sleep(pause).await;
        }
    }

    /// Fetches a file that the target named: an attachment, an emoji, an icon. The token stays at home.
    ///
    /// # Errors
    /// [`Fault`]; `ANSWER_TOO_LARGE` above `cap` bytes.
    pub async fn download(&self, url: &str, cap: usize) -> Result<Bytes, Fault> {
        let mut tries = 0;
        loop {
            tries += 1;
            let reply = match &self.way {
                Way::Http(http) => http.download(url, cap).await,
                Way::Inside(inside) => inside.download(url, cap).await,
            };
            let fault = match reply {
                Ok(reply) if reply.status.is_success() => return Ok(reply.body),
                Ok(reply) => Fault::of(&reply),
                Err(error) => Fault::Failed(error),
            };
            let pause = match &fault {
                Fault::Slow(wait) if *wait <= LONGEST_WAIT => *wait,
                Fault::Failed(error) if fault::passes(error) => pause_after(tries),
                _ => return Err(fault),
            };
            if tries >= TRIES / 2 {
                return Err(fault);
            }
            tokio::time::sleep(pause).await;
        }
    }

    /// The address at which people read a channel. `/` and a message's id lead to the message.
    pub fn page(&self, guild: GuildId, channel: ChannelId) -> String {
        let path = format!("/channels/{guild}/{channel}");
        match &self.way {
            Way::Http(http) => http.page(&path),
            Way::Inside(inside) => inside.page(&path),
        }
    }

    /// The address of a picture by its path: `icons/1/hash.png`.
    pub fn asset(&self, path: &str) -> String {
        match &self.way {
            Way::Http(http) => http.asset(path),
            Way::Inside(inside) => inside.asset(path),
        }
    }
}

/// Half a second, then twice as long each time, up to half a minute.
fn pause_after(tries: u32) -> Duration {
    Duration::from_millis(500)
        .saturating_mul(1 << tries.saturating_sub(1).min(10))
        .min(Duration::from_secs(30))
}

fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, Fault> {
    serde_json::from_slice(body).map_err(|error| Fault::Failed(fault::UNREADABLE.because(error.to_string())))
}

/// The body as JSON; nothing is null.
fn value(body: &[u8]) -> Result<Value, Fault> {
    if body.is_empty() { Ok(Value::Null) } else { read(body) }
}
