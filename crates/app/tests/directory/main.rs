//! The directory as programs see it: answers, rows and events together, on every engine.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a failing test says so by panicking")]

mod appeals;
mod browse;
mod browser;
mod crawl;
mod extras;
mod import;
mod leaving;
mod listings;
mod packs;
#[path = "../../../directory/tests/shown/page.rs"]
mod page;
mod pages;
mod pictures;
mod reviews;
mod staff;
mod stats;
#[path = "../support/mod.rs"]
mod support;
mod votes;
mod webhooks;
mod world;
