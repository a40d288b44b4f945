//! Pieces of a zlib stream (RFC 1950, RFC 1951) that refer to nothing before themselves.

use flate2::{Compress, Compression, FlushCompress};

/// The zlib header: deflate, a window of 32 KiB, the fastest level, no dictionary.
pub(super) const OPENING: [u8; 2] = [0x78, 0x01];

/// What a stored block costs beyond its bytes.
pub(super) const STORED_HEAD: usize = 5;

/// An empty stored block: what a sync flush ends with, and what clients look for.
const SYNC: [u8; 5] = [0x00, 0x00, 0x00, 0xff, 0xff];

/// Below this many bytes compressing costs more than it saves.
const WORTH_IT: usize = 96;

/// Writes bytes uncompressed; at most 65535. The stream must stand on a byte boundary, and does again after.
pub(super) fn put_stored(out: &mut Vec<u8>, bytes: &[u8]) {
    let length = u16::try_from(bytes.len()).unwrap_or(u16::MAX);
    out.push(0);
    out.extend_from_slice(&length.to_le_bytes());
    out.extend_from_slice(&(!length).to_le_bytes());
    out.extend_from_slice(bytes.get(..usize::from(length)).unwrap_or_default());
}

/// The level: what is compressed once and sent to many need not be fast at any price.
const LEVEL: u32 = 6;

/// A compressor that forgets everything between fragments. About 300 KB once it has been needed; shared.
#[derive(Debug, Default)]
pub(crate) struct Press(Option<Compress>);

impl Press {
    /// Writes `bytes` as deflate blocks that refer to nothing before them and end with a sync flush.
    pub(crate) fn fragment(&mut self, out: &mut Vec<u8>, bytes: &[u8]) {
        if bytes.len() < WORTH_IT {
            put_stored(out, bytes);
            out.extend_from_slice(&SYNC);
            return;
        }
        let from = out.len();
        if !self.deflate(out, bytes) {
            // Cannot happen with a compressor that has just been reset; stored blocks are always right.
            out.truncate(from);
            for part in bytes.chunks(usize::from(u16::MAX)) {
                put_stored(out, part);
            }
            out.extend_from_slice(&SYNC);
        }
    }

    fn deflate(&mut self, out: &mut Vec<u8>, mut bytes: &[u8]) -> bool {
        let compress = self.0.get_or_insert_with(|| Compress::new(Compression::new(LEVEL), false));
        compress.reset();
        loop {
            out.reserve(bytes.len() / 2 + 128);
            let before = compress.total_in();
            if compress.compress_vec(bytes, out, FlushCompress::Sync).is_err() {
                return false;
            }
            let taken = usize::try_from(compress.total_in() - before).unwrap_or(usize::MAX);
            bytes = bytes.get(taken..).unwrap_or_default();
            // Room left in the output means that the flush is complete.
            if bytes.is_empty() && out.len() < out.capacity() {
                return out.ends_with(&[0x00, 0x00, 0xff, 0xff]);
            }
        }
    }
}
