//! What is done to many at once: previewed, done step by step, undone, and refused to those who may not (any more).

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    unreachable_pub,
    reason = "a test that cannot go on should stop"
)]

mod bans;
mod memory;
mod pages;
mod prune;
mod roles;
#[path = "../support/mod.rs"]
mod support;
mod yard;
