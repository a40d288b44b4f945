//! Makes the users and bots of a described world, or finds them.

use std::collections::HashMap;

use anyhow::{Context, Result, ensure};
use guildhall_accounts::{Actor, NewUser};
use guildhall_base::ApplicationId;
use guildhall_oauth::{EditApplication, flags};

use super::api::actor;
use super::file::{Bot, PrivilegedIntent, User, World};
use super::report::{ReportedBot, ReportedUser};
use super::tokens::{TokenKey, bot_of};
use crate::hall::Hall;

/// Everybody of a described world.
#[derive(Default)]
pub(super) struct People {
    /// By the name in the file.
    pub(super) by_name: HashMap<String, Actor>,
    pub(super) users: Vec<ReportedUser>,
    pub(super) bots: Vec<ReportedBot>,
}

impl People {
    /// Makes whoever is missing.
    pub(super) async fn gather(hall: &Hall, key: &TokenKey, world: &World) -> Result<Self> {
        let mut people = Self::default();
        for described in &world.users {
            people
                .add_user(hall, key, described)
                .await
                .with_context(|| format!("user \"{}\"", described.name))?;
        }
        for described in &world.bots {
            people
                .add_bot(hall, key, described)
                .await
                .with_context(|| format!("bot \"{}\"", described.name))?;
        }
        Ok(people)
    }

    /// Somebody whom the file describes; the file was checked.
    pub(super) fn get(&self, name: &str) -> Result<&Actor> {
        self.by_name.get(name).with_context(|| format!("there is nobody called \"{name}\""))
    }

    async fn add_user(&mut self, hall: &Hall, key: &TokenKey, described: &User) -> Result<()> {
        let user = match hall.accounts.user_by_name(&described.name).await? {
            Some(user) => user,
            None => {
                let new = NewUser {
                    username: described.name.clone(),
                    global_name: described.display_name.clone(),
                    password: described.password.clone(),
                    password_hash: described.password_hash.clone(),
                    email: described.email.clone(),
                    staff: described.staff,
                    ..NewUser::default()
                };
                hall.accounts.create_user(new).await?
            }
        };
        let token = described.token.clone().unwrap_or_else(|| key.token(user.id));
        hall.accounts.add_token(user.id, &token).await?;
        self.users.push(ReportedUser { name: described.name.clone(), id: user.id, token });
        self.by_name.insert(described.name.clone(), actor(user));
        Ok(())
    }

    async fn add_bot(&mut self, hall: &Hall, key: &TokenKey, described: &Bot) -> Result<()> {
        let owner = self.get(&described.owner)?.clone();
        let theirs = hall.applications.of_owner(owner.id()).await?;
        let fixed: Option<ApplicationId> = match &described.token {
            Some(token) => Some(bot_of(token)?.cast()),
            None => None,
        };
        let found = match fixed {
            Some(id) => theirs.iter().find(|application| application.id == id),
            None => theirs.iter().find(|application| application.name == described.name),
        };
        let (id, before) = match (found, fixed) {
            (Some(application), _) => (application.id, application.flags),
            (None, Some(id)) => {
                ensure!(
                    hall.applications.get(id).await.is_err(),
                    "its token's id belongs to somebody else's bot"
                );
                let made = hall.applications.create_with_id(id, owner.id(), &described.name).await?.0;
                (made.id, made.flags)
            }
            (None, None) => {
                let made = hall.applications.create(owner.id(), &described.name).await?.0;
                (made.id, made.flags)
            }
        };
        let allowed = described.intents.iter().fold(0, |bits, intent| bits | flag(*intent));
        if before & flags::PRIVILEGED != allowed {
            let edit = EditApplication { flags: Some(allowed), ..EditApplication::default() };
            hall.applications.edit(&owner, id, edit).await?;
        }
        let user = hall.accounts.user(id.cast()).await?;
        let token = described.token.clone().unwrap_or_else(|| key.token(user.id));
        hall.accounts.add_token(user.id, &token).await?;
        self.bots.push(ReportedBot { name: described.name.clone(), id: user.id, application_id: id, token });
        self.by_name.insert(described.name.clone(), actor(user));
        Ok(())
    }
}

/// The application's flag that allows an intent.
fn flag(intent: PrivilegedIntent) -> u64 {
    match intent {
        PrivilegedIntent::GuildPresences => flags::GATEWAY_PRESENCE_LIMITED,
        PrivilegedIntent::GuildMembers => flags::GATEWAY_GUILD_MEMBERS_LIMITED,
        PrivilegedIntent::MessageContent => flags::GATEWAY_MESSAGE_CONTENT_LIMITED,
    }
}
