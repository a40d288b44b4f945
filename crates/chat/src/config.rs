//! What the operator decides about the chat.

use std::time::Duration;

use crate::rules::selection::PruneLimits;

/// Settings of the chat.
#[derive(Debug, Clone)]
pub struct Config {
    /// Where clients reach this server, without a trailing slash: `https://chat.example.org`.
    pub public_url: String,
    /// The largest sum of one message's files, in bytes.
    pub upload_bytes: u64,
    /// How many guilds a user may be in.
    pub guilds_per_user: usize,
    /// How long an application has for its first answer to an interaction.
    pub interaction_answer: Duration,
    /// How many messages one webhook may send in five seconds, whoever has its token; 0: no limit.
    pub webhook_messages: u32,
    /// How many messages a prune may delete.
    pub prune: PruneLimits,
}

/// Within which `webhook_messages` are counted.
pub(crate) const WEBHOOK_WINDOW: Duration = Duration::from_secs(5);

impl Default for Config {
    fn default() -> Self {
        Self {
            public_url: "http://127.0.0.1:8080".into(),
            upload_bytes: 25 * 1024 * 1024,
            guilds_per_user: 200,
            interaction_answer: Duration::from_secs(3),
            webhook_messages: 500,
            prune: PruneLimits::default(),
        }
    }
}

impl Config {
    /// The largest body of a request that carries files: the files and what is said about them.
    pub fn request_bytes(&self) -> usize {
        usize::try_from(self.upload_bytes.saturating_add(1024 * 1024)).unwrap_or(usize::MAX)
    }
}
