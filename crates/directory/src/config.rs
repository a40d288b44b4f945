//! What the operator decides about the directory.

use serde::{Deserialize, Serialize};

use crate::import::Sources;

/// What "once" is counted by, where people may vote once in so many hours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum VoteWindow {
    /// One vote for any bot, and one for any guild.
    #[default]
    Kind,
    /// One vote for each listing.
    Listing,
}

/// Settings of the directory.
#[derive(Debug, Clone)]
pub struct Config {
    /// Where people reach this server, without a trailing slash.
    pub public_url: String,
    /// Whether staff look at guilds, as at bots, before they are in lists.
    pub review_guilds: bool,
    /// Other lists from which people bring their listings.
    pub sources: Sources,
    /// Hours until somebody may vote again.
    pub vote_hours: u32,
    /// For what they may not vote until then.
    pub vote_window: VoteWindow,
    /// Whether who votes must have confirmed their mail address, where this server sends mails.
    pub vote_verified_mail: bool,
    /// Hours that the account of who votes must be old.
    pub vote_account_hours: u32,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            public_url: "http://127.0.0.1:8080".into(),
            review_guilds: false,
            sources: Sources::new(),
            vote_hours: 8,
            vote_window: VoteWindow::Kind,
            vote_verified_mail: true,
            vote_account_hours: 1,
        }
    }
}
