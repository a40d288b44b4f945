//! Members by an access token of theirs (`guilds.join`): how a dashboard brings people into its guild.

use guildhall_accounts::{Actor, Credential};
use guildhall_base::{GuildId, Permissions, Result, Scopes, UserId};
use guildhall_infra::db;
use guildhall_oauth::Checked;

use super::super::Change;
use crate::model::Member;
use crate::{Chat, codes, store};

impl Chat {
    /// Makes somebody a member who allowed the bot's application to do that. Gives the member, and whether they are new.
    ///
    /// # Errors
    /// 50025 for a token that is not theirs, of another application or without the scope; 50013 unless the bot may
    /// invite people; 40007 if they are banned.
    pub(crate) async fn join_by_token(
        &self,
        actor: &Actor,
        guild: GuildId,
        user: UserId,
        token: &Checked,
    ) -> Result<(Member, bool)> {
        let access = self.guild(actor, guild).await?;
        access.require(Permissions::CREATE_INSTANT_INVITE)?;
        let own =
            matches!(actor.credential, Credential::Bot { application } if application == token.application);
        if !own || token.user != user || !token.scopes.contains(Scopes::GUILDS_JOIN) || token.jkt.is_some() {
            return Err(codes::INVALID_ACCESS_TOKEN.into());
        }
        let user = self.parts.accounts.user(user).await?;
        if let Some(member) = self.member(&access.room, user.id).await? {
            return Ok((member, false));
        }
        if store::members::guild_count(self.db(), user.id).await? >= self.parts.config.guilds_per_user {
            return Err(codes::MAX_GUILDS.into());
        }
        let mut change = Change::new();
        store::bans::refuse(&mut change.batch, guild, user.id);
        let member = self.admit(&mut change, guild, &user, Vec::new())?;
        self.announce_join(&mut change, &access.room, &user, member.clone()).await?;
        self.welcome_back(&mut change, guild, user.id).await?;
        match self.commit(change).await {
            // They came in another way at the same moment.
            Err(error) if error.is(db::codes::DUPLICATE) => {
                self.member(&access.room, user.id).await?.map(|member| (member, false)).ok_or(error)
            }
            done => done.map(|_| (member, true)),
        }
    }
}
