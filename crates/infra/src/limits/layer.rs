//! The middleware that counts requests, refuses those beyond the limits and announces what is left.

use std::hash::{BuildHasher, RandomState};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract::{ConnectInfo, MatchedPath, Request, State};
use axum::http::header::{AUTHORIZATION, COOKIE, HeaderName, RETRY_AFTER, VIA};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use guildhall_base::{Clock, Timestamp, codes};
use serde::Serialize;

use super::LimitsConfig;
use super::bucket::{Bucket, Treatment};
use super::window::{Count, Windows};

const LIMIT: HeaderName = HeaderName::from_static("x-ratelimit-limit");
const REMAINING: HeaderName = HeaderName::from_static("x-ratelimit-remaining");
const RESET: HeaderName = HeaderName::from_static("x-ratelimit-reset");
const RESET_AFTER: HeaderName = HeaderName::from_static("x-ratelimit-reset-after");
const BUCKET: HeaderName = HeaderName::from_static("x-ratelimit-bucket");
const SCOPE: HeaderName = HeaderName::from_static("x-ratelimit-scope");
const GLOBAL: HeaderName = HeaderName::from_static("x-ratelimit-global");
/// Libraries take a 429 without `Via` for one from somebody else's proxy and give up.
const VIA_US: HeaderValue = HeaderValue::from_static("1.1 guildhall");

/// The counters of one server; clones share them.
#[derive(Debug, Clone)]
pub struct Limits(Arc<Counters>);

#[derive(Debug)]
struct Counters {
    clock: Clock,
    session_cookie: String,
    /// Random per process, so that nobody can choose a credential that collides with somebody else's.
    hasher: RandomState,
    buckets: Windows<(u64, u64)>,
    global: Windows<u64>,
    invalid: Windows<IpAddr>,
}

impl Limits {
    /// Counters that begin empty. `session_cookie` is the name of the cookie that identifies a browser.
    pub fn new(config: &LimitsConfig, clock: Clock, session_cookie: impl Into<String>) -> Self {
        let window = Duration::from_secs(config.bucket_seconds.into());
        Self(Arc::new(Counters {
            clock,
            session_cookie: format!("{}=", session_cookie.into()),
            hasher: RandomState::new(),
            buckets: Windows::new(config.requests_per_bucket, window),
            global: Windows::new(config.requests_per_second, Duration::from_secs(1)),
            invalid: Windows::new(config.invalid_per_ten_minutes, Duration::from_secs(600)),
        }))
    }
}

/// Enforces [`Limits`]: use it with `axum::middleware::from_fn_with_state` on a router whose routes are all added
/// (it needs the matched route).
pub async fn enforce(State(Limits(counters)): State<Limits>, request: Request, next: Next) -> Response {
    let now = counters.clock.now();
    let address = client_address(&request);
    if let Some(resets_at) = counters.invalid.exhausted(&address, now) {
        return refuse(now, resets_at, true);
    }
    let path = request.uri().path();
    let matched = request.extensions().get::<MatchedPath>().map(MatchedPath::as_str);
    let bucket = Bucket::of(path, matched);
    if bucket.treatment == Treatment::Exempt {
        return counters.watched(next.run(request).await, address);
    }
    let who = counters.credential(request.headers(), address);
    if let Some(count) = counters.global.count(who, now)
        && !count.allowed
    {
        return counters.watched(refuse(now, count.resets_at, true), address);
    }
    let key = (who, counters.hasher.hash_one((request.method(), bucket.route, bucket.major)));
    let Some(count) = counters.buckets.count(key, now) else {
        return counters.watched(next.run(request).await, address);
    };
    let (treatment, name) = (bucket.treatment, bucket.name(request.method()));
    let mut response =
        if count.allowed { next.run(request).await } else { refuse(now, count.resets_at, false) };
    if treatment == Treatment::Full || !count.allowed {
        // The handler may have taken a while; say what is true now.
        counters.announce(response.headers_mut(), &count, &name);
    }
    counters.watched(response, address)
}

impl Counters {
    /// Who asks: a hash of the `Authorization` header, else of the session cookie, else of the address.
    fn credential(&self, headers: &HeaderMap, address: IpAddr) -> u64 {
        if let Some(authorization) = headers.get(AUTHORIZATION) {
            return self.hasher.hash_one((1u8, authorization.as_bytes()));
        }
        let cookies = headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok());
        let mut pairs = cookies.flat_map(|value| value.split(';'));
        match pairs.find_map(|pair| pair.trim_start().strip_prefix(self.session_cookie.as_str())) {
            Some(session) => self.hasher.hash_one((2u8, session)),
            None => self.hasher.hash_one((3u8, address)),
        }
    }

    fn announce(&self, headers: &mut HeaderMap, count: &Count, name: &str) {
        let left = count.resets_at.since(self.clock.now());
        let reset = Duration::from_millis(count.resets_at.millis().try_into().unwrap_or(0));
        headers.insert(LIMIT, self.buckets.limit().unwrap_or(0).into());
        headers.insert(REMAINING, count.remaining.into());
        for (header, value) in [
            (RESET, format!("{:.3}", reset.as_secs_f64())),
            (RESET_AFTER, format!("{:.3}", left.as_secs_f64())),
            (BUCKET, name.to_owned()),
        ] {
            if let Ok(value) = HeaderValue::from_str(&value) {
                headers.insert(header, value);
            }
        }
    }

    /// Notes a refusal against the address, and completes a 429 that a handler gave (slow mode).
    fn watched(&self, mut response: Response, address: IpAddr) -> Response {
        let status = response.status();
        if status == StatusCode::TOO_MANY_REQUESTS {
            let headers = response.headers_mut();
            headers.entry(VIA).or_insert(VIA_US);
            headers.entry(SCOPE).or_insert(HeaderValue::from_static("user"));
            metrics::counter!("http_rate_limited_total").increment(1);
        }
        if matches!(status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN | StatusCode::TOO_MANY_REQUESTS)
        {
            self.invalid.count(address, self.clock.now());
        }
        response
    }
}

/// Discord's body of a 429.
#[derive(Serialize)]
struct Refusal {
    message: &'static str,
    retry_after: f64,
    global: bool,
}

fn refuse(now: Timestamp, resets_at: Timestamp, global: bool) -> Response {
    let left = resets_at.since(now);
    let body = Refusal { message: codes::RATE_LIMITED.text, retry_after: left.as_secs_f64(), global };
    let mut response = (StatusCode::TOO_MANY_REQUESTS, Json(body)).into_response();
    let headers = response.headers_mut();
    headers.insert(VIA, VIA_US);
    // Whole seconds, rounded up: HTTP knows no fractions here, and some libraries read an integer.
    headers.insert(RETRY_AFTER, left.as_millis().div_ceil(1000).try_into().unwrap_or(u64::MAX).into());
    headers.insert(SCOPE, HeaderValue::from_static(if global { "global" } else { "user" }));
    if global {
        headers.insert(GLOBAL, HeaderValue::from_static("true"));
    }
    response
}

/// The address to count: IPv6 by its /64, which is what one customer gets.
fn client_address(request: &Request) -> IpAddr {
    match request.extensions().get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip().to_canonical()) {
        None => IpAddr::V4(Ipv4Addr::UNSPECIFIED),
        Some(IpAddr::V6(address)) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() >> 64 << 64)),
        Some(address) => address,
    }
}

#[cfg(test)]
mod tests;
