//! Internal events of this crate: every process forgets what is no longer true.

use guildhall_base::{ApplicationId, Result, Timestamp, UserId};
use guildhall_infra::events::{Audience, NewEvent};
use serde::{Deserialize, Serialize};

use crate::model::GrantId;

/// The name of the event; its body is [`Ended`].
pub(crate) const OAUTH_ENDED: &str = "OAUTH_ENDED";

/// What holds no more.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Ended {
    /// Families of tokens.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) grants: Vec<GrantId>,
    /// One access token.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) token: Option<String>,
    /// Everything that somebody had allowed an application.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) consent: Option<EndedConsent>,
    /// What is remembered of an application: settings, secrets.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) application: Option<ApplicationId>,
}

/// Grants of this user to this application that were prepared up to then.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct EndedConsent {
    pub(crate) user: UserId,
    pub(crate) application: ApplicationId,
    pub(crate) at: Timestamp,
}

impl Ended {
    pub(crate) fn event(&self) -> Result<NewEvent> {
        NewEvent::new(OAUTH_ENDED, Audience::Internal, self)
    }
}
