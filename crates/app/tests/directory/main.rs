//! The directory as programs see it: answers, rows and events together, on every engine.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a failing test says so by panicking")]

mod appeals;
mod browse;
mod extras;
mod import;
mod listings;
mod packs;
mod reviews;
mod staff;
mod pictures;
#[path = "../support/mod.rs"]
mod support;
mod world;
