//! What can go wrong here, with Discord's numbers where it has them.

use guildhall_base::{Code, Kind};

/// No such user.
pub const UNKNOWN_USER: Code = Code::new(Kind::NotFound, 10013, "unknown_user", "Unknown User");
/// The list has no such entry.
pub const UNKNOWN_SESSION: Code = Code::new(Kind::NotFound, 10020, "unknown_session", "Unknown session");
/// Name or password is wrong; which, is not said.
pub const WRONG_PASSWORD: Code =
    Code::new(Kind::Invalid, 50035, "wrong_password", "The name or the password is not right.");
/// The operator does not let strangers in.
pub const REGISTRATION_CLOSED: Code =
    Code::new(Kind::Forbidden, 20011, "registration_closed", "Registration is closed on this server.");
/// Bots have no friends.
pub const NOT_FOR_BOTS: Code =
    Code::new(Kind::Forbidden, 20001, "not_for_bots", "Bots cannot use this endpoint");
/// The other does not want to be asked.
pub const REQUEST_BLOCKED: Code =
    Code::new(Kind::Invalid, 80001, "friend_request_blocked", "Friend request blocked");
/// The other is a bot.
pub const BOTS_HAVE_NO_FRIENDS: Code =
    Code::new(Kind::Invalid, 80002, "bots_have_no_friends", "Bots cannot have friends");
/// The other is oneself.
pub const NOT_YOURSELF: Code =
    Code::new(Kind::Invalid, 80003, "not_yourself", "Cannot send friend request to self");
/// Nobody has that name.
pub const NO_SUCH_NAME: Code =
    Code::new(Kind::Invalid, 80004, "no_such_name", "No users with that name exist");
/// They are friends already.
pub const ALREADY_FRIENDS: Code =
    Code::new(Kind::Invalid, 80007, "already_friends", "You are already friends with that user.");
/// No mails are sent here.
pub const NO_MAIL: Code = Code::new(Kind::Unavailable, 0, "no_mail", "This server sends no mail.");
/// The link or code of a mail was used, is too old, was tried too often or never was.
pub const MAIL_SPENT: Code =
    Code::new(Kind::Invalid, 0, "mail_spent", "This link or code is no longer good. Ask for a new mail.");
/// The code of a mail is wrong.
pub const WRONG_MAIL_CODE: Code = Code::new(Kind::Invalid, 0, "wrong_mail_code", "This code is not right.");
/// Said only to who has shown that the address is theirs.
pub const MAIL_ADDRESS_TAKEN: Code =
    Code::new(Kind::Conflict, 0, "mail_address_taken", "This address belongs to another account.");
/// The one-time link was used, is too old or never was.
pub const SETUP_CODE_SPENT: Code = Code::new(
    Kind::Forbidden,
    0,
    "setup_code_spent",
    "This link is no longer good. Restart the server to get a new one, if there is no administrator yet.",
);
/// A second factor is set up already.
pub const GUARDED_ALREADY: Code =
    Code::new(Kind::Invalid, 60001, "second_factor_exists", "A second factor is set up already.");
/// There is no second factor.
pub const NOT_GUARDED: Code =
    Code::new(Kind::Invalid, 60002, "no_second_factor", "No second factor is set up.");
/// This needs a fresh proof of who is acting: see `Accounts::prove`.
pub const STEP_UP_REQUIRED: Code = Code::new(
    Kind::Forbidden,
    60003,
    "step_up_required",
    "Confirm that it is you first: this action needs a proof from the last minutes.",
);
/// The sign-in took too long, was tried too often, or was finished already.
pub const TICKET_SPENT: Code =
    Code::new(Kind::Invalid, 60006, "ticket_spent", "This sign-in is no longer good. Begin again.");
/// The code is not right, or was used before.
pub const WRONG_CODE: Code =
    Code::new(Kind::Invalid, 60008, "wrong_code", "This code is not right, or was used already.");
/// This site or this person has no passkeys.
pub const NO_PASSKEYS_HERE: Code =
    Code::new(Kind::Invalid, 0, "no_passkeys", "There are no passkeys to use here.");
