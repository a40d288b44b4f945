//! The job engine, the same tests on every engine of the database.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a failing test says so by panicking")]

mod asked;
mod basics;
mod calendar;
mod fences;
mod kill;
mod outage;
mod queues;
mod shown;
mod storms;
mod support;
mod undo;
