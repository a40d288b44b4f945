//! Registering commands, and telling users which there are.

use guildhall_accounts::{Actor, Credential, User};
use guildhall_base::{
    ApplicationId, ChannelId, CommandId, Error, Form, GuildId, Permissions, Result, Scopes,
};
use guildhall_infra::db;
use serde::Serialize;
use serde_json::{Map, Value};

use super::Change;
use crate::access::Place;
use crate::model::{Command, Definition};
use crate::rules::commands::{merged, most, read_definition, read_definitions};
use crate::rules::read::Object;
use crate::store::{self, commands::Scope};
use crate::{Chat, codes};

/// The commands that a user may invoke somewhere, and whose they are.
#[derive(Debug, Serialize)]
pub(crate) struct CommandIndex {
    applications: Vec<IndexedApplication>,
    application_commands: Vec<Command>,
}

/// An application in a [`CommandIndex`].
#[derive(Debug, Serialize)]
struct IndexedApplication {
    id: ApplicationId,
    name: String,
    icon: Option<String>,
    description: String,
    flags: u64,
    bot: User,
}

impl Chat {
    /// Where an application's own bot registers commands: globally, or in a guild that it is in.
    async fn registry(
        &self,
        actor: &Actor,
        application: ApplicationId,
        guild: Option<GuildId>,
    ) -> Result<Scope> {
        match actor.credential {
            Credential::Bot { application: own } if own == application => {}
            Credential::Bearer { application: own, scopes }
                if own == application && scopes.contains(Scopes::COMMANDS_UPDATE) => {}
            Credential::Bot { .. } => {
                self.parts.applications.get(application).await?;
                return Err(codes::NOT_AUTHORIZED_ON_APPLICATION.into());
            }
            Credential::Session { .. } | Credential::Bearer { .. } => return Err(codes::ONLY_BOTS_CAN.into()),
        }
        if let Some(guild) = guild {
            let room = self.world.guild(guild).await?.ok_or(codes::MISSING_ACCESS)?;
            if !room.read().members.contains_key(&actor.user.id) {
                return Err(codes::MISSING_ACCESS.into());
            }
        }
        Ok(Scope { application, guild })
    }

    /// The commands of an application, with their names in one language; in all if there is no `locale`.
    pub(crate) async fn commands(
        &self,
        actor: &Actor,
        application: ApplicationId,
        guild: Option<GuildId>,
        locale: Option<&str>,
    ) -> Result<Vec<Command>> {
        let scope = self.registry(actor, application, guild).await?;
        let mut commands = store::commands::list(self.db(), scope).await?;
        if let Some(locale) = locale {
            for command in &mut commands {
                command.definition = command.definition.clone().in_locale(locale);
            }
        }
        Ok(commands)
    }

