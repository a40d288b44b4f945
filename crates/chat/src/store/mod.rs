//! Every SQL statement on the chat's tables, one file per table. Reading functions take the database; writing ones
//! add to a [`Batch`](guildhall_infra::db::Batch) that an action commits together with its events.

pub(crate) mod audit;
pub(crate) mod bans;
pub(crate) mod channels;
pub(crate) mod commands;
pub(crate) mod departed;
pub(crate) mod direct;
pub(crate) mod emojis;
pub(crate) mod gone_files;
pub(crate) mod guilds;
pub(crate) mod interactions;
pub(crate) mod invites;
pub(crate) mod members;
pub(crate) mod messages;
pub(crate) mod own_data;
pub(crate) mod pins;
pub(crate) mod reactions;
pub(crate) mod reads;
pub(crate) mod roles;
pub(crate) mod snapshots;
pub(crate) mod stickers;
pub(crate) mod webhooks;

use guildhall_base::{Error, Result};
use serde::Serialize;

/// A settings or body column.
pub(crate) fn json<T: Serialize>(value: &T) -> Result<String> {
    serde_json::to_string(value).map_err(Error::internal)
}
