//! Members: reading, changing and removing them.

mod bots;
mod by_token;
pub(crate) mod change;
mod edit;
mod prune;
mod read;
mod remove;
mod roles;

pub(crate) use edit::MemberBody;
pub(crate) use prune::Inactive;
