//! Bans: setting them, one or many, lifting and listing them.

mod messages;

pub(crate) use messages::Files;

use guildhall_accounts::{Actor, User};
use guildhall_base::{Code, Form, GuildId, Kind, Permissions, Result, UserId, codes::CONFLICT};
use guildhall_infra::events::Audience;
use serde::Serialize;
use serde_json::{Map, Value};

use super::audit::{Action, Note};
use super::bodies::UserInGuild;
use super::{Change, LAYOUT_ATTEMPTS};
use crate::access::GuildAccess;
use crate::rules::read::{Object, snowflake};
use crate::rules::{hierarchy, limits};
use crate::store::{self, bans::Anchor, departed::Departure};
use crate::{Chat, codes};

/// Banning who is banned is no error, and nothing is told.
const ALREADY: Code = Code::new(Kind::Conflict, 0, "already_banned", "The user is banned already.");
/// Users that can be banned at once.
const BULK: usize = 200;
/// Seconds of a day.
const DAY_S: i64 = 86_400;

/// Who is banned and why.
#[derive(Debug, Serialize)]
pub(crate) struct BanBody {
    reason: Option<String>,
    user: User,
}

/// Which page of the bans.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct PageOfBans {
    pub(crate) before: Option<UserId>,
    pub(crate) after: Option<UserId>,
    pub(crate) limit: Option<i64>,
}

/// What became of many bans.
#[derive(Debug, Serialize)]
pub(crate) struct BulkBan {
    banned_users: Vec<UserId>,
    failed_users: Vec<UserId>,
}

/// How many seconds of messages are to be deleted; older libraries say days.
fn read_seconds(form: &mut Form, object: &Object<'_>) -> i64 {
    let days = object.integer(form, "delete_message_days", limits::BAN_DELETE_DAYS);
    let seconds = object.integer(form, "delete_message_seconds", limits::BAN_DELETE_S);
    seconds.or(days.map(|days| days.saturating_mul(DAY_S))).unwrap_or(0)
}

/// Who hears of bans.
fn audience(guild: GuildId) -> Audience {
    Audience::Permission(guild, Permissions::BAN_MEMBERS)
}

impl Chat {
    async fn bannable(&self, actor: &Actor, guild: GuildId) -> Result<GuildAccess> {
        let access = self.guild(actor, guild).await?;
        access.require(Permissions::BAN_MEMBERS)?;
        Ok(access)
    }

    /// A page of a guild's bans, by ascending user id.
    pub(crate) async fn bans(&self, actor: &Actor, guild: GuildId, page: PageOfBans) -> Result<Vec<BanBody>> {
        self.bannable(actor, guild).await?;
        let limit = page.limit.unwrap_or(1000);
        let mut form = Form::new();
        form.range("limit", limit, 1..=1000);
        form.finish()?;
        let anchor = match (page.before, page.after) {
            (Some(user), None) => Anchor::Before(user),
            (_, after) => Anchor::After(after.unwrap_or(UserId::new(0))),
        };
        let bans = store::bans::page(self.db(), guild, anchor, limit).await?;
        let ids: Vec<_> = bans.iter().map(|(user, _)| *user).collect();
        let users = self.parts.accounts.users(&ids).await?;
        let known = bans.into_iter().filter_map(|(user, reason)| Some((users.get(&user)?, reason)));
        Ok(known.map(|(user, reason)| BanBody { reason, user: User::clone(user) }).collect())
    }

    /// One ban.
    pub(crate) async fn read_ban(&self, actor: &Actor, guild: GuildId, user: UserId) -> Result<BanBody> {
        self.bannable(actor, guild).await?;
        let reason = store::bans::get(self.db(), guild, user).await?.ok_or(codes::UNKNOWN_BAN)?;
        let user = self.parts.accounts.user(user).await.map_err(|_| codes::UNKNOWN_BAN)?;
        Ok(BanBody { reason, user: User::clone(&user) })
    }

    /// Bans somebody, member or not, and deletes what they wrote lately if that is wanted.
    pub(crate) async fn ban(
        &self,
        actor: &Actor,
        guild: GuildId,
        user: UserId,
        body: &Map<String, Value>,
        reason: Option<String>,
    ) -> Result<()> {
        let access = self.bannable(actor, guild).await?;
        let mut form = Form::new();
        let seconds = read_seconds(&mut form, &Object::body(body));
        form.finish()?;
        match self.ban_one(&access, user, seconds, reason.as_deref()).await {
            Err(error) if !error.is(ALREADY) => Err(error),
            _ => Ok(()),
        }
    }

