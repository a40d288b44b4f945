//! Tables `interactions` and `private_messages`.

use guildhall_base::{
    ApplicationId, ChannelId, Code, Error, InteractionId, MessageId, Result, Timestamp, UserId,
};
use guildhall_infra::db::{Batch, Db, Row};
use guildhall_infra::{params, sql};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::json;
use super::messages::StoredMessage;
use crate::codes;

/// How far an interaction has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    /// Its application has not answered yet.
    Waiting = 0,
    /// Its application will answer; until then there is a message that says so.
    Promised = 1,
    /// Answered.
    Answered = 2,
    /// Not answered in time.
    Failed = 3,
}

/// An interaction as it lies in its table.
#[derive(Debug, Clone)]
pub(crate) struct StoredInteraction {
    pub(crate) id: InteractionId,
    pub(crate) application: ApplicationId,
    pub(crate) user: UserId,
    pub(crate) channel: ChannelId,
    /// 2 command, 3 component, 4 autocompletion, 5 modal.
    pub(crate) kind: u8,
    pub(crate) state: State,
    pub(crate) answer_by: Timestamp,
    pub(crate) expires_at: Timestamp,
    /// The message that is `@original`.
    pub(crate) original: Option<MessageId>,
    pub(crate) body: InteractionBody,
}

/// What an interaction is besides its columns; stored as JSON.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct InteractionBody {
    /// What the client wants to know it again by.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) nonce: Option<Value>,
    /// What messages that answer it say about it.
    pub(crate) metadata: Value,
    /// The message whose component was used.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) source: Option<MessageId>,
    /// The type of a message that answers it: 20, 23, or 0.
    pub(crate) message_kind: u8,
    /// The kind of the option that is being typed, of an autocompletion.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) focused: Option<u8>,
    /// The modal with which it was answered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) modal: Option<Value>,
}

fn stored(row: &Row) -> Result<StoredInteraction> {
    let mut columns = row.columns();
    Ok(StoredInteraction {
        id: columns.next()?,
        application: columns.next()?,
        user: columns.next()?,
        channel: columns.next()?,
        kind: columns.next()?,
        state: match columns.next::<u8>()? {
            0 => State::Waiting,
            1 => State::Promised,
            2 => State::Answered,
            _ => State::Failed,
        },
        answer_by: columns.next()?,
        expires_at: columns.next()?,
        original: columns.next()?,
        body: serde_json::from_str(&columns.next::<String>()?).map_err(Error::internal)?,
    })
}

pub(crate) fn insert(batch: &mut Batch, interaction: &StoredInteraction, token: [u8; 32]) -> Result<()> {
    batch.run(
        sql!(
            "INSERT INTO interactions
                 (id, application_id, user_id, channel_id, type, token, state, answer_by, expires_at, body)
             VALUES ($1, $2, $3, $4, $5, $6, 0, $7, $8, $9)"
        ),
        params![
            interaction.id,
            interaction.application,
            interaction.user,
            interaction.channel,
            interaction.kind,
            token,
            interaction.answer_by,
            interaction.expires_at,
            json(&interaction.body)?,
        ],
    );
    Ok(())
}

pub(crate) async fn by_token(db: &Db, token: [u8; 32]) -> Result<Option<StoredInteraction>> {
    let row = db
        .opt(
            sql!(
                "SELECT id, application_id, user_id, channel_id, type, state, answer_by, expires_at, original_id, body
                 FROM interactions WHERE token = $1"
            ),
            params![token],
        )
        .await?;
    row.as_ref().map(stored).transpose()
}

pub(crate) async fn by_id(db: &Db, id: InteractionId) -> Result<Option<StoredInteraction>> {
    let row = db
        .opt(
            sql!(
                "SELECT id, application_id, user_id, channel_id, type, state, answer_by, expires_at, original_id, body
                 FROM interactions WHERE id = $1"
            ),
            params![id],
        )
        .await?;
    row.as_ref().map(stored).transpose()
}

/// Takes an interaction from one state to the next, once; `otherwise` if somebody else was faster.
pub(crate) fn advance(
    batch: &mut Batch,
    interaction: &StoredInteraction,
    from: State,
    otherwise: Code,
) -> Result<()> {
    batch.must(
        sql!("UPDATE interactions SET state = $3, original_id = $4, body = $5 WHERE id = $1 AND state = $2"),
        params![
            interaction.id,
            from as i64,
            interaction.state as i64,
            interaction.original,
            json(&interaction.body)?,
        ],
        otherwise,
    );
    Ok(())
}

