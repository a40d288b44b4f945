//! Checking what a message says against what its sender may say here, before it is stored.

use guildhall_base::{Error, Permissions, Result, UserId};

use crate::Chat;
use crate::access::{ChannelAccess, Place};
use crate::codes;
use crate::model::MessageReference;
use crate::rules::message::{AllowedMentions, Mentioned, Named, Reference};
use crate::store;

impl Chat {
    /// Whom a text mentions when this sender says it here. Users that do not exist are dropped.
    pub(super) async fn mentioned(
        &self,
        access: &ChannelAccess,
        content: &str,
        allowed: Option<&AllowedMentions>,
        replied: Option<UserId>,
    ) -> Result<Mentioned> {
        let allowed = allowed.unwrap_or(&AllowedMentions::EVERYTHING);
        let everyone = access.permissions.contains(Permissions::MENTION_EVERYONE);
        let named = Named::read(content);
        let mut mentioned = match &access.place {
            Place::Guild(guild) => {
                let state = guild.room.read();
                let mentionable = |role| state.roles.get(&role).map(|role| role.settings.mentionable);
                named.mentioned(allowed, everyone, mentionable, replied)
            }
            Place::Direct(_) => named.mentioned(allowed, everyone, |_| None, replied),
        };
        let known = self.parts.accounts.users(&mentioned.users).await?;
        mentioned.users.retain(|user| known.contains_key(user));
        Ok(mentioned)
    }

    /// What a message answers, as it is stored, and whose that is; None where it may be missing and is.
    pub(super) async fn answered(
        &self,
        access: &ChannelAccess,
        reference: Reference,
    ) -> Result<Option<(MessageReference, UserId)>> {
        let unknown = || Error::field("message_reference", "REPLIES_UNKNOWN_MESSAGE", "Unknown message");
        if reference.kind != 0 {
            let detail = "Forwarding messages is not offered here.";
            return Err(Error::field("message_reference.type", "BASE_TYPE_CHOICES", detail));
        }
        if reference.channel.is_some_and(|channel| channel != access.id) {
            return Err(unknown());
        }
        if !access.permissions.contains(Permissions::READ_MESSAGE_HISTORY) {
            let detail = "Cannot reply without permission to read message history";
            return Err(Error::field("message_reference", "REPLIES_CANNOT_REPLY_WITHOUT_HISTORY", detail));
        }
        match store::messages::get(self.db(), access.id, reference.message).await {
            Ok(answered) => {
                let stored = MessageReference {
                    kind: 0,
                    message_id: Some(reference.message),
                    channel_id: Some(access.id),
                    guild_id: access.guild_id(),
                };
                Ok(Some((stored, answered.author_id)))
            }
            Err(error) if error.is(codes::UNKNOWN_MESSAGE) && !reference.must_exist => Ok(None),
            Err(error) if error.is(codes::UNKNOWN_MESSAGE) => Err(unknown()),
            Err(error) => Err(error),
        }
    }
}
