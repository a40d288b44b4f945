//! Taking the file apart. Everything that it says is checked before its end is reached, and nothing may be done with
//! it before that.

use std::collections::HashSet;

use bytes::Bytes;
use flate2::{Decompress, FlushDecompress, Status};
use guildhall_base::{Error, Result};
use sha2::{Digest as _, Sha256};

use super::{DEFLATE, FRAME, FREE, HASH, Limits, MAGIC, NAME_LIMIT, PART, STORED, TRAILER, VERSION, is_name};
use crate::codes::{DAMAGED, NOT_A_BACKUP, TOO_BIG, UNKNOWN_VERSION};

/// The most content that one event carries, in bytes.
const PIECE: usize = 64 * 1024;

/// What is found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// A part begins.
    Begin(String),
    /// Some of its content.
    Content(Bytes),
    /// It ends, and its length and checksum are right.
    End,
}

/// What is expected next.
enum State {
    Head,
    Record,
    NameLength,
    Name(usize),
    Method(String),
    FrameLength,
    Frame(usize),
    PartEnd,
    Trailer,
    Over,
}

/// Reads a file, or with [`Reader::record`] the record of one part.
pub struct Reader {
    state: State,
    limits: Limits,
    /// Bytes of a field that is not whole yet.
    held: Vec<u8>,
    /// Of everything so far, for the trailer.
    all: Sha256,
    names: HashSet<String>,
    parts: u32,
    total: u64,
    file: u64,
    alone: bool,
    part: Part,
}

/// The part that is being read.
struct Part {
    inflate: Option<Decompress>,
    ended: bool,
    waiting: bool,
    hash: Sha256,
    packed: u64,
    length: u64,
}

impl Part {
    fn new(inflate: Option<Decompress>) -> Self {
        Self { ended: inflate.is_none(), waiting: false, inflate, hash: Sha256::new(), packed: 0, length: 0 }
    }
}

impl Reader {
    /// For a file.
    pub fn new(limits: Limits) -> Self {
        Self {
            state: State::Head,
            limits,
            held: Vec::new(),
            all: Sha256::new(),
            names: HashSet::new(),
            parts: 0,
            total: 0,
            file: 0,
            alone: false,
            part: Part::new(None),
        }
    }

    /// For the record of one part by itself.
    pub fn record(limits: Limits) -> Self {
        Self { state: State::Record, alone: true, ..Self::new(limits) }
    }

    /// Takes from the input; gives what it found, or nothing where it needs more.
    ///
    /// # Errors
    /// `NOT_A_BACKUP`, `UNKNOWN_VERSION`, `DAMAGED`, `TOO_BIG`.
    pub fn next(&mut self, input: &mut &[u8]) -> Result<Option<Event>> {
        loop {
            if let State::Frame(left) = self.state {
                // Content may wait in the unpacker although all of the frame is in it.
                if left == 0 && !self.part.waiting {
                    self.state = State::FrameLength;
                } else if input.is_empty() && !self.part.waiting {
                    return Ok(None);
                } else if let Some(content) = self.frame(left, input)? {
                    return Ok(Some(Event::Content(content)));
                }
                continue;
            }
            if matches!(self.state, State::Over) {
                return if input.is_empty() { Ok(None) } else { Err(damaged("something follows its end")) };
            }
            let Some(field) = self.field(input)? else { return Ok(None) };
            if let Some(event) = self.step(&field)? {
                return Ok(Some(event));
            }
        }
    }

    /// After the last input: whether the end was reached.
    ///
    /// # Errors
    /// `DAMAGED`, where something is missing.
    pub fn finish(&self) -> Result<()> {
        match self.state {
            State::Over => Ok(()),
            State::Head => Err(NOT_A_BACKUP.into()),
            _ => Err(damaged("its end is missing")),
        }
    }

    /// How many bytes the next field has.
    fn wanted(&self) -> usize {
        match self.state {
            State::Head => MAGIC.len() + 1,
            State::Record | State::Method(_) => 1,
            State::NameLength => 2,
            State::Name(length) => length,
            State::FrameLength => 4,
            State::PartEnd => 8 + HASH,
            State::Trailer => 4 + 8 + HASH,
            State::Frame(_) | State::Over => 0,
        }
    }

    /// The next field, once it is whole.
    fn field(&mut self, input: &mut &[u8]) -> Result<Option<Vec<u8>>> {
        let missing = self.wanted().saturating_sub(self.held.len());
        let (now, later) = input.split_at(missing.min(input.len()));
        *input = later;
        self.count(now.len())?;
        self.held.extend_from_slice(now);
        if self.held.len() < self.wanted() {
            return Ok(None);
        }
        let field = std::mem::take(&mut self.held);
        // The trailer's checksum is over everything but itself.
        let own = if matches!(self.state, State::Trailer) { HASH } else { 0 };
        self.all.update(field.get(..field.len() - own).unwrap_or_default());
        Ok(Some(field))
    }

    fn count(&mut self, bytes: usize) -> Result<()> {
        self.file += bytes as u64;
        if self.file > self.limits.file { Err(too_big("the file")) } else { Ok(()) }
    }

