//! The first answer to an interaction: once, and in time
//! (<https://discord.com/developers/docs/interactions/receiving-and-responding#create-interaction-response>).

use guildhall_base::{Error, Form, InteractionId, Result};
use guildhall_infra::http::Upload;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::answer::{Answering, Files};
use super::{kind, token};
use crate::actions::Change;
use crate::model::Message;
use crate::rules::commands::read_choices;
use crate::rules::message::{EPHEMERAL, LOADING, read_modal};
use crate::rules::read::Object;
use crate::store;
use crate::store::interactions::State;
use crate::{Chat, codes};

/// Kinds of first answers, by Discord's numbers.
mod kinds {
    pub(super) const MESSAGE: u8 = 4;
    pub(super) const PROMISE: u8 = 5;
    pub(super) const ACKNOWLEDGE: u8 = 6;
    pub(super) const CHANGE_MESSAGE: u8 = 7;
    pub(super) const SUGGESTIONS: u8 = 8;
    pub(super) const MODAL: u8 = 9;
}

/// A first answer as applications write it.
#[derive(Debug, Deserialize)]
pub(crate) struct Callback {
    #[serde(rename = "type")]
    kind: u8,
    #[serde(default)]
    data: Option<Map<String, Value>>,
}

/// What came of a first answer, for applications that ask.
#[derive(Debug, Serialize)]
pub(crate) struct CallbackAnswer {
    interaction: Answered,
    #[serde(skip_serializing_if = "Option::is_none")]
    resource: Option<Resource>,
}

#[derive(Debug, Serialize)]
struct Answered {
    id: InteractionId,
    #[serde(rename = "type")]
    kind: u8,
    #[serde(flatten)]
    message: Map<String, Value>,
}

#[derive(Debug, Serialize)]
struct Resource {
    #[serde(rename = "type")]
    kind: u8,
    message: Message,
}

impl Chat {
    /// Takes the first answer to an interaction. Whoever knows the token may answer.
    pub(crate) async fn call_back(
        &self,
        id: InteractionId,
        token: &str,
        callback: Callback,
        uploads: Vec<Upload>,
    ) -> Result<CallbackAnswer> {
        let found = store::interactions::by_token(self.db(), token::hash(token)).await?;
        let interaction = found.filter(|found| found.id == id).ok_or(codes::UNKNOWN_INTERACTION)?;
        match interaction.state {
            State::Promised | State::Answered => return Err(codes::ALREADY_ACKNOWLEDGED.into()),
            State::Failed => return Err(codes::UNKNOWN_INTERACTION.into()),
            State::Waiting if self.now() > interaction.answer_by => {
                return Err(codes::UNKNOWN_INTERACTION.into());
            }
            State::Waiting => {}
        }
        if !allowed(callback.kind, interaction.kind, interaction.body.source.is_some()) {
            let message = "This value is not one of the allowed choices.";
            return Err(Error::field("type", "BASE_TYPE_CHOICES", message));
        }
        let mut answering = self.answering(interaction).await?;
        let mut change = Change::new();
        let data = callback.data.unwrap_or_default();
        let taken = self.take_callback(&mut change, &mut answering, callback.kind, &data, uploads).await;
        let (message, files) = taken.map_err(within_data)?;
        let (from, otherwise) = (State::Waiting, codes::ALREADY_ACKNOWLEDGED);
        store::interactions::advance(&mut change.batch, &answering.interaction, from, otherwise)?;
        if callback.kind != kinds::SUGGESTIONS {
            answering.interaction.tell(&mut change, "INTERACTION_SUCCESS", Value::Null)?;
        }
        self.commit_files(change, &answering, files, message.as_ref()).await?;
        Ok(answer(&answering, callback.kind, message))
    }

    /// Adds what an answer does to a change, and notes in the interaction what it has become.
    async fn take_callback(
        &self,
        change: &mut Change,
        answering: &mut Answering,
        kind: u8,
        data: &Map<String, Value>,
        uploads: Vec<Upload>,
    ) -> Result<(Option<Message>, Files)> {
        answering.interaction.state = State::Answered;
        match kind {
            kinds::MESSAGE => {
                let stored = self.compose_answer(answering, data, uploads).await?;
                answering.interaction.original = Some(stored.id);
                let added = stored.body.attachments.clone();
                let message = self.put_answer(change, answering, stored).await?;
                Ok((Some(message), Files { before: Vec::new(), added }))
            }
            kinds::PROMISE => {
                let mut form = Form::new();
                let flags = Object::body(data).integer(&mut form, "flags", 0..=i64::from(u32::MAX));
                form.finish()?;
                let flags = flags.and_then(|flags| u32::try_from(flags).ok()).unwrap_or_default();
                let stored = self.promise(answering, flags);
                answering.interaction.original = Some(stored.id);
                answering.interaction.state = State::Promised;
                let message = self.put_answer(change, answering, stored).await?;
                Ok((Some(message), Files::default()))
            }
            kinds::ACKNOWLEDGE => {
                answering.interaction.original = answering.interaction.body.source;
                Ok((None, Files::default()))
            }
            kinds::CHANGE_MESSAGE => {
                let source = answering.interaction.body.source.ok_or(codes::UNKNOWN_MESSAGE)?;
                answering.interaction.original = Some(source);
                let stored = self.answer(answering, source).await?;
                let (message, files) = self.change_answer(change, answering, stored, data, uploads).await?;
                Ok((Some(message), files))
            }
            kinds::SUGGESTIONS => Ok((None, self.suggest(change, answering, data)?)),
            _ => Ok((None, self.open_modal(change, answering, data).await?)),
        }
    }

