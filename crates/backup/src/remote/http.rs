//! The way over HTTP, through the guard of outgoing requests, paced by twilight's keeper of Discord's buckets.

use std::time::{Duration, Instant};

use axum::http::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderName};
use axum::http::{HeaderValue, Method};
use guildhall_base::{Code, Error, Kind, Result};
use guildhall_infra::fetch::{Fetch, Outgoing};
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use twilight_http_ratelimiting::{Endpoint, Method as Verb, RateLimitHeaders, RateLimiter};
use url::Url;

use super::{Call, LARGEST_ANSWER, PREFIX, Reply};

/// Where the audit log's reason goes.
pub(super) const REASON: HeaderName = HeaderName::from_static("x-audit-log-reason");
/// A reason has at most so many bytes of text.
const LONGEST_REASON: usize = 400;
/// What a reason may not carry as it is.
const UNSAFE: &AsciiSet = &CONTROLS.add(b'%').add(b' ').add(b'"');

/// The token is not one that can be sent.
pub const UNUSABLE_TOKEN: Code = Code::new(Kind::Invalid, 0, "unusable_token", "This token cannot be used.");

/// Where a server is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    /// Where its API is, without `/api/v10`: `https://discord.com`.
    pub api: Url,
    /// Where its pictures are: `https://cdn.discordapp.com`.
    pub pictures: Url,
    /// Requests a second over all buckets.
    pub per_second: u16,
}

impl Address {
    /// A server that has everything at one address. Discord's own pictures are known to be elsewhere.
    ///
    /// # Errors
    /// If it is no address.
    pub fn new(text: &str) -> Result<Self> {
        let unusable = |_| guildhall_infra::fetch::UNUSABLE_ADDRESS;
        let api: Url = text.trim().parse().map_err(unusable)?;
        let discord = api.host_str().is_some_and(|host| host == "discord.com" || host == "discordapp.com");
        let pictures =
            if discord { "https://cdn.discordapp.com".parse().map_err(unusable)? } else { api.clone() };
        // Discord's global limit is 50 requests a second for each bot.
        Ok(Self { api, pictures, per_second: 50 })
    }
}

#[derive(Clone)]
pub(super) struct OverHttp {
    fetch: Fetch,
    address: Address,
    authorization: HeaderValue,
    limiter: RateLimiter,
}

impl OverHttp {
    pub(super) fn new(fetch: Fetch, address: Address, token: &str) -> Result<Self> {
        fetch.check(&address.api)?;
        let token = token.trim();
        let token = token.strip_prefix("Bot ").unwrap_or(token);
        let mut authorization = HeaderValue::from_str(&format!("Bot {token}")).map_err(|_| UNUSABLE_TOKEN)?;
        if token.is_empty() {
            return Err(UNUSABLE_TOKEN.into());
        }
        authorization.set_sensitive(true);
        let limiter = RateLimiter::new(address.per_second.max(1));
        Ok(Self { fetch, address, authorization, limiter })
    }

    pub(super) async fn send(&self, call: &Call) -> Result<Reply> {
        let url = at(&self.address.api, &format!("{PREFIX}{}", call.path))?;
        let (kind, body) = call.content.encode()?;
        let mut headers = headers(call, kind)?;
        headers.insert(AUTHORIZATION, self.authorization.clone());
        let permit = self.limiter.acquire(endpoint(&call.method, &call.path)).await;
        let outgoing = Outgoing {
            headers,
            body,
            max_bytes: Some(LARGEST_ANSWER),
            ..Outgoing::new(call.method.clone(), url)
        };
        let answer = self.fetch.send(outgoing).await?;
        permit.complete(limits(&answer.headers));
        Ok(Reply { status: answer.status, headers: answer.headers, body: answer.body })
    }

