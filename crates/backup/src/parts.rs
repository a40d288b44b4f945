//! What features add to a backup of a guild of this server: one trait, so that the directory's listing, the market and
//! the map join by one line in `app`.

use bytes::Bytes;
use futures_util::future::BoxFuture;
use futures_util::stream::BoxStream;
use guildhall_base::{GuildId, Result};

/// Content, piece after piece.
pub type Content = BoxStream<'static, Result<Bytes>>;

/// What one feature adds.
pub trait Part: Send + Sync {
    /// The feature's name for ever: lower case letters, digits, `_` and `-`.
    fn name(&self) -> &'static str;

    /// The version of what it writes. It reads all versions up to this one.
    fn version(&self) -> u32;

    /// What it knows of the guild; nothing, where it knows nothing.
    ///
    /// # Errors
    /// If it cannot be read; the backup tries again.
    fn write(&self, guild: GuildId) -> BoxFuture<'_, Result<Option<Content>>>;

    /// Gives a guild what was written of the same or another guild. May be done twice with the same content.
    ///
    /// # Errors
    /// If it cannot be understood or written.
    fn restore(&self, guild: GuildId, version: u32, content: Content) -> BoxFuture<'_, Result<()>>;
}
