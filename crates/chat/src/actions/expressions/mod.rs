//! Emojis and stickers of guilds, and emojis of applications: made, changed and deleted. [`using`] is what messages and
//! reactions do with them.
//!
//! A change tells the whole list, so it is made under the guild's layout: nobody's list takes back what another told.

mod application;
mod emojis;
mod picture;
mod stickers;
mod using;

use guildhall_base::{GuildId, Permissions, Result, UserId};
use guildhall_infra::db::Db;
use guildhall_infra::db::codes::CONFLICT;
use guildhall_infra::events::Audience;
use serde::Serialize;
use serde_json::json;

use super::{Change, LAYOUT_ATTEMPTS};
use crate::access::GuildAccess;
use crate::{Chat, codes, store};

pub(crate) use picture::{emoji_key, sticker_key};

/// Who may make emojis and stickers, and change their own.
const MAKE: Permissions = Permissions::CREATE_GUILD_EXPRESSIONS;
/// Who may also change those of others.
const MANAGE: Permissions = Permissions::MANAGE_GUILD_EXPRESSIONS;

impl GuildAccess {
    /// Whether the member may make emojis and stickers.
    pub(crate) fn makes_expressions(&self) -> bool {
        self.permissions.intersects(MAKE | MANAGE)
    }

    /// Refuses who may not make any.
    fn may_make(&self) -> Result<()> {
        if self.makes_expressions() { Ok(()) } else { Err(codes::MISSING_PERMISSIONS.into()) }
    }

    /// Refuses who may not change what somebody made.
    fn may_change(&self, creator: UserId) -> Result<()> {
        let needed = if creator == self.user { MAKE } else { MANAGE };
        if self.permissions.intersects(needed | MANAGE) {
            return Ok(());
        }
        Err(codes::MISSING_PERMISSIONS.into())
    }
}

/// Something that a guild has a list of, every change of which tells the whole list.
trait Listed: Sized + Send {
    /// The event that tells it, and the field of its body.
    const EVENT: (&'static str, &'static str);
    /// As it is told.
    type Told: Serialize;

    /// All of a guild's.
    fn all(db: &Db, guild: GuildId) -> impl Future<Output = Result<Vec<Self>>> + Send;

    fn told(self) -> Self::Told;
}

impl Chat {
    /// Reads a list, has `plan` decide and add its statements, and commits with the event that tells the list that it
    /// gives back; begins again if somebody else changed the guild's layout in between. Without a list nothing is
    /// written.
    async fn change_expressions<L: Listed, T: Send>(
        &self,
        access: &GuildAccess,
        plan: impl Fn(Vec<L>, &mut Change) -> Result<(T, Option<Vec<L>>)> + Send + Sync,
    ) -> Result<T> {
        let guild: GuildId = access.id();
        let _turn = access.room.structure.lock().await;
        for _ in 0..LAYOUT_ATTEMPTS {
            let layout = store::guilds::layout(self.db(), guild).await?;
            let before = L::all(self.db(), guild).await?;
            let mut change = Change::new();
            store::guilds::claim_layout(&mut change.batch, guild, layout);
            let (planned, after) = plan(before, &mut change)?;
            let Some(after) = after else { return Ok(planned) };
            let (name, field) = L::EVENT;
            let after: Vec<L::Told> = after.into_iter().map(L::told).collect();
            let body = json!({ "guild_id": guild, field: after });
            change.emit(name, Audience::Guild(guild), &body)?;
            match self.commit(change).await {
                Err(error) if error.is(CONFLICT) => {}
                done => return done.map(|_| planned),
            }
        }
        Err(CONFLICT.into())
    }
}
