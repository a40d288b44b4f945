//! Restores through the whole server: into new guilds and ones that are there, here and on another server, undone, and
//! with the process killed again and again.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on should stop")]

#[path = "../support/mod.rs"]
mod support;

mod elsewhere;
mod kill;
mod modes;
mod pages;
mod secrets;
mod story;
mod sweep;
mod things;
mod tree;
