//! JPEG (ITU T.81): segments between markers. Of EXIF only the orientation stays, without which photographs of
//! telephones lie on their side.

use super::reader::Reader;
use super::{Format, Picture};

const EXIF: &[u8] = b"Exif\0\0";

pub(super) fn clean(bytes: &[u8]) -> Option<Picture> {
    let mut from = Reader(bytes);
    let mut out = Vec::with_capacity(bytes.len());
    out.extend_from_slice(from.take(2)?);
    let (mut width, mut height, mut pixels) = (0, 0, false);
    loop {
        let marker = next_marker(&mut from)?;
        if marker == 0xd9 {
            out.extend_from_slice(&[0xff, 0xd9]);
            break;
        }
        let length = from.be16()?;
        let data = from.take(usize::from(length).checked_sub(2)?)?;
        match marker {
            // Start of frame: all but the tables that have numbers between.
            0xc0..=0xcf if !matches!(marker, 0xc4 | 0xc8 | 0xcc) => {
                let mut frame = Reader(data);
                frame.u8()?;
                (height, width) = (frame.be16()?.into(), frame.be16()?.into());
                segment(&mut out, marker, data)?;
            }
            0xe1 => {
                if let Some(turned) = data.strip_prefix(EXIF).and_then(orientation) {
                    segment(&mut out, 0xe1, &exif(turned))?;
                }
            }
            // JFIF, colour profile, Adobe's colour transform.
            0xe0 | 0xe2 | 0xee => {
                let known = [&b"JFIF\0"[..], b"ICC_PROFILE\0", b"Adobe"];
                if known.iter().any(|name| data.starts_with(name)) {
                    segment(&mut out, marker, data)?;
                }
            }
            0xe3..=0xed | 0xef | 0xf0..=0xfe => {}
            0xda => {
                pixels = true;
                segment(&mut out, marker, data)?;
                out.extend_from_slice(scan(&mut from)?);
            }
            _ => segment(&mut out, marker, data)?,
        }
    }
    let animated = false;
    pixels.then_some(Picture { bytes: out, format: Format::Jpeg, width, height, animated })
}

/// `FF` and a number; any number of `FF` may fill the space before it.
fn next_marker(from: &mut Reader<'_>) -> Option<u8> {
    if from.u8()? != 0xff {
        return None;
    }
    loop {
        match from.u8()? {
            0xff => {}
            marker => return Some(marker),
        }
    }
}

fn segment(out: &mut Vec<u8>, marker: u8, data: &[u8]) -> Option<()> {
    let length = u16::try_from(data.len() + 2).ok()?;
    out.extend_from_slice(&[0xff, marker]);
    out.extend_from_slice(&length.to_be_bytes());
    out.extend_from_slice(data);
    Some(())
}

/// The coded pixels, up to the next marker that is not part of them.
fn scan<'a>(from: &mut Reader<'a>) -> Option<&'a [u8]> {
    let end = from.0.windows(2).position(|pair| match pair {
        [0xff, 0x00 | 0xff | 0xd0..=0xd7] => false,
        [0xff, _] => true,
        _ => false,
    })?;
    from.take(end)
}

/// The orientation, 1 to 8, out of a TIFF header and its first directory.
fn orientation(tiff: &[u8]) -> Option<u8> {
    let mut head = Reader(tiff);
    let little = match head.array::<2>()? {
        [b'I', b'I'] => true,
        [b'M', b'M'] => false,
        _ => return None,
    };
    let short = |from: &mut Reader<'_>| if little { from.le16() } else { from.be16() };
    let long = |from: &mut Reader<'_>| if little { from.le32() } else { from.be32() };
    short(&mut head)?;
    let at = usize::try_from(long(&mut head)?).ok()?;
    let mut directory = Reader(tiff.get(at..)?);
    for _ in 0..short(&mut directory)? {
        let mut entry = Reader(directory.take(12)?);
        if short(&mut entry)? == 0x0112 {
            entry.take(6)?;
            let turned = u8::try_from(short(&mut entry)?).ok()?;
            return (1..=8).contains(&turned).then_some(turned);
        }
    }
    None
}

/// The smallest EXIF that says it.
fn exif(orientation: u8) -> Vec<u8> {
    let mut data = EXIF.to_vec();
    data.extend_from_slice(b"MM\0\x2a\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0");
    data.extend_from_slice(&[orientation, 0, 0, 0, 0, 0, 0]);
    data
}
