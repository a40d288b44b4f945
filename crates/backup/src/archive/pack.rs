//! From an open backup to one file.

use std::collections::VecDeque;

use bytes::Bytes;
use futures_util::stream::BoxStream;
use futures_util::{Stream, StreamExt as _, TryStreamExt as _, stream};
use guildhall_base::Result;

use super::work::{Entry, Work};
use crate::container::seal::{Lock, Sealer};
use crate::container::write::Whole;

struct Packing {
    work: Work,
    entries: VecDeque<Entry>,
    /// The part that is being copied, and how long its content is.
    part: Option<(BoxStream<'static, Result<Bytes>>, u64)>,
    whole: Option<Whole>,
    head: Option<Bytes>,
}

/// The file with these parts in this order, piece after piece.
pub fn pack(work: Work, entries: Vec<Entry>) -> impl Stream<Item = Result<Bytes>> + Send {
    let (whole, head) = Whole::begin();
    let packing = Packing { work, entries: entries.into(), part: None, whole: Some(whole), head: Some(head) };
    stream::try_unfold(packing, async |mut packing| Ok(packing.next().await?.map(|piece| (piece, packing))))
}

impl Packing {
    async fn next(&mut self) -> Result<Option<Bytes>> {
        if let Some(head) = self.head.take() {
            return Ok(Some(head));
        }
        let Some(whole) = &mut self.whole else { return Ok(None) };
        loop {
            if let Some((record, length)) = &mut self.part {
                if let Some(piece) = record.try_next().await? {
                    whole.push(&piece);
                    return Ok(Some(piece));
                }
                whole.part(*length);
                self.part = None;
            }
            match self.entries.pop_front() {
                Some(entry) => {
                    self.part = Some((self.work.record(&entry.name).await?.boxed(), entry.length));
                }
                None => return Ok(self.whole.take().map(Whole::end)),
            }
        }
    }
}

/// The same file, sealed.
///
/// # Errors
/// Internal, never in practice.
pub fn sealed(
    file: impl Stream<Item = Result<Bytes>> + Send,
    lock: &Lock,
) -> Result<impl Stream<Item = Result<Bytes>> + Send> {
    let sealer = Sealer::new(lock)?;
    Ok(stream::try_unfold((Box::pin(file), Some(sealer)), async |(mut file, sealer)| {
        let Some(mut sealer) = sealer else { return Ok(None) };
        loop {
            match file.try_next().await? {
                Some(piece) => {
                    let out = sealer.push(&piece)?;
                    if !out.is_empty() {
                        return Ok(Some((out, (file, Some(sealer)))));
                    }
                }
                None => return Ok(Some((sealer.end()?, (file, None)))),
            }
        }
    }))
}
