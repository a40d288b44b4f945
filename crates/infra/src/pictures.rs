//! Pictures that people upload: recognised by their bytes and copied without what cameras and editors write beside
//! the pixels (places, names, thumbnails). Nothing is decoded, so nothing is lost and little can go wrong.

mod gif;
mod jpeg;
mod png;
mod reader;
mod shelf;
mod webp;

use std::fmt;

pub use shelf::{MAX_BODY, MAX_BYTES, Upload, keep, read, show, show_at};

/// What kind of picture it is, by its first bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// PNG, also animated.
    Png,
    /// JPEG.
    Jpeg,
    /// GIF, also animated.
    Gif,
    /// WebP, also animated.
    Webp,
}

/// A picture without anything beside it.
#[derive(Clone, PartialEq, Eq)]
pub struct Picture {
    /// The file.
    pub bytes: Vec<u8>,
    /// Its kind.
    pub format: Format,
    /// Pixels.
    pub width: u32,
    /// Pixels.
    pub height: u32,
    /// Whether it moves.
    pub animated: bool,
}

impl Format {
    /// By the first bytes.
    pub fn of(bytes: &[u8]) -> Option<Self> {
        match bytes {
            [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => Some(Self::Png),
            [0xff, 0xd8, 0xff, ..] => Some(Self::Jpeg),
            [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => Some(Self::Gif),
            [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some(Self::Webp),
            _ => None,
        }
    }

    /// The content type.
    pub fn mime(self) -> &'static str {
        match self {
            Self::Png => "image/png",
            Self::Jpeg => "image/jpeg",
            Self::Gif => "image/gif",
            Self::Webp => "image/webp",
        }
    }
}

impl Picture {
    /// Copies a picture without what is beside it; none if the bytes are not a whole picture of a known kind.
    pub fn clean(bytes: &[u8]) -> Option<Self> {
        let picture = match Format::of(bytes)? {
            Format::Png => png::clean(bytes)?,
            Format::Jpeg => jpeg::clean(bytes)?,
            Format::Gif => gif::clean(bytes)?,
            Format::Webp => webp::clean(bytes)?,
        };
        (picture.width > 0 && picture.height > 0).then_some(picture)
    }
}

impl fmt::Debug for Picture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} {}x{}, {} bytes", self.format, self.width, self.height, self.bytes.len())
    }
}

#[cfg(test)]
mod tests;
