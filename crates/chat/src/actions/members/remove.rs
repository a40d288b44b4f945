//! A member's going: kicks, and what all goings have in common.

use std::time::Duration;

use guildhall_accounts::{Actor, User};
use guildhall_base::{Code, GuildId, Result, UserId, codes::CONFLICT};
use guildhall_infra::events::{Audience, NewEvent};

use super::super::audit::{Action, Note};
use super::super::bodies::{RoleDeleted, UserInGuild};
use super::super::roles::shift;
use super::super::{Change, LAYOUT_ATTEMPTS};
use crate::rules::{hierarchy, positions};
use crate::store::departed::Departure;
use crate::world::Was;
use crate::{Chat, codes, store};

/// Who has just come by a temporary invite may still be on the way to the gateway.
const TIME_TO_CONNECT: Duration = Duration::from_secs(600);

impl Chat {
    /// Removes a member, who may come back.
    pub(crate) async fn kick(
        &self,
        actor: &Actor,
        guild: GuildId,
        user: UserId,
        reason: Option<String>,
    ) -> Result<()> {
        let access = self.guild(actor, guild).await?;
        {
            let state = access.room.read();
            hierarchy::may_kick(&self.person(&state, actor.user.id)?, &self.person(&state, user)?)?;
        }
        let note = Note::new(Action::MemberKick, Some(user.cast()), reason);
        let user = self.parts.accounts.user(user).await?;
        self.dismiss(guild, &user, Departure::Removed, Some((actor.user.id, note))).await
    }

    /// Takes a member out of a guild, with what somebody has to note about it.
    pub(crate) async fn dismiss(
        &self,
        guild: GuildId,
        user: &User,
        how: Departure,
        note: Option<(UserId, Note)>,
    ) -> Result<()> {
        for _ in 0..LAYOUT_ATTEMPTS {
            let mut change = Change::new();
            self.remove_member(&mut change, guild, user, how, codes::UNKNOWN_MEMBER).await?;
            if let Some((doer, note)) = note.clone() {
                self.note(&mut change, guild, doer, note)?;
            }
            match self.commit(change).await {
                Err(error) if error.is(CONFLICT) => {}
                done => return done.map(drop),
            }
        }
        Err(CONFLICT.into())
    }

    /// Takes somebody out of the guilds that they are in only for as long as they are connected. The caller knows
    /// that they are not.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn leave_temporary(&self, user: UserId) -> Result<()> {
        let guilds = store::members::temporary_of(self.db(), user).await?;
        if guilds.is_empty() {
            return Ok(());
        }
        let user = self.parts.accounts.user(user).await?;
        for guild in guilds {
            let mut change = Change::new();
            store::members::hold_temporary(&mut change.batch, guild, user.id, codes::UNKNOWN_MEMBER);
            let (how, missing) = (Departure::Left, codes::UNKNOWN_MEMBER);
            self.remove_member(&mut change, guild, &user, how, missing).await?;
            match self.commit(change).await {
                // They got a role in this very moment, or went by themselves.
                Err(error) if error.is(codes::UNKNOWN_MEMBER) => {}
                done => drop(done?),
            }
        }
        Ok(())
    }

    /// Everybody who is somewhere only for as long as they are connected, and has had time to connect.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn temporary_members(&self) -> Result<Vec<UserId>> {
        store::members::all_temporary(self.db(), self.now().before(TIME_TO_CONNECT)).await
    }

    /// The rows and events of a member's going, whoever's doing it is; the batch fails with `missing` if they are no
    /// member. A bot takes the role along that came with it; then the batch may also fail with a conflict, and is to
    /// be made again.
    pub(crate) async fn remove_member(
        &self,
        change: &mut Change,
        guild: GuildId,
        user: &User,
        how: Departure,
        missing: Code,
    ) -> Result<()> {
        if user.bot {
            self.remove_bot_role(change, guild, user.id).await?;
        }
        let body = UserInGuild { guild_id: guild, user };
        let known_at = self.world.position();
        let room = self.world.guild(guild).await?.ok_or(missing)?;
        let member = room.read().members.get(&user.id).cloned();
        if !user.bot {
            let nick = member.as_ref().and_then(|member| member.settings.nick.as_deref());
            store::departed::remember(&mut change.batch, guild, user.id, nick, how, self.now());
        }
        store::members::delete(&mut change.batch, guild, user.id, missing);
        let mut gone = NewEvent::new("GUILD_MEMBER_REMOVE", Audience::Guild(guild), &body)?.by(user.id);
        if let Some(member) = member.map(Box::new) {
            gone = gone.was(&Was::GoneMember { member, known_at })?;
        }
        change.push(gone);
        Ok(())
    }

    async fn remove_bot_role(&self, change: &mut Change, guild: GuildId, bot: UserId) -> Result<()> {
        let (layout, roles) = store::roles::all(self.db(), guild).await?;
        let own = |tags: &crate::model::RoleTags| tags.bot_id == bot;
        let Some(role) = roles.iter().find(|role| role.settings.tags.as_ref().is_some_and(own)) else {
            return Ok(());
        };
        store::guilds::claim_layout(&mut change.batch, guild, layout);
        store::roles::delete(&mut change.batch, guild, role.id);
        let gone = RoleDeleted { guild_id: guild, role_id: role.id };
        let known_at = self.world.position();
        let room = self.world.guild(guild).await?.ok_or(codes::UNKNOWN_GUILD)?;
        let was = Was::gone_role(role, &room.read(), known_at);
        change.emit_over("GUILD_ROLE_DELETE", Audience::Guild(guild), &gone, &was)?;
        let slots: Vec<_> =
            roles.iter().map(|role| positions::RoleSlot { id: role.id, position: role.position }).collect();
        shift(change, guild, &roles, &positions::delete_role(guild.cast(), &slots, role.id))
    }
}
