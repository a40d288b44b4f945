//! Making the file.

use bytes::{Bytes, BytesMut};
use flate2::{Compress, Compression, FlushCompress, Status};
use guildhall_base::{Error, Result};
use sha2::{Digest as _, Sha256};

use super::{DEFLATE, FRAME, MAGIC, PART, STORED, TRAILER, VERSION, is_name};

/// Makes the record of one part. What comes out is taken after every call.
pub struct Part {
    out: BytesMut,
    /// Compressed bytes that do not fill a frame yet.
    frame: Vec<u8>,
    deflate: Option<Compress>,
    hash: Sha256,
    length: u64,
}

impl Part {
    /// Begins a part. What is compressed already (pictures) is better kept as it is.
    ///
    /// # Errors
    /// Internal, if the name is none.
    pub fn begin(name: &str, compress: bool) -> Result<Self> {
        if !is_name(name) {
            return Err(Error::internal(format!("{name:?} is no name of a part")));
        }
        let mut out = BytesMut::with_capacity(FRAME + 64);
        out.extend_from_slice(&[PART]);
        out.extend_from_slice(&u16::try_from(name.len()).map_err(Error::internal)?.to_be_bytes());
        out.extend_from_slice(name.as_bytes());
        out.extend_from_slice(&[if compress { DEFLATE } else { STORED }]);
        let deflate = compress.then(|| Compress::new(Compression::new(6), false));
        Ok(Self { out, frame: Vec::with_capacity(FRAME), deflate, hash: Sha256::new(), length: 0 })
    }

    /// Adds content; gives what can be written.
    ///
    /// # Errors
    /// Internal, if it cannot be compressed.
    pub fn push(&mut self, content: &[u8]) -> Result<Bytes> {
        self.hash.update(content);
        self.length += content.len() as u64;
        if self.deflate.is_some() {
            self.compress(content, FlushCompress::None)?;
        } else {
            let mut rest = content;
            while !rest.is_empty() {
                let (now, later) = rest.split_at(rest.len().min(FRAME - self.frame.len()));
                self.frame.extend_from_slice(now);
                rest = later;
                self.put_full_frame();
            }
        }
        Ok(self.out.split().freeze())
    }

    /// Ends the part; gives its last bytes and how long its content was.
    ///
    /// # Errors
    /// As [`Part::push`].
    pub fn end(mut self) -> Result<(Bytes, u64)> {
        if self.deflate.is_some() {
            self.compress(&[], FlushCompress::Finish)?;
        }
        self.put_frame();
        self.out.extend_from_slice(&0_u32.to_be_bytes());
        self.out.extend_from_slice(&self.length.to_be_bytes());
        self.out.extend_from_slice(&self.hash.finalize());
        Ok((self.out.freeze(), self.length))
    }

    fn compress(&mut self, mut content: &[u8], flush: FlushCompress) -> Result<()> {
        let Some(mut deflate) = self.deflate.take() else { return Ok(()) };
        loop {
            let before = deflate.total_in();
            let status = deflate.compress_vec(content, &mut self.frame, flush).map_err(Error::internal)?;
            let taken = usize::try_from(deflate.total_in() - before).unwrap_or(usize::MAX);
            content = content.get(taken..).unwrap_or_default();
            let full = self.frame.len() == self.frame.capacity();
            if full {
                self.put_frame();
            }
            let done = match flush {
                FlushCompress::Finish => status == Status::StreamEnd,
                _ => content.is_empty() && !full,
            };
            if done {
                self.deflate = Some(deflate);
                return Ok(());
            }
        }
    }

    fn put_full_frame(&mut self) {
        if self.frame.len() >= FRAME {
            self.put_frame();
        }
    }

    fn put_frame(&mut self) {
        // A vector may have got more room than it was asked for.
        for piece in self.frame.chunks(FRAME) {
            let length = u32::try_from(piece.len()).unwrap_or(u32::MAX);
            self.out.extend_from_slice(&length.to_be_bytes());
            self.out.extend_from_slice(piece);
        }
        self.frame.clear();
    }
}

/// Joins the records of parts to a file.
pub struct Whole {
    hash: Sha256,
    parts: u32,
    length: u64,
}

impl Whole {
    /// Begins a file; gives its head.
    pub fn begin() -> (Self, Bytes) {
        let head = Bytes::from([MAGIC.as_slice(), &[VERSION]].concat());
        let mut whole = Self { hash: Sha256::new(), parts: 0, length: 0 };
        whole.push(&head);
        (whole, head)
    }

    /// Notes a piece of a record, which is written as it is.
    pub fn push(&mut self, piece: &[u8]) {
        self.hash.update(piece);
    }

    /// Notes that a part with so much content has ended.
    pub fn part(&mut self, length: u64) {
        self.parts += 1;
        self.length += length;
    }

    /// Ends the file; gives its trailer.
    pub fn end(mut self) -> Bytes {
        let mut trailer = vec![TRAILER];
        trailer.extend_from_slice(&self.parts.to_be_bytes());
        trailer.extend_from_slice(&self.length.to_be_bytes());
        self.hash.update(&trailer);
        trailer.extend_from_slice(&self.hash.finalize());
        trailer.into()
    }
}
