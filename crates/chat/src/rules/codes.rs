//! The codes with which rules refuse.

use guildhall_base::{Code, Kind};

/// Not allowed to, or not with this member or role.
pub const MISSING_PERMISSIONS: Code =
    Code::new(Kind::Forbidden, 50013, "missing_permissions", "Missing Permissions");
/// `@everyone`, or a role that belongs to a bot or integration.
pub const INVALID_ROLE: Code = Code::new(Kind::Invalid, 50028, "invalid_role", "Invalid Role");
/// A message with nothing in it.
pub const EMPTY_MESSAGE: Code =
    Code::new(Kind::Invalid, 50006, "empty_message", "Cannot send an empty message");
