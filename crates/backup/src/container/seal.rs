//! The encryption around a backup: the age format, version 1 (<https://age-encryption.org/v1>), with a passphrase. Any
//! age program opens it.
//!
//! The passphrase is turned into a [`Lock`] as soon as it is there and then forgotten: the lock has a random key for
//! this one file, and the file's head, in which that key is wrapped for the passphrase.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use bytes::{Bytes, BytesMut};
use guildhall_base::{Error, Result};
use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::{hkdf, hmac};
use scrypt::Params;

use crate::codes::{DAMAGED, NOT_A_BACKUP, TOO_BIG, WRONG_PASSPHRASE};

/// What a sealed file begins with.
pub const MAGIC: &[u8] = b"age-encryption.org/v1\n";
/// Bytes of plain text in a chunk.
const CHUNK: usize = 64 * 1024;
/// Bytes that sealing adds to each.
const TAG: usize = 16;
/// Bytes of a file's key, of a salt and of a file's nonce.
const KEY: usize = 16;
/// How much work the passphrase is made to cost: 2^16 rounds, 64 MiB.
const WORK: u8 = 16;
/// The most work that a file may ask for: 256 MiB, what other programs use.
const WORK_LIMIT: u8 = 18;
/// The longest head that is read, in bytes.
const HEAD_LIMIT: usize = 1024;

/// What a file is sealed with.
#[derive(Clone, PartialEq, Eq)]
pub struct Lock {
    /// The file's head.
    pub head: String,
    /// The file's key.
    pub key: [u8; KEY],
}

impl Lock {
    /// A new key wrapped for this passphrase. Takes 64 MiB and a tenth of a second.
    ///
    /// # Errors
    /// Internal, never in practice.
    pub fn new(passphrase: &str) -> Result<Self> {
        let (salt, key): ([u8; KEY], [u8; KEY]) = (rand::random(), rand::random());
        let mut wrapped = key.to_vec();
        cipher(&wrapping(passphrase, &salt, WORK)?)?
            .seal_in_place_append_tag(zero(), Aad::empty(), &mut wrapped)
            .map_err(|_| impossible())?;
        let (salt, wrapped) = (STANDARD_NO_PAD.encode(salt), STANDARD_NO_PAD.encode(wrapped));
        let mut head = format!("age-encryption.org/v1\n-> scrypt {salt} {WORK}\n{wrapped}\n---");
        let mac = hmac::sign(&mac_key(&key)?, head.as_bytes());
        head.push(' ');
        head.push_str(&STANDARD_NO_PAD.encode(mac));
        head.push('\n');
        Ok(Self { head, key })
    }
}

impl std::fmt::Debug for Lock {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Lock")
    }
}

/// Seals a file.
pub struct Sealer {
    key: LessSafeKey,
    chunk: Vec<u8>,
    count: u64,
    out: BytesMut,
}

impl Sealer {
    /// Begins a file.
    ///
    /// # Errors
    /// Internal, never in practice.
    pub fn new(lock: &Lock) -> Result<Self> {
        let nonce: [u8; KEY] = rand::random();
        let mut out = BytesMut::from(lock.head.as_bytes());
        out.extend_from_slice(&nonce);
        let key = cipher(&derive(&lock.key, &nonce, b"payload")?)?;
        Ok(Self { key, chunk: Vec::with_capacity(CHUNK + TAG), count: 0, out })
    }

    /// Takes plain text; gives what can be written.
    ///
    /// # Errors
    /// Internal, never in practice.
    pub fn push(&mut self, mut text: &[u8]) -> Result<Bytes> {
        while !text.is_empty() {
            // The last chunk has a mark: it goes out when more comes, or at the end.
            if self.chunk.len() == CHUNK {
                self.put(false)?;
            }
            let (now, later) = text.split_at(text.len().min(CHUNK - self.chunk.len()));
            self.chunk.extend_from_slice(now);
            text = later;
        }
        Ok(self.out.split().freeze())
    }

