//! The pictures of emojis and stickers: held to their limits, cleaned, and kept under their ids, where they never change.

use bytes::Bytes;
use guildhall_base::{EmojiId, Error, Result, StickerId};
use guildhall_infra::http;
use guildhall_infra::pictures::{Format, Picture, Upload};

use crate::codes;
use crate::rules::limits::{EMOJI_BYTES, STICKER_BYTES, STICKER_SIDE};

/// Where an emoji's picture is.
pub(crate) fn emoji_key(id: EmojiId) -> String {
    format!("emojis/{id}")
}

/// Where a sticker's picture is.
pub(crate) fn sticker_key(id: StickerId) -> String {
    format!("stickers/{id}")
}

/// A picture for an emoji: PNG, JPEG, GIF or WebP.
pub(super) fn of_emoji(upload: &Upload) -> Result<Picture> {
    if upload.0.len() > EMOJI_BYTES {
        let detail = "File cannot be larger than 256.0 kb.";
        return Err(Error::field("image", "BINARY_TYPE_MAX_SIZE", detail));
    }
    Picture::clean(&upload.0).ok_or_else(|| Error::field("image", "IMAGE_INVALID", "Invalid image"))
}

/// A picture for a sticker and Discord's number of its format.
pub(super) fn of_sticker(file: &http::Upload) -> Result<(Picture, u8)> {
    if file.data.len() > STICKER_BYTES {
        return Err(codes::FILE_TOO_LARGE.because("A sticker's file has at most 512 KiB."));
    }
    if is_lottie(file.filename.as_str(), &file.data) {
        let detail = "Lottie stickers are not offered here; send a PNG, APNG or GIF.";
        return Err(codes::INVALID_STICKER_FILE.because(detail));
    }
    let refuse = |detail| codes::INVALID_STICKER_FILE.because(detail);
    let picture = Picture::clean(&file.data);
    let picture = picture.ok_or_else(|| refuse("A sticker is a PNG, APNG or GIF."))?;
    let format = match (picture.format, picture.animated) {
        (Format::Png, false) => 1,
        (Format::Png, true) => 2,
        (Format::Gif, _) => 4,
        _ => return Err(refuse("A sticker is a PNG, APNG or GIF.")),
    };
    if picture.width > STICKER_SIDE || picture.height > STICKER_SIDE {
        return Err(refuse("Neither side of a sticker may have more than 320 pixels."));
    }
    Ok((picture, format))
}

/// Lottie is JSON.
fn is_lottie(filename: &str, data: &Bytes) -> bool {
    filename.to_ascii_lowercase().ends_with(".json") || data.trim_ascii_start().starts_with(b"{")
}
