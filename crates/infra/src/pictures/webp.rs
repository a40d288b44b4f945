//! WebP (RFC 9649): RIFF chunks of name, length and data, padded to even lengths.

use super::reader::Reader;
use super::{Format, Picture};

/// Flags of `VP8X` that announce EXIF and XMP.
const BESIDE: u8 = 0x08 | 0x04;
/// Flag of `VP8X` that announces frames.
const ANIMATION: u8 = 0x02;

pub(super) fn clean(bytes: &[u8]) -> Option<Picture> {
    let mut from = Reader(bytes);
    from.take(4)?;
    let size = usize::try_from(from.le32()?).ok()?;
    let mut from = Reader(from.take(size)?);
    from.take(4)?;
    let mut out = Vec::with_capacity(bytes.len());
    out.extend_from_slice(b"RIFF\0\0\0\0WEBP");
    let (mut size, mut animated, mut pixels) = (None, false, false);
    while !from.is_empty() {
        let name = from.array::<4>()?;
        let length = from.le32()?;
        let data = from.take(usize::try_from(length).ok()?)?;
        // Some writers leave out the last padding byte.
        if length % 2 == 1 && !from.is_empty() {
            from.take(1)?;
        }
        let mut data = data.to_vec();
        match &name {
            b"VP8X" => {
                let flags = data.first_mut()?;
                animated = *flags & ANIMATION != 0;
                *flags &= !BESIDE;
                size = extended(&data);
                size?;
            }
            b"VP8 " => {
                pixels = true;
                size = size.or_else(|| lossy(&data));
            }
            b"VP8L" => {
                pixels = true;
                size = size.or_else(|| lossless(&data));
            }
            b"ANMF" => pixels = true,
            b"ANIM" | b"ALPH" | b"ICCP" => {}
            _ => continue,
        }
        out.extend_from_slice(&name);
        out.extend_from_slice(&length.to_le_bytes());
        out.extend_from_slice(&data);
        if length % 2 == 1 {
            out.push(0);
        }
    }
    let (width, height) = size.filter(|_| pixels)?;
    let length = u32::try_from(out.len().checked_sub(8)?).ok()?.to_le_bytes();
    out.splice(4..8, length);
    Some(Picture { bytes: out, format: Format::Webp, width, height, animated })
}

fn extended(data: &[u8]) -> Option<(u32, u32)> {
    let mut from = Reader(data);
    from.take(4)?;
    let mut side = || from.array::<3>().map(|[a, b, c]| u32::from_le_bytes([a, b, c, 0]) + 1);
    Some((side()?, side()?))
}

fn lossy(data: &[u8]) -> Option<(u32, u32)> {
    let mut from = Reader(data);
    from.take(3)?;
    if from.array::<3>()? != [0x9d, 0x01, 0x2a] {
        return None;
    }
    Some(((from.le16()? & 0x3fff).into(), (from.le16()? & 0x3fff).into()))
}

fn lossless(data: &[u8]) -> Option<(u32, u32)> {
    let mut from = Reader(data);
    if from.u8()? != 0x2f {
        return None;
    }
    let bits = from.le32()?;
    Some(((bits & 0x3fff) + 1, (bits >> 14 & 0x3fff) + 1))
}
