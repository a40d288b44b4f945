//! Checking what a message says before it is stored.

use guildhall_base::{ChannelId, Form, Result, UserId, codes as base_codes};
use guildhall_infra::http::Upload;
use serde_json::Value;

use super::super::Change;
use super::NewMessage;
use crate::Chat;
use crate::access::ChannelAccess;
use crate::model::{Attachment, MessageBody};

impl Chat {
    /// The parts of a message that are checked and normalised, and whether it answers another.
    pub(super) async fn check_body(
        &self,
        access: &ChannelAccess,
        new: &NewMessage,
    ) -> Result<(MessageBody, bool)> {
        let mut form = Form::new();
        form.length("content", &new.content, 0..=2000);
        form.at_most("embeds", new.embeds.len(), 10);
        form.finish()?;
        let mut body = MessageBody::default();
        body.embeds = new.embeds.clone();
        body.components = new.components.clone();
        for embed in &mut body.embeds {
            if let Some(embed) = embed.as_object_mut() {
                embed.insert("type".into(), "rich".into());
            }
        }
        let mut replied: Option<UserId> = None;
        if let Some(reference) = &new.message_reference
            && let Some((reference, author)) = self.check_reference(access, reference).await?
        {
            body.message_reference = Some(reference);
            replied = Some(author);
        }
        body.mentions.extend(replied);
        Ok((body, replied.is_some()))
    }

    /// Stores the files of a message.
    pub(super) async fn keep_files(
        &self,
        _channel: ChannelId,
        _described: &[Value],
        files: Vec<Upload>,
    ) -> Result<Vec<Attachment>> {
        if files.is_empty() { Ok(Vec::new()) } else { Err(base_codes::UNAVAILABLE.into()) }
    }

    /// A closed conversation opens again when something is written in it.
    pub(super) fn reopen(&self, _change: &mut Change, _access: &ChannelAccess) {}
}
