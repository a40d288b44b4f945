//! Interactions: a user invokes a command, uses a component, types or submits a form; the application whose it is
//! hears of it and answers
//! (<https://discord.com/developers/docs/interactions/receiving-and-responding>).

mod answer;
mod callback;
mod command;
mod component;
mod deliver;
mod follow_up;
mod overdue;
mod post;
mod resolve;
mod token;

use guildhall_accounts::Actor;
use guildhall_base::{AnyId, ApplicationId, ChannelId, Error, Form, GuildId, MessageId, Result, UserId};
use guildhall_infra::http::Upload;
use guildhall_oauth::codes::UNKNOWN_APPLICATION;
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::access::{ChannelAccess, Place};
use crate::model::Message;
use crate::rules::read::Object;
use crate::{Chat, codes};

pub(crate) use callback::Callback;
pub(crate) use follow_up::Which;
pub(crate) use token::is_interaction;

/// Kinds of interactions, by Discord's numbers.
pub(crate) mod kind {
    pub(crate) const COMMAND: u8 = 2;
    pub(crate) const COMPONENT: u8 = 3;
    pub(crate) const AUTOCOMPLETE: u8 = 4;
    pub(crate) const MODAL_SUBMIT: u8 = 5;
}

/// An interaction as clients of users write it.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct NewInteraction {
    #[serde(rename = "type")]
    kind: u8,
    application_id: ApplicationId,
    #[serde(default)]
    guild_id: Option<GuildId>,
    channel_id: ChannelId,
    #[serde(default)]
    message_id: Option<MessageId>,
    #[serde(default)]
    nonce: Option<Value>,
    #[serde(default)]
    data: Value,
}

/// What a user did, checked, as its application will receive it.
#[derive(Debug, Default)]
struct Act {
    /// The interaction's `data`.
    data: Map<String, Value>,
    /// The message whose component was used.
    message: Option<Message>,
    /// What messages that answer say about it besides what they say about every interaction.
    metadata: Map<String, Value>,
    /// The type of a message that answers.
    message_kind: u8,
    /// The kind of the option that is being typed.
    focused: Option<u8>,
}

impl Chat {
    /// Takes an interaction of a user, and tells the application.
    pub(crate) async fn interact(
        &self,
        actor: &Actor,
        new: NewInteraction,
        uploads: Vec<Upload>,
    ) -> Result<()> {
        if actor.session().is_none() {
            return Err(codes::BOTS_CANNOT.into());
        }
        let access = self.channel(actor, new.channel_id).await?;
        if new.guild_id.is_some_and(|guild| Some(guild) != access.guild_id()) {
            return Err(codes::UNKNOWN_CHANNEL.into());
        }
        let application = self.parts.applications.get(new.application_id).await?;
        if !is_here(&access, application.bot()) {
            return Err(UNKNOWN_APPLICATION.into());
        }
        let act = match new.kind {
            kind::COMMAND | kind::AUTOCOMPLETE => self.invoke(actor, &access, &new, uploads).await?,
            kind::COMPONENT => self.use_component(&access, &new).await?,
            kind::MODAL_SUBMIT => self.submit_modal(&access, &new).await?,
            _ => return Err(unknown_kind()),
        };
        self.deliver(actor, &access, &application, new, act).await
    }
}

/// The object `data` of an interaction that has an `id`.
fn data_with_id(data: &Value) -> Result<(Object<'_>, AnyId)> {
    let mut form = Form::new();
    let object = Object::at(&mut form, data, "data".to_owned());
    let id = object.as_ref().and_then(|object| {
        object.require(&mut form, "id");
        object.snowflake(&mut form, "id")
    });
    form.finish()?;
    object.zip(id).ok_or_else(unknown_kind)
}

fn unknown_kind() -> Error {
    Error::field("type", "BASE_TYPE_CHOICES", "This value is not one of the allowed choices.")
}

/// Whether a bot is where the channel is.
fn is_here(access: &ChannelAccess, bot: UserId) -> bool {
    match &access.place {
        Place::Guild(guild) => guild.room.read().members.contains_key(&bot),
        Place::Direct(room) => room.users.contains(&bot),
    }
}