/// The answer of an authenticator is not good; why, is not said.
pub const PASSKEY_REFUSED: Code =
    Code::new(Kind::Invalid, 0, "passkey_refused", "The passkey was not accepted. Try again.");
/// The list has no such passkey.
pub const UNKNOWN_PASSKEY: Code = Code::new(Kind::NotFound, 0, "unknown_passkey", "Unknown passkey");
/// What is to be removed is the last thing that its owner can sign in with.
pub const LAST_WAY_IN: Code =
    Code::new(Kind::Invalid, 0, "last_way_in", "This is your only way to sign in. Set up another one first.");
/// Something belongs to who wants to go that must have another owner first.
pub const STILL_NEEDED: Code =
    Code::new(Kind::Conflict, 0, "still_needed", "You own guilds. Hand them over or delete them first.");
/// The account waits for its deletion already.
pub const LEAVING_ALREADY: Code =
    Code::new(Kind::Conflict, 0, "leaving_already", "This account waits for its deletion already.");
/// The deletion was called off, or is done.
pub const KEEP_SPENT: Code = Code::new(
    Kind::Invalid,
    0,
    "keep_spent",
    "This is no longer good: the account was kept already, is deleted, or it took too long. Sign in to see.",
);
/// One copy a day.
pub const COPY_TOO_SOON: Code =
    Code::new(Kind::RateLimited, 0, "copy_too_soon", "You can ask for one copy of your data a day.");
/// Staff have banned the account.
pub const ACCOUNT_BANNED: Code =
    Code::new(Kind::Forbidden, 40002, "account_banned", "This account is banned from this server.");
/// Staff have taken programs from the account: bots, access tokens, tokens in `Authorization`.
pub const API_BANNED: Code =
    Code::new(Kind::Forbidden, 40001, "api_banned", "This account may not use the API.");
/// Staff have taken the right to change one's profile and what one has published.
pub const EDIT_BANNED: Code =
    Code::new(Kind::Forbidden, 20001, "edit_banned", "This account may not change its profile.");
/// A platform right is missing.
pub const MISSING_RIGHTS: Code =
    Code::new(Kind::Forbidden, 50013, "missing_rights", "You lack the right to do this.");
/// The session was made for less.
pub const SESSION_SCOPE: Code =
    Code::new(Kind::Forbidden, 50013, "session_scope", "This session may not be used for that.");
/// Whoever it would be done to, or what would be given, is as high as the actor or higher.
pub const ABOVE_YOU: Code =
    Code::new(Kind::Forbidden, 50013, "above_you", "You can act only on those below your own rank.");
/// The configuration has no such rank.
pub const UNKNOWN_RANK: Code = Code::new(Kind::NotFound, 0, "unknown_rank", "Unknown rank");
/// They hold that rank already.
pub const RANK_HELD: Code = Code::new(Kind::Conflict, 0, "rank_held", "They hold this rank already.");
/// They do not hold that rank.
pub const RANK_NOT_HELD: Code = Code::new(Kind::Conflict, 0, "rank_not_held", "They do not hold this rank.");
/// The configuration has no such provider, or this site cannot have any.
pub const UNKNOWN_PROVIDER: Code = Code::new(Kind::NotFound, 0, "unknown_provider", "Unknown provider");
/// The provider did not say who it is, or what it said does not hold; why, is not said.
pub const PROVIDER_FAILED: Code =
    Code::new(Kind::Invalid, 0, "provider_failed", "The other site did not say who you are. Begin again.");
/// The account at the other site opens somebody else's account here.
pub const IDENTITY_TAKEN: Code = Code::new(
    Kind::Conflict,
    0,
    "identity_taken",
    "This account at the other site is linked to somebody else here.",
);
/// The list has no such link.
pub const UNKNOWN_IDENTITY: Code = Code::new(Kind::NotFound, 0, "unknown_identity", "Unknown linked account");
/// The address that the provider gave belongs to an account here, which is not taken over.
pub const ADDRESS_KNOWN: Code = Code::new(
    Kind::Forbidden,
    0,
    "address_known",
    "There is an account with your mail address already. Sign in to it, and link the other site in its settings.",
);
