//! Users, credentials, sessions and tokens: who somebody is.
//!
//! The door is [`Accounts`]: it authenticates ([`Actor`] is the extractor), knows users by id from memory, and holds
//! the use cases that the REST routes and the pages call.

mod actor;
mod door;
mod user;

pub use actor::{Actor, COOKIE_NAME, Credential, MaybeActor, SessionId, SessionMarker, same_origin};
pub use door::{Accounts, Config, NewUser};
pub use user::{Always, SelfUser, User};
