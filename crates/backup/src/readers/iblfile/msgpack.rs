//! MessagePack as Go's vmihailenco/msgpack writes it: texts that come again are written as an extension that says which
//! one it was, and times as the timestamp extension. Gives JSON.

use guildhall_base::{Error, Result, Timestamp};
use serde_json::{Map, Number, Value};

use crate::codes::DAMAGED;

/// The deepest nesting.
const DEPTH: usize = 64;
/// Texts shorter than this are never referred to.
const SHORTEST_KNOWN: usize = 3;
/// At most so many texts are.
const MOST_KNOWN: usize = 65_535;
/// The extension that says which text it was.
const KNOWN: i8 = -128;
/// The extension of times.
const TIME: i8 = -1;

/// Reads one value; nothing follows it.
pub(super) fn read(bytes: &[u8]) -> Result<Value> {
    let mut reader = Reader { rest: bytes, known: Vec::new() };
    let value = reader.value(0)?;
    if reader.rest.is_empty() { Ok(value) } else { Err(damaged()) }
}

struct Reader<'a> {
    rest: &'a [u8],
    known: Vec<&'a str>,
}

impl<'a> Reader<'a> {
    fn value(&mut self, depth: usize) -> Result<Value> {
        if depth > DEPTH {
            return Err(damaged());
        }
        let tag = self.number(1)?;
        Ok(match tag {
            0x00..=0x7f => tag.into(),
            0x80..=0x8f => self.map(tag & 0x0f, depth)?,
            0x90..=0x9f => self.list(tag & 0x0f, depth)?,
            0xa0..=0xbf => self.text(tag & 0x1f)?.into(),
            0xc0 => Value::Null,
            0xc2 | 0xc3 => (tag == 0xc3).into(),
            0xc4..=0xc6 => {
                let length = self.number(1 << (tag - 0xc4))?;
                String::from_utf8_lossy(self.take(length)?).into_owned().into()
            }
            0xc7..=0xc9 => {
                let length = self.number(1 << (tag - 0xc7))?;
                self.extension(length)?
            }
            0xca => float(f64::from(f32::from_bits(self.number(4)? as u32))),
            0xcb => float(f64::from_bits(self.number(8)?)),
            0xcc..=0xcf => self.number(1 << (tag - 0xcc))?.into(),
            0xd0..=0xd3 => {
                let bytes = 1 << (tag - 0xd0);
                let unused = 64 - 8 * bytes as u32;
                ((self.number(bytes)? << unused).cast_signed() >> unused).into()
            }
            0xd4..=0xd8 => self.extension(1 << (tag - 0xd4))?,
            0xd9..=0xdb => {
                let length = self.number(1 << (tag - 0xd9))?;
                self.text(length)?.into()
            }
            0xdc | 0xdd => {
                let length = self.number(2 << (tag - 0xdc))?;
                self.list(length, depth)?
            }
            0xde | 0xdf => {
                let length = self.number(2 << (tag - 0xde))?;
                self.map(length, depth)?
            }
            0xe0..=0xff => i64::from((tag as u8).cast_signed()).into(),
            _ => return Err(damaged()),
        })
    }

    /// Every item has at least a byte, so a length beyond the rest is found before it is believed.
    fn list(&mut self, length: u64, depth: usize) -> Result<Value> {
        let mut items = Vec::new();
        for _ in 0..length {
            items.push(self.value(depth + 1)?);
        }
        Ok(Value::Array(items))
    }

    fn map(&mut self, length: u64, depth: usize) -> Result<Value> {
        let mut fields = Map::new();
        for _ in 0..length {
            let Value::String(name) = self.value(depth + 1)? else { return Err(damaged()) };
            let value = self.value(depth + 1)?;
            fields.insert(name, value);
        }
        Ok(Value::Object(fields))
    }

    fn text(&mut self, length: u64) -> Result<&'a str> {
        let text = std::str::from_utf8(self.take(length)?).map_err(|_| damaged())?;
        if text.len() >= SHORTEST_KNOWN && self.known.len() < MOST_KNOWN {
            self.known.push(text);
        }
        Ok(text)
    }

    fn extension(&mut self, length: u64) -> Result<Value> {
        let kind = (self.number(1)? as u8).cast_signed();
        match (kind, length) {
            (KNOWN, 1 | 2 | 4) => {
                let which = usize::try_from(self.number(length as usize)?).map_err(|_| damaged())?;
                Ok((*self.known.get(which).ok_or_else(damaged)?).into())
            }
            (TIME, 4) => Ok(time(self.number(4)?.cast_signed(), 0)),
            (TIME, 8) => {
                let both = self.number(8)?;
                Ok(time((both & 0x3_ffff_ffff).cast_signed(), both >> 34))
            }
            (TIME, 12) => {
                let nanoseconds = self.number(4)?;
                Ok(time(self.number(8)?.cast_signed(), nanoseconds))
            }
            // Something that a backup does not need.
            _ => self.take(length).map(|_| Value::Null),
        }
    }

    fn number(&mut self, bytes: usize) -> Result<u64> {
        let taken = self.take(bytes as u64)?;
        Ok(taken.iter().fold(0, |number, byte| number << 8 | u64::from(*byte)))
    }

    fn take(&mut self, length: u64) -> Result<&'a [u8]> {
        let length = usize::try_from(length).map_err(|_| damaged())?;
        let (taken, rest) = self.rest.split_at_checked(length).ok_or_else(damaged)?;
        self.rest = rest;
        Ok(taken)
    }
}

/// Go's zero time is in the year 1: it means "never".
fn time(seconds: i64, nanoseconds: u64) -> Value {
    let milliseconds = i64::try_from(nanoseconds / 1_000_000).unwrap_or(0);
    match seconds.checked_mul(1000).and_then(|time| time.checked_add(milliseconds)) {
        Some(time) if (0..253_402_300_800_000).contains(&time) => {
            Timestamp::from_millis(time).to_string().into()
        }
        _ => Value::Null,
    }
}

fn float(number: f64) -> Value {
    Number::from_f64(number).map_or(Value::Null, Value::Number)
}

fn damaged() -> Error {
    DAMAGED.into()
}
