//! Files by key, behind one interface: a local folder now, S3 later. A key is a path such as
//! `attachments/1234/5678/cat.png`; what it names is written once and whole, or not at all.

use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::stream::{BoxStream, StreamExt};
use futures_util::{Stream, TryStreamExt};
use guildhall_base::{Error, Result, Timestamp, codes};
use object_store::local::LocalFileSystem;
use object_store::{GetOptions, GetRange, ObjectStore, ObjectStoreExt, WriteMultipart};

/// Longest key, in bytes.
const KEY_LIMIT: usize = 512;
/// How many parts of a stream are written at the same time; bounds the memory it takes to about 15 MB.
const PARTS_AT_ONCE: usize = 2;

/// A place for files. Clones share it.
#[derive(Debug, Clone)]
pub struct Blobs {
    store: Arc<dyn ObjectStore>,
    /// Where folders are kept too, and so have to be removed.
    root: Arc<Path>,
}

/// A file that was found; its content comes as it is read.
pub struct Blob {
    size: u64,
    content: BoxStream<'static, Result<Bytes>>,
}

impl Blobs {
    /// Opens `file:PATH`, a folder that is made where it does not exist.
    ///
    /// # Errors
    /// Internal, where the address is not understood or the folder cannot be made.
    pub fn open(url: &str) -> Result<Self> {
        let path = url.strip_prefix("file:").map(|path| path.strip_prefix("//").unwrap_or(path));
        let Some(path) = path.filter(|path| !path.is_empty()) else {
            return Err(Error::internal("a place for files is file:PATH"));
        };
        let path = Path::new(path);
        std::fs::create_dir_all(path).map_err(Error::internal)?;
        let store = LocalFileSystem::new_with_prefix(path).map_err(Error::internal)?;
        // A message that was answered names its attachments: they must survive a power failure as it does.
        Ok(Self { store: Arc::new(store.with_fsync(true)), root: path.into() })
    }

    /// Writes a file, in place of one that is there.
    ///
    /// # Errors
    /// Internal, where the key is no key or the file cannot be written.
    pub async fn put(&self, key: &str, content: impl Into<Bytes>) -> Result<()> {
        self.store.put(&location(key)?, content.into().into()).await.map(drop).map_err(failed)
    }

    /// Writes a file from a stream of at most `limit` bytes; gives its size. Nothing is there until all of it is.
    ///
    /// # Errors
    /// The stream's own error; `TOO_LARGE`; internal as [`Blobs::put`].
    pub async fn put_stream(
        &self,
        key: &str,
        content: impl Stream<Item = Result<Bytes>>,
        limit: u64,
    ) -> Result<u64> {
        let upload = self.store.put_multipart(&location(key)?).await.map_err(failed)?;
        let mut writer = WriteMultipart::new(upload);
        match fill(&mut writer, content, limit).await {
            Ok(size) => writer.finish().await.map(|_| size).map_err(failed),
            Err(error) => {
                if let Err(error) = writer.abort().await {
                    tracing::warn!(%error, key, "an upload that failed left something behind");
                }
                Err(error)
            }
        }
    }

    /// Finds a file.
    ///
    /// # Errors
    /// `NOT_FOUND`; internal as [`Blobs::put`].
    pub async fn get(&self, key: &str) -> Result<Blob> {
        self.find(key, GetOptions::default()).await
    }

    /// Finds a part of a file: from `range.start`, before `range.end` and the file's own end.
    ///
    /// # Errors
    /// As [`Blobs::get`]; internal too where the range is empty or begins past the end.
    pub async fn get_range(&self, key: &str, range: Range<u64>) -> Result<Blob> {
        let range = Some(GetRange::Bounded(range));
        self.find(key, GetOptions { range, ..GetOptions::default() }).await
    }

