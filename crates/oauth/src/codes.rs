//! What can go wrong here, with Discord's numbers where it has them.

use guildhall_base::{Code, Kind};

/// No such application, or not one's own.
pub const UNKNOWN_APPLICATION: Code =
    Code::new(Kind::NotFound, 10002, "unknown_application", "Unknown Application");
/// Only a bot has an application of its own to speak of.
pub const ONLY_BOTS: Code = Code::new(Kind::Forbidden, 20002, "only_bots", "Only bots can use this endpoint");
/// Bots make no bots.
pub const ONLY_PEOPLE: Code =
    Code::new(Kind::Forbidden, 20001, "only_people", "Bots cannot use this endpoint");
/// One person has as many as one person may have.
pub const TOO_MANY_APPLICATIONS: Code = Code::new(
    Kind::Invalid,
    30000,
    "too_many_applications",
    "You have as many applications as one person may have (100).",
);
