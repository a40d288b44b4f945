//! What can go wrong here, with Discord's numbers where it has them.

use guildhall_base::{Code, Kind};

/// No such application, or not one's own.
pub const UNKNOWN_APPLICATION: Code =
    Code::new(Kind::NotFound, 10002, "unknown_application", "Unknown Application");
/// The access token was not given this scope, or no scope opens this route.
pub const MISSING_SCOPE: Code =
    Code::new(Kind::Forbidden, 50026, "missing_scope", "Missing required OAuth2 scope");
/// The application's requests are used up for now.
pub const APPLICATION_LIMIT: Code =
    Code::new(Kind::RateLimited, 0, "application_limit", "This application has made too many requests.");
/// No such secret.
pub const UNKNOWN_SECRET: Code = Code::new(Kind::NotFound, 0, "unknown_secret", "There is no such secret.");
/// The bot is not public, and the actor not its owner.
pub const NOT_ITS_OWNER: Code =
    Code::new(Kind::Forbidden, 20012, "not_its_owner", "Only its owner may add this bot.");
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
