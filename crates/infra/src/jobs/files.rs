//! Files that jobs make: kept in the blob store as long as the job's record, handed out by links that live ten minutes.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use futures_util::Stream;
use guildhall_base::{JobId, Result, Timestamp, codes};
use subtle::ConstantTimeEq as _;

use super::Ctx;
use super::engine::Jobs;
use super::job::Outcome;
use super::store;
use super::store::files::File;
use crate::blobs::Blob;
use crate::db::Batch;

/// How long a signed link is good for.
pub const FILES_LIVE: Duration = Duration::from_secs(600);

/// What a link needs to carry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signed {
    /// The job that made the file.
    pub job: JobId,
    /// The file's name.
    pub name: String,
    /// When the link ends.
    pub expires: Timestamp,
    /// HMAC-SHA256 of all that, in base64url.
    pub signature: String,
}

/// Where a run keeps a file: each run has its own place, so that one that lost its lease writes over nobody's file.
pub(super) fn key(job: JobId, fence: i64, name: &str) -> String {
    format!("jobs/{job}/{fence}/{name}")
}

impl Ctx {
    /// Keeps a file of at most `limit` bytes, in place of one of that name; names are letters, digits, `.`, `_` and `-`.
    /// The file is there when this returns; put it into a [step](Ctx::step) where it should not be made twice.
    ///
    /// # Errors
    /// The stream's own error; `TOO_LARGE`; [`Stop::Lost`](super::Stop::Lost).
    pub async fn put_file(
        &self,
        name: &str,
        content_type: &str,
        content: impl Stream<Item = Result<Bytes>>,
        limit: u64,
    ) -> Outcome<File> {
        let mut file = File { name: name.to_owned(), size: 0, content_type: content_type.to_owned() };
        // The entry comes first, so that what a killed run leaves behind is removed with the job.
        self.enter(&file, false).await?;
        let key = key(self.id(), self.run.fence, name);
        file.size = self.jobs.blobs().put_stream(&key, content, limit).await?;
        self.enter(&file, true).await?;
        // What earlier runs have written of it, which may have died over it.
        let (job, fence) = (self.id(), self.run.fence);
        for earlier in store::files::earlier(self.jobs.db(), job, name, fence).await? {
            self.jobs.blobs().delete(&self::key(job, earlier, name)).await?;
        }
        store::files::forget_earlier(self.jobs.db(), job, name, fence).await?;
        Ok(file)
    }

    async fn enter(&self, file: &File, whole: bool) -> Result<()> {
        let mut batch = Batch::new();
        let progress = self.run.progress.get();
        store::steps::moved(&mut batch, self.id(), self.run.fence, self.now(), &progress);
        store::files::add(&mut batch, self.id(), self.run.fence, file, whole);
        self.jobs.db().write(batch).await.map(drop)
    }
}

impl Jobs {
    /// The files that a job has made.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub async fn files(&self, job: JobId) -> Result<Vec<File>> {
        let files = store::files::all(self.db(), job).await?;
        Ok(files.into_iter().map(|(file, _)| file).collect())
    }

    /// A link's parts for a file, good for [`FILES_LIVE`]. Whether the file is there shows when it is opened.
    pub fn sign(&self, job: JobId, name: &str) -> Signed {
        let expires = self.clock().now().after(FILES_LIVE);
        let signature = URL_SAFE_NO_PAD.encode(self.code(job, name, expires));
        Signed { job, name: name.to_owned(), expires, signature }
    }

    /// Opens the file of a link.
    ///
    /// # Errors
    /// `NOT_FOUND`, if the link was not made here, has ended, or the file is gone.
    pub async fn open_signed(&self, link: &Signed) -> Result<(File, Blob)> {
        let signature = URL_SAFE_NO_PAD.decode(&link.signature).map_err(|_| codes::NOT_FOUND)?;
        let ours = self.code(link.job, &link.name, link.expires);
        if !bool::from(ours.ct_eq(&signature)) || self.clock().now() >= link.expires {
            return Err(codes::NOT_FOUND.into());
        }
        let files = store::files::all(self.db(), link.job).await?;
        let found = files.into_iter().find(|(file, _)| file.name == link.name);
        let (file, fence) = found.ok_or(codes::NOT_FOUND)?;
        let blob = self.blobs().get(&key(link.job, fence, &file.name)).await?;
        Ok((file, blob))
    }

    fn code(&self, job: JobId, name: &str, expires: Timestamp) -> [u8; 32] {
        self.seal().code("job file", format!("{job}\n{}\n{name}", expires.millis()).as_bytes())
    }
}
