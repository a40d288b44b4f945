//! What an application writes after its first answer, by the interaction's token: further messages, and changes of all
//! of them (<https://discord.com/developers/docs/interactions/receiving-and-responding#followup-messages>).

use guildhall_base::{ApplicationId, Error, MessageId, Result};
use guildhall_infra::http::Upload;
use serde_json::{Map, Value};

use super::answer::{Answering, Files};
use super::token;
use crate::actions::Change;
use crate::model::Message;
use crate::store;
use crate::store::interactions::State;
use crate::{Chat, codes};

/// One of the messages that answer an interaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Which {
    /// The first answer, or the message that it changed.
    Original,
    /// By its id.
    Message(MessageId),
}

impl Which {
    /// Reads `@original` or an id.
    pub(crate) fn read(text: &str) -> Result<Self> {
        if text == "@original" {
            return Ok(Self::Original);
        }
        text.parse().map(Self::Message).map_err(|_| {
            Error::field("message_id", "NUMBER_TYPE_COERCE", format!("Value \"{text}\" is not snowflake."))
        })
    }
}

impl Chat {
    /// The interaction of a token that still holds and that was answered.
    async fn answered_by(&self, application: ApplicationId, token: &str) -> Result<Answering> {
        let found = store::interactions::by_token(self.db(), token::hash(token)).await?;
        let found = found.filter(|found| found.application == application).ok_or(codes::UNKNOWN_WEBHOOK)?;
        if self.now() > found.expires_at {
            return Err(codes::INVALID_WEBHOOK_TOKEN.into());
        }
        if !matches!(found.state, State::Promised | State::Answered) {
            return Err(codes::UNKNOWN_WEBHOOK.into());
        }
        self.answering(found).await
    }

    async fn which(&self, answering: &Answering, which: Which) -> Result<store::messages::StoredMessage> {
        let id = match which {
            Which::Original => answering.interaction.original.ok_or(codes::UNKNOWN_MESSAGE)?,
            Which::Message(id) => id,
        };
        self.answer(answering, id).await
    }

    /// Sends a further message. The first one after a promise is what was promised.
    pub(crate) async fn follow_up(
        &self,
        application: ApplicationId,
        token: &str,
        body: &Map<String, Value>,
        uploads: Vec<Upload>,
    ) -> Result<Message> {
        let mut answering = self.answered_by(application, token).await?;
        if answering.interaction.state == State::Promised {
            match self.keep_promise(&mut answering, body, uploads.clone()).await {
                // Somebody else kept it at the same time, or the message that stood for it was deleted.
                Err(error) if error.is(codes::ALREADY_ACKNOWLEDGED) || error.is(codes::UNKNOWN_MESSAGE) => {}
                kept => return kept,
            }
        }
        let stored = self.compose_answer(&answering, body, uploads).await?;
        let files = Files { before: Vec::new(), added: stored.body.attachments.clone() };
        let mut change = Change::new();
        let message = self.put_answer(&mut change, &answering, stored).await?;
        self.commit_files(change, &answering, files, Some(&message)).await?;
        Ok(message)
    }

    async fn keep_promise(
        &self,
        answering: &mut Answering,
        body: &Map<String, Value>,
        uploads: Vec<Upload>,
    ) -> Result<Message> {
        let stored = self.which(answering, Which::Original).await?;
        let mut change = Change::new();
        let (message, files) = self.change_answer(&mut change, answering, stored, body, uploads).await?;
        answering.interaction.state = State::Answered;
        let (from, otherwise) = (State::Promised, codes::ALREADY_ACKNOWLEDGED);
        store::interactions::advance(&mut change.batch, &answering.interaction, from, otherwise)?;
        self.commit_files(change, answering, files, Some(&message)).await?;
        Ok(message)
    }

    /// One of the answers.
    pub(crate) async fn read_answer_message(
        &self,
        application: ApplicationId,
        token: &str,
        which: Which,
    ) -> Result<Message> {
        let answering = self.answered_by(application, token).await?;
        let stored = self.which(&answering, which).await?;
        self.render_one(stored, answering.bot()).await
    }

    /// Changes one of the answers.
    pub(crate) async fn change_answer_message(
        &self,
        application: ApplicationId,
        token: &str,
        which: Which,
        body: &Map<String, Value>,
        uploads: Vec<Upload>,
    ) -> Result<Message> {
        let answering = self.answered_by(application, token).await?;
        let stored = self.which(&answering, which).await?;
        let mut change = Change::new();
        if answering.interaction.original == Some(stored.id) {
            store::interactions::keep_promise(&mut change.batch, answering.interaction.id);
        }
        let (message, files) = self.change_answer(&mut change, &answering, stored, body, uploads).await?;
        self.commit_files(change, &answering, files, Some(&message)).await?;
        Ok(message)
    }

    /// Deletes one of the answers.
    pub(crate) async fn delete_answer_message(
        &self,
        application: ApplicationId,
        token: &str,
        which: Which,
    ) -> Result<()> {
        let answering = self.answered_by(application, token).await?;
        let stored = self.which(&answering, which).await?;
        let mut change = Change::new();
        self.remove_answer(&mut change, &answering, &stored)?;
        let files = Files { before: stored.body.attachments, added: Vec::new() };
        self.commit_files(change, &answering, files, None).await
    }
}
