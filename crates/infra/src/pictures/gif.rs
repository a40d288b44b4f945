//! GIF 87a and 89a: blocks, whose data lies in sub-blocks of up to 255 bytes.

use super::reader::Reader;
use super::{Format, Picture};

pub(super) fn clean(bytes: &[u8]) -> Option<Picture> {
    let mut from = Reader(bytes);
    let mut out = Vec::with_capacity(bytes.len());
    out.extend_from_slice(from.take(6)?);
    let screen = from.take(7)?;
    out.extend_from_slice(screen);
    let mut look = Reader(screen);
    let (width, height) = (look.le16()?.into(), look.le16()?.into());
    out.extend_from_slice(colors(&mut from, look.u8()?)?);
    let mut frames = 0_u32;
    loop {
        let block = from;
        match from.u8()? {
            0x2c => {
                from.take(8)?;
                let flags = from.u8()?;
                colors(&mut from, flags)?;
                from.u8()?;
                sub_blocks(&mut from)?;
                frames += 1;
                out.extend_from_slice(read(block, from)?);
            }
            0x21 => {
                let label = from.u8()?;
                let first = from;
                sub_blocks(&mut from)?;
                // How a frame is shown, and how often all are.
                if label == 0xf9 || label == 0xff && first.0.starts_with(b"\x0bNETSCAPE2.0") {
                    out.extend_from_slice(read(block, from)?);
                }
            }
            0x3b => {
                out.push(0x3b);
                break;
            }
            _ => return None,
        }
    }
    let animated = frames > 1;
    (frames > 0).then_some(Picture { bytes: out, format: Format::Gif, width, height, animated })
}

/// The colour table that the flags announce.
fn colors<'a>(from: &mut Reader<'a>, flags: u8) -> Option<&'a [u8]> {
    let count = if flags & 0x80 == 0 { 0 } else { 3 << ((flags & 7) + 1) };
    from.take(count)
}

fn sub_blocks(from: &mut Reader<'_>) -> Option<()> {
    loop {
        match from.u8()? {
            0 => return Some(()),
            length => from.take(length.into())?,
        };
    }
}

/// What lies between two places.
fn read<'a>(start: Reader<'a>, end: Reader<'_>) -> Option<&'a [u8]> {
    start.0.get(..start.0.len().checked_sub(end.0.len())?)
}