    fn step(&mut self, field: &[u8]) -> Result<Option<Event>> {
        self.state = match std::mem::replace(&mut self.state, State::Over) {
            State::Head => self.head(field)?,
            State::Record => match field {
                [PART] => State::NameLength,
                [TRAILER] if !self.alone => State::Trailer,
                _ => return Err(damaged("there is a record of an unknown kind")),
            },
            State::NameLength => match number(field) {
                length @ 1.. if length <= NAME_LIMIT as u64 => {
                    State::Name(usize::try_from(length).unwrap_or(0))
                }
                _ => return Err(damaged("the name of a part is too long")),
            },
            State::Name(_) => State::Method(self.name(field)?),
            State::Method(name) => {
                self.part = Part::new(match field {
                    [STORED] => None,
                    [DEFLATE] => Some(Decompress::new(false)),
                    _ => return Err(damaged("a part is packed in an unknown way")),
                });
                self.state = State::FrameLength;
                return Ok(Some(Event::Begin(name)));
            }
            State::FrameLength => match number(field) {
                0 => State::PartEnd,
                length if length <= FRAME as u64 => State::Frame(usize::try_from(length).unwrap_or(0)),
                _ => return Err(damaged("a piece of a part is too long")),
            },
            State::PartEnd => {
                self.end_part(field)?;
                self.state = if self.alone { State::Over } else { State::Record };
                return Ok(Some(Event::End));
            }
            State::Trailer => self.trailer(field)?,
            state @ (State::Frame(_) | State::Over) => state,
        };
        Ok(None)
    }

    fn head(&self, field: &[u8]) -> Result<State> {
        match field.split_last() {
            Some((&VERSION, magic)) if magic == MAGIC => Ok(State::Record),
            Some((_, magic)) if magic == MAGIC => Err(UNKNOWN_VERSION.into()),
            _ => Err(NOT_A_BACKUP.into()),
        }
    }

    fn name(&mut self, field: &[u8]) -> Result<String> {
        let name = std::str::from_utf8(field).ok().filter(|name| is_name(name));
        let name = name.ok_or_else(|| damaged("the name of a part is not allowed"))?;
        self.parts += 1;
        if self.parts > self.limits.parts {
            return Err(too_big("the number of its parts"));
        }
        if !self.names.insert(name.to_owned()) {
            return Err(damaged("two parts have the same name"));
        }
        Ok(name.to_owned())
    }

    /// Takes some of a frame. Nothing where the packed bytes gave no content yet.
    fn frame(&mut self, left: usize, input: &mut &[u8]) -> Result<Option<Bytes>> {
        let here = input.get(..left.min(input.len())).unwrap_or_default();
        let (taken, content) = self.part.unpack(here)?;
        self.all.update(here.get(..taken).unwrap_or_default());
        *input = input.get(taken..).unwrap_or_default();
        self.count(taken)?;
        self.state = State::Frame(left - taken);
        self.part.packed += taken as u64;
        self.part.length += content.len() as u64;
        self.total += content.len() as u64;
        if self.part.length > self.limits.part {
            return Err(too_big("one of its parts"));
        }
        if self.total > self.limits.total {
            return Err(too_big("what it unpacks to"));
        }
        if self.part.length.saturating_sub(FREE) > self.part.packed.saturating_mul(self.limits.ratio) {
            return Err(too_big("what a part of it unpacks to"));
        }
        self.part.hash.update(&content);
        Ok((!content.is_empty()).then(|| content.into()))
    }

    fn end_part(&mut self, field: &[u8]) -> Result<()> {
        let (length, hash) = field.split_at_checked(8).unwrap_or_default();
        if !self.part.ended || number(length) != self.part.length {
            return Err(damaged("a part is not as long as it says"));
        }
        if self.part.hash.finalize_reset().as_slice() != hash {
            return Err(damaged("the checksum of a part is wrong"));
        }
        Ok(())
    }

    fn trailer(&mut self, field: &[u8]) -> Result<State> {
        let (parts, rest) = field.split_at_checked(4).unwrap_or_default();
        let (total, hash) = rest.split_at_checked(8).unwrap_or_default();
        let right = number(parts) == u64::from(self.parts)
            && number(total) == self.total
            && self.all.clone().finalize().as_slice() == hash;
        if right { Ok(State::Over) } else { Err(damaged("its checksum is wrong")) }
    }
}

impl Part {
    /// Unpacks some; gives how much it took and what came of it.
    fn unpack(&mut self, packed: &[u8]) -> Result<(usize, Vec<u8>)> {
        let Some(inflate) = &mut self.inflate else {
            let piece = packed.get(..packed.len().min(PIECE)).unwrap_or_default();
            return Ok((piece.len(), piece.to_vec()));
        };
        if self.ended {
            return Err(damaged("something follows the end of a part"));
        }
        let mut content = Vec::with_capacity(PIECE);
        let before = inflate.total_in();
        let status = inflate.decompress_vec(packed, &mut content, FlushDecompress::None);
        let status = status.map_err(|_| damaged("a part cannot be unpacked"))?;
        let taken = usize::try_from(inflate.total_in() - before).unwrap_or(0);
        self.ended = status == Status::StreamEnd;
        self.waiting = content.len() == content.capacity() && !self.ended;
        if taken == 0 && content.is_empty() && !self.ended && !packed.is_empty() {
            return Err(damaged("a part cannot be unpacked"));
        }
        Ok((taken, content))
    }
}

fn number(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0, |number, byte| number << 8 | u64::from(*byte))
}

fn damaged(why: &str) -> Error {
    DAMAGED.because(format!("The backup is damaged: {why}. Nothing of it was used."))
}

fn too_big(what: &str) -> Error {
    TOO_BIG.because(format!("The backup is too big: {what} exceeds what is allowed here."))
}
