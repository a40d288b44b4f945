//! AntiRaid's `iblfile`.

use guildhall_base::Result;

use super::Found;

/// What the file begins with.
pub const MAGIC: &[u8] = b"iblaef";

/// Reads it.
///
/// # Errors
/// `DAMAGED`.
pub fn read(_file: &[u8], _passphrase: Option<&str>) -> Result<Found> {
    Err(crate::codes::DAMAGED.into())
}
