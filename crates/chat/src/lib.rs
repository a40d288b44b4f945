//! Guilds, channels, roles, members and messages: the Discord-compatible REST API v10.

pub mod rules;
