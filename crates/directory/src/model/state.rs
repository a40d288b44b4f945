//! What stands between a listing and the public: its state, and what it is locked against. Numbered as Fates List numbers
//! them.

use guildhall_base::{Error, Result};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

macro_rules! states {
    ($($(#[$doc:meta])* $name:ident = $number:literal;)*) => {
        /// Where a listing stands.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
        #[serde(rename_all = "snake_case")]
        pub enum State { $($(#[$doc])* $name = $number,)* }

        impl State {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// As stored.
            pub const fn number(self) -> i64 {
                self as i64
            }

            /// As read.
            ///
            /// # Errors
            /// Internal, for a number that is none.
            pub fn numbered(number: i64) -> Result<Self> {
                match number {
                    $($number => Ok(Self::$name),)*
                    _ => Err(Error::internal(format!("{number} is no state of a listing"))),
                }
            }
        }
    };
}

states! {
    /// In all lists.
    Approved = 0;
    /// Waits for staff.
    Pending = 1;
    /// Staff said no.
    Denied = 2;
    /// Its owner hides it.
    Hidden = 3;
    /// Staff removed it.
    Banned = 4;
    /// Somebody of the staff looks at it.
    UnderReview = 5;
    /// In all lists, and of known quality.
    Certified = 6;
    /// No longer kept up; its page stays.
    Archived = 7;
    /// For everybody who has its address, in no list.
    PrivateViewable = 8;
    /// For its keepers and staff.
    PrivateStaffOnly = 9;
}

impl State {
    /// Whether lists, search and feeds have it.
    pub const fn is_listed(self) -> bool {
        matches!(self, Self::Approved | Self::Certified)
    }

    /// Whether strangers see its page.
    pub const fn is_public(self) -> bool {
        matches!(self, Self::Approved | Self::Certified | Self::Archived | Self::PrivateViewable)
    }

    /// Whether it can be voted for.
    pub const fn takes_votes(self) -> bool {
        self.is_listed()
    }

    /// Its name on the wire and in texts.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Approved => "approved",
            Self::Pending => "pending",
            Self::Denied => "denied",
            Self::Hidden => "hidden",
            Self::Banned => "banned",
            Self::UnderReview => "under_review",
            Self::Certified => "certified",
            Self::Archived => "archived",
            Self::PrivateViewable => "private_viewable",
            Self::PrivateStaffOnly => "private_staff_only",
        }
    }
}

bitflags::bitflags! {
    /// What a listing is locked against, and what else is said of it in one bit.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
    pub struct Flags: u32 {
        /// Says that it was unlocked.
        const UNLOCKED = 1 << 0;
        /// Its keepers locked it: nothing of it can be changed until they unlock it.
        const EDIT_LOCKED = 1 << 1;
        /// Staff locked it: only staff unlock it.
        const STAFF_LOCKED = 1 << 2;
        /// It may not post statistics.
        const STATS_LOCKED = 1 << 3;
        /// It takes no votes.
        const VOTE_LOCKED = 1 << 4;
        /// It belongs to the installation: no votes.
        const SYSTEM = 1 << 5;
        /// A guild that only those on its list may join.
        const WHITELIST_ONLY = 1 << 6;
        /// Its banner is shown without being darkened.
        const KEEP_BANNER_DECOR = 1 << 7;
        /// Not for everybody's eyes.
        const NSFW = 1 << 8;
        /// A guild whose invite is shown to people who are signed in.
        const LOGIN_REQUIRED = 1 << 9;
    }
}

const FLAG_NAMES: [(Flags, &str); 10] = [
    (Flags::UNLOCKED, "unlocked"),
    (Flags::EDIT_LOCKED, "edit_locked"),
    (Flags::STAFF_LOCKED, "staff_locked"),
    (Flags::STATS_LOCKED, "stats_locked"),
    (Flags::VOTE_LOCKED, "vote_locked"),
    (Flags::SYSTEM, "system"),
    (Flags::WHITELIST_ONLY, "whitelist_only"),
    (Flags::KEEP_BANNER_DECOR, "keep_banner_decor"),
    (Flags::NSFW, "nsfw"),
    (Flags::LOGIN_REQUIRED, "login_required"),
];

impl Flags {
    /// Those that an edit sets and clears. The lock of its keepers is turned by itself, so that no edit passes it; all
    /// others are for staff.
    pub const OWN: Self =
        Self::KEEP_BANNER_DECOR.union(Self::NSFW).union(Self::WHITELIST_ONLY).union(Self::LOGIN_REQUIRED);

    /// The names of the set.
    pub fn names(self) -> Vec<&'static str> {
        FLAG_NAMES.iter().filter(|(flag, _)| self.contains(*flag)).map(|(_, name)| *name).collect()
    }

    /// The flag of this name.
    pub fn named(name: &str) -> Option<Self> {
        FLAG_NAMES.iter().find(|(_, known)| *known == name).map(|(flag, _)| *flag)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failing test says so by panicking")]

    use super::*;

    #[test]
    fn states_keep_their_numbers_and_names() {
        for state in State::ALL {
            assert_eq!(State::numbered(state.number()).unwrap(), *state);
            assert_eq!(serde_json::to_value(state).unwrap(), state.name());
        }
        assert_eq!(State::ALL.len(), 10);
        assert!(State::numbered(10).is_err());
    }

    #[test]
    fn what_is_listed_is_public() {
        assert!(State::ALL.iter().all(|state| !state.is_listed() || state.is_public()));
        assert!(!State::Pending.is_public() && !State::Banned.is_public() && !State::Hidden.is_public());
    }
}
