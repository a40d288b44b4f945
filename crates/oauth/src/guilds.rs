//! What the authorization server asks of guilds. They are another feature's, above this one: that feature gives an
//! implementation to the program that joins them.

use std::pin::Pin;
use std::sync::Arc;

use guildhall_accounts::Actor;
use guildhall_base::{ApplicationId, GuildId, Permissions, Result, UserId};
use guildhall_infra::db::Batch;
use serde_json::Value;

/// An answer that comes later.
pub type Later<'a, T> = Pin<Box<dyn Future<Output = Result<T>> + Send + 'a>>;

/// A guild that somebody could add a bot to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GuildChoice {
    /// Which.
    pub id: GuildId,
    /// What it is called.
    pub name: String,
    /// Whether the bot is there already.
    pub there: bool,
}

/// Guilds, as far as bots are added to them.
pub trait GuildHost: Send + Sync {
    /// The guilds that somebody manages.
    fn choices<'a>(&'a self, actor: &'a Actor, bot: UserId) -> Later<'a, Vec<GuildChoice>>;
    /// Adds an application's bot, and writes `along` in the same transaction; where the bot is already, only that.
    fn add_bot<'a>(
        &'a self,
        actor: &'a Actor,
        guild: GuildId,
        application: ApplicationId,
        permissions: Permissions,
        along: Batch,
    ) -> Later<'a, ()>;
    /// A guild as one who is in it reads it.
    fn describe<'a>(&'a self, actor: &'a Actor, guild: GuildId) -> Later<'a, Value>;
    /// In how many guilds somebody is.
    fn count(&self, user: UserId) -> Later<'_, u64>;
}

/// Shared by routes and pages.
pub type Guilds = Arc<dyn GuildHost>;
