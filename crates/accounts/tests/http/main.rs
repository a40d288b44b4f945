//! Accounts through HTTP: response, row and event asserted together, on every database at hand.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test ends where it cannot go on")]

mod authenticator;
mod crashes;
mod elsewhere;
mod languages;
mod life;
mod mail;
mod me;
mod pages;
mod passkeys;
mod pictures;
mod providers;
mod scopes;
mod second_step;
mod sessions;
mod staff;
mod staff_users;
mod support;
mod v2;
