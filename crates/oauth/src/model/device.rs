//! A device without a browser that waits to be allowed (RFC 8628).

use guildhall_base::{ApplicationId, Scopes, Timestamp, UserId};

use super::{Authentication, GrantId, SecretHash};

/// What became of the question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DeviceState {
    /// Nobody has answered.
    Waiting = 0,
    /// Somebody allowed it.
    Allowed = 1,
    /// Somebody refused.
    Denied = 2,
    /// The device has its tokens.
    Exchanged = 3,
}

impl DeviceState {
    /// From the table.
    pub(crate) fn from_number(number: i64) -> Option<Self> {
        [Self::Waiting, Self::Allowed, Self::Denied, Self::Exchanged]
            .into_iter()
            .find(|state| *state as i64 == number)
    }
}

/// A device's question as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Device {
    /// The hash of the code that the device keeps.
    pub(crate) hash: SecretHash,
    /// What the person types: eight consonants.
    pub(crate) user_code: String,
    /// Which application asks.
    pub(crate) application: ApplicationId,
    /// The grant that it becomes.
    pub(crate) grant: GrantId,
    /// For what.
    pub(crate) scopes: Scopes,
    /// Until when.
    pub(crate) expires: Timestamp,
    /// When the device may ask again.
    pub(crate) next_poll: Timestamp,
    /// How long it must wait between questions, in milliseconds.
    pub(crate) interval_ms: u64,
    /// What became of it.
    pub(crate) state: DeviceState,
    /// Who allowed it, and how they had signed in.
    pub(crate) answered: Option<(UserId, Authentication)>,
}
