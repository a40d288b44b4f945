//! Editing.

use guildhall_accounts::Actor;
use guildhall_base::{ChannelId, MessageId, Permissions, Result};
use guildhall_infra::http::Upload;
use serde_json::{Map, Value};

use super::super::Change;
use super::files;
use super::send::read_draft;
use crate::access::ChannelAccess;
use crate::model::Message;
use crate::rules::message::{Draft, IS_COMPONENTS_V2, SUPPRESS_EMBEDS, refuse_empty};
use crate::store::{self, messages::StoredMessage};
use crate::{Chat, codes};

impl Chat {
    /// Edits a message. Its author may change everything; those who manage messages may hide its embeds.
    pub(crate) async fn edit_message(
        &self,
        actor: &Actor,
        channel: ChannelId,
        message: MessageId,
        body: &Map<String, Value>,
        uploads: Vec<Upload>,
    ) -> Result<Message> {
        let access = self.channel(actor, channel).await?;
        let stored = store::messages::get(self.db(), channel, message).await?;
        let draft = read_draft(body, stored.flags)?;
        let own = stored.author_id == actor.user.id;
        if own && !matches!(stored.kind, 0 | 19 | 20 | 23) {
            return Err(codes::SYSTEM_MESSAGE.into());
        }
        let only_flags = draft.flags.is_some() && !changes_content(&draft, &uploads);
        let hides_embeds = only_flags && access.permissions.contains(Permissions::MANAGE_MESSAGES);
        if !own && !hides_embeds {
            return Err(codes::NOT_AUTHOR.into());
        }
        self.rewrite(&access, stored, draft, uploads).await
    }

    /// Applies changes to a message, whoever is entitled to make them.
    pub(crate) async fn rewrite(
        &self,
        access: &ChannelAccess,
        mut stored: StoredMessage,
        draft: Draft,
        uploads: Vec<Upload>,
    ) -> Result<Message> {
        let (before, added) = self.revise(access, &mut stored, draft, uploads).await?;
        let mut change = Change::new();
        store::messages::update(&mut change.batch, &stored)?;
        let kept: Vec<_> = stored.body.attachments.iter().map(|attachment| attachment.id).collect();
        let message = self.render_one(stored, access.user).await?;
        change.push(self.message_event("MESSAGE_UPDATE", access, &message)?);
        if let Err(error) = self.commit_leaf(change).await {
            self.drop_files(access.id, &added).await;
            return Err(error);
        }
        let gone: Vec<_> = before.into_iter().filter(|old| !kept.contains(&old.id)).collect();
        self.drop_files(access.id, &gone).await;
        Ok(message)
    }

    /// Changes a row by a draft. Returns the attachments that it had and those that came.
    pub(crate) async fn revise(
        &self,
        access: &ChannelAccess,
        stored: &mut StoredMessage,
        draft: Draft,
        uploads: Vec<Upload>,
    ) -> Result<(Vec<crate::model::Attachment>, Vec<crate::model::Attachment>)> {
        if changes_content(&draft, &uploads) {
            stored.edited_at = Some(self.now());
        }
        let before = stored.body.attachments.clone();
        let described = draft.attachments.as_deref().unwrap_or_default();
        if draft.attachments.is_some() {
            let listed = |id| described.iter().any(|about| about.id == id);
            stored.body.attachments.retain(|attachment| listed(attachment.id.cast()));
        }
        let kept = stored.body.attachments.len();
        let added = self.keep_files(access.id, described, uploads, kept).await?;
        stored.body.attachments.extend(added.clone());
        if let Some(content) = draft.content {
            stored.content = self.settle_emojis(access, content.unwrap_or_default()).await?;
            let replied = stored.body.message_reference.as_ref().and(stored.body.mentions.last().copied());
            let mentioned =
                self.mentioned(access, &stored.content, draft.allowed_mentions.as_ref(), replied).await?;
            stored.body.mentions = mentioned.users;
            stored.body.mention_roles = mentioned.roles;
            stored.body.mention_everyone = mentioned.everyone;
        }
        stored.body.embeds = draft.embeds.unwrap_or(std::mem::take(&mut stored.body.embeds));
        stored.body.components = draft.components.unwrap_or(std::mem::take(&mut stored.body.components));
        files::resolve(&mut stored.body.embeds, &stored.body.attachments)?;
        files::resolve(&mut stored.body.components, &stored.body.attachments)?;
        if let Some(flags) = draft.flags {
            stored.flags = stored.flags & !SUPPRESS_EMBEDS | flags & (SUPPRESS_EMBEDS | IS_COMPONENTS_V2);
        }
        refuse_empty(
            &stored.content,
            stored.body.embeds.len(),
            stored.body.components.len(),
            stored.body.attachments.len() + stored.body.sticker_items.len(),
            stored.flags,
        )?;
        Ok((before, added))
    }
}

/// Whether a draft changes more than flags.
fn changes_content(draft: &Draft, uploads: &[Upload]) -> bool {
    draft.content.is_some()
        || draft.embeds.is_some()
        || draft.components.is_some()
        || draft.attachments.is_some()
        || !uploads.is_empty()
}
