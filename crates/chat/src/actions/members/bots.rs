//! Bots as members: they come with a role of their own that holds what they were allowed.

use guildhall_accounts::{Actor, User};
use guildhall_base::{ApplicationId, GuildId, Permissions, Result, UserId, codes::CONFLICT};
use guildhall_infra::db::{self, Batch};
use guildhall_infra::events::Audience;

use super::super::audit::{Action, Note};
use super::super::bodies::RoleEvent;
use super::super::roles::shift;
use super::super::{Change, LAYOUT_ATTEMPTS};
use crate::access::GuildAccess;
use crate::model::{Member, Role, RoleSettings, RoleTags};
use crate::rules::positions;
use crate::{Chat, codes, store};

impl Chat {
    /// Adds an application's bot to a guild. It gets a role of its own with those of these permissions that the actor
    /// has; none if nothing is asked for. Gives the member, and whether they are new.
    ///
    /// # Errors
    /// 50013 unless the actor manages the guild; 20012 for another's application that is not public; 40007 if the bot
    /// is banned.
    pub async fn add_bot(
        &self,
        actor: &Actor,
        guild: GuildId,
        application: ApplicationId,
        permissions: Permissions,
        reason: Option<String>,
    ) -> Result<(Member, bool)> {
        self.add_bot_along(actor, guild, application, permissions, (reason, Batch::new())).await
    }

    /// The same, with something else in the same transaction; it happens too where the bot is there already.
    pub(crate) async fn add_bot_along(
        &self,
        actor: &Actor,
        guild: GuildId,
        application: ApplicationId,
        permissions: Permissions,
        (reason, along): (Option<String>, Batch),
    ) -> Result<(Member, bool)> {
        let access = self.guild(actor, guild).await?;
        access.require(Permissions::MANAGE_GUILD)?;
        let application = self.parts.applications.get(application).await?;
        if !application.public && application.owner != actor.user.id {
            return Err(codes::NOT_AUTHORIZED_ON_APPLICATION.into());
        }
        let bot = self.parts.accounts.user(application.bot()).await?;
        let permissions = permissions & access.permissions;
        for _ in 0..LAYOUT_ATTEMPTS {
            if let Some(member) = self.member(&access.room, bot.id).await? {
                self.db().write(along).await?;
                return Ok((member, false));
            }
            let with = (reason.clone(), along.clone());
            match self.try_add_bot(&access, &bot, permissions, with).await {
                // Somebody else was faster, or added the bot.
                Err(error) if error.is(CONFLICT) || error.is(db::codes::DUPLICATE) => {}
                done => return done.map(|member| (member, true)),
            }
        }
        Err(CONFLICT.into())
    }

    async fn try_add_bot(
        &self,
        access: &GuildAccess,
        bot: &User,
        permissions: Permissions,
        (reason, along): (Option<String>, Batch),
    ) -> Result<Member> {
        let guild = access.id();
        let mut change = Change::new();
        change.batch.append(along);
        store::bans::refuse(&mut change.batch, guild, bot.id);
        let mut roles = Vec::new();
        if !permissions.is_empty() {
            roles.push(self.add_bot_role(&mut change, guild, bot, permissions).await?);
        }
        let member = self.admit(&mut change, guild, bot, roles)?;
        self.announce_join(&mut change, &access.room, bot, member.clone()).await?;
        let note = Note::new(Action::BotAdd, Some(bot.id.cast()), reason);
        self.note(&mut change, guild, access.user, note)?;
        self.commit(change).await?;
        Ok(member)
    }

    async fn add_bot_role(
        &self,
        change: &mut Change,
        guild: GuildId,
        bot: &User,
        permissions: Permissions,
    ) -> Result<guildhall_base::RoleId> {
        let (layout, roles) = store::roles::all(self.db(), guild).await?;
        if roles.len() >= positions::MAX_ROLES {
            return Err(codes::MAX_ROLES.into());
        }
        store::guilds::claim_layout(&mut change.batch, guild, layout);
        let slots: Vec<_> =
            roles.iter().map(|role| positions::RoleSlot { id: role.id, position: role.position }).collect();
        let (position, shifts) = positions::create_role(guild.cast(), &slots);
        let role = Role {
            id: self.parts.ids.next(),
            position,
            permissions,
            denied_permissions: Permissions::empty(),
            settings: RoleSettings {
                name: bot.username.clone(),
                managed: true,
                tags: Some(RoleTags { bot_id: bot.id }),
                ..RoleSettings::default()
            },
        };
        store::roles::insert(&mut change.batch, guild, &role)?;
        change.emit(
            "GUILD_ROLE_CREATE",
            Audience::Guild(guild),
            &RoleEvent { guild_id: guild, role: &role },
        )?;
        shift(change, guild, &roles, &shifts)?;
        Ok(role.id)
    }

    /// Adds a user by id: a bot by one who manages the guild. People come by invites, or by a token of theirs
    /// ([`Chat::join_by_token`]).
    pub(crate) async fn put_member(
        &self,
        actor: &Actor,
        guild: GuildId,
        user: UserId,
        reason: Option<String>,
    ) -> Result<(Member, bool)> {
        let access = self.guild(actor, guild).await?;
        let user = self.parts.accounts.user(user).await?;
        if let Some(member) = self.member(&access.room, user.id).await? {
            return Ok((member, false));
        }
        if !user.bot {
            let detail = "People join by an invite; only bots can be added.";
            return Err(codes::INVALID_ACCESS_TOKEN.because(detail));
        }
        let application = self.parts.applications.of_bot(user.id).await?.id;
        self.add_bot(actor, guild, application, Permissions::empty(), reason).await
    }
}
