//! The picture of a bot or guild, as it goes into an SVG.

use std::io::Cursor;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use image::imageops::FilterType;
use image::{ImageFormat, ImageReader, Limits};

/// Pixels of a side that are kept.
const SIDE: u32 = 192;
/// Pixels of a side, and bytes in memory, that a source may have.
const MAX_SIDE: u32 = 4_096;
const MAX_ALLOC: u64 = 96 * 1024 * 1024;

/// A square picture, decoded and encoded anew: only its pixels are left of what was handed in.
#[derive(Clone, PartialEq, Eq)]
pub struct Avatar(String);

impl Avatar {
    /// Reads a PNG, JPEG, GIF (its first frame) or WebP of at most 4,096 pixels a side; nothing if it is something
    /// else. A long side is cropped around the middle. Takes milliseconds: not for an async task.
    pub fn read(bytes: &[u8]) -> Option<Self> {
        let mut limits = Limits::default();
        limits.max_image_width = Some(MAX_SIDE);
        limits.max_image_height = Some(MAX_SIDE);
        limits.max_alloc = Some(MAX_ALLOC);
        let mut reader = ImageReader::new(Cursor::new(bytes)).with_guessed_format().ok()?;
        reader.limits(limits);
        let picture = reader.decode().ok()?.resize_to_fill(SIDE, SIDE, FilterType::Triangle).into_rgba8();
        let mut png = Cursor::new(Vec::new());
        picture.write_to(&mut png, ImageFormat::Png).ok()?;
        Some(Self(format!("data:image/png;base64,{}", BASE64_STANDARD.encode(png.into_inner()))))
    }

    /// The picture as a `data:` address of a PNG.
    pub fn data_url(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Avatar {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Avatar({} bytes)", self.0.len())
    }
}
