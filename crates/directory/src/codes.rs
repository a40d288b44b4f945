//! What can go wrong in the directory.

use guildhall_base::{Code, Kind};

macro_rules! codes {
    ($($(#[$doc:meta])* $constant:ident = $kind:ident $name:literal $text:literal;)*) => {
        $($(#[$doc])* pub const $constant: Code = Code::new(Kind::$kind, 0, $name, $text);)*

        /// All of them; pages have a text of each in every language.
        pub const ALL: &[Code] = &[$($constant),*];
    };
}

codes! {
    /// There is no such listing, or none that the caller may see.
    UNKNOWN_LISTING = NotFound "unknown_listing" "There is no such listing.";
    /// It is listed already.
    LISTED_ALREADY = Conflict "listed_already" "This is listed already.";
    /// Its platform does not know it.
    NOT_ON_PLATFORM = Invalid "not_on_platform" "No bot or guild with this id was found there.";
    /// A private bot.
    NOT_PUBLIC = Invalid "not_public" "Only bots that others may add are listed.";
    /// A platform that this server is not told about.
    UNKNOWN_PLATFORM = Invalid "unknown_platform" "This server looks nothing up on that platform.";
    /// Somebody else's application or guild.
    NOT_YOURS = Forbidden "not_yours" "Only whoever owns it can list it.";
    /// A keeper without the right.
    MISSING_LISTING_RIGHT = Forbidden "missing_listing_right" "Its owner has not allowed you to do this.";
    /// Its keepers locked it.
    EDIT_LOCKED = Conflict "edit_locked" "This listing is locked; unlock it first.";
    /// Staff locked it.
    STAFF_LOCKED = Forbidden "staff_locked" "Staff locked this listing.";
    /// Only people do this, not bots.
    ONLY_PEOPLE = Forbidden "only_people" "Only people can do this.";
    /// The short name is taken.
    VANITY_TAKEN = Conflict "vanity_taken" "This short name is taken.";
    /// It has as many owners as it may have.
    TOO_MANY_OWNERS = Conflict "too_many_owners" "A listing has at most five owners.";
    /// That person is not one of its owners.
    NOT_AN_OWNER = NotFound "not_an_owner" "That person does not keep this listing.";
    /// The main owner is made by a transfer.
    MAIN_OWNER = Conflict "main_owner" "The main owner changes by a transfer only.";
    /// No such team, or none that the caller is in.
    UNKNOWN_TEAM = NotFound "unknown_team" "There is no such team.";
    /// A team has as many members as it may have.
    TEAM_FULL = Conflict "team_full" "A team has at most 25 members.";
    /// A picture that could not be fetched, or is none.
    NOT_A_PICTURE = Invalid "not_a_picture" "There is no picture at this address.";
    /// Staff do this with listings that stand elsewhere.
    WRONG_STATE = Conflict "wrong_state" "This cannot be done with the listing as it stands.";
    /// Somebody else of the staff decides on it.
    CLAIMED_BY_ANOTHER = Forbidden "claimed_by_another" "Somebody else looks at this listing.";
    /// No such review, or none that the caller may see.
    UNKNOWN_REVIEW = NotFound "unknown_review" "There is no such review.";
    /// One review of each person.
    REVIEWED_ALREADY = Conflict "reviewed_already" "You have reviewed this; change what you wrote.";
    /// Nobody reviews what they keep.
    OWN_LISTING = Forbidden "own_listing" "You keep this listing.";
    /// Nobody votes for what they wrote.
    OWN_REVIEW = Forbidden "own_review" "You wrote this.";
    /// Somebody else wrote it.
    NOT_YOUR_REVIEW = Forbidden "not_your_review" "Somebody else wrote this.";
    /// It is in no list.
    TAKES_NO_REVIEWS = Conflict "takes_no_reviews" "This listing takes no reviews as it stands.";
    /// No such pack.
    UNKNOWN_PACK = NotFound "unknown_pack" "There is no such pack.";
    /// Somebody else's pack.
    NOT_YOUR_PACK = Forbidden "not_your_pack" "Somebody else made this pack.";
    /// They have as many packs as one may have.
    TOO_MANY_PACKS = Conflict "too_many_packs" "You may have at most 50 packs.";
    /// None of the named commands is there.
    UNKNOWN_COMMAND = NotFound "unknown_command" "There is no such command.";
    /// A listing has as many commands as it may have.
    TOO_MANY_COMMANDS = Conflict "too_many_commands" "A listing has at most 500 commands.";
    /// A bot of another platform.
    NOT_HERE = Invalid "not_here" "This bot registers its commands elsewhere.";
    /// No such news or resource.
    UNKNOWN_ENTRY = NotFound "unknown_entry" "There is no such entry.";
    /// A listing has as many news or resources as it may have.
    TOO_MANY_ENTRIES = Conflict "too_many_entries" "This listing has too many entries; remove one first.";
    /// It was neither refused nor banned.
    NOTHING_TO_APPEAL = Conflict "nothing_to_appeal" "Only what was refused or banned is looked at again.";
    /// It is not yet what certified listings are.
    NOT_CERTIFIABLE = Conflict "not_certifiable" "This listing cannot be certified as it stands.";
    /// The same waits for an answer.
    ASKED_ALREADY = Conflict "asked_already" "You have asked this; staff have not answered yet.";
    /// A question came a moment before.
    ASKED_A_MOMENT_AGO = RateLimited "asked_a_moment_ago" "You have asked something a moment ago.";
    /// No such question to staff.
    UNKNOWN_APPEAL = NotFound "unknown_appeal" "There is no such appeal.";
    /// It was answered.
    ANSWERED_ALREADY = Conflict "answered_already" "This was answered.";
    /// It takes no votes.
    NO_VOTES = Forbidden "no_votes" "This listing takes no votes.";
    /// Somebody voted already.
    WAIT = RateLimited "wait" "You have voted already.";
    /// Nobody votes without a confirmed address.
    UNVERIFIED_MAIL = Forbidden "unverified_mail" "Confirm your mail address to vote.";
    /// Nobody votes with an account that was made a moment ago.
    ACCOUNT_TOO_NEW = Forbidden "account_too_new" "Your account is too new to vote.";
    /// There is no token to take away.
    NO_TOKEN = NotFound "no_token" "This listing has no token.";
    /// Staff let it say its size no more.
    STATS_LOCKED = Forbidden "stats_locked" "This listing may not post statistics.";
    /// Members of guilds are counted here.
    COUNTED_HERE = Invalid "counted_here" "Only bots say how large they are; members of guilds are counted here.";
    /// No such webhook of this listing.
    UNKNOWN_WEBHOOK = NotFound "unknown_webhook" "There is no such webhook.";
    /// A listing has as many webhooks as it may have.
    TOO_MANY_WEBHOOKS = Conflict "too_many_webhooks" "A listing has at most five webhooks.";
    /// Nothing was sent there under this id.
    UNKNOWN_DELIVERY = NotFound "unknown_delivery" "There is no such delivery.";
    /// The webhook was stopped.
    WEBHOOK_STOPPED = Conflict "webhook_stopped" "Nothing is sent to this webhook any more; start it again first.";
    /// A webhook did not take a message.
    NOT_TAKEN = Unavailable "not_taken" "The webhook did not take it.";
}
