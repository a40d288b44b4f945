//! What can be wrong with a backup, and with what is asked of one. None of these changes anything.

use guildhall_base::{Code, Kind};

/// The file is none of the formats that are read.
pub const NOT_A_BACKUP: Code =
    Code::new(Kind::Invalid, 0, "not_a_backup", "This is no backup of a format that can be read here.");
/// A later program made it.
pub const UNKNOWN_VERSION: Code =
    Code::new(Kind::Invalid, 0, "backup_unknown_version", "The backup was made by a later version.");
/// A checksum does not fit, the end is missing, or the structure is not what it must be.
pub const DAMAGED: Code =
    Code::new(Kind::Invalid, 0, "backup_damaged", "The backup is damaged; nothing of it was used.");
/// It is larger, or unpacks to more, than is allowed.
pub const TOO_BIG: Code =
    Code::new(Kind::TooLarge, 0, "backup_too_big", "The backup is larger than is allowed here.");
/// It is encrypted, and no passphrase was given.
pub const NEEDS_PASSPHRASE: Code =
    Code::new(Kind::Invalid, 0, "backup_needs_passphrase", "The backup is encrypted; give its passphrase.");
/// The passphrase does not open it.
pub const WRONG_PASSPHRASE: Code =
    Code::new(Kind::Invalid, 0, "backup_wrong_passphrase", "The passphrase does not open the backup.");
/// A job went on after it was over, and what it may not keep that long is gone.
pub const SECRETS_GONE: Code = Code::new(
    Kind::Invalid,
    0,
    "backup_secrets_gone",
    "The passphrase or token of this job was removed when it was over. Ask for it anew.",
);
