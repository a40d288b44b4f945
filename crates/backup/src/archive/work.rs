//! The folder of the blob store in which a backup lies open.

use bytes::Bytes;
use futures_util::{Stream, TryStreamExt as _, stream};
use guildhall_base::{ChannelId, Error, Result, codes::NOT_FOUND, codes::TOO_LARGE};
use guildhall_infra::blobs::Blobs;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::names;
use crate::codes::DAMAGED;
use crate::container::Limits;
use crate::container::read::{Event, Reader};
use crate::container::write;
use crate::model::{Ban, Guild, Manifest, Member, Message};

/// The most messages, members or bans on a page.
pub const PAGE: usize = 1000;
/// The most bytes of a part that is JSON.
pub(super) const JSON_LIMIT: u64 = 32 << 20;
/// The list of the parts, beside them.
const INDEX: &str = "INDEX";

/// A part that is there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Its name.
    pub name: String,
    /// Bytes of its content.
    pub length: u64,
}

/// A folder of the blob store. Clones share it.
#[derive(Debug, Clone)]
pub struct Work {
    blobs: Blobs,
    folder: String,
}

impl Work {
    /// The folder of this name, such as `backups/1`.
    pub fn new(blobs: Blobs, folder: impl Into<String>) -> Self {
        Self { blobs, folder: folder.into() }
    }

    fn key(&self, name: &str) -> String {
        format!("{}/parts/{name}", self.folder)
    }

    /// Adds a part, in place of one of that name.
    ///
    /// # Errors
    /// The stream's own; internal, if it cannot be kept.
    pub async fn put(
        &self,
        name: &str,
        content: impl Stream<Item = Result<Bytes>>,
        compress: bool,
    ) -> Result<Entry> {
        let mut length = 0;
        let content = std::pin::pin!(content);
        let part = write::Part::begin(name, compress)?;
        let state = (content, Some(part), &mut length);
        let record = stream::try_unfold(state, async |(mut content, part, length)| {
            let Some(mut part) = part else { return Ok(None) };
            loop {
                match content.try_next().await? {
                    Some(piece) => {
                        let out = part.push(&piece)?;
                        if !out.is_empty() {
                            return Ok(Some((out, (content, Some(part), length))));
                        }
                    }
                    None => {
                        let (out, whole) = part.end()?;
                        *length = whole;
                        return Ok(Some((out, (content, None, length))));
                    }
                }
            }
        });
        self.blobs.put_stream(&self.key(name), record, u64::MAX).await?;
        Ok(Entry { name: name.to_owned(), length })
    }

    /// Adds a part that is in memory.
    ///
    /// # Errors
    /// As [`Work::put`].
    pub async fn put_bytes(&self, name: &str, content: impl Into<Bytes>, compress: bool) -> Result<Entry> {
        let content = content.into();
        let mut part = write::Part::begin(name, compress)?;
        let first = part.push(&content)?;
        let (rest, length) = part.end()?;
        self.blobs.put(&self.key(name), [first, rest].concat()).await?;
        Ok(Entry { name: name.to_owned(), length })
    }

    /// Adds what the backup says of itself.
    ///
    /// # Errors
    /// As [`Work::put`].
    pub async fn put_manifest(&self, manifest: &Manifest) -> Result<Entry> {
        self.put_bytes(names::MANIFEST, encode(manifest)?, true).await
    }

    /// Adds the guild.
    ///
    /// # Errors
    /// As [`Work::put`].
    pub async fn put_guild(&self, guild: &Guild) -> Result<Entry> {
        self.put_bytes(names::GUILD, encode(guild)?, true).await
    }

    /// Adds a page of members.
    ///
    /// # Errors
    /// As [`Work::put`].
    pub async fn put_members(&self, page: u32, members: &[Member]) -> Result<Entry> {
        self.put_bytes(&names::members(page), encode_lines(members)?, true).await
    }

    /// Adds a page of bans.
    ///
    /// # Errors
    /// As [`Work::put`].
    pub async fn put_bans(&self, page: u32, bans: &[Ban]) -> Result<Entry> {
        self.put_bytes(&names::bans(page), encode_lines(bans)?, true).await
    }

    /// Adds a page of messages, oldest first. Pages are counted from the newest messages on.
    ///
    /// # Errors
    /// As [`Work::put`].
    pub async fn put_messages(&self, channel: ChannelId, page: u32, messages: &[Message]) -> Result<Entry> {
        self.put_bytes(&names::messages(channel, page), encode_lines(messages)?, true).await
    }

    /// Notes which parts there are.
    ///
    /// # Errors
    /// Internal, if it cannot be kept.
    pub async fn put_index(&self, entries: &[Entry]) -> Result<()> {
        self.blobs.put(&format!("{}/{INDEX}", self.folder), encode(entries)?).await
    }

