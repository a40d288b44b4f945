//! From a file of any known format to an open backup. All of it is checked before anything of it can be used.

use bytes::{Bytes, BytesMut};
use futures_util::stream::BoxStream;
use futures_util::{Stream, StreamExt as _, TryStreamExt as _, stream};
use guildhall_base::{Error, Result};

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
    let unpacked = async {
        read(source.boxed(), passphrase, &work, limits, &mut entries).await?;
        work.put_index(&entries).await?;
        Archive::open(work.clone()).await
    };
    match unpacked.await {
        Ok(archive) => Ok(archive),
        Err(error) => {
            work.remove_all(&entries).await?;
            Err(error)
        }
    }
}

async fn read(
    source: Source<'_>,
    passphrase: Option<&str>,
    work: &Work,
    limits: Limits,
    entries: &mut Vec<Entry>,
) -> Result<()> {
    let (mut begin, mut source) = first(source, TELLS).await?;
    if begin.starts_with(seal::MAGIC) {
        let passphrase = passphrase.ok_or(NEEDS_PASSPHRASE)?;
        (begin, source) = first(open(source, passphrase).await?, TELLS).await?;
    }
    if begin.starts_with(MAGIC) {
        parts(source, work, limits, entries).await
    } else if begin.starts_with(readers::iblfile::MAGIC) {
        let file = whole(source, limits).await?;
        let passphrase = passphrase.map(str::to_owned);
        let found = blocking(move || readers::iblfile::read(&file, passphrase.as_deref())).await?;
        readers::keep(found, work, entries).await
    } else if begin.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'{') {
        let file = whole(source, limits).await?;
        let found = blocking(move || readers::discord_backup::read(&file)).await?;
        readers::keep(found, work, entries).await
    } else {
        Err(NOT_A_BACKUP.into())
    }
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

async fn parts(source: Source<'_>, work: &Work, limits: Limits, entries: &mut Vec<Entry>) -> Result<()> {
    let mut pull = Pull { source, reader: Reader::new(limits), here: Bytes::new() };
    while let Some(event) = pull.next().await? {
        let Event::Begin(name) = event else { return Err(DAMAGED.into()) };
        // Noted first, so that it is removed also where it turns out to be broken.
        entries.push(Entry { name: name.clone(), length: 0 });
        let entry = match Kind::of(&name) {
            Kind::Other | Kind::Feature(..) => {
                let content = stream::try_unfold(&mut pull, async |pull| {
                    Ok(pull.content().await?.map(|content| (content, pull)))
                });
                work.put(&name, content, false).await?
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
                work.put_bytes(&name, json, true).await?
            }
        };
        if let Some(last) = entries.last_mut() {
            *last = entry;
        }
    }
    Ok(())
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
