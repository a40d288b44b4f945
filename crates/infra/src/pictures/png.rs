//! PNG (ISO/IEC 15948): chunks of length, name, data and checksum.

use super::reader::Reader;
use super::{Format, Picture};

/// Chunks that say how the pixels look; texts, times, EXIF and what is unknown are left out.
const KEPT: [&[u8; 4]; 13] = [
    b"IHDR", b"PLTE", b"IDAT", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"sBIT", b"bKGD", b"pHYs", b"acTL",
    b"fcTL", b"fdAT",
];

pub(super) fn clean(bytes: &[u8]) -> Option<Picture> {
    let mut from = Reader(bytes);
    let mut out = Vec::with_capacity(bytes.len());
    out.extend_from_slice(from.take(8)?);
    let (mut width, mut height, mut animated, mut pixels) = (0, 0, false, false);
    for index in 0.. {
        let whole = from;
        let length = usize::try_from(from.be32()?).ok()?;
        let name = from.array::<4>()?;
        let mut data = Reader(from.take(length)?);
        from.take(4)?;
        if (index == 0) != (&name == b"IHDR") {
            return None;
        }
        match &name {
            b"IHDR" => (width, height) = (data.be32()?, data.be32()?),
            b"acTL" => animated = true,
            b"IDAT" => pixels = true,
            _ => {}
        }
        let chunk = whole.0.get(..length + 12)?;
        if &name == b"IEND" {
            // Whatever follows is no part of the picture.
            out.extend_from_slice(chunk);
            break;
        }
        if KEPT.contains(&&name) {
            out.extend_from_slice(chunk);
        }
    }
    pixels.then_some(Picture { bytes: out, format: Format::Png, width, height, animated })
}
