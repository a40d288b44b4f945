//! Banning many, and lifting those bans.

use std::time::Duration;

use guildhall_base::{Permissions, Result, RoleId, Timestamp, UserId};
use guildhall_infra::jobs::{Effects, Owner};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::super::bans::Files;
use crate::access::GuildAccess;
use crate::model::{Departed, MassBan};
use crate::rules::{hierarchy, selection};
use crate::{Chat, codes, store};

/// Roles of those whose ban was undone wait so long for them to return.
const WAIT: Duration = Duration::from_secs(365 * 86_400);

/// Somebody who was banned and was not before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Banned {
    /// The roles that they had.
    pub(crate) roles: Vec<RoleId>,
    /// What they were called.
    pub(crate) nick: Option<String>,
    /// Files of messages that went too.
    pub(crate) files: Files,
}

impl Chat {
    /// Whether this may be asked for.
    pub(crate) async fn admit_ban(&self, owner: Owner, ban: &MassBan) -> Result<GuildAccess> {
        selection::check_ban(ban)?;
        let access = self.asked(owner, Permissions::BAN_MEMBERS).await?;
        let filter = &ban.members;
        let named = filter.has_roles.iter().chain(&filter.lacks_roles);
        let state = access.room.read();
        if named.into_iter().any(|role| !state.roles.contains_key(role)) {
            return Err(codes::UNKNOWN_ROLE.into());
        }
        drop(state);
        Ok(access)
    }

    /// Who is meant: members, and where nothing but a list is given, also people who are none.
    pub(crate) async fn people_of_ban(
        &self,
        access: &GuildAccess,
        ban: &MassBan,
        asked: Timestamp,
    ) -> Result<Vec<UserId>> {
        if !ban.members.is_list() {
            return self.meant(access, &ban.members, asked).await;
        }
        let mut users = ban.members.users.clone();
        users.sort_unstable();
        users.dedup();
        Ok(users)
    }

    /// How many would be banned, how many are no members, and whom the hierarchy protects.
    pub(crate) async fn count_ban(&self, owner: Owner, ban: &MassBan) -> Result<Value> {
        let access = self.admit_ban(owner, ban).await?;
        let people = self.people_of_ban(&access, ban, self.now()).await?;
        let banned = store::bans::which(self.db(), access.id(), &people).await?;
        let state = access.room.read();
        let doer = self.person(&state, access.user)?;
        let (mut members, mut strangers, mut protected) = (0_u64, 0_u64, 0_u64);
        for user in people.iter().filter(|user| !banned.contains(user)) {
            match state.person(*user, self.now()) {
                None => strangers += 1,
                Some(person) if hierarchy::may_ban(&doer, Some(&person)).is_ok() => members += 1,
                Some(_) => protected += 1,
            }
        }
        Ok(json!({
            "members": members, "strangers": strangers, "protected": protected, "already": banned.len(),
        }))
    }

    /// Bans one of them as part of a step. None if they are banned already.
    pub(crate) async fn ban_in_step(
        &self,
        access: &GuildAccess,
        user: UserId,
        ban: &MassBan,
        effects: &Effects,
    ) -> Result<Option<Banned>> {
        if store::bans::get(self.db(), access.id(), user).await?.is_some() {
            return Ok(None);
        }
        let user = self.parts.accounts.user(user).await?;
        let member = access.room.read().members.get(&user.id).cloned();
        let (change, files) =
            self.draft_ban(access, &user, ban.delete_message_seconds, ban.reason.as_deref()).await?;
        change.into_effects(effects);
        let (roles, nick) = member.map(|member| (member.roles, member.settings.nick)).unwrap_or_default();
        Ok(Some(Banned { roles, nick, files }))
    }

    /// Lifts such a ban as part of a step, and keeps what they had until they return.
    pub(crate) async fn unban_in_step(
        &self,
        access: &GuildAccess,
        user: UserId,
        banned: Banned,
        reason: Option<String>,
        effects: &Effects,
    ) -> Result<()> {
        if store::bans::get(self.db(), access.id(), user).await?.is_none() {
            return Err(codes::UNKNOWN_BAN.into());
        }
        let mut change = self.draft_unban(access, user, reason).await?;
        if !banned.roles.is_empty() || banned.nick.is_some() {
            let departed = Departed {
                user,
                roles: banned.roles,
                nick: banned.nick,
                left_at: self.now(),
                keep_until: self.now().after(WAIT),
                by: Some(access.user),
            };
            store::departed::insert(&mut change.batch, access.id(), &departed);
        }
        change.into_effects(effects);
        Ok(())
    }
}
