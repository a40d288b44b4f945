//! What chat is about, in the shape in which Discord's protocol writes it down. The same structs are read back
//! from events, so a thing has one description.

mod channel;
mod command;
mod expression;
mod guild;
mod mass;
mod member;
mod message;
mod role;
mod webhook;

pub use channel::{
    Channel, ChannelSettings, ChannelType, DefaultReaction, ForumTag, Overwrite, OverwriteType,
};
pub use command::{Choice, Command, CommandOption, Definition, Localizations};
pub use expression::{Emoji, Sticker, StickerItem, StickerSettings};
pub use guild::{Constants, Guild, GuildSettings};
pub use mass::{Departed, GiveBack, MassBan, MassRoles, MemberFilter, MessagePrune, RememberSettings, Tally};
pub use member::{Member, MemberSettings};
pub use message::{Attachment, Mask, Mention, Message, MessageBody, MessageReference, Reaction};
pub use role::{Role, RoleColors, RoleSettings, RoleTags};
pub use webhook::Webhook;

/// Serde's `skip_serializing_if` for flags that are left out when false.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
pub(crate) fn is_false(value: &bool) -> bool {
    !*value
}