/// The interactions that wait for an answer although it is too late for one.
pub(crate) async fn overdue(db: &Db, now: Timestamp) -> Result<Vec<StoredInteraction>> {
    let rows = db
        .all(
            sql!(
                "SELECT id, application_id, user_id, channel_id, type, state, answer_by, expires_at, original_id, body
                 FROM interactions WHERE state = 0 AND answer_by < $1 ORDER BY answer_by LIMIT 100"
            ),
            params![now],
        )
        .await?;
    rows.iter().map(stored).collect()
}

/// Forgets interactions that expired before a time.
pub(crate) fn forget(batch: &mut Batch, before: Timestamp) {
    batch.run(sql!("DELETE FROM interactions WHERE expires_at < $1"), params![before]);
}

pub(crate) fn insert_private(
    batch: &mut Batch,
    interaction: &StoredInteraction,
    message: &StoredMessage,
) -> Result<()> {
    batch.run(
        sql!(
            "INSERT INTO private_messages
                 (id, interaction_id, user_id, channel_id, author_id, type, flags, content, edited_at, body)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, NULL, $9)"
        ),
        params![
            message.id,
            interaction.id,
            interaction.user,
            message.channel_id,
            message.author_id,
            message.kind,
            message.flags,
            message.content.as_str(),
            json(&message.body)?,
        ],
    );
    Ok(())
}

pub(crate) fn update_private(batch: &mut Batch, message: &StoredMessage) -> Result<()> {
    batch.must(
        sql!("UPDATE private_messages SET flags = $2, content = $3, edited_at = $4, body = $5 WHERE id = $1"),
        params![
            message.id,
            message.flags,
            message.content.as_str(),
            message.edited_at,
            json(&message.body)?,
        ],
        codes::UNKNOWN_MESSAGE,
    );
    Ok(())
}

pub(crate) fn delete_private(batch: &mut Batch, message: MessageId) {
    batch.must(sql!("DELETE FROM private_messages WHERE id = $1"), params![message], codes::UNKNOWN_MESSAGE);
}

/// An answer that only this user sees.
pub(crate) async fn private(db: &Db, user: UserId, message: MessageId) -> Result<Option<StoredMessage>> {
    let row = db
        .opt(
            sql!(
                "SELECT id, channel_id, author_id, type, flags, content, edited_at, body
                 FROM private_messages WHERE id = $1 AND user_id = $2"
            ),
            params![message, user],
        )
        .await?;
    row.as_ref().map(stored_private).transpose()
}

/// Some of the answers older than a time that only one user saw.
pub(crate) async fn old_private(db: &Db, before: Timestamp) -> Result<Vec<StoredMessage>> {
    let rows = db
        .all(
            sql!(
                "SELECT id, channel_id, author_id, type, flags, content, edited_at, body
                 FROM private_messages WHERE id < $1 ORDER BY id LIMIT 500"
            ),
            params![MessageId::first_at(before)],
        )
        .await?;
    rows.iter().map(stored_private).collect()
}

/// Deletes what [`old_private`] found.
pub(crate) fn delete_old_private(batch: &mut Batch, messages: &[MessageId]) {
    batch.run(sql!("DELETE FROM private_messages WHERE id {in $1}"), params![messages]);
}

fn stored_private(row: &Row) -> Result<StoredMessage> {
    let mut columns = row.columns();
    Ok(StoredMessage {
        id: columns.next()?,
        channel_id: columns.next()?,
        author_id: columns.next()?,
        kind: columns.next()?,
        flags: columns.next()?,
        content: columns.next()?,
        edited_at: columns.next()?,
        pinned_at: None,
        body: serde_json::from_str(&columns.next::<String>()?).map_err(Error::internal)?,
    })
}

/// Notes that what was promised has come, if anything was.
pub(crate) fn keep_promise(batch: &mut Batch, id: InteractionId) {
    batch.run(sql!("UPDATE interactions SET state = 2 WHERE id = $1 AND state = 1"), params![id]);
}
