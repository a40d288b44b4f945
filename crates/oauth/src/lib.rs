//! Applications: the OAuth2 clients that bots act for.

mod application;
mod door;

pub use application::{Application, ApplicationWire, Scopes, flags};
pub use door::Applications;
