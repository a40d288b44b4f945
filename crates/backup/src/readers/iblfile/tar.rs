//! The tar that sections are in, as Go writes it (POSIX ustar). Nothing is unpacked: sections are slices of the file.

use std::collections::BTreeMap;

use guildhall_base::{Error, Result};

use super::Sections;
use crate::codes::{DAMAGED, TOO_BIG};

/// Bytes of a block.
const BLOCK: usize = 512;
/// The most sections.
const SECTIONS: usize = 100_000;

/// All sections by their names.
pub(super) fn sections(mut tar: &[u8]) -> Result<Sections<'_>> {
    let mut sections = BTreeMap::new();
    loop {
        let (head, rest) = tar.split_at_checked(BLOCK).ok_or_else(damaged)?;
        if head.iter().all(|byte| *byte == 0) {
            return Ok(sections);
        }
        check(head)?;
        let size = usize::try_from(octal(head.get(124..136))?).map_err(|_| damaged())?;
        let content = rest.get(..size).ok_or_else(damaged)?;
        let kind = head.get(156).copied().unwrap_or_default();
        // Only files: links and folders have no business here.
        if !matches!(kind, b'0' | 0) {
            return Err(damaged());
        }
        if sections.insert(name(head)?, content).is_some() {
            return Err(damaged());
        }
        if sections.len() > SECTIONS {
            return Err(TOO_BIG.into());
        }
        tar = rest.get(size.next_multiple_of(BLOCK)..).ok_or_else(damaged)?;
    }
}

/// A name is only looked up, and never a path; strange ones are refused all the same.
fn name(head: &[u8]) -> Result<&str> {
    let field = head.get(..100).unwrap_or_default();
    let end = field.iter().position(|byte| *byte == 0).unwrap_or(field.len());
    let name = field.get(..end).and_then(|name| std::str::from_utf8(name).ok());
    name.filter(|name| crate::container::is_name(name)).ok_or_else(damaged)
}

/// The sum of all bytes, those of the sum itself as spaces.
fn check(head: &[u8]) -> Result<()> {
    let byte = |(at, byte): (usize, &u8)| if (148..156).contains(&at) { 32 } else { u64::from(*byte) };
    let sum: u64 = head.iter().enumerate().map(byte).sum();
    if octal(head.get(148..156))? == sum { Ok(()) } else { Err(damaged()) }
}

fn octal(field: Option<&[u8]>) -> Result<u64> {
    let text = std::str::from_utf8(field.unwrap_or_default()).map_err(|_| damaged())?;
    u64::from_str_radix(text.trim_matches(['\0', ' ']), 8).map_err(|_| damaged())
}

fn damaged() -> Error {
    DAMAGED.into()
}
