//! A webhook (<https://discord.com/developers/docs/resources/webhook#webhook-object>).

use guildhall_accounts::User;
use guildhall_base::{ApplicationId, ChannelId, GuildId, WebhookId};
use serde::Serialize;

/// A webhook as clients see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Webhook {
    /// Its id.
    pub id: WebhookId,
    /// Always 1: made by hand or by a bot, and written to by whoever has its token.
    #[serde(rename = "type")]
    pub kind: u8,
    /// In which guild.
    pub guild_id: GuildId,
    /// Where it writes.
    pub channel_id: ChannelId,
    /// 1 to 80 characters.
    pub name: String,
    /// Hash of its picture, under `/avatars/{id}/{hash}.png`.
    pub avatar: Option<String>,
    /// The application whose bot made it.
    pub application_id: Option<ApplicationId>,
    /// Who made it; not shown to those who come with the token.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user: Option<User>,
    /// What it takes to write; bots are not shown those of other bots.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token: Option<String>,
    /// Where to write to; shown with the token.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}
