//! Transport compression that connections share. An event is compressed once, without context, into bytes that every
//! connection of that encoding receives; only the digits of its `s` differ, and those stand uncompressed.
//!
//! - `zlib-stream`: a client inflates one never-ended stream. A *stored* block with the head, then deflate blocks of
//!   a fresh compressor up to a sync flush, refer to nothing before themselves, so they may stand anywhere.
//! - `zstd-stream`: a client expects one never-ended frame. Its compressed blocks may begin with the repeat offsets
//!   of the block before, so a block made for one connection may be wrong for another: blocks are sent raw.
//!
//! Why so, and with which figures: `docs/decisions/0004-websocket-layer.md`.

mod deflate;
#[cfg(test)]
mod tests;
mod zstd;

pub(crate) use deflate::Press;

use crate::websocket::{Opcode, put_head};

/// How the frames of one connection are encoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Encoding {
    /// JSON in text frames.
    Plain,
    /// `compress=zlib-stream`.
    Zlib,
    /// `compress=zstd-stream`.
    Zstd,
}

impl Encoding {
    /// All of them, in the order of [`Encoding::index`].
    pub const ALL: [Self; 3] = [Self::Plain, Self::Zlib, Self::Zstd];

    /// 0, 1 or 2.
    pub const fn index(self) -> usize {
        self as usize
    }

    const fn opcode(self) -> Opcode {
        match self {
            Self::Plain => Opcode::Text,
            Self::Zlib | Self::Zstd => Opcode::Binary,
        }
    }

    /// What precedes the payload of a connection's first frame.
    const fn opening(self) -> &'static [u8] {
        match self {
            Self::Plain => &[],
            Self::Zlib => &deflate::OPENING,
            Self::Zstd => &zstd::OPENING,
        }
    }

    /// Writes a whole frame that carries `payload`; `first` if it is the connection's first.
    pub(crate) fn put(self, out: &mut Vec<u8>, payload: &[u8], first: bool, press: &mut Press) {
        let opening = if first { self.opening() } else { &[] };
        let mut coded = Vec::new();
        let payload = match self {
            Self::Plain => payload,
            Self::Zlib => {
                press.fragment(&mut coded, payload);
                &coded
            }
            Self::Zstd => {
                zstd::put_raw(&mut coded, payload);
                &coded
            }
        };
        put_head(out, self.opcode(), opening.len() + payload.len());
        out.extend_from_slice(opening);
        out.extend_from_slice(payload);
    }

    /// Writes a whole frame of `head`, in the clear, and `rest`; answers with where `head` begins in `out`.
    pub(crate) fn put_with_head(
        self,
        out: &mut Vec<u8>,
        head: &[u8],
        rest: &[u8],
        press: &mut Press,
    ) -> usize {
        match self {
            Self::Plain => {
                put_head(out, self.opcode(), head.len() + rest.len());
                out.extend_from_slice(head);
                out.extend_from_slice(rest);
                out.len() - rest.len() - head.len()
            }
            Self::Zlib => {
                let mut coded = Vec::new();
                press.fragment(&mut coded, rest);
                put_head(out, self.opcode(), deflate::STORED_HEAD + head.len() + coded.len());
                deflate::put_stored(out, head);
                out.extend_from_slice(&coded);
                out.len() - coded.len() - head.len()
            }
            Self::Zstd => {
                let mut coded = Vec::new();
                zstd::put_raw(&mut coded, head);
                let from = coded.len() - head.len();
                zstd::put_raw(&mut coded, rest);
                put_head(out, self.opcode(), coded.len());
                out.extend_from_slice(&coded);
                out.len() - coded.len() + from
            }
        }
    }
}
