//! Formats of others. Each reader gives the same: a [`Found`], which is kept as if it were a backup of our own.

pub mod discord_backup;
pub mod iblfile;

use bytes::Bytes;
use guildhall_base::{ChannelId, Result};

use crate::archive::{Entry, PAGE, Work};
use crate::model::{Ban, Guild, Manifest, Member, Message};

/// The largest file that is read, in bytes: these formats are read in memory. The old limit of restores was 100 MB.
pub const FILE_LIMIT: u64 = 128 << 20;

/// What was found in a file.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    /// What it says of itself.
    pub manifest: Manifest,
    /// The guild.
    pub guild: Guild,
    /// Its members.
    pub members: Vec<Member>,
    /// Its bans.
    pub bans: Vec<Ban>,
    /// Its messages by channel, oldest first.
    pub messages: Vec<(ChannelId, Vec<Message>)>,
    /// Its files by the names of the parts that they become.
    pub files: Vec<(String, Bytes)>,
}

/// Keeps what was found.
///
/// # Errors
/// If it cannot be written.
pub(crate) async fn keep(found: Found, work: &Work, entries: &mut Vec<Entry>) -> Result<()> {
    entries.push(work.put_manifest(&found.manifest).await?);
    entries.push(work.put_guild(&found.guild).await?);
    for (page, members) in (0..).zip(found.members.chunks(PAGE)) {
        entries.push(work.put_members(page, members).await?);
    }
    for (page, bans) in (0..).zip(found.bans.chunks(PAGE)) {
        entries.push(work.put_bans(page, bans).await?);
    }
    for (channel, messages) in &found.messages {
        // Pages are counted from the newest on.
        for (page, messages) in (0..).zip(messages.rchunks(PAGE)) {
            entries.push(work.put_messages(*channel, page, messages).await?);
        }
    }
    for (name, content) in found.files {
        entries.push(work.put_bytes(&name, content, false).await?);
    }
    Ok(())
}
