//! A copy on its way: a ZIP file that is made while it is stored, in bounded memory.

use std::io::{self, Write};
use std::sync::Arc;

use bytes::Bytes;
use futures_util::StreamExt as _;
use guildhall_base::{Error, Result};
use guildhall_infra::blobs::Blob;
use parking_lot::Mutex;
use serde::Serialize;
use tokio::sync::mpsc;
use zip::write::{SimpleFileOptions, StreamWriter};
use zip::{CompressionMethod, ZipWriter};

/// What is packed but not yet handed on is at most about this much, besides what the packer holds.
const PIECE: usize = 64 * 1024;

/// Takes what the packer gives out.
#[derive(Clone, Default)]
struct Packed(Arc<Mutex<Vec<u8>>>);

impl Write for Packed {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A copy of somebody's data, file after file. Each feature has a folder of its own.
pub struct Archive {
    zip: ZipWriter<StreamWriter<Packed>>,
    packed: Packed,
    out: mpsc::Sender<Result<Bytes>>,
    folder: &'static str,
    files: Vec<(&'static str, String)>,
    /// Whether the open list has an entry already.
    listed: bool,
}

impl Archive {
    pub(super) fn new(out: mpsc::Sender<Result<Bytes>>) -> Self {
        let packed = Packed::default();
        let zip = ZipWriter::new_stream(packed.clone());
        Self { zip, packed, out, folder: "", files: Vec::new(), listed: false }
    }

    /// What comes now is in this folder.
    pub(super) fn enter(&mut self, folder: &'static str) {
        self.folder = folder;
    }

    /// The folders and names of the files so far.
    pub(super) fn files(&self) -> &[(&'static str, String)] {
        &self.files
    }

    async fn begin(&mut self, name: &str, packed_already: bool) -> Result<()> {
        let method = if packed_already { CompressionMethod::Stored } else { CompressionMethod::Deflated };
        let options = SimpleFileOptions::default().compression_method(method).large_file(true);
        let path = if self.folder.is_empty() { name.to_owned() } else { format!("{}/{name}", self.folder) };
        self.zip.start_file(path, options).map_err(Error::internal)?;
        self.files.push((self.folder, name.to_owned()));
        Ok(())
    }

    async fn write(&mut self, bytes: &[u8]) -> Result<()> {
        self.zip.write_all(bytes).map_err(Error::internal)?;
        if self.packed.0.lock().len() >= PIECE { self.hand_on().await } else { Ok(()) }
    }

    async fn hand_on(&mut self) -> Result<()> {
        let piece = std::mem::take(&mut *self.packed.0.lock());
        if piece.is_empty() {
            return Ok(());
        }
        let gone = |_| Error::internal("the copy is no longer stored");
        self.out.send(Ok(piece.into())).await.map_err(gone)
    }

    /// A file of JSON.
    ///
    /// # Errors
    /// If it cannot be written.
    pub async fn json<T: Serialize + Sync>(&mut self, name: &str, value: &T) -> Result<()> {
        self.text(name, &serde_json::to_string_pretty(value).map_err(Error::internal)?).await
    }

    /// A file of text.
    ///
    /// # Errors
    /// If it cannot be written.
    pub async fn text(&mut self, name: &str, text: &str) -> Result<()> {
        self.begin(name, false).await?;
        self.write(text.as_bytes()).await
    }

    /// Begins a file with a list of JSON, however long; [`Archive::item`] adds to it, [`Archive::end_list`] ends it.
    ///
    /// # Errors
    /// If it cannot be written.
    pub async fn list(&mut self, name: &str) -> Result<()> {
        self.begin(name, false).await?;
        self.listed = false;
        self.write(b"[").await
    }

    /// Adds to the list that was begun.
    ///
    /// # Errors
    /// If it cannot be written.
    pub async fn item<T: Serialize + Sync>(&mut self, item: &T) -> Result<()> {
        let mut text = if self.listed { b",\n".to_vec() } else { b"\n".to_vec() };
        serde_json::to_writer(&mut text, item).map_err(Error::internal)?;
        self.listed = true;
        self.write(&text).await
    }

    /// Ends the list that was begun.
    ///
    /// # Errors
    /// If it cannot be written.
    pub async fn end_list(&mut self) -> Result<()> {
        self.write(b"\n]\n").await
    }

    /// A picture or another file that is small already.
    ///
    /// # Errors
    /// If it cannot be read or written.
    pub async fn blob(&mut self, name: &str, blob: Blob) -> Result<()> {
        self.begin(name, true).await?;
        let mut content = blob.stream();
        while let Some(piece) = content.next().await {
            self.write(&piece?).await?;
        }
        Ok(())
    }

    /// Ends the whole.
    pub(super) async fn end(mut self) -> Result<()> {
        let zip = std::mem::replace(&mut self.zip, ZipWriter::new_stream(Packed::default()));
        zip.finish().map_err(Error::internal)?;
        self.hand_on().await
    }
}
