//! Accounts through HTTP: response, row and event asserted together, on every database at hand.

mod me;
mod pages;
mod pictures;
mod sessions;
mod support;
