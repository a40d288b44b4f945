//! Closing: what a peer did wrong, and close frames (RFC 6455, sections 5.5.1 and 7.4).

use super::frame::{Opcode, put_frame};

/// Why the bytes of a peer cannot be gone on with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Violation {
    /// Not WebSocket as RFC 6455 has it.
    Protocol(&'static str),
    /// Text that is not UTF-8.
    Utf8,
    /// A message of more bytes than allowed.
    TooLarge,
}

impl Violation {
    /// The code that the connection closes with.
    pub const fn close_code(self) -> u16 {
        match self {
            Self::Protocol(_) => 1002,
            Self::Utf8 => 1007,
            Self::TooLarge => 1009,
        }
    }

    /// For the close frame.
    pub const fn reason(self) -> &'static str {
        match self {
            Self::Protocol(reason) => reason,
            Self::Utf8 => "text is not UTF-8",
            Self::TooLarge => "message too large",
        }
    }
}

/// Whether a peer may send this close code.
const fn is_valid(code: u16) -> bool {
    matches!(code, 1000..=1003 | 1007..=1014 | 3000..=4999)
}

/// Reads a close frame's payload: nothing, or a code and a reason.
pub(super) fn read_close(payload: &[u8]) -> Result<Option<(u16, &str)>, Violation> {
    match payload {
        [] => Ok(None),
        [_] => Err(Violation::Protocol("close frame of one byte")),
        [high, low, reason @ ..] => {
            let code = u16::from_be_bytes([*high, *low]);
            if !is_valid(code) {
                return Err(Violation::Protocol("close code that may not be sent"));
            }
            let reason = std::str::from_utf8(reason).map_err(|_| Violation::Utf8)?;
            Ok(Some((code, reason)))
        }
    }
}

/// Writes a close frame; a reason of more than 123 bytes is cut.
pub fn put_close(out: &mut Vec<u8>, code: u16, reason: &str) {
    let mut payload = code.to_be_bytes().to_vec();
    let cut = reason.floor_char_boundary(123);
    payload.extend_from_slice(reason.get(..cut).unwrap_or_default().as_bytes());
    put_frame(out, Opcode::Close, &payload);
}
