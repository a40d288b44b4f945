//! Editing.

use guildhall_accounts::Actor;
use guildhall_base::{AttachmentId, ChannelId, MessageId, Patch, Permissions, Result, present};
use guildhall_infra::http::Upload;
use serde::Deserialize;
use serde_json::Value;

use super::super::Change;
use super::NewMessage;
use crate::access::ChannelAccess;
use crate::model::Message;
use crate::store::{self, messages::StoredMessage};
use crate::{Chat, codes};

/// What is to change in a message; absent fields stay.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct MessageChanges {
    #[serde(deserialize_with = "present")]
    pub(crate) content: Patch<String>,
    #[serde(deserialize_with = "present")]
    pub(crate) embeds: Patch<Vec<Value>>,
    #[serde(deserialize_with = "present")]
    pub(crate) components: Patch<Vec<Value>>,
    #[serde(deserialize_with = "present")]
    pub(crate) attachments: Patch<Vec<Value>>,
    pub(crate) allowed_mentions: Option<Value>,
    pub(crate) flags: Option<u32>,
}

/// Embeds are hidden.
const SUPPRESS_EMBEDS: u32 = 1 << 2;

impl Chat {
    /// Edits a message. Its author may change everything; those who manage messages may hide its embeds.
    pub(crate) async fn edit_message(
        &self,
        actor: &Actor,
        channel: ChannelId,
        message: MessageId,
        changes: MessageChanges,
        files: Vec<Upload>,
    ) -> Result<Message> {
        let access = self.channel(actor, channel).await?;
        let stored = store::messages::get(self.db(), channel, message).await?;
        if stored.author_id == actor.user.id {
            if !matches!(stored.kind, 0 | 19 | 20 | 23) {
                return Err(codes::SYSTEM_MESSAGE.into());
            }
            return self.rewrite(&access, stored, changes, files).await;
        }
        let only_flags = changes.content.is_none()
            && changes.embeds.is_none()
            && changes.components.is_none()
            && changes.attachments.is_none()
            && changes.flags.is_some();
        if !only_flags || !access.permissions.contains(Permissions::MANAGE_MESSAGES) {
            return Err(codes::NOT_AUTHOR.into());
        }
        self.rewrite(&access, stored, changes, files).await
    }

    /// Applies changes to a message, whoever is entitled to make them, stores it and tells everybody.
    pub(crate) async fn rewrite(
        &self,
        access: &ChannelAccess,
        stored: StoredMessage,
        changes: MessageChanges,
        files: Vec<Upload>,
    ) -> Result<Message> {
        let stored = self.revise(access, stored, changes, files).await?;
        let mut change = Change::new();
        store::messages::update(&mut change.batch, &stored)?;
        let message = self.render_one(stored, access.user).await?;
        change.push(self.message_event("MESSAGE_UPDATE", access, &message)?);
        self.commit_leaf(change).await?;
        Ok(message)
    }

    /// The row of a message with changes applied, or what is wrong with them.
    pub(crate) async fn revise(
        &self,
        access: &ChannelAccess,
        mut stored: StoredMessage,
        changes: MessageChanges,
        files: Vec<Upload>,
    ) -> Result<StoredMessage> {
        let content_changes = changes.content.is_some()
            || changes.embeds.is_some()
            || changes.components.is_some()
            || changes.attachments.is_some()
            || !files.is_empty();
        let draft = NewMessage {
            content: changes.content.map_or_else(|| stored.content.clone(), Option::unwrap_or_default),
            embeds: changes.embeds.map_or_else(|| stored.body.embeds.clone(), Option::unwrap_or_default),
            components: changes
                .components
                .map_or_else(|| stored.body.components.clone(), Option::unwrap_or_default),
            allowed_mentions: changes.allowed_mentions,
            ..NewMessage::default()
        };
        let (body, _) = self.check_body(access, &draft).await?;
        if let Some(kept) = &changes.attachments {
            let kept: Vec<AttachmentId> = kept.iter().flatten().filter_map(listed_id).collect();
            stored.body.attachments.retain(|attachment| kept.contains(&attachment.id));
        }
        let described = changes.attachments.flatten().unwrap_or_default();
        stored.body.attachments.extend(self.keep_files(access.id, &described, files).await?);
        stored.content = draft.content;
        stored.body.embeds = body.embeds;
        stored.body.components = body.components;
        stored.body.mentions = body.mentions;
        stored.body.mention_roles = body.mention_roles;
        stored.body.mention_everyone = body.mention_everyone;
        if stored.content.trim().is_empty()
            && stored.body.embeds.is_empty()
            && stored.body.attachments.is_empty()
            && stored.body.components.is_empty()
        {
            return Err(codes::EMPTY_MESSAGE.into());
        }
        if let Some(flags) = changes.flags {
            stored.flags = stored.flags & !SUPPRESS_EMBEDS | flags & SUPPRESS_EMBEDS;
        }
        if content_changes {
            stored.edited_at = Some(self.now());
        }
        Ok(stored)
    }
}

/// The id of an attachment that an edit keeps.
fn listed_id(entry: &Value) -> Option<AttachmentId> {
    serde_json::from_value(entry.get("id")?.clone()).ok()
}
