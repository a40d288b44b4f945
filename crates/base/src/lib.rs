//! Words everybody uses: ids, permissions, timestamps, errors and form checks.
//!
//! Nothing here does I/O, is async, or knows a feature.

mod error;
mod form;
mod id;
mod patch;
mod permissions;
mod scopes;
mod time;

pub use error::{Code, Error, FieldError, Kind, Result, codes};
pub use form::Form;
pub use id::{AnyId, Id, Ids, marker};
pub use patch::{Patch, lenient, present};
pub use permissions::Permissions;
pub use scopes::Scopes;
pub use time::{Clock, Hand, Timestamp};

/// Id of a user, human or bot.
pub type UserId = Id<marker::User>;
/// Id of a guild; also the id of its `@everyone` role.
pub type GuildId = Id<marker::Guild>;
/// Id of a channel of any type.
pub type ChannelId = Id<marker::Channel>;
/// Id of a role.
pub type RoleId = Id<marker::Role>;
/// Id of a message.
pub type MessageId = Id<marker::Message>;
/// Id of an application (an OAuth2 client); its bot user has the same number.
pub type ApplicationId = Id<marker::Application>;
/// Id of an uploaded file.
pub type AttachmentId = Id<marker::Attachment>;
/// Id of a registered command.
pub type CommandId = Id<marker::Command>;
/// Id of one interaction.
pub type InteractionId = Id<marker::Interaction>;
/// Id of an audit-log entry.
pub type AuditEntryId = Id<marker::AuditEntry>;
/// Id of a webhook; its messages carry it as their author's.
pub type WebhookId = Id<marker::Webhook>;
/// Id of a custom emoji.
pub type EmojiId = Id<marker::Emoji>;
/// Id of a sticker.
pub type StickerId = Id<marker::Sticker>;
/// Id of a durable job.
pub type JobId = Id<marker::Job>;
/// Id of a review of a listing, or of an answer to one.
pub type ReviewId = Id<marker::Review>;
/// Id of a pack of listed bots.
pub type PackId = Id<marker::Pack>;
/// Id of a team that keeps listings.
pub type TeamId = Id<marker::Team>;
/// Id of an entry of a listing's history.
pub type HistoryId = Id<marker::HistoryEntry>;