    /// Removes a file, and what processes have left that died while they were writing it. One that is not there is gone
    /// too.
    ///
    /// # Errors
    /// Internal as [`Blobs::put`].
    pub async fn delete(&self, key: &str) -> Result<()> {
        match self.store.delete(&location(key)?).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => {}
            Err(error) => return Err(failed(error)),
        }
        // What is being written is called by the file's name and a number, the first that is free.
        let path = self.root.join(key);
        for number in 1u32.. {
            let mut half = path.clone().into_os_string();
            half.push(format!("#{number}"));
            match tokio::fs::remove_file(half).await {
                Ok(()) => {}
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => break,
                Err(error) => return Err(Error::internal(error)),
            }
        }
        Ok(())
    }

    /// Removes a folder with all its files, however deep. One that is not there is gone too.
    ///
    /// # Errors
    /// Internal as [`Blobs::put`].
    pub async fn delete_all(&self, folder: &str) -> Result<()> {
        let place = location(folder)?;
        let mut found = self.store.list(Some(&place));
        while let Some(file) = found.next().await {
            match self.store.delete(&file.map_err(failed)?.location).await {
                Ok(()) | Err(object_store::Error::NotFound { .. }) => {}
                Err(error) => return Err(failed(error)),
            }
        }
        let folder = self.root.join(folder);
        tokio::task::spawn_blocking(move || prune(&folder)).await.map_err(Error::internal)
    }

    /// The keys of all files in a folder, however deep, with when each was written. A folder that is not there is empty.
    ///
    /// # Errors
    /// Internal as [`Blobs::put`]; the stream's items too.
    pub fn list(&self, folder: &str) -> Result<BoxStream<'static, Result<(String, Timestamp)>>> {
        let found = self.store.list(Some(&location(folder)?));
        let told = |file: object_store::ObjectMeta| {
            let written = Timestamp::from_millis(file.last_modified.timestamp_millis());
            (file.location.to_string(), written)
        };
        Ok(found.map_ok(told).map_err(failed).boxed())
    }

    /// The names of the files and folders that lie in a folder itself, not deeper. A folder that is not there is empty.
    ///
    /// # Errors
    /// Internal as [`Blobs::put`].
    pub async fn names(&self, folder: &str) -> Result<Vec<String>> {
        let found = self.store.list_with_delimiter(Some(&location(folder)?)).await.map_err(failed)?;
        let files = found.objects.into_iter().map(|file| file.location);
        let paths = found.common_prefixes.into_iter().chain(files);
        Ok(paths.filter_map(|path| path.filename().map(str::to_owned)).collect())
    }

    async fn find(&self, key: &str, options: GetOptions) -> Result<Blob> {
        let found = self.store.get_opts(&location(key)?, options).await.map_err(failed)?;
        let size = found.range.end - found.range.start;
        Ok(Blob { size, content: found.into_stream().map_err(failed).boxed() })
    }
}

impl Blob {
    /// How many bytes will come.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The content, piece after piece.
    pub fn stream(self) -> BoxStream<'static, Result<Bytes>> {
        self.content
    }

    /// The whole content in memory.
    ///
    /// # Errors
    /// Internal, where it cannot be read to its end.
    pub async fn bytes(self) -> Result<Bytes> {
        let mut content = self.content;
        let first = content.try_next().await?.unwrap_or_default();
        let Some(second) = content.try_next().await? else { return Ok(first) };
        let mut whole = [first, second].concat();
        while let Some(piece) = content.try_next().await? {
            whole.extend_from_slice(&piece);
        }
        Ok(whole.into())
    }
}

impl std::fmt::Debug for Blob {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Blob").field("size", &self.size).finish_non_exhaustive()
    }
}

async fn fill(
    writer: &mut WriteMultipart,
    content: impl Stream<Item = Result<Bytes>>,
    limit: u64,
) -> Result<u64> {
    let mut content = std::pin::pin!(content);
    let mut size = 0_u64;
    while let Some(piece) = content.try_next().await? {
        size = size.saturating_add(piece.len() as u64);
        if size > limit {
            return Err(codes::TOO_LARGE.into());
        }
        writer.wait_for_capacity(PARTS_AT_ONCE).await.map_err(failed)?;
        writer.put(piece);
    }
    Ok(size)
}

/// Removes folders in which no file is. What cannot be removed is in use, or harms nobody.
fn prune(folder: &Path) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            prune(&entry.path());
        }
    }
    let _ = std::fs::remove_dir(folder);
}

/// Keys are made by us, from ids and cleaned names: a strange one is a bug, and never leaves the folder.
fn location(key: &str) -> Result<object_store::path::Path> {
    let plain = |segment: &str| {
        !segment.is_empty()
            && !segment.starts_with('.')
            && segment.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-'))
    };
    if key.len() > KEY_LIMIT || !key.split('/').all(plain) {
        return Err(Error::internal(format!("{key:?} is no key of a file")));
    }
    object_store::path::Path::parse(key).map_err(Error::internal)
}

fn failed(error: object_store::Error) -> Error {
    match error {
        object_store::Error::NotFound { .. } => codes::NOT_FOUND.into(),
        error => Error::internal(error),
    }
}

#[cfg(test)]
mod tests {
    use futures_util::stream;
    use tempfile::TempDir;

    use super::*;

    fn folder() -> (TempDir, Blobs) {
        let folder = TempDir::new().unwrap();
        let blobs = Blobs::open(&format!("file:{}/deep/er", folder.path().display())).unwrap();
        (folder, blobs)
    }

