//! Applications: the OAuth2 clients that bots act for.
//!
//! The door is [`Applications`]. An application and its bot's user share one id, and are made together.

mod api;
mod application;
pub mod codes;
mod door;
mod pages;
mod store;

pub use api::api_routes;
pub use application::{Application, ApplicationWire, Scopes, flags};
pub use door::{Applications, EditApplication, GuildCount};
pub use pages::page_routes;
