//! What is in a backup, as plain data. The shapes follow Discord's JSON, so that what a server answers can be read
//! into them as it is; but they are ours: where Discord names a picture by its hash, a backup names the
//! [part](FileRef) that holds it, and what cannot be restored by anybody is left out.
//!
//! Ids are those of the guild that was backed up. Whoever restores maps them to new ones.

mod channel;
mod content;
mod guild;
mod member;
mod message;

pub use channel::{Channel, DefaultReaction, Overwrite, Tag, Thread};
pub use content::{Bits, FORMAT, FileRef, Manifest, Origin};
pub use guild::{Emoji, Guild, Role, RoleColors, RoleTags, Settings, Sticker};
pub use member::{Ban, Member};
pub use message::{Attachment, Author, Message, Reaction};

#[cfg(test)]
mod tests;
