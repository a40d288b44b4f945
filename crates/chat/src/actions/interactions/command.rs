//! Invoking a command, and asking for suggestions while typing one.

use guildhall_accounts::Actor;
use guildhall_base::{AnyId, CommandId, Error, Form, MessageId, Permissions, Result};
use guildhall_infra::http::Upload;
use serde_json::{Map, Value, json};

use super::resolve::Resolved;
use super::{Act, NewInteraction, data_with_id, kind};
use crate::access::{ChannelAccess, Place};
use crate::actions::commands::may_use;
use crate::model::{Attachment, Command};
use crate::rules::commands::{CHAT_INPUT, Invocation, MESSAGE, USER, Want, WantKind, read_invocation};
use crate::rules::read::Object;
use crate::store::{self, commands::Scope};
use crate::{Chat, codes};

/// The type of a message that answers a command of the chat input.
const CHAT_INPUT_ANSWER: u8 = 20;
/// The type of a message that answers a command on a user or message.
const CONTEXT_MENU_ANSWER: u8 = 23;

impl Chat {
    /// Holds an invocation against the command's definition.
    pub(super) async fn invoke(
        &self,
        actor: &Actor,
        access: &ChannelAccess,
        new: &NewInteraction,
        uploads: Vec<Upload>,
    ) -> Result<Act> {
        access.require(Permissions::USE_APPLICATION_COMMANDS)?;
        let (object, id) = data_with_id(&new.data)?;
        let command = self.invocable(access, new, id.cast()).await?;
        refuse_outdated(&command, &object)?;
        let mut data = Map::from_iter([
            ("id".to_owned(), json!(command.id)),
            ("name".to_owned(), json!(command.definition.name)),
            ("type".to_owned(), json!(command.definition.kind)),
        ]);
        data.extend(command.guild_id.map(|guild| ("guild_id".to_owned(), json!(guild))));
        let mut act = Act { message_kind: CONTEXT_MENU_ANSWER, ..Act::default() };
        let mut name = command.definition.name.clone();
        let resolved = if command.definition.kind == CHAT_INPUT {
            let typing = new.kind == kind::AUTOCOMPLETE;
            let (invocation, resolved) = self.given(access, &command, &object, typing, uploads).await?;
            full_name(&mut name, &invocation.options);
            (act.message_kind, act.focused) = (CHAT_INPUT_ANSWER, invocation.focused);
            if !invocation.options.is_empty() {
                data.insert("options".to_owned(), invocation.options.into());
            }
            resolved
        } else {
            let (id, resolved) = self.target(actor, access, &command, &object).await?;
            data.insert("target_id".to_owned(), json!(id));
            resolved
        };
        resolved.put(&mut data);
        act.metadata = metadata(&command, name, &data);
        act.data = data;
        Ok(act)
    }

    /// The options that were given, and what they name.
    async fn given(
        &self,
        access: &ChannelAccess,
        command: &Command,
        object: &Object<'_>,
        typing: bool,
        uploads: Vec<Upload>,
    ) -> Result<(Invocation, Resolved)> {
        let mut form = Form::new();
        let mut invocation = read_invocation(&mut form, &command.definition.options, object, typing);
        let is_sent = |want: &Want| uploads.iter().any(|upload| is_file(want, upload));
        for want in invocation.wants.iter().filter(|want| want.kind == WantKind::Attachment) {
            form.required(&want.path, is_sent(want));
        }
        form.finish()?;
        let mut form = Form::new();
        let mut resolved = self.resolve(&mut form, access, &invocation.wants).await?;
        form.finish()?;
        let mut uploads = uploads;
        uploads.retain(|upload| invocation.wants.iter().any(|want| is_file(want, upload)));
        let indexes: Vec<u64> = uploads.iter().map(|upload| upload.index).collect();
        let files = self.keep_files(access.id, &[], uploads, 0).await?;
        for file in &files {
            resolved.insert("attachments", file.id.to_string(), file)?;
        }
        name_files(&mut invocation.options, &indexes, &files);
        Ok((invocation, resolved))
    }

