//! Packs: bots that somebody thinks go well together.

use guildhall_base::{AnyId, PackId, Timestamp, UserId};

use super::Banner;

/// A pack.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pack {
    /// Its id, from which follows when it was made.
    pub id: PackId,
    /// Whose it is.
    pub owner: UserId,
    /// 3 to 50 characters.
    pub name: String,
    /// 10 to 2,000 characters.
    pub description: String,
    /// Its small picture.
    pub icon: Option<Banner>,
    /// Its large picture.
    pub banner: Option<Banner>,
    /// 2 to 7, in their order; fewer where some are listed no longer.
    pub bots: Vec<AnyId>,
    /// Counts its changes.
    pub version: i64,
    /// When it was changed last.
    pub changed_at: Timestamp,
}
