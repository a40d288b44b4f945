//! Settings of the limits that protect the server from its clients.

use std::net::IpAddr;

use confique::Config;
use serde::Serialize;

/// How much one client may ask for. Generous by default: they are there against runaway programs, not against use.
#[derive(Debug, Clone, Serialize, Config)]
pub struct LimitsConfig {
    /// Requests that one credential may make to one bucket (method, route and guild, channel or webhook) per
    /// window. 0 turns the limit off.
    #[config(env = "GUILDHALL_LIMITS_REQUESTS_PER_BUCKET", default = 100)]
    pub requests_per_bucket: u32,
    /// Length of a bucket's window, in seconds.
    #[config(
        env = "GUILDHALL_LIMITS_BUCKET_SECONDS",
        default = 5,
        validate(*bucket_seconds > 0, "a window lasts at least one second")
    )]
    pub bucket_seconds: u32,
    /// Requests that one credential (or one address without credential) may make per second over all buckets.
    /// 0 turns the limit off.
    #[config(env = "GUILDHALL_LIMITS_REQUESTS_PER_SECOND", default = 500)]
    pub requests_per_second: u32,
    /// Answers of 401, 403 or 429 that one address may collect in ten minutes before it gets nothing else.
    /// 0 turns the limit off.
    #[config(env = "GUILDHALL_LIMITS_INVALID_PER_TEN_MINUTES", default = 10_000)]
    pub invalid_per_ten_minutes: u32,
    /// Messages that one webhook may send in five seconds, whoever has its address. 0 turns the limit off.
    #[config(env = "GUILDHALL_LIMITS_WEBHOOK_MESSAGES", default = 500)]
    pub webhook_messages: u32,
    /// Largest sum of the files in one request, in bytes. What is around them may take another MiB.
    #[config(env = "GUILDHALL_LIMITS_UPLOAD_BYTES", default = 26_214_400)]
    pub upload_bytes: u64,
    /// TCP connections that one address may hold open, WebSockets not counted. 0 turns the limit off.
    #[config(env = "GUILDHALL_LIMITS_CONNECTIONS_PER_ADDRESS", default = 1000)]
    pub connections_per_address: u32,
    /// Addresses of reverse proxies whose last `X-Forwarded-For` entry is taken for the client's address.
    #[config(
        env = "GUILDHALL_LIMITS_TRUSTED_PROXIES",
        parse_env = confique::env::parse::list_by_comma,
        default = []
    )]
    pub trusted_proxies: Vec<IpAddr>,
}

impl LimitsConfig {
    /// Largest body of any request, in bytes.
    pub fn body_bytes(&self) -> u64 {
        self.upload_bytes.saturating_add(1024 * 1024)
    }
}
