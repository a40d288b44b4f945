//! A message (<https://discord.com/developers/docs/resources/message#message-object>).

use guildhall_accounts::User;
use guildhall_base::{
    ApplicationId, AttachmentId, ChannelId, GuildId, MessageId, RoleId, Timestamp, UserId, WebhookId,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Member, StickerItem};

/// A message as it is sent to clients.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Message {
    /// Its id, which also says when it was sent.
    pub id: MessageId,
    /// Where.
    pub channel_id: ChannelId,
    /// In which guild; only in events.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub guild_id: Option<GuildId>,
    /// 0 ordinary, 6 pin notice, 7 join notice, 19 reply, 20 command ...
    #[serde(rename = "type")]
    pub kind: u8,
    /// Up to 2000 characters.
    pub content: String,
    /// Who wrote it.
    pub author: User,
    /// The author as a member; only in events.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub member: Option<Member>,
    /// Who is mentioned.
    pub mentions: Vec<Mention>,
    /// Which roles are mentioned.
    pub mention_roles: Vec<RoleId>,
    /// Whether everybody is.
    pub mention_everyone: bool,
    /// Its files.
    pub attachments: Vec<Attachment>,
    /// Its embeds.
    pub embeds: Vec<Value>,
    /// Its buttons and menus.
    pub components: Vec<Value>,
    /// When it was sent.
    pub timestamp: Timestamp,
    /// When it was last edited.
    pub edited_timestamp: Option<Timestamp>,
    /// Bit set.
    pub flags: u32,
    /// Whether it is pinned.
    pub pinned: bool,
    /// Whether it is read aloud.
    pub tts: bool,
    /// What the sender wants to know it again by; only in the answer and event of sending.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nonce: Option<Value>,
    /// Its stickers, if it has any.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sticker_items: Vec<StickerItem>,
    /// Its reactions, if it has any.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reactions: Vec<Reaction>,
    /// What it answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message_reference: Option<MessageReference>,
    /// The message it answers; `Some(None)` when that is gone.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "guildhall_base::present")]
    pub referenced_message: Option<Option<Box<Message>>>,
    /// The webhook that sent it; of answers to interactions the application.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub webhook_id: Option<WebhookId>,
    /// The application that sent it as an answer to an interaction.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub application_id: Option<ApplicationId>,
    /// The interaction it answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub interaction_metadata: Option<Value>,
    /// The same as it was before, for libraries that read only this; only for commands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub interaction: Option<Value>,
}

/// A mentioned user, with their membership in events.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Mention {
    /// Who.
    #[serde(flatten)]
    pub user: User,
    /// As a member; only in events.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub member: Option<Member>,
}

/// A file of a message (<https://discord.com/developers/docs/resources/message#attachment-object>).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attachment {
    /// Its id.
    pub id: AttachmentId,
    /// Its name, safe for a path.
    pub filename: String,
    /// Alternative text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// What it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content_type: Option<String>,
    /// Bytes.
    pub size: u64,
    /// Where it is served.
    pub url: String,
    /// The same.
    pub proxy_url: String,
    /// Pixels, for pictures.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub width: Option<u32>,
    /// Pixels, for pictures.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub height: Option<u32>,
}

/// What a message answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MessageReference {
    /// 0 a reply.
    #[serde(rename = "type", default)]
    pub kind: u8,
    /// The message.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message_id: Option<MessageId>,
    /// Its channel.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel_id: Option<ChannelId>,
    /// Its guild.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub guild_id: Option<GuildId>,
}

/// How often a message got a reaction.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reaction {
    /// `{id, name}`.
    pub emoji: Value,
    /// How often.
    pub count: u64,
    /// Split by kind: `{burst, normal}`.
    pub count_details: Value,
    /// Whether the reader did.
    pub me: bool,
    /// Always false.
    pub me_burst: bool,
    /// Always empty.
    pub burst_colors: Vec<String>,
}

/// The name and picture under which a webhook sent a message; they stay with the message whatever becomes of the
/// webhook.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mask {
    /// 1 to 80 characters.
    pub name: String,
    /// Hash of a picture among the webhook's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub avatar: Option<String>,
}

impl Mask {
    /// The author that clients are shown.
    pub fn author(&self, webhook: WebhookId) -> User {
        User {
            discriminator: "0000".to_owned(),
            avatar: self.avatar.clone(),
            bot: true,
            ..User::new(webhook.cast(), self.name.clone())
        }
    }
}

/// What a message is besides its columns; stored as JSON.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct MessageBody {
    /// Who is mentioned.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub mentions: Vec<UserId>,
    /// Which roles are.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub mention_roles: Vec<RoleId>,
    /// Whether everybody is.
    #[serde(skip_serializing_if = "super::is_false")]
    pub mention_everyone: bool,
    /// Files.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub attachments: Vec<Attachment>,
    /// Embeds, normalised.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub embeds: Vec<Value>,
    /// Buttons and menus.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub components: Vec<Value>,
    /// Stickers.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub sticker_items: Vec<StickerItem>,
    /// Read aloud.
    #[serde(skip_serializing_if = "super::is_false")]
    pub tts: bool,
    /// What it answers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message_reference: Option<MessageReference>,
    /// The application it came from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub application_id: Option<ApplicationId>,
    /// The webhook it came from; of answers to interactions the application.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub webhook_id: Option<WebhookId>,
    /// As whom a webhook that somebody made said it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mask: Option<Mask>,
    /// The interaction it answers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub interaction_metadata: Option<Value>,
}