    /// Bans up to 200 users. Those who cannot be banned do not keep the others from it.
    pub(crate) async fn ban_many(
        &self,
        actor: &Actor,
        guild: GuildId,
        body: &Map<String, Value>,
        reason: Option<String>,
    ) -> Result<BulkBan> {
        let access = self.bannable(actor, guild).await?;
        access.require(Permissions::MANAGE_GUILD)?;
        let mut form = Form::new();
        let object = Object::body(body);
        let seconds = read_seconds(&mut form, &object);
        let users = object.list(&mut form, "user_ids", 1..=BULK);
        let mut users: Vec<UserId> = users
            .into_iter()
            .filter_map(|entry| snowflake(&mut form, entry.value, entry.path))
            .map(guildhall_base::AnyId::cast)
            .collect();
        form.finish()?;
        users.sort_unstable();
        users.dedup();
        let mut result = BulkBan { banned_users: Vec::new(), failed_users: Vec::new() };
        for user in users {
            match self.ban_one(&access, user, seconds, reason.as_deref()).await {
                Ok(()) => result.banned_users.push(user),
                Err(error) if error.kind() == Kind::Internal => return Err(error),
                Err(_) => result.failed_users.push(user),
            }
        }
        if result.banned_users.is_empty() { Err(codes::NOBODY_BANNED.into()) } else { Ok(result) }
    }

    async fn ban_one(
        &self,
        access: &GuildAccess,
        user: UserId,
        seconds: i64,
        reason: Option<&str>,
    ) -> Result<()> {
        let user = self.parts.accounts.user(user).await?;
        for _ in 0..LAYOUT_ATTEMPTS {
            match self.try_ban(access, &user, seconds, reason).await {
                Err(error) if error.is(CONFLICT) => {}
                done => return done,
            }
        }
        Err(CONFLICT.into())
    }

    async fn try_ban(
        &self,
        access: &GuildAccess,
        user: &User,
        seconds: i64,
        reason: Option<&str>,
    ) -> Result<()> {
        let (change, files) = self.draft_ban(access, user, seconds, reason).await?;
        self.commit(change).await?;
        self.drop_many_files(&files).await;
        Ok(())
    }

    /// The change that bans somebody, not yet committed: that fails with a conflict if they come or go meanwhile, and
    /// with [`ALREADY`]. Gives the files that are of no use once it has happened.
    pub(crate) async fn draft_ban(
        &self,
        access: &GuildAccess,
        user: &User,
        seconds: i64,
        reason: Option<&str>,
    ) -> Result<(Change, Files)> {
        let guild = access.id();
        let member = {
            let state = access.room.read();
            let target = state.person(user.id, self.now());
            hierarchy::may_ban(&self.person(&state, access.user)?, target.as_ref())?;
            target.is_some()
        };
        let mut change = Change::new();
        store::bans::insert(&mut change.batch, guild, user.id, reason, ALREADY);
        let files = self.delete_recent(&mut change, guild, user.id, seconds).await?;
        if member {
            self.remove_member(&mut change, guild, user, Departure::Banned, CONFLICT).await?;
        } else {
            store::bans::expect_stranger(&mut change.batch, guild, user.id);
        }
        change.emit("GUILD_BAN_ADD", audience(guild), &UserInGuild { guild_id: guild, user })?;
        let note = Note::new(Action::MemberBanAdd, Some(user.id.cast()), reason.map(ToOwned::to_owned));
        self.note(&mut change, guild, access.user, note)?;
        Ok((change, files))
    }

    /// Removes the files of messages that are gone.
    pub(crate) async fn drop_many_files(&self, files: &Files) {
        for (channel, attachments) in files {
            self.drop_files(*channel, attachments).await;
        }
    }

    /// Lifts a ban.
    pub(crate) async fn unban(
        &self,
        actor: &Actor,
        guild: GuildId,
        user: UserId,
        reason: Option<String>,
    ) -> Result<()> {
        let access = self.bannable(actor, guild).await?;
        self.commit(self.draft_unban(&access, user, reason).await?).await?;
        Ok(())
    }

    /// The change that lifts a ban, not yet committed: that fails if there is none.
    pub(crate) async fn draft_unban(
        &self,
        access: &GuildAccess,
        user: UserId,
        reason: Option<String>,
    ) -> Result<Change> {
        let guild = access.id();
        let user = self.parts.accounts.user(user).await.map_err(|_| codes::UNKNOWN_BAN)?;
        let mut change = Change::new();
        store::bans::delete(&mut change.batch, guild, user.id);
        change.emit("GUILD_BAN_REMOVE", audience(guild), &UserInGuild { guild_id: guild, user: &user })?;
        let note = Note::new(Action::MemberBanRemove, Some(user.id.cast()), reason);
        self.note(&mut change, guild, access.user, note)?;
        Ok(change)
    }
}
