//! The server's side of RFC 6455, as pure state machines over bytes: nothing here owns a socket, a buffer that
//! outlives a message, or a task, so an idle connection costs next to nothing.
//!
//! - [`handshake`] answers the HTTP request and gets the bare TCP stream out of hyper;
//! - [`Decoder`] turns received bytes into [`Message`]s or a [`Violation`];
//! - [`put_head`] and [`put_close`] write what a server sends, always unmasked and unfragmented.
//!
//! Held to the Autobahn cases by `tests/autobahn.rs`. Extensions (permessage-deflate) are not offered.

mod close;
mod decoder;
mod frame;
pub mod handshake;

pub use close::{Violation, put_close};
pub use decoder::{Decoder, Message};
pub use frame::{HEAD_MAX, Opcode, put_frame, put_head};
