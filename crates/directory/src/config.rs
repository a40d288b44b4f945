//! What the operator decides about the directory.

use crate::import::Sources;

/// Settings of the directory.
#[derive(Debug, Clone)]
pub struct Config {
    /// Where people reach this server, without a trailing slash.
    pub public_url: String,
    /// Whether staff look at guilds, as at bots, before they are in lists.
    pub review_guilds: bool,
    /// Other lists from which people bring their listings.
    pub sources: Sources,
}

impl Default for Config {
    fn default() -> Self {
        Self { public_url: "http://127.0.0.1:8080".into(), review_guilds: false, sources: Sources::new() }
    }
}
