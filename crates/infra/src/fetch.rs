//! The one guard for requests that leave this server: to other sign-in providers, webhooks, pictures of other sites.
//!
//! Where such a request goes is often said by somebody who is not trusted, so an address of this machine or of its
//! private network is refused, also behind a name or a redirect, unless the operator allows it; and an answer is
//! bounded in time and bytes. A request that changes something is not sent on to elsewhere: most redirects would make a
//! GET of it. No proxy of the environment is used, because it would look names up behind the guard.

mod address;
#[cfg(test)]
mod tests;

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use axum::http::{HeaderMap, Method, StatusCode};
use bytes::{Bytes, BytesMut};
use guildhall_base::{Code, Error, Kind, Result};
use ipnet::IpNet;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::redirect::{Attempt, Policy};
use url::{Host, Url};

/// Only http and https, without a name and password in the address.
pub const UNUSABLE_ADDRESS: Code =
    Code::new(Kind::Invalid, 0, "unusable_address", "This is not an address that can be fetched.");
/// The address is one of this machine or of its private network.
pub const PRIVATE_ADDRESS: Code =
    Code::new(Kind::Invalid, 0, "private_address", "This address is not on the public internet.");
/// The other side did not answer, or broke off.
pub const NO_ANSWER: Code = Code::new(Kind::Unavailable, 0, "no_answer", "The other server did not answer.");
/// The other side sent more than was asked for.
pub const ANSWER_TOO_LARGE: Code =
    Code::new(Kind::Unavailable, 0, "answer_too_large", "The other server's answer is too large.");

/// What the operator decides about outgoing requests.
#[derive(Debug, Clone)]
pub struct Config {
    /// Networks that may be asked although they are private, such as `127.0.0.0/8` for development.
    pub allow: Vec<IpNet>,
    /// How long one request may take, redirects and body included.
    pub timeout: Duration,
    /// How many bytes an answer may have, unless the caller says otherwise.
    pub max_bytes: usize,
    /// How many redirects of a GET or HEAD are followed. A redirect to a private address ends the request.
    pub max_redirects: usize,
    /// Who we say we are.
    pub user_agent: String,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            allow: Vec::new(),
            timeout: Duration::from_secs(10),
            max_bytes: 1024 * 1024,
            max_redirects: 3,
            user_agent: concat!("Guildhall/", env!("CARGO_PKG_VERSION")).to_owned(),
        }
    }
}

/// One request to somewhere else.
#[derive(Debug, Clone)]
pub struct Outgoing {
    /// How.
    pub method: Method,
    /// Where.
    pub url: Url,
    /// With what.
    pub headers: HeaderMap,
    /// What is sent.
    pub body: Bytes,
    /// How many bytes the answer may have; [`Config::max_bytes`] if not said.
    pub max_bytes: Option<usize>,
    /// Whether an answer that has more is cut off there instead of being refused.
    pub cut: bool,
}

impl Outgoing {
    /// A request without a body.
    pub fn new(method: Method, url: Url) -> Self {
        Self { method, url, headers: HeaderMap::new(), body: Bytes::new(), max_bytes: None, cut: false }
    }
}

/// What came back, whole.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The status, whatever it is.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Bytes,
}

/// Sends requests to other servers. Clones share connections.
#[derive(Clone)]
pub struct Fetch {
    client: reqwest::Client,
    /// For what changes something: follows no redirects.
    changing: reqwest::Client,
    guard: Arc<Guard>,
    max_bytes: usize,
}

#[derive(Debug)]
struct Guard {
    allow: Vec<IpNet>,
}

impl Fetch {
    /// A client under these limits.
    ///
    /// # Errors
    /// If the machine's certificates cannot be read.
    pub fn new(config: Config) -> Result<Self> {
        // A second call finds the first one's choice; both chose the same.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let guard = Arc::new(Guard { allow: config.allow });
        let redirects = {
            let (guard, most) = (guard.clone(), config.max_redirects);
            Policy::custom(move |attempt| guard.redirect(attempt, most))
        };
        let client = |redirects| {
            reqwest::Client::builder()
                .user_agent(config.user_agent.as_str())
                .timeout(config.timeout)
                .dns_resolver(guard.clone())
                .redirect(redirects)
                .no_proxy()
                .build()
                .map_err(Error::internal)
        };
        let (client, changing) = (client(redirects)?, client(Policy::none())?);
        Ok(Self { client, changing, guard, max_bytes: config.max_bytes })
    }

