//! What clients tell the gateway besides beats: presence (op 3), voice (op 4), and what they ask of members (op 8).

mod members;
mod presence;
mod voice;

pub(crate) use presence::{Presences, Stated};
pub(crate) use voice::Voices;