    pub(super) async fn download(&self, url: &str, cap: usize) -> Result<Reply> {
        let url = at(&self.address.pictures, url)?;
        let outgoing = Outgoing { max_bytes: Some(cap), ..Outgoing::new(Method::GET, url) };
        let answer = self.fetch.send(outgoing).await?;
        Ok(Reply { status: answer.status, headers: answer.headers, body: answer.body })
    }

    pub(super) fn is_discord(&self) -> bool {
        self.address.api != self.address.pictures
    }

    pub(super) fn page(&self, path: &str) -> String {
        at(&self.address.api, path).map(String::from).unwrap_or_default()
    }

    pub(super) fn asset(&self, path: &str) -> String {
        at(&self.address.pictures, &format!("/{path}")).map(String::from).unwrap_or_default()
    }
}

/// An address below another, or one of its own.
fn at(base: &Url, path: &str) -> Result<Url> {
    base.join(path).map_err(|_| guildhall_infra::fetch::UNUSABLE_ADDRESS.into())
}

/// The headers that both ways have in common.
pub(super) fn headers(call: &Call, kind: Option<HeaderValue>) -> Result<HeaderMap> {
    let mut headers = HeaderMap::new();
    if let Some(kind) = kind {
        headers.insert(CONTENT_TYPE, kind);
    }
    if let Some(reason) = &call.reason {
        let brief: String = reason.chars().take(LONGEST_REASON).collect();
        let encoded = utf8_percent_encode(&brief, UNSAFE).to_string();
        headers.insert(REASON, HeaderValue::from_str(&encoded).map_err(Error::internal)?);
    }
    Ok(headers)
}

/// What the limiter tells requests apart by. It learns buckets path by path, so ids that make no bucket of their own are
/// all called the same.
fn endpoint(method: &Method, path: &str) -> Endpoint {
    let method = match *method {
        Method::GET => Verb::Get,
        Method::DELETE => Verb::Delete,
        Method::PATCH => Verb::Patch,
        Method::PUT => Verb::Put,
        _ => Verb::Post,
    };
    let path = path.split('?').next().unwrap_or_default().trim_start_matches('/');
    let webhook = path.starts_with("webhooks/");
    let segments = path.split('/').enumerate().map(|(index, segment)| {
        let major = index <= 1 || (webhook && index == 2);
        let id = segment.bytes().all(|byte| byte.is_ascii_digit());
        if id && !major { ":id" } else { segment }
    });
    Endpoint { method, path: segments.collect::<Vec<_>>().join("/") }
}

/// What an answer says of its bucket.
fn limits(headers: &HeaderMap) -> Option<RateLimitHeaders> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let reset_after: f64 = text(RateLimitHeaders::RESET_AFTER)?.parse().ok()?;
    let reset_after = Duration::try_from_secs_f64(reset_after.max(0.0)).ok()?;
    Some(RateLimitHeaders {
        bucket: text(RateLimitHeaders::BUCKET)?.as_bytes().to_vec(),
        limit: text(RateLimitHeaders::LIMIT)?.parse().unwrap_or(u16::MAX),
        remaining: text(RateLimitHeaders::REMAINING)?.parse().unwrap_or(u16::MAX),
        reset_at: Instant::now().checked_add(reset_after.min(Duration::from_secs(24 * 3600)))?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_that_make_no_bucket_share_one() {
        let path = |path| endpoint(&Method::GET, path).path;
        assert_eq!(path("/channels/7/messages/8?limit=3"), "channels/7/messages/:id");
        assert_eq!(path("/guilds/1/members/2/roles/3"), "guilds/1/members/:id/roles/:id");
        assert_eq!(path("/webhooks/5/12/messages/9"), "webhooks/5/12/messages/:id");
        assert_eq!(path("/users/@me"), "users/@me");
    }

    #[test]
    fn reasons_survive_a_header() {
        let call = Call::new(Method::PUT, "/x").because("Wiederherstellung \"ä\" 100 %\n");
        let headers = headers(&call, None).unwrap();
        assert_eq!(headers[REASON], "Wiederherstellung%20%22%C3%A4%22%20100%20%25%0A");
    }
}
