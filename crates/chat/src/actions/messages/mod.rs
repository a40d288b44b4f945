//! Sending, reading, editing and deleting messages.

mod check;
mod delete;
mod edit;
mod read;
mod render;
mod send;

pub(crate) use edit::MessageChanges;
pub(crate) use read::PageOfMessages;
pub(crate) use send::{NewMessage, Outgoing};
