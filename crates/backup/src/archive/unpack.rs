//! From a file of any known format to an open backup. All of it is checked before anything of it can be used.

use bytes::{Bytes, BytesMut};
use futures_util::stream::BoxStream;
use futures_util::{Stream, StreamExt as _, TryStreamExt as _, stream};
use guildhall_base::{Error, Result};
use serde::{Deserialize, Serialize};

use super::Archive;
use super::names::Kind;
use super::work::{Entry, JSON_LIMIT, Work, decode, decode_lines};
use crate::codes::{DAMAGED, NEEDS_PASSPHRASE, NOT_A_BACKUP, TOO_BIG};
use crate::container::read::{Event, Reader};
use crate::container::seal::{Head, Opener};
use crate::container::{Limits, MAGIC, seal};
use crate::model::{Ban, Guild, Manifest, Member, Message};
use crate::readers;

/// So many bytes tell all formats apart.
const TELLS: usize = 32;
/// What a file is sealed for is given back when so many of its bytes have been read.
const HEAD: usize = 2048;

/// The most bytes of content after which a portion ends: about as much as is written in some seconds anywhere.
const PORTION: u64 = 32 << 20;
/// The most parts of a portion.
const PORTION_PARTS: usize = 1000;

type Source<'a> = BoxStream<'a, Result<Bytes>>;

/// Takes a file apart into this folder, and opens what is in it. Where it is refused, what was written is removed.
///
/// # Errors
/// `NOT_A_BACKUP`, `UNKNOWN_VERSION`, `DAMAGED`, `TOO_BIG`, `NEEDS_PASSPHRASE`, `WRONG_PASSPHRASE`; the source's own.
pub async fn unpack(
    source: impl Stream<Item = Result<Bytes>> + Send,
    passphrase: Option<&str>,
    work: Work,
    limits: Limits,
) -> Result<Archive> {
    let mut entries = Vec::new();
    let mut unpacking = Unpacking::begin(source, passphrase, work.clone(), limits).await?;
    loop {
        match unpacking.portion().await {
            Ok(portion) => {
                entries.extend(portion.entries);
                if portion.last {
                    break;
                }
            }
            Err(error) => {
                entries.extend(unpacking.begun);
                work.remove_all(&entries).await?;
                return Err(error);
            }
        }
    }
    finish(&work, &entries).await
}

/// Opens what was taken apart. Where it is refused, it is removed.
///
/// # Errors
/// As [`unpack`].
pub(crate) async fn finish(work: &Work, entries: &[Entry]) -> Result<Archive> {
    let opened = async {
        work.put_index(entries).await?;
        Archive::open(work.clone()).await
    };
    match opened.await {
        Ok(archive) => Ok(archive),
        Err(error) => {
            work.remove_all(entries).await?;
            Err(error)
        }
    }
}

/// Some parts of a file that were taken out of it. Nothing may be done with them before the last ones are out.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Portion {
    pub(crate) entries: Vec<Entry>,
    /// Whether these are the last ones, and the file's end is as it must be.
    pub(crate) last: bool,
}

/// A file that is taken apart some parts at a time, so that whoever is interrupted goes on where they were.
pub(crate) struct Unpacking<'a> {
    content: Content<'a>,
    work: Work,
    /// What was written for the portion that is being taken out, also of a part that turns out to be broken.
    pub(crate) begun: Vec<Entry>,
    /// Bytes of content in it.
    taken: u64,
}

#[expect(clippy::large_enum_variant, reason = "there is one for a whole file")]
enum Content<'a> {
    /// Our own format.
    Parts(Pull<'a>),
    /// Another, which is read at once.
    Foreign(Option<Box<readers::Found>>),
}

impl<'a> Unpacking<'a> {
    /// # Errors
    /// As [`unpack`].
    pub(crate) async fn begin(
        source: impl Stream<Item = Result<Bytes>> + Send + 'a,
        passphrase: Option<&str>,
        work: Work,
        limits: Limits,
    ) -> Result<Self> {
        let content = read(source.boxed(), passphrase, limits).await?;
        Ok(Self { content, work, begun: Vec::new(), taken: 0 })
    }

    /// Takes out the next parts, up to [`PORTION`] bytes or [`PORTION_PARTS`] of them.
    ///
    /// # Errors
    /// As [`unpack`].
    pub(crate) async fn portion(&mut self) -> Result<Portion> {
        self.taken = 0;
        let last = loop {
            match &mut self.content {
                Content::Foreign(found) => {
                    if let Some(found) = found.take() {
                        readers::keep(*found, &self.work, &mut self.begun).await?;
                    }
                    break true;
                }
                Content::Parts(pull) => match pull.next().await? {
                    None => break true,
                    Some(Event::Begin(name)) => {
                        // Noted first, so that it is removed also where it turns out to be broken.
                        self.begun.push(Entry { name: name.clone(), length: 0 });
                        let entry = part(pull, &self.work, name).await?;
                        self.taken += entry.length;
                        if let Some(last) = self.begun.last_mut() {
                            *last = entry;
                        }
                    }
                    Some(_) => return Err(DAMAGED.into()),
                },
            }
            if self.taken >= PORTION || self.begun.len() >= PORTION_PARTS {
                break false;
            }
        };
        Ok(Portion { entries: std::mem::take(&mut self.begun), last })
    }

    /// Passes over parts that an earlier run has taken out. They are read, for the checksum at the end, but not written.
    ///
    /// # Errors
    /// As [`unpack`]; `DAMAGED`, where it is not the same file.
    pub(crate) async fn pass(&mut self, entries: &[Entry]) -> Result<()> {
        // Formats that are read at once are one portion.
        let Content::Parts(pull) = &mut self.content else { return Ok(()) };
        for entry in entries {
            if pull.next().await? != Some(Event::Begin(entry.name.clone())) {
                return Err(DAMAGED.into());
            }
            while pull.content().await?.is_some() {}
        }
        Ok(())
    }
}