    fn files(folder: &Path) -> usize {
        let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        entries.map(|path| if path.is_dir() { files(&path) } else { 1 }).sum()
    }

    #[tokio::test]
    async fn what_is_put_is_got_until_it_is_deleted() {
        let (_folder, blobs) = folder();
        blobs.put("avatars/1/a.png", "first").await.unwrap();
        blobs.put("avatars/1/a.png", "second").await.unwrap();
        let blob = blobs.get("avatars/1/a.png").await.unwrap();
        assert_eq!(blob.size(), 6);
        assert_eq!(blob.bytes().await.unwrap(), "second");
        let part = blobs.get_range("avatars/1/a.png", 3..100).await.unwrap();
        assert_eq!((part.size(), part.bytes().await.unwrap()), (3, "ond".into()));
        let listed: Vec<_> = blobs.list("avatars").unwrap().try_collect().await.unwrap();
        assert_eq!(listed.iter().map(|(key, _)| key.as_str()).collect::<Vec<_>>(), ["avatars/1/a.png"]);
        assert!(blobs.list("nothing").unwrap().next().await.is_none());
        assert_eq!(blobs.names("avatars").await.unwrap(), ["1"]);
        assert_eq!(blobs.names("avatars/1").await.unwrap(), ["a.png"]);
        blobs.put("avatars/2/b/c.png", "third").await.unwrap();
        blobs.delete_all("avatars/2").await.unwrap();
        assert_eq!(blobs.names("avatars").await.unwrap(), ["1"]);
        assert!(blobs.names("nothing").await.unwrap().is_empty());
        blobs.put("empty", "").await.unwrap();
        assert_eq!(blobs.get("empty").await.unwrap().bytes().await.unwrap(), "");

        blobs.delete("avatars/1/a.png").await.unwrap();
        blobs.delete("avatars/1/a.png").await.unwrap();
        assert!(blobs.get("avatars/1/a.png").await.unwrap_err().is(codes::NOT_FOUND));
    }

    #[tokio::test]
    async fn a_stream_arrives_whole() {
        let (_folder, blobs) = folder();
        let piece = Bytes::from(vec![7; 1 << 20]);
        let pieces = stream::iter((0..12).map(|_| Ok(piece.clone())));
        assert_eq!(blobs.put_stream("big", pieces, 12 << 20).await.unwrap(), 12 << 20);
        let blob = blobs.get("big").await.unwrap();
        let got: Vec<Bytes> = blob.stream().try_collect().await.unwrap();
        assert_eq!(got.concat(), vec![7; 12 << 20]);
    }

    #[tokio::test]
    async fn a_stream_that_fails_or_is_too_long_leaves_nothing() {
        let (folder, blobs) = folder();
        let piece = Bytes::from(vec![7; 6 << 20]);
        let broken = stream::iter([Ok(piece.clone()), Err(codes::UNAVAILABLE.into())]);
        assert!(blobs.put_stream("a", broken, 1 << 30).await.unwrap_err().is(codes::UNAVAILABLE));
        let long = stream::iter([Ok(piece.clone()), Ok(piece)]);
        assert!(blobs.put_stream("a", long, 11 << 20).await.unwrap_err().is(codes::TOO_LARGE));
        assert!(blobs.get("a").await.unwrap_err().is(codes::NOT_FOUND));
        assert_eq!(files(folder.path()), 0);
    }

    #[tokio::test]
    async fn what_dead_writers_left_goes_with_the_file() {
        let (folder, blobs) = folder();
        blobs.put("a/b", "whole").await.unwrap();
        for half in ["a/b#1", "a/b#2", "a/bc#1"] {
            std::fs::write(folder.path().join("deep/er").join(half), "half").unwrap();
        }
        blobs.delete("a/b").await.unwrap();
        assert_eq!(files(folder.path()), 1, "only that of another file is left");
    }

    #[tokio::test]
    async fn strange_keys_are_refused() {
        let (folder, blobs) = folder();
        let long = "a".repeat(KEY_LIMIT + 1);
        for key in [
            "",
            "/",
            "/etc/passwd",
            "a//b",
            "../x",
            "a/../../x",
            ".hidden",
            "a b",
            "a\0b",
            "a#1",
            "%2e%2e",
            &long,
        ] {
            assert!(blobs.put(key, "x").await.is_err(), "{key:?}");
            assert!(blobs.get(key).await.is_err(), "{key:?}");
            assert!(blobs.delete(key).await.is_err(), "{key:?}");
        }
        assert_eq!(files(folder.path()), 0);
        assert!(Blobs::open("file:").is_err());
        assert!(Blobs::open("/tmp").is_err());
    }
}