    /// Whether an address that somebody entered may be asked, as far as its text tells; a name is looked up, and
    /// judged again, when it is asked.
    ///
    /// # Errors
    /// [`UNUSABLE_ADDRESS`], [`PRIVATE_ADDRESS`].
    pub fn check(&self, url: &Url) -> Result<()> {
        self.guard.check(url)
    }

    /// Sends a request and reads the whole answer. Statuses are the caller's to judge.
    ///
    /// # Errors
    /// [`UNUSABLE_ADDRESS`], [`PRIVATE_ADDRESS`], [`NO_ANSWER`], [`ANSWER_TOO_LARGE`].
    pub async fn send(&self, request: Outgoing) -> Result<Answer> {
        self.guard.check(&request.url)?;
        let (most, cut) = (request.max_bytes.unwrap_or(self.max_bytes), request.cut);
        let client = if request.method.is_safe() { &self.client } else { &self.changing };
        let sent = client.request(request.method, request.url).headers(request.headers).body(request.body);
        let mut response = sent.send().await.map_err(refused)?;
        if !cut && response.content_length().is_some_and(|length| length > most as u64) {
            return Err(ANSWER_TOO_LARGE.into());
        }
        let mut body = BytesMut::new();
        while let Some(part) = response.chunk().await.map_err(refused)? {
            let room = most - body.len();
            if part.len() > room {
                if !cut {
                    return Err(ANSWER_TOO_LARGE.into());
                }
                body.extend_from_slice(part.get(..room).unwrap_or_default());
                break;
            }
            body.extend_from_slice(&part);
        }
        Ok(Answer {
            status: response.status(),
            headers: std::mem::take(response.headers_mut()),
            body: body.freeze(),
        })
    }
}

impl Guard {
    fn permits(&self, address: IpAddr) -> bool {
        address::is_public(address) || self.allow.iter().any(|net| net.contains(&address.to_canonical()))
    }

    fn check(&self, url: &Url) -> Result<()> {
        if !matches!(url.scheme(), "http" | "https") || !url.username().is_empty() || url.password().is_some()
        {
            return Err(UNUSABLE_ADDRESS.into());
        }
        let permitted = match url.host() {
            Some(Host::Ipv4(address)) => self.permits(address.into()),
            Some(Host::Ipv6(address)) => self.permits(address.into()),
            Some(Host::Domain(_)) => true,
            None => return Err(UNUSABLE_ADDRESS.into()),
        };
        if permitted { Ok(()) } else { Err(PRIVATE_ADDRESS.into()) }
    }

    fn redirect(&self, attempt: Attempt<'_>, most: usize) -> reqwest::redirect::Action {
        if attempt.previous().len() > most {
            return attempt.stop();
        }
        match self.check(attempt.url()) {
            Ok(()) => attempt.follow(),
            Err(_) => attempt.error(Private),
        }
    }
}

impl Resolve for Guard {
    fn resolve(&self, name: Name) -> Resolving {
        let allow = self.allow.clone();
        Box::pin(async move {
            let guard = Self { allow };
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let permitted: Vec<SocketAddr> = found.filter(|address| guard.permits(address.ip())).collect();
            if permitted.is_empty() {
                return Err(Private.into());
            }
            Ok(Box::new(permitted.into_iter()) as Addrs)
        })
    }
}

/// A name or redirect that leads to where nobody may be sent.
#[derive(Debug, thiserror::Error)]
#[error("the address is not on the public internet")]
struct Private;

/// Finds out whether it was the guard that ended a request.
fn refused(error: reqwest::Error) -> Error {
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(&error);
    while let Some(current) = cause {
        if current.is::<Private>() {
            return PRIVATE_ADDRESS.into();
        }
        cause = current.source();
    }
    Error { source: Some(Arc::new(error)), ..NO_ANSWER.into() }
}
