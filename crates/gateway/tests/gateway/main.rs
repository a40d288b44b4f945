//! The gateway from outside: real sockets, a real client, on every database at hand.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on should stop")]

mod client;
mod deliver;
mod greeting;
mod house;
mod opening;
mod people;
mod restarts;
mod resuming;
mod scopes;
mod sharding;
mod structure;
mod voice;