    fn suggest(
        &self,
        change: &mut Change,
        answering: &Answering,
        data: &Map<String, Value>,
    ) -> Result<Files> {
        let mut form = Form::new();
        let object = Object::body(data);
        object.require(&mut form, "choices");
        let focused = answering.interaction.body.focused.unwrap_or_default();
        let choices = read_choices(&mut form, &object, focused);
        form.finish()?;
        let choices: Vec<Value> =
            choices.iter().map(|choice| json!({ "name": choice.name, "value": choice.value })).collect();
        let name = "APPLICATION_COMMAND_AUTOCOMPLETE_RESPONSE";
        answering.interaction.tell(change, name, json!({ "choices": choices }))?;
        Ok(Files::default())
    }

    async fn open_modal(
        &self,
        change: &mut Change,
        answering: &mut Answering,
        data: &Map<String, Value>,
    ) -> Result<Files> {
        let mut form = Form::new();
        let modal = read_modal(&mut form, &Object::body(data));
        form.finish()?;
        let application = self.parts.applications.get(answering.interaction.application).await?;
        let bot = self.parts.accounts.user(answering.bot()).await?;
        let mut body = modal.clone();
        if let Some(body) = body.as_object_mut() {
            body.insert("channel_id".to_owned(), json!(answering.access.id));
            let about = json!({
                "id": application.id, "name": application.name, "icon": application.icon,
                "description": application.description, "bot": *bot,
            });
            body.insert("application".to_owned(), about);
        }
        answering.interaction.tell(change, "INTERACTION_MODAL_CREATE", body)?;
        answering.interaction.body.modal = Some(modal);
        Ok(Files::default())
    }

    /// Commits an answer, and drops the files that then belong to nothing.
    pub(super) async fn commit_files(
        &self,
        change: Change,
        answering: &Answering,
        files: Files,
        message: Option<&Message>,
    ) -> Result<()> {
        if let Err(error) = self.commit_leaf(change).await {
            self.drop_files(answering.access.id, &files.added).await;
            return Err(error);
        }
        let kept: Vec<_> =
            message.iter().flat_map(|message| &message.attachments).map(|attachment| attachment.id).collect();
        let gone: Vec<_> = files.before.into_iter().filter(|old| !kept.contains(&old.id)).collect();
        self.drop_files(answering.access.id, &gone).await;
        Ok(())
    }
}

/// What is wrong with an answer, where it is in the body of a callback.
fn within_data(mut error: Error) -> Error {
    for field in &mut error.fields {
        field.path = format!("data.{}", field.path);
    }
    error
}

/// Which answers there are to which interactions; `source` says whether it came from a component of a message.
fn allowed(answer: u8, interaction: u8, source: bool) -> bool {
    match answer {
        kinds::SUGGESTIONS => interaction == kind::AUTOCOMPLETE,
        _ if interaction == kind::AUTOCOMPLETE => false,
        kinds::MESSAGE | kinds::PROMISE => true,
        kinds::ACKNOWLEDGE | kinds::CHANGE_MESSAGE => source,
        kinds::MODAL => interaction != kind::MODAL_SUBMIT,
        _ => false,
    }
}

fn answer(answering: &Answering, kind: u8, message: Option<Message>) -> CallbackAnswer {
    let interaction = &answering.interaction;
    let about = message.as_ref().map(|message| {
        [
            ("response_message_id".to_owned(), json!(message.id)),
            ("response_message_loading".to_owned(), json!(message.flags & LOADING != 0)),
            ("response_message_ephemeral".to_owned(), json!(message.flags & EPHEMERAL != 0)),
        ]
    });
    CallbackAnswer {
        interaction: Answered {
            id: interaction.id,
            kind: interaction.kind,
            message: about.into_iter().flatten().collect(),
        },
        resource: message.map(|message| Resource { kind, message }),
    }
}
