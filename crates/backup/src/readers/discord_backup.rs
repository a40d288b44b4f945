//! discord-backup.

use guildhall_base::Result;

use super::Found;

/// Reads it.
///
/// # Errors
/// `DAMAGED`.
pub fn read(_file: &[u8]) -> Result<Found> {
    Err(crate::codes::DAMAGED.into())
}
