//! What the operator may set.

use std::time::Duration;

/// The gateway's limits and deadlines.
#[derive(Debug, Clone)]
pub struct Config {
    /// Where clients reach the gateway, without a slash at the end: `ws://host:port/gateway`.
    pub url: String,
    /// How often a client beats; it is given up half as long again after its last beat.
    pub heartbeat: Duration,
    /// A connection must IDENTIFY or RESUME this soon.
    pub identify_within: Duration,
    /// How long a session waits for its client to come back.
    pub session_life: Duration,
    /// Bytes that wait for a slow reader before it is cut off.
    pub queue_bytes: usize,
    /// Connections from one address; 0 for no limit.
    pub connections_per_address: u32,
    /// IDENTIFYs of one account in 24 hours.
    pub identifies_per_day: u32,
    /// Shards of a bot that may IDENTIFY within the same five seconds.
    pub max_concurrency: u32,
}

impl Config {
    /// The defaults for a server reached at this address.
    pub fn new(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            heartbeat: Duration::from_millis(41_250),
            identify_within: Duration::from_secs(30),
            session_life: Duration::from_secs(300),
            queue_bytes: 1 << 20,
            connections_per_address: 1000,
            identifies_per_day: 1000,
            max_concurrency: 16,
        }
    }
}