    /// The user or message that a command is invoked on.
    async fn target(
        &self,
        actor: &Actor,
        access: &ChannelAccess,
        command: &Command,
        object: &Object<'_>,
    ) -> Result<(AnyId, Resolved)> {
        let mut form = Form::new();
        object.require(&mut form, "target_id");
        let id = object.snowflake(&mut form, "target_id");
        form.finish()?;
        let id = id.ok_or(codes::UNKNOWN_MESSAGE)?;
        if command.definition.kind == USER {
            let want = Want { kind: WantKind::User, id, path: "data.target_id".to_owned() };
            let mut form = Form::new();
            let resolved = self.resolve(&mut form, access, &[want]).await?;
            form.finish()?;
            return Ok((id, resolved));
        }
        let message = self.message(actor, access.id, MessageId::new(id.get())).await?;
        let mut resolved = Resolved::default();
        resolved.insert("messages", id.to_string(), &message)?;
        Ok((id, resolved))
    }

    /// A command that this user may use here.
    async fn invocable(
        &self,
        access: &ChannelAccess,
        new: &NewInteraction,
        id: CommandId,
    ) -> Result<Command> {
        let scope = Scope { application: new.application_id, guild: access.guild_id() };
        let command = store::commands::invocable(self.db(), scope, id).await?;
        let definition = &command.definition;
        match &access.place {
            Place::Guild(_) if !definition.in_guilds() => Err(codes::UNKNOWN_COMMAND.into()),
            Place::Guild(_) if !may_use(definition, access.permissions) => {
                Err(codes::MISSING_PERMISSIONS.into())
            }
            Place::Guild(_) if definition.nsfw && !access.channel.settings.nsfw => {
                let message = "This command can only be used in an age-restricted channel";
                Err(Error::field("channel_id", "APPLICATION_COMMAND_AGE_RESTRICTED", message))
            }
            Place::Direct(_) if !definition.in_direct_messages() => Err(codes::UNKNOWN_COMMAND.into()),
            _ => Ok(command),
        }
    }
}

/// Refuses a client that shows the command as it was before a change.
fn refuse_outdated(command: &Command, data: &Object<'_>) -> Result<()> {
    let mut form = Form::new();
    let version = data.snowflake(&mut form, "version");
    if version.is_some_and(|version| version != command.version.cast()) {
        let message = "This command is outdated, please try again in a few minutes";
        data.refuse(&mut form, "version", "INTERACTION_APPLICATION_COMMAND_INVALID_VERSION", message);
    }
    form.finish()
}

/// Whether an upload is the file that is wanted.
fn is_file(want: &Want, upload: &Upload) -> bool {
    want.kind == WantKind::Attachment && want.id.get().cast_unsigned() == upload.index
}

/// Puts the ids of stored files in place of the indexes by which they were sent.
fn name_files(options: &mut [Value], indexes: &[u64], files: &[Attachment]) {
    for option in options {
        if let Some(Value::Array(inner)) = option.get_mut("options") {
            name_files(inner, indexes, files);
        } else if option.get("type") == Some(&json!(11)) {
            let index = option.get("value").and_then(Value::as_str).and_then(|text| text.parse().ok());
            let place = indexes.iter().position(|known| Some(*known) == index);
            if let (Some(file), Some(value)) =
                (place.and_then(|place| files.get(place)), option.get_mut("value"))
            {
                *value = json!(file.id);
            }
        }
    }
}

/// Adds to a command's name those of its chosen group and subcommand.
fn full_name(name: &mut String, options: &[Value]) {
    let Some(option) = options.first() else { return };
    let text = |key: &str| option.get(key).and_then(Value::as_str).unwrap_or_default();
    if matches!(option.get("type").and_then(Value::as_u64), Some(1 | 2)) {
        name.push(' ');
        name.push_str(text("name"));
        full_name(name, option.get("options").and_then(Value::as_array).map_or(&[], Vec::as_slice));
    }
}

/// What messages that answer a command say about it besides.
fn metadata(command: &Command, name: String, data: &Map<String, Value>) -> Map<String, Value> {
    let mut metadata = Map::from_iter([
        ("name".to_owned(), name.into()),
        ("command_type".to_owned(), json!(command.definition.kind)),
    ]);
    let target = data.get("target_id").and_then(Value::as_str).unwrap_or_default();
    match command.definition.kind {
        MESSAGE => {
            metadata.insert("target_message_id".to_owned(), target.into());
        }
        USER => {
            let user = data.get("resolved").and_then(|resolved| resolved.get("users")?.get(target));
            metadata.extend(user.map(|user| ("target_user".to_owned(), user.clone())));
        }
        _ => {}
    }
    metadata
}
