//! Pictures as requests carry them.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// What a picture is, by its first bytes.
pub(super) fn kind(content: &[u8]) -> &'static str {
    match content {
        [0x89, b'P', b'N', b'G', ..] => "image/png",
        [0xff, 0xd8, ..] => "image/jpeg",
        [b'G', b'I', b'F', ..] => "image/gif",
        [b'R', b'I', b'F', b'F', ..] => "image/webp",
        [b'{', ..] => "application/json",
        _ => "application/octet-stream",
    }
}

/// `data:image/png;base64,...`.
pub(super) fn data_uri(content: &[u8]) -> String {
    format!("data:{};base64,{}", kind(content), STANDARD.encode(content))
}
