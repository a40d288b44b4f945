//! Frame heads (RFC 6455, section 5.2): reading a client's, writing a server's.

use super::Violation;

/// What a frame is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Opcode {
    /// Goes on with a fragmented message.
    Continuation,
    /// UTF-8 text.
    Text,
    /// Bytes.
    Binary,
    /// The sender closes.
    Close,
    /// Wants a pong with the same payload.
    Ping,
    /// Answers a ping, or just says that somebody is there.
    Pong,
}

impl Opcode {
    /// The four bits on the wire.
    pub const fn bits(self) -> u8 {
        match self {
            Self::Continuation => 0x0,
            Self::Text => 0x1,
            Self::Binary => 0x2,
            Self::Close => 0x8,
            Self::Ping => 0x9,
            Self::Pong => 0xA,
        }
    }

    const fn from_bits(bits: u8) -> Option<Self> {
        Some(match bits {
            0x0 => Self::Continuation,
            0x1 => Self::Text,
            0x2 => Self::Binary,
            0x8 => Self::Close,
            0x9 => Self::Ping,
            0xA => Self::Pong,
            _ => return None,
        })
    }

    /// Whether frames of this kind stand between the fragments of a message.
    pub const fn is_control(self) -> bool {
        self.bits() >= 0x8
    }
}

/// The longest head that [`put_head`] writes.
pub const HEAD_MAX: usize = 10;

/// Writes the head of an unmasked, final frame whose payload has this many bytes.
pub fn put_head(out: &mut Vec<u8>, opcode: Opcode, payload: usize) {
    out.push(0x80 | opcode.bits());
    if let Ok(short) = u8::try_from(payload)
        && short < 126
    {
        out.push(short);
    } else if let Ok(medium) = u16::try_from(payload) {
        out.push(126);
        out.extend_from_slice(&medium.to_be_bytes());
    } else {
        out.push(127);
        out.extend_from_slice(&(payload as u64).to_be_bytes());
    }
}

/// Writes an entire unmasked, final frame.
pub fn put_frame(out: &mut Vec<u8>, opcode: Opcode, payload: &[u8]) {
    out.reserve(HEAD_MAX + payload.len());
    put_head(out, opcode, payload.len());
    out.extend_from_slice(payload);
}

/// The head of a frame that a client sent.
#[derive(Debug, Clone, Copy)]
pub(super) struct Head {
    pub(super) fin: bool,
    pub(super) opcode: Opcode,
    /// Payload bytes.
    pub(super) length: u64,
    pub(super) mask: [u8; 4],
}

/// A head as far as it has come. What is wrong is refused at the first byte that shows it.
#[derive(Debug, Default)]
pub(super) struct PartialHead {
    pub(super) bytes: [u8; 14],
    pub(super) have: u8,
}

impl PartialHead {
    /// Takes what it needs of `input`; a head once it is complete.
    pub(super) fn read(&mut self, input: &mut &[u8]) -> Result<Option<Head>, Violation> {
        loop {
            let (have, need) = (usize::from(self.have), self.need()?);
            if have >= need {
                let head = self.finish(need)?;
                self.have = 0;
                return Ok(Some(head));
            }
            let Some((&byte, rest)) = input.split_first() else { return Ok(None) };
            *input = rest;
            if let Some(slot) = self.bytes.get_mut(have) {
                *slot = byte;
                self.have += 1;
            }
        }
    }

    /// How long this head is, as far as the bytes so far tell.
    fn need(&self) -> Result<usize, Violation> {
        let [first, second, ..] = self.bytes;
        if self.have >= 1 {
            if first & 0x70 != 0 {
                return Err(Violation::Protocol("reserved bits are set"));
            }
            let opcode = Opcode::from_bits(first & 0x0f).ok_or(Violation::Protocol("reserved opcode"))?;
            if opcode.is_control() && first & 0x80 == 0 {
                return Err(Violation::Protocol("fragmented control frame"));
            }
            if self.have >= 2 && opcode.is_control() && second & 0x7f > 125 {
                return Err(Violation::Protocol("control frame of more than 125 bytes"));
            }
        }
        if self.have < 2 {
            return Ok(2);
        }
        if second & 0x80 == 0 {
            return Err(Violation::Protocol("a client's frame is not masked"));
        }
        Ok(match second & 0x7f {
            126 => 8,
            127 => 14,
            _ => 6,
        })
    }

    fn finish(&self, need: usize) -> Result<Head, Violation> {
        let [first, second, b2, b3, b4, b5, b6, b7, b8, b9, ..] = self.bytes;
        let (length, least) = match need {
            8 => (u64::from(u16::from_be_bytes([b2, b3])), 126),
            14 => (u64::from_be_bytes([b2, b3, b4, b5, b6, b7, b8, b9]), 1 << 16),
            _ => (u64::from(second & 0x7f), 0),
        };
        if length < least || length >> 63 != 0 {
            return Err(Violation::Protocol("length not in its shortest form"));
        }
        let mask = self.bytes.get(need - 4..need).and_then(|mask| mask.try_into().ok()).unwrap_or_default();
        let opcode = Opcode::from_bits(first & 0x0f).ok_or(Violation::Protocol("reserved opcode"))?;
        Ok(Head { fin: first & 0x80 != 0, opcode, length, mask })
    }
}

/// Undoes the masking of bytes that begin `offset` bytes into their frame.
pub(super) fn unmask(bytes: &mut [u8], mask: [u8; 4], offset: usize) {
    let mut mask = mask;
    mask.rotate_left(offset % 4);
    let [a, b, c, d] = mask;
    let wide = u64::from_ne_bytes([a, b, c, d, a, b, c, d]);
    let mut chunks = bytes.chunks_exact_mut(8);
    for chunk in &mut chunks {
        if let Ok(eight) = <[u8; 8]>::try_from(&*chunk) {
            chunk.copy_from_slice(&(u64::from_ne_bytes(eight) ^ wide).to_ne_bytes());
        }
    }
    for (byte, key) in chunks.into_remainder().iter_mut().zip(mask.into_iter().cycle()) {
        *byte ^= key;
    }
}
