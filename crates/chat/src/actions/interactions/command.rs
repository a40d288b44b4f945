//! Invoking a command, and asking for suggestions while typing one.

use guildhall_accounts::Actor;
use guildhall_base::{CommandId, Error, Form, MessageId, Permissions, Result};
use guildhall_infra::http::Upload;
use serde_json::{Map, Value, json};

use super::resolve::Resolved;
use super::{Act, NewInteraction, kind};
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
        let mut form = Form::new();
        let object = Object::at(&mut form, &new.data, "data".to_owned());
        let id = object.as_ref().and_then(|object| {
            object.require(&mut form, "id");
            object.snowflake(&mut form, "id")
        });
        let (Some(object), Some(id)) = (object, id) else {
            return Err(form.finish().err().unwrap_or_else(unread));
        };
        let command = self.invocable(access, new, id.cast()).await?;
        let version = object.snowflake(&mut form, "version");
        if version.is_some_and(|version| version != command.version.cast()) {
            let message = "This command is outdated, please try again in a few minutes";
            object.refuse(&mut form, "version", "INTERACTION_APPLICATION_COMMAND_INVALID_VERSION", message);
        }
        let mut resolved = Resolved::default();
        let mut data = Map::from_iter([
            ("id".to_owned(), json!(command.id)),
            ("name".to_owned(), json!(command.definition.name)),
            ("type".to_owned(), json!(command.definition.kind)),
        ]);
        data.extend(command.guild_id.map(|guild| ("guild_id".to_owned(), json!(guild))));
        let mut invocation = Invocation::default();
        match command.definition.kind {
            CHAT_INPUT => {
                let typing = new.kind == kind::AUTOCOMPLETE;
                invocation = read_invocation(&mut form, &command.definition.options, &object, typing);
                for want in invocation.wants.iter().filter(|want| want.kind == WantKind::Attachment) {
                    let sent = |upload: &Upload| upload.index == want.id.get().cast_unsigned();
                    form.required(&want.path, uploads.iter().any(sent));
                }
                form.finish()?;
                form = Form::new();
                resolved = self.resolve(&mut form, access, &invocation.wants).await?;
            }
            target => {
                object.require(&mut form, "target_id");
                let id = object.snowflake(&mut form, "target_id");
                form.finish()?;
                form = Form::new();
                let id = id.unwrap_or(command.id.cast());
                data.insert("target_id".to_owned(), json!(id));
                if target == USER {
                    let want = Want { kind: WantKind::User, id, path: "data.target_id".to_owned() };
                    resolved = self.resolve(&mut form, access, &[want]).await?;
                } else {
                    let message = self.message(actor, access.id, MessageId::new(id.get())).await?;
                    resolved.insert("messages", id.to_string(), &message)?;
                }
            }
        }
        form.finish()?;
        let uploads: Vec<_> = uploads.into_iter().filter(|upload| wants_file(&invocation, upload)).collect();
        let indexes: Vec<u64> = uploads.iter().map(|upload| upload.index).collect();
        let files = self.keep_files(access.id, &[], uploads, 0).await?;
        for file in &files {
            resolved.insert("attachments", file.id.to_string(), file)?;
        }
        name_files(&mut invocation.options, &indexes, &files);
        let name = full_name(&command, &invocation.options);
        if !invocation.options.is_empty() {
            data.insert("options".to_owned(), invocation.options.into());
        }
        resolved.put(&mut data);
        let answer =
            if command.definition.kind == CHAT_INPUT { CHAT_INPUT_ANSWER } else { CONTEXT_MENU_ANSWER };
        Ok(Act {
            metadata: metadata(&command, name, &data),
            data,
            message: None,
            message_kind: answer,
            focused: invocation.focused,
        })
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
            Place::Guild(_) if !definition.in_guilds() => return Err(codes::UNKNOWN_COMMAND.into()),
            Place::Guild(_) if !may_use(definition, access.permissions) => {
                return Err(codes::MISSING_PERMISSIONS.into());
            }
            Place::Guild(_) if definition.nsfw && !access.channel.settings.nsfw => {
                let message = "This command can only be used in an age-restricted channel";
                return Err(Error::field("channel_id", "APPLICATION_COMMAND_AGE_RESTRICTED", message));
            }
            Place::Direct(_) if !definition.in_direct_messages() => {
                return Err(codes::UNKNOWN_COMMAND.into());
            }
            _ => Ok(command),
        }
    }
}

fn unread() -> Error {
    Error::field("data", "BASE_TYPE_REQUIRED", "This field is required")
}

fn wants_file(invocation: &Invocation, upload: &Upload) -> bool {
    let wanted = |want: &Want| want.id.get().cast_unsigned() == upload.index;
    invocation.wants.iter().any(|want| want.kind == WantKind::Attachment && wanted(want))
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

/// A command's name with those of its chosen group and subcommand.
fn full_name(command: &Command, options: &[Value]) -> String {
    let mut name = command.definition.name.clone();
    let mut level = options;
    while let Some(option) = level.first().filter(|option| matches!(option["type"].as_u64(), Some(1 | 2))) {
        name.push(' ');
        name.push_str(option["name"].as_str().unwrap_or_default());
        level = option["options"].as_array().map_or(&[], Vec::as_slice);
    }
    name
}

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
