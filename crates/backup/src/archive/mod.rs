//! A backup that lies open: its parts as files of the blob store, each in the form that it has in the container. A
//! backup is made by adding parts and [packing](pack) them; it is read by [unpacking](unpack()) a file of any known
//! format, which checks all of it, and then taking parts in any order.

mod names;
mod pack;
mod unpack;
mod work;

use std::collections::{BTreeMap, HashMap};

use bytes::Bytes;
use futures_util::Stream;
use guildhall_base::{ChannelId, Error, Result, codes::NOT_FOUND};

pub(crate) use names::feature as feature_name;
pub use names::{GUILD, MANIFEST};
pub use pack::{pack, sealed};
pub use unpack::unpack;
pub(crate) use unpack::{Portion, Unpacking, finish};
pub use work::{Entry, PAGE, Work};

use crate::codes::{DAMAGED, UNKNOWN_VERSION};
use crate::model::{Ban, FORMAT, FileRef, Guild, Manifest, Member, Message};
use names::Kind;

/// A backup whose parts have all been checked.
#[derive(Debug, Clone)]
pub struct Archive {
    work: Work,
    manifest: Manifest,
    guild: Guild,
    /// The lengths of all parts.
    parts: BTreeMap<String, u64>,
    /// How many pages of messages there are of a channel.
    messages: HashMap<ChannelId, u32>,
    members: u32,
    bans: u32,
}

impl Archive {
    /// Opens what [`unpack()`] has left in this folder.
    ///
    /// # Errors
    /// `DAMAGED`, where what must be there is not; `UNKNOWN_VERSION`.
    pub async fn open(work: Work) -> Result<Self> {
        let entries = work.index().await?;
        let mut archive = Self {
            manifest: work.json(MANIFEST).await.map_err(missing)?,
            guild: work.json(GUILD).await.map_err(missing)?,
            parts: BTreeMap::new(),
            messages: HashMap::new(),
            members: 0,
            bans: 0,
            work,
        };
        if archive.manifest.format > FORMAT {
            return Err(UNKNOWN_VERSION.into());
        }
        for Entry { name, length } in entries {
            match Kind::of(&name) {
                Kind::Members(_) => archive.members += 1,
                Kind::Bans(_) => archive.bans += 1,
                Kind::Messages(channel, _) => *archive.messages.entry(channel).or_default() += 1,
                _ => {}
            }
            archive.parts.insert(name, length);
        }
        archive.check_pages()?;
        Ok(archive)
    }

    /// Pages are counted: none is missing between others.
    fn check_pages(&self) -> Result<()> {
        let has = |name: String| self.parts.contains_key(&name);
        let whole = (0..self.members).all(|page| has(names::members(page)))
            && (0..self.bans).all(|page| has(names::bans(page)))
            && self
                .messages
                .iter()
                .all(|(channel, pages)| (0..*pages).all(|page| has(names::messages(*channel, page))));
        if whole { Ok(()) } else { Err(DAMAGED.because("A page is missing in the backup.")) }
    }

    /// What it says of itself.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// The guild with its roles, channels, emojis and stickers.
    pub fn guild(&self) -> &Guild {
        &self.guild
    }

    /// How many pages of members there are.
    pub fn member_pages(&self) -> u32 {
        self.members
    }

    /// A page of members, counted from 0.
    ///
    /// # Errors
    /// `NOT_FOUND`; internal, if it cannot be read.
    pub async fn members(&self, page: u32) -> Result<Vec<Member>> {
        self.work.lines(&names::members(page)).await
    }

    /// How many pages of bans there are.
    pub fn ban_pages(&self) -> u32 {
        self.bans
    }

    /// A page of bans, counted from 0.
    ///
    /// # Errors
    /// As [`Archive::members`].
    pub async fn bans(&self, page: u32) -> Result<Vec<Ban>> {
        self.work.lines(&names::bans(page)).await
    }

    /// How many pages of messages there are of a channel.
    pub fn message_pages(&self, channel: ChannelId) -> u32 {
        self.messages.get(&channel).copied().unwrap_or(0)
    }

    /// A page of a channel's messages, oldest first; page 0 has the oldest messages. At most [`PAGE`] messages.
    ///
    /// # Errors
    /// As [`Archive::members`].
    pub async fn messages(&self, channel: ChannelId, page: u32) -> Result<Vec<Message>> {
        // They were read from the newest on.
        let stored = self.message_pages(channel).checked_sub(page + 1).ok_or(NOT_FOUND)?;
        self.work.lines(&names::messages(channel, stored)).await
    }

    /// Whether a file is there, and how many bytes it has.
    pub fn file_size(&self, file: &FileRef) -> Option<u64> {
        self.parts.get(&file.0).copied()
    }

    /// A file, whole.
    ///
    /// # Errors
    /// `NOT_FOUND`; `TOO_LARGE` above `limit` bytes.
    pub async fn file(&self, file: &FileRef, limit: u64) -> Result<Bytes> {
        self.work.bytes(&file.0, limit).await
    }

    /// Parts that features have added, with their versions.
    pub fn features(&self) -> impl Iterator<Item = (&str, u32)> {
        self.parts.keys().filter_map(|name| match Kind::of(name) {
            Kind::Feature(feature, version) => Some((feature, version)),
            _ => None,
        })
    }

    /// What a feature has added, piece after piece.
    ///
    /// # Errors
    /// `NOT_FOUND`.
    pub async fn feature(
        &self,
        name: &str,
        version: u32,
    ) -> Result<impl Stream<Item = Result<Bytes>> + use<>> {
        self.work.stream(&names::feature(name, version)).await
    }

    /// Removes all of it. Files that are gone are no error.
    ///
    /// # Errors
    /// If the blob store refuses.
    pub async fn remove(self) -> Result<()> {
        let entry = |(name, length)| Entry { name, length };
        self.work.remove_all(&self.parts.into_iter().map(entry).collect::<Vec<_>>()).await
    }
}

fn missing(error: Error) -> Error {
    if error.is(NOT_FOUND) { DAMAGED.because("The backup has no manifest or no guild.") } else { error }
}

#[cfg(test)]
mod tests;