    /// The commands that an application registered for everywhere: anybody who meets its bot sees them.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub async fn global_commands(&self, application: ApplicationId) -> Result<Vec<Command>> {
        store::commands::global(self.db(), &[application]).await
    }

    /// One command.
    pub(crate) async fn command(
        &self,
        actor: &Actor,
        application: ApplicationId,
        guild: Option<GuildId>,
        id: CommandId,
    ) -> Result<Command> {
        let scope = self.registry(actor, application, guild).await?;
        store::commands::get(self.db(), scope, id).await
    }

    fn new_command(&self, scope: Scope, definition: Definition) -> Command {
        Command {
            id: self.parts.ids.next(),
            application_id: scope.application,
            guild_id: scope.guild,
            version: self.parts.ids.next(),
            definition,
        }
    }

    /// Registers a command, or changes the one of the same name and type. Says whether it is new.
    pub(crate) async fn put_command(
        &self,
        actor: &Actor,
        application: ApplicationId,
        guild: Option<GuildId>,
        body: Map<String, Value>,
    ) -> Result<(bool, Command)> {
        let scope = self.registry(actor, application, guild).await?;
        let mut form = Form::new();
        let definition = read_definition(&mut form, &Object::body(&body), guild.is_none());
        form.finish()?;
        let mut command = self.new_command(scope, definition);
        let mut change = Change::new();
        let most = most(command.definition.kind);
        let outcome = store::commands::upsert(&mut change.batch, scope, &command, most, self.now())?;
        let outcomes = self.commit_leaf(change).await?;
        let row = outcomes.get(outcome).and_then(|outcome| outcome.rows.first());
        let row = row.ok_or_else(|| Error::internal("an upsert returned nothing"))?;
        let (id, version) = row.read::<(CommandId, CommandId)>()?;
        let new = id == command.id;
        (command.id, command.version) = (id, version);
        Ok((new, command))
    }

    /// Makes these the only commands. What says an id stays that command, also under another name, and the others
    /// stay what has their name and type. Ids that no command of that type has here mean nothing. In the order given.
    pub(crate) async fn replace_commands(
        &self,
        actor: &Actor,
        application: ApplicationId,
        guild: Option<GuildId>,
        bodies: Vec<Value>,
    ) -> Result<Vec<Command>> {
        let scope = self.registry(actor, application, guild).await?;
        let mut form = Form::new();
        let definitions = read_definitions(&mut form, &bodies, guild.is_none());
        form.finish()?;
        for kind in 1..=3 {
            if definitions.iter().filter(|(_, definition)| definition.kind == kind).count() > most(kind) {
                return Err(codes::MAX_COMMANDS.into());
            }
        }
        let kept = definitions.iter().map(|(id, _)| *id).collect::<Vec<_>>();
        let commands: Vec<_> = definitions.into_iter().map(|(_, it)| self.new_command(scope, it)).collect();
        let mut change = Change::new();
        let outcome = store::commands::replace(&mut change.batch, scope, &commands, &kept, self.now())?;
        let outcomes = self.commit_leaf(change).await?;
        let rows = outcomes.get(outcome).map(|outcome| outcome.rows.as_slice());
        let mut stored = store::commands::read(rows.unwrap_or_default())?;
        let place = |command: &Command| {
            let same = |other: &Command| {
                (other.definition.kind, &other.definition.name)
                    == (command.definition.kind, &command.definition.name)
            };
            commands.iter().position(same)
        };
        stored.sort_by_cached_key(place);
        Ok(stored)
    }

    /// Changes a command; what is absent stays.
    pub(crate) async fn change_command(
        &self,
        actor: &Actor,
        application: ApplicationId,
        guild: Option<GuildId>,
        id: CommandId,
        changes: Map<String, Value>,
    ) -> Result<Command> {
        let scope = self.registry(actor, application, guild).await?;
        let mut command = store::commands::get(self.db(), scope, id).await?;
        let fields = merged(&command.definition, changes);
        let mut form = Form::new();
        let definition = read_definition(&mut form, &Object::body(&fields), guild.is_none());
        form.finish()?;
        if definition == command.definition {
            return Ok(command);
        }
        command.definition = definition;
        command.version = self.parts.ids.next();
        let mut change = Change::new();
        store::commands::update(&mut change.batch, scope, &command)?;
        match self.commit_leaf(change).await {
            Ok(_) => Ok(command),
            Err(error) if error.is(db::codes::DUPLICATE) => Err(Error::field(
                "name",
                "APPLICATION_COMMANDS_DUPLICATE_NAME",
                "Application command names must be unique",
            )),
            Err(error) => Err(error),
        }
    }

    /// Deletes a command.
    pub(crate) async fn delete_command(
        &self,
        actor: &Actor,
        application: ApplicationId,
        guild: Option<GuildId>,
        id: CommandId,
    ) -> Result<()> {
        let scope = self.registry(actor, application, guild).await?;
        let mut change = Change::new();
        store::commands::delete(&mut change.batch, scope, id);
        self.commit_leaf(change).await?;
        Ok(())
    }

    /// Who may use a guild's commands beyond their defaults: nobody can set that here, so there is nothing to list,
    /// and nothing for a single command.
    pub(crate) async fn command_permissions(
        &self,
        actor: &Actor,
        application: ApplicationId,
        guild: GuildId,
        command: Option<CommandId>,
    ) -> Result<[(); 0]> {
        self.registry(actor, application, Some(guild)).await?;
        if command.is_some() { Err(codes::UNKNOWN_COMMAND_PERMISSIONS.into()) } else { Ok([]) }
    }

    /// The commands that the actor may invoke in a guild.
    pub(crate) async fn guild_commands(&self, actor: &Actor, guild: GuildId) -> Result<CommandIndex> {
        let access = self.guild(actor, guild).await?;
        self.index(guild, access.permissions).await
    }

    /// The commands that the actor may invoke in a channel.
    pub(crate) async fn channel_commands(&self, actor: &Actor, channel: ChannelId) -> Result<CommandIndex> {
        let access = self.channel(actor, channel).await?;
        match &access.place {
            Place::Guild(guild) => self.index(guild.id(), access.permissions).await,
            Place::Direct(room) => {
                let users: Vec<ApplicationId> = room.users.iter().map(|user| user.cast()).collect();
                let mut commands = store::commands::global(self.db(), &users).await?;
                commands.retain(|command| command.definition.in_direct_messages());
                self.with_applications(commands).await
            }
        }
    }

    async fn index(&self, guild: GuildId, permissions: Permissions) -> Result<CommandIndex> {
        if !permissions.contains(Permissions::USE_APPLICATION_COMMANDS) {
            return self.with_applications(Vec::new()).await;
        }
        let mut commands = store::commands::of_members(self.db(), guild).await?;
        commands
            .retain(|command| command.definition.in_guilds() && may_use(&command.definition, permissions));
        self.with_applications(commands).await
    }

    async fn with_applications(&self, application_commands: Vec<Command>) -> Result<CommandIndex> {
        let mut ids: Vec<_> = application_commands.iter().map(|command| command.application_id).collect();
        ids.sort_unstable();
        ids.dedup();
        let mut applications = Vec::with_capacity(ids.len());
        for id in ids {
            let application = self.parts.applications.get(id).await?;
            let bot = self.parts.accounts.user(application.bot()).await?;
            applications.push(IndexedApplication {
                id,
                name: application.name.clone(),
                icon: application.icon.clone(),
                description: application.description.clone(),
                flags: application.flags,
                bot: User::clone(&bot),
            });
        }
        Ok(CommandIndex { applications, application_commands })
    }
}

/// Whether a member with these permissions may use a command of a guild: 0 stands for administrators only.
pub(crate) fn may_use(definition: &Definition, permissions: Permissions) -> bool {
    permissions.contains(Permissions::ADMINISTRATOR)
        || definition
            .default_member_permissions
            .is_none_or(|needed| !needed.is_empty() && permissions.contains(needed))
}
