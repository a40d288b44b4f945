//! The file that a backup is kept in, as `docs/backup-format.md` describes it: a head, parts, a trailer.
//!
//! [`write`] makes it and [`read`] takes it apart, both piece by piece and without waiting for anything, so that they
//! can be held against each other by tests. [`seal`] is the encryption around the whole.

pub mod read;
pub mod seal;
pub mod write;

#[cfg(test)]
mod tests;

/// What the file begins with. The first byte is no text, and the line ends show what a transfer as text has done.
pub const MAGIC: &[u8; 8] = b"\x89GHB\r\n\x1a\n";
/// The version of the layout. A program refuses others.
pub const VERSION: u8 = 1;
/// A record that is a part.
const PART: u8 = 1;
/// The record that ends the file.
const TRAILER: u8 = 2;
/// How a part's content is kept: as it is.
const STORED: u8 = 0;
/// Or compressed (RFC 1951).
const DEFLATE: u8 = 1;
/// The longest frame of a part, in bytes.
const FRAME: usize = 64 * 1024;
/// The longest name of a part, in bytes.
pub const NAME_LIMIT: usize = 200;
/// How many bytes a SHA-256 has.
const HASH: usize = 32;

/// What is accepted of a file that somebody brings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of the whole file.
    pub file: u64,
    /// Bytes of one part's content.
    pub part: u64,
    /// Bytes of all content.
    pub total: u64,
    /// How many parts.
    pub parts: u32,
    /// How many bytes one compressed byte may become, after the first [`FREE`] bytes of the part.
    pub ratio: u64,
}

/// So many bytes of a part may come of however few.
pub const FREE: u64 = 1 << 20;

impl Default for Limits {
    /// 4 GiB, 512 MiB a part, 16 GiB unpacked, 200,000 parts, 200 to 1.
    fn default() -> Self {
        Self { file: 4 << 30, part: 512 << 20, total: 16 << 30, parts: 200_000, ratio: 200 }
    }
}

/// Whether a part may have this name: segments of lower and upper case letters, digits, `.`, `_` and `-`, joined by
/// slashes; none of them empty or beginning with a dot.
pub fn is_name(name: &str) -> bool {
    let plain = |segment: &str| {
        !segment.is_empty()
            && !segment.starts_with('.')
            && segment.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-'))
    };
    name.len() <= NAME_LIMIT && name.split('/').all(plain)
}