    /// Ends the file; gives its last bytes.
    ///
    /// # Errors
    /// Internal, never in practice.
    pub fn end(mut self) -> Result<Bytes> {
        self.put(true)?;
        Ok(self.out.freeze())
    }

    fn put(&mut self, last: bool) -> Result<()> {
        let nonce = nonce(self.count, last);
        self.count += 1;
        self.key.seal_in_place_append_tag(nonce, Aad::empty(), &mut self.chunk).map_err(|_| impossible())?;
        self.out.extend_from_slice(&self.chunk);
        self.chunk.clear();
        Ok(())
    }
}

/// The head of a sealed file.
#[derive(Debug)]
pub struct Head {
    salt: Vec<u8>,
    work: u8,
    wrapped: Vec<u8>,
    signed: String,
    mac: Vec<u8>,
    /// How many bytes it has.
    pub length: usize,
}

impl Head {
    /// Reads it from what a file begins with; nothing, where more is needed.
    ///
    /// # Errors
    /// `NOT_A_BACKUP`, where it is sealed for something else than a passphrase; `DAMAGED`; `TOO_BIG`, where opening it
    /// would take too much memory.
    pub fn read(begin: &[u8]) -> Result<Option<Self>> {
        let broken = || Error::from(DAMAGED);
        let text = begin.get(..begin.len().min(HEAD_LIMIT)).unwrap_or_default();
        let mut ends = text.iter().enumerate().filter(|(_, byte)| **byte == b'\n').map(|(at, _)| at + 1);
        let Some(length) = ends.nth(3) else {
            return if begin.len() < HEAD_LIMIT { Ok(None) } else { Err(broken()) };
        };
        let text = text.get(..length).and_then(|text| std::str::from_utf8(text).ok()).ok_or_else(broken)?;
        let lines: Vec<&str> = text.lines().collect();
        let [_, stanza, wrapped, mac] = lines.as_slice() else { return Err(broken()) };
        let Some(arguments) = stanza.strip_prefix("-> scrypt ") else {
            return Err(NOT_A_BACKUP.because("The file is encrypted, but not for a passphrase."));
        };
        let (salt, work) = arguments.split_once(' ').ok_or_else(broken)?;
        let work: u8 = work.parse().map_err(|_| broken())?;
        if work > WORK_LIMIT {
            return Err(TOO_BIG.because("To open the backup would take more memory than is allowed here."));
        }
        let decode = |text: &str| STANDARD_NO_PAD.decode(text).map_err(|_| broken());
        let signed = text.get(..text.rfind("---").unwrap_or(0) + 3).ok_or_else(broken)?.to_owned();
        let mac = decode(mac.strip_prefix("--- ").ok_or_else(broken)?)?;
        let (salt, wrapped) = (decode(salt)?, decode(wrapped)?);
        if salt.len() != KEY || wrapped.len() != KEY + TAG || work == 0 {
            return Err(broken());
        }
        Ok(Some(Self { salt, work, wrapped, signed, mac, length }))
    }

    /// The file's key. Takes memory and time as the file says: 64 MiB for ours, up to 256 MiB.
    ///
    /// # Errors
    /// `WRONG_PASSPHRASE`; `DAMAGED`.
    pub fn open(&self, passphrase: &str) -> Result<[u8; KEY]> {
        let mut wrapped = self.wrapped.clone();
        let key = cipher(&wrapping(passphrase, &self.salt, self.work)?)?;
        let key = key.open_in_place(zero(), Aad::empty(), &mut wrapped).map_err(|_| WRONG_PASSPHRASE)?;
        let key = key.first_chunk().copied().ok_or(DAMAGED)?;
        hmac::verify(&mac_key(&key)?, self.signed.as_bytes(), &self.mac).map_err(|_| DAMAGED)?;
        Ok(key)
    }
}

/// Opens a sealed file after its [`Head`].
pub struct Opener {
    file_key: [u8; KEY],
    key: Option<LessSafeKey>,
    held: Vec<u8>,
    count: u64,
}

