//! What a listing's days bring.

use std::net::IpAddr;

use guildhall_base::{Timestamp, UserId};

/// How often a listing was looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Seen {
    /// Times that its page was opened.
    pub views: u64,
    /// Times that it was invited, or joined.
    pub invites: u64,
}

impl Seen {
    /// One view.
    pub const VIEW: Self = Self { views: 1, invites: 0 };
    /// One invite.
    pub const INVITE: Self = Self { views: 0, invites: 1 };

    pub(crate) fn add(&mut self, more: Self) {
        self.views = self.views.saturating_add(more.views);
        self.invites = self.invites.saturating_add(more.invites);
    }
}

/// Who looks, as far as it tells whether it is somebody else than before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Looker {
    /// Somebody who is signed in.
    User(UserId),
    /// Somebody at an address.
    Address(IpAddr),
}

/// One day of a listing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Day {
    /// When it began, UTC.
    pub begin: Timestamp,
    /// Guilds, as the bot said last.
    pub guilds: Option<u64>,
    /// Users, as the bot said last.
    pub users: Option<u64>,
    /// Votes.
    pub votes: u64,
    /// Views and invites.
    pub seen: Seen,
}