async fn read<'a>(source: Source<'a>, passphrase: Option<&str>, limits: Limits) -> Result<Content<'a>> {
    let (mut begin, mut source) = first(source, TELLS).await?;
    if begin.starts_with(seal::MAGIC) {
        let passphrase = passphrase.ok_or(NEEDS_PASSPHRASE)?;
        (begin, source) = first(open(source, passphrase).await?, TELLS).await?;
    }
    if begin.starts_with(MAGIC) {
        return Ok(Content::Parts(Pull { source, reader: Reader::new(limits), here: Bytes::new() }));
    }
    let found = if begin.starts_with(readers::iblfile::MAGIC) {
        let file = whole(source, limits).await?;
        let passphrase = passphrase.map(str::to_owned);
        blocking(move || readers::iblfile::read(&file, passphrase.as_deref())).await?
    } else if begin.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'{') {
        let file = whole(source, limits).await?;
        blocking(move || readers::discord_backup::read(&file)).await?
    } else {
        return Err(NOT_A_BACKUP.into());
    };
    Ok(Content::Foreign(Some(Box::new(found))))
}

/// The first bytes, which are still in the stream too.
async fn first(mut source: Source<'_>, wanted: usize) -> Result<(Bytes, Source<'_>)> {
    let mut begin = BytesMut::new();
    while begin.len() < wanted {
        match source.try_next().await? {
            Some(piece) => begin.extend_from_slice(&piece),
            None => break,
        }
    }
    let begin = begin.freeze();
    let again = stream::iter([Ok(begin.clone())]).chain(source).boxed();
    Ok((begin, again))
}

/// Opens a sealed file.
async fn open<'a>(source: Source<'a>, passphrase: &str) -> Result<Source<'a>> {
    let (mut begin, mut source) = first(source, HEAD).await?;
    let head = Head::read(&begin)?.ok_or(DAMAGED)?;
    // The head is in the first piece.
    source.try_next().await?;
    let rest = begin.split_off(head.length.min(begin.len()));
    let source = stream::iter([Ok(rest)]).chain(source).boxed();
    let passphrase = passphrase.to_owned();
    let key = blocking(move || head.open(&passphrase)).await?;
    let opened = stream::try_unfold((source, Some(Opener::new(key))), async |(mut source, opener)| {
        let Some(mut opener) = opener else { return Ok(None) };
        loop {
            match source.try_next().await? {
                Some(piece) => {
                    let text = opener.push(&piece)?;
                    if !text.is_empty() {
                        return Ok(Some((text, (source, Some(opener)))));
                    }
                }
                None => return Ok(Some((opener.end()?, (source, None)))),
            }
        }
    });
    Ok(opened.boxed())
}

/// Formats that cannot be read piece by piece; they were made by servers that had them in memory too.
async fn whole(mut source: Source<'_>, limits: Limits) -> Result<Vec<u8>> {
    let mut file = Vec::new();
    while let Some(piece) = source.try_next().await? {
        file.extend_from_slice(&piece);
        if file.len() as u64 > limits.file.min(readers::FILE_LIMIT) {
            return Err(TOO_BIG.into());
        }
    }
    Ok(file)
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(Error::internal)?
}

/// Pulls events out of a file.
struct Pull<'a> {
    source: Source<'a>,
    reader: Reader,
    here: Bytes,
}

impl Pull<'_> {
    async fn next(&mut self) -> Result<Option<Event>> {
        loop {
            let mut input = &self.here[..];
            let found = self.reader.next(&mut input)?;
            let taken = self.here.len() - input.len();
            drop(self.here.split_to(taken));
            if found.is_some() {
                return Ok(found);
            }
            match self.source.try_next().await? {
                Some(piece) => self.here = piece,
                None => return self.reader.finish().map(|()| None),
            }
        }
    }

    /// The next piece of the part that has begun.
    async fn content(&mut self) -> Result<Option<Bytes>> {
        match self.next().await? {
            Some(Event::Content(content)) => Ok(Some(content)),
            Some(Event::End) => Ok(None),
            Some(Event::Begin(_)) | None => Err(DAMAGED.into()),
        }
    }
}

/// Keeps the part that has begun.
async fn part(pull: &mut Pull<'_>, work: &Work, name: String) -> Result<Entry> {
    match Kind::of(&name) {
        Kind::Other | Kind::Feature(..) => {
            let content = stream::try_unfold(pull, async |pull| {
                Ok(pull.content().await?.map(|content| (content, pull)))
            });
            work.put(&name, content, false).await
        }
        kind => {
            let mut json = BytesMut::new();
            while let Some(content) = pull.content().await? {
                json.extend_from_slice(&content);
                if json.len() as u64 > JSON_LIMIT {
                    return Err(TOO_BIG.into());
                }
            }
            check(kind, &name, &json)?;
            work.put_bytes(&name, json, true).await
        }
    }
}

/// Whether a part can be read that will be read later, when it would be too late to refuse it.
fn check(kind: Kind<'_>, name: &str, json: &[u8]) -> Result<()> {
    match kind {
        Kind::Manifest => decode::<Manifest>(name, json).map(drop),
        Kind::Guild => decode::<Guild>(name, json).map(drop),
        Kind::Members(_) => decode_lines::<Member>(name, json).map(drop),
        Kind::Bans(_) => decode_lines::<Ban>(name, json).map(drop),
        Kind::Messages(..) => decode_lines::<Message>(name, json).map(drop),
        Kind::Feature(..) | Kind::Other => Ok(()),
    }
}