impl Opener {
    /// With the file's key.
    pub fn new(key: [u8; KEY]) -> Self {
        Self { file_key: key, key: None, held: Vec::new(), count: 0 }
    }

    /// Takes sealed bytes; gives what they say.
    ///
    /// # Errors
    /// `DAMAGED`.
    pub fn push(&mut self, mut sealed: &[u8]) -> Result<Bytes> {
        if self.key.is_none() {
            let (now, later) = sealed.split_at(sealed.len().min(KEY - self.held.len()));
            self.held.extend_from_slice(now);
            sealed = later;
            if self.held.len() < KEY {
                return Ok(Bytes::new());
            }
            self.key = Some(cipher(&derive(&self.file_key, &self.held, b"payload")?)?);
            self.held.clear();
        }
        let mut text = BytesMut::new();
        while !sealed.is_empty() {
            // Only when more comes is it known that a chunk is not the last.
            if self.held.len() == CHUNK + TAG {
                self.take(false, &mut text)?;
            }
            let (now, later) = sealed.split_at(sealed.len().min(CHUNK + TAG - self.held.len()));
            self.held.extend_from_slice(now);
            sealed = later;
        }
        Ok(text.freeze())
    }

    /// Ends the file; gives the last of what it says.
    ///
    /// # Errors
    /// `DAMAGED`.
    pub fn end(mut self) -> Result<Bytes> {
        let mut text = BytesMut::new();
        self.take(true, &mut text)?;
        if text.is_empty() && self.count > 1 {
            return Err(DAMAGED.into());
        }
        Ok(text.freeze())
    }

    fn take(&mut self, last: bool, text: &mut BytesMut) -> Result<()> {
        let key = self.key.as_ref().ok_or(DAMAGED)?;
        let nonce = nonce(self.count, last);
        self.count += 1;
        let plain = key.open_in_place(nonce, Aad::empty(), &mut self.held).map_err(|_| DAMAGED)?;
        text.extend_from_slice(plain);
        self.held.clear();
        Ok(())
    }
}

fn wrapping(passphrase: &str, salt: &[u8], work: u8) -> Result<[u8; 32]> {
    let params = Params::new(work, 8, 1).map_err(Error::internal)?;
    let salt = [b"age-encryption.org/v1/scrypt".as_slice(), salt].concat();
    let mut key = [0; 32];
    scrypt::scrypt(passphrase.as_bytes(), &salt, &params, &mut key).map_err(Error::internal)?;
    Ok(key)
}

fn derive(key: &[u8], salt: &[u8], purpose: &[u8]) -> Result<[u8; 32]> {
    let mut derived = [0; 32];
    let extracted = hkdf::Salt::new(hkdf::HKDF_SHA256, salt).extract(key);
    let purpose = [purpose];
    let expanded = extracted.expand(&purpose, hkdf::HKDF_SHA256).map_err(|_| impossible())?;
    expanded.fill(&mut derived).map_err(|_| impossible())?;
    Ok(derived)
}

fn mac_key(key: &[u8]) -> Result<hmac::Key> {
    Ok(hmac::Key::new(hmac::HMAC_SHA256, &derive(key, &[], b"header")?))
}

fn cipher(key: &[u8; 32]) -> Result<LessSafeKey> {
    UnboundKey::new(&CHACHA20_POLY1305, key).map(LessSafeKey::new).map_err(|_| impossible())
}

/// A wrapping key is used once.
fn zero() -> Nonce {
    Nonce::assume_unique_for_key([0; NONCE_LEN])
}

fn nonce(count: u64, last: bool) -> Nonce {
    let mut nonce = [0; NONCE_LEN];
    if let Some(counter) = nonce.get_mut(3..11) {
        counter.copy_from_slice(&count.to_be_bytes());
    }
    if let Some(mark) = nonce.last_mut() {
        *mark = u8::from(last);
    }
    Nonce::assume_unique_for_key(nonce)
}

fn impossible() -> Error {
    Error::internal("a backup cannot be sealed")
}