    /// Which parts there are.
    ///
    /// # Errors
    /// `NOT_FOUND`, if nobody has noted it.
    pub async fn index(&self) -> Result<Vec<Entry>> {
        let index = self.blobs.get(&format!("{}/{INDEX}", self.folder)).await?.bytes().await?;
        serde_json::from_slice(&index).map_err(Error::internal)
    }

    /// The record of a part as it is in the container.
    pub(super) async fn record(
        &self,
        name: &str,
    ) -> Result<impl Stream<Item = Result<Bytes>> + Unpin + use<>> {
        Ok(self.blobs.get(&self.key(name)).await?.stream())
    }

    /// The content of a part, piece after piece. Its checksum is known at its end only.
    ///
    /// # Errors
    /// `NOT_FOUND`.
    pub async fn stream(&self, name: &str) -> Result<impl Stream<Item = Result<Bytes>> + use<>> {
        let record = self.record(name).await?;
        // It was checked when it came in.
        let reader = Reader::record(Limits { ratio: u64::MAX, ..Limits::default() });
        Ok(stream::try_unfold((record, reader, Bytes::new()), async |(mut record, mut reader, mut here)| {
            loop {
                let mut input = &here[..];
                let found = reader.next(&mut input)?;
                let taken = here.len() - input.len();
                drop(here.split_to(taken));
                match found {
                    Some(Event::Content(content)) => return Ok(Some((content, (record, reader, here)))),
                    Some(_) => {}
                    None => match record.try_next().await? {
                        Some(more) => here = more,
                        None => return reader.finish().map(|()| None),
                    },
                }
            }
        }))
    }

    /// The content of a part, whole.
    ///
    /// # Errors
    /// `NOT_FOUND`; `TOO_LARGE` above `limit` bytes.
    pub async fn bytes(&self, name: &str, limit: u64) -> Result<Bytes> {
        let mut content = std::pin::pin!(self.stream(name).await?);
        let mut whole = Vec::new();
        while let Some(piece) = content.try_next().await? {
            whole.extend_from_slice(&piece);
            if whole.len() as u64 > limit {
                return Err(TOO_LARGE.into());
            }
        }
        Ok(whole.into())
    }

    /// A part that is JSON.
    ///
    /// # Errors
    /// `NOT_FOUND`; `DAMAGED`, if it is not what it should be.
    pub async fn json<T: DeserializeOwned>(&self, name: &str) -> Result<T> {
        decode(name, &self.bytes(name, JSON_LIMIT).await?)
    }

    /// A part that is lines of JSON.
    ///
    /// # Errors
    /// As [`Work::json`].
    pub async fn lines<T: DeserializeOwned>(&self, name: &str) -> Result<Vec<T>> {
        decode_lines(name, &self.bytes(name, JSON_LIMIT).await?)
    }

    /// Removes all that the list of the parts names, and the list last, so that whoever is interrupted can do it again.
    ///
    /// # Errors
    /// If the blob store refuses.
    pub async fn clear(&self) -> Result<()> {
        match self.index().await {
            Ok(entries) => self.remove_all(&entries).await,
            Err(error) if error.is(NOT_FOUND) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Removes these parts and the list of them.
    ///
    /// # Errors
    /// If the blob store refuses.
    pub async fn remove_all(&self, entries: &[Entry]) -> Result<()> {
        for entry in entries {
            self.blobs.delete(&self.key(&entry.name)).await?;
        }
        self.blobs.delete(&format!("{}/{INDEX}", self.folder)).await
    }
}

fn encode(value: &(impl Serialize + ?Sized)) -> Result<Vec<u8>> {
    serde_json::to_vec(value).map_err(Error::internal)
}

fn encode_lines(values: &[impl Serialize]) -> Result<Vec<u8>> {
    let mut lines = Vec::new();
    for value in values {
        serde_json::to_writer(&mut lines, value).map_err(Error::internal)?;
        lines.push(b'\n');
    }
    Ok(lines)
}

pub(super) fn decode<T: DeserializeOwned>(name: &str, json: &[u8]) -> Result<T> {
    serde_json::from_slice(json).map_err(|error| {
        DAMAGED.because(format!("The backup's part {name} is not what it must be: {error}."))
    })
}

pub(super) fn decode_lines<T: DeserializeOwned>(name: &str, lines: &[u8]) -> Result<Vec<T>> {
    let lines = lines.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
    let values: Vec<T> = lines.map(|line| decode(name, line)).collect::<Result<_>>()?;
    if values.len() > PAGE {
        return Err(DAMAGED.because(format!("The backup's part {name} is longer than a page.")));
    }
    Ok(values)
}
