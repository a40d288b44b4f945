//! Members: reading, changing and removing them.

mod bots;
mod change;
mod edit;
mod read;
mod remove;
mod roles;

pub(crate) use edit::MemberBody;
