//! Use cases. REST and pages call the same ones.

mod assurance;
mod bonds;
mod bots;
mod factors;
mod life;
mod mail;
mod me;
mod passkeys;
mod people;
mod proofs;
mod providers;
mod scripts;
mod sessions;
mod sign_in;
mod staff;
mod staff_users;

pub use assurance::{Assurance, SecondFactor};
pub use factors::{Guard, NewAuthenticator, qr_code};
pub use life::{Copy, CopyFile, Farewell};
pub use mail::MailUsed;
pub(crate) use mail::PROOF_LIFE;
pub use me::{EditMe, EditSettings};
pub use people::{NewUser, Registration};
pub use providers::{LinkedIdentity, ProviderAnswer, ProviderOutcome, ProviderVisit};
pub use scripts::NewScript;
pub use staff::{StaffLogQuery, StandingOf};
pub(crate) use staff_users::FOUND;
pub use staff_users::StaffView;

use guildhall_base::{Error, codes};

use crate::codes::NOT_FOR_BOTS;
use crate::{Actor, SessionId};

/// The session of a person; bots are sent away.
fn person(actor: &Actor) -> Result<SessionId, Error> {
    actor.session().ok_or_else(|| NOT_FOR_BOTS.into())
}

/// A user cannot be extracted and yet not be there, unless they were removed meanwhile.
fn gone(error: Error) -> Error {
    if error.is(crate::codes::UNKNOWN_USER) { codes::UNAUTHENTICATED.into() } else { error }
}
