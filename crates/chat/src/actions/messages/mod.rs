//! Sending, reading, editing and deleting messages.

mod check;
mod delete;
mod edit;
mod files;
mod read;
mod render;
mod send;

pub(crate) use read::PageOfMessages;
pub(crate) use render::emoji_body;
pub(crate) use send::{Outgoing, read_draft};
