//! What is said over the gateway: opcodes, close codes, and the bodies that clients send
//! (<https://discord.com/developers/docs/topics/opcodes-and-status-codes#gateway>).

mod close;
mod incoming;
mod outgoing;

pub(crate) use close::Close;
pub(crate) use incoming::{Identify, Incoming, MembersQuery, PresenceUpdate, Resume, VoiceUpdate, read};
pub(crate) use outgoing::{Outgoing, dispatch};
