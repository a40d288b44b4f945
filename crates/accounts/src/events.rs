//! The events that this feature appends.

use std::sync::Arc;

use guildhall_base::{Result, UserId};
use guildhall_infra::db::Batch;
use guildhall_infra::events::{Audience, NewEvent};
use serde::{Deserialize, Serialize};

#[cfg(doc)]
use crate::model::Settings;
use crate::model::{Account, Bond, Relationship};
use crate::{Accounts, Always, SessionId, User};

/// The name of the internal event that says that credentials hold no more; its body is [`CredentialsEnded`].
pub const CREDENTIALS_ENDED: &str = "CREDENTIALS_ENDED";

/// The name of the internal event that says that a user's state or ranks have changed; its body has `user_id`.
pub const STANDING_CHANGED: &str = "STANDING_CHANGED";

/// A user's state or ranks have changed.
pub(crate) fn standing_changed(user: UserId) -> Result<NewEvent> {
    #[derive(Serialize)]
    struct Changed {
        user_id: UserId,
    }
    let body = Changed { user_id: user };
    NewEvent::new(STANDING_CHANGED, Audience::Internal, &body).map(|event| event.by(user))
}

/// Connections that identified with these must be closed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CredentialsEnded {
    /// Whose.
    pub user_id: UserId,
    /// This session only; otherwise all of the user's tokens and sessions but `except`.
    pub session_id: Option<SessionId>,
    /// The session that goes on.
    pub except: Option<SessionId>,
}

impl CredentialsEnded {
    /// To be appended with the batch that removes them; [`Accounts::ending`] calls it.
    fn event(&self) -> Result<NewEvent> {
        NewEvent::new(CREDENTIALS_ENDED, Audience::Internal, self).map(|event| event.by(self.user_id))
    }
}

impl Accounts {
    /// The event of an ending; what else follows from it is added to the batch in which it happens.
    pub(crate) fn ending(&self, batch: &mut Batch, ended: &CredentialsEnded) -> Result<NewEvent> {
        if let Some(on_ended) = &self.0.config.on_ended {
            on_ended(batch, ended.user_id)?;
        }
        ended.event()
    }
}

/// Tells a user's own connections what they look like now.
pub(crate) fn user_update(account: &Account) -> Result<NewEvent> {
    let id = account.user.id;
    NewEvent::new("USER_UPDATE", Audience::Users(vec![id]), &account.to_self()).map(|event| event.by(id))
}

/// The name of the event that tells a user's own connections what they chose; its body is [`Settings`]. The gateway
/// shows others what follows from it.
pub const USER_SETTINGS_UPDATE: &str = "USER_SETTINGS_UPDATE";

pub(crate) fn user_settings_update(account: &Account) -> Result<NewEvent> {
    let id = account.user.id;
    NewEvent::new(USER_SETTINGS_UPDATE, Audience::Users(vec![id]), &account.settings)
        .map(|event| event.by(id))
}

/// Tells `who` what `other` is to them now.
pub(crate) fn relationship_add(who: UserId, entry: &Relationship, by: UserId) -> Result<NewEvent> {
    NewEvent::new("RELATIONSHIP_ADD", Audience::Users(vec![who]), entry).map(|event| event.by(by))
}

/// Tells `who` that `other` is no longer what they were.
pub(crate) fn relationship_remove(who: UserId, other: &Arc<User>, was: Bond, by: UserId) -> Result<NewEvent> {
    #[derive(Serialize)]
    struct Removed {
        id: UserId,
        r#type: u8,
        nickname: Always,
    }
    let body = Removed { id: other.id, r#type: was.number(), nickname: Always };
    NewEvent::new("RELATIONSHIP_REMOVE", Audience::Users(vec![who]), &body).map(|event| event.by(by))
}
