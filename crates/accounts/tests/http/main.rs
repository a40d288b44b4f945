//! Accounts through HTTP: response, row and event asserted together, on every database at hand.

mod me;
mod pages;
mod sessions;
mod support;
