//! What can go wrong in the chat, with Discord's JSON error codes
//! (<https://discord.com/developers/docs/topics/opcodes-and-status-codes#json>).

use guildhall_base::{Code, Kind};

macro_rules! codes {
    ($($(#[$doc:meta])* $constant:ident = $kind:ident $number:literal $name:literal $text:literal;)*) => {
        $($(#[$doc])* pub(crate) const $constant: Code = Code::new(Kind::$kind, $number, $name, $text);)*
    };
}

codes! {
    UNKNOWN_CHANNEL = NotFound 10003 "unknown_channel" "Unknown Channel";
    UNKNOWN_GUILD = NotFound 10004 "unknown_guild" "Unknown Guild";
    UNKNOWN_INVITE = NotFound 10006 "unknown_invite" "Unknown Invite";
    UNKNOWN_MEMBER = NotFound 10007 "unknown_member" "Unknown Member";
    UNKNOWN_MESSAGE = NotFound 10008 "unknown_message" "Unknown Message";
    UNKNOWN_OVERWRITE = NotFound 10009 "unknown_overwrite" "Unknown Overwrite";
    UNKNOWN_ROLE = NotFound 10011 "unknown_role" "Unknown Role";
    UNKNOWN_USER = NotFound 10013 "unknown_user" "Unknown User";
    UNKNOWN_EMOJI = NotFound 10014 "unknown_emoji" "Unknown Emoji";
    UNKNOWN_WEBHOOK = NotFound 10015 "unknown_webhook" "Unknown Webhook";
    WEBHOOK_NEEDS_THREAD = Invalid 220001 "webhook_needs_thread"
        "Webhooks posted to forum channels must have a thread_name or thread_id";
    WEBHOOK_MAKES_NO_THREADS = Invalid 220003 "webhook_makes_no_threads"
        "Webhooks can only create threads in forum channels";
    WEBHOOK_FORMAT = Invalid 0 "webhook_format"
        "Bodies in the formats of Slack and GitHub are not understood here; send Discord's to the address without the suffix.";
    MAX_WEBHOOKS = Invalid 30007 "max_webhooks" "Maximum number of webhooks reached (15)";
    UNKNOWN_BAN = NotFound 10026 "unknown_ban" "Unknown Ban";
    UNKNOWN_STICKER = NotFound 10060 "unknown_sticker" "Unknown sticker";
    UNKNOWN_INTERACTION = NotFound 10062 "unknown_interaction" "Unknown interaction";
    UNKNOWN_COMMAND = NotFound 10063 "unknown_command" "Unknown application command";
    UNKNOWN_COMMAND_PERMISSIONS = NotFound 10066 "unknown_command_permissions"
        "Unknown application command permissions";
    NOT_AUTHORIZED_ON_APPLICATION = Forbidden 20012 "not_authorized_on_application"
        "You are not authorized to perform this action on this application";
    MAX_COMMANDS = Invalid 30032 "max_commands" "Maximum number of application commands reached (100)";
    ONLY_OWNER = Forbidden 20018 "only_owner" "This action cannot be performed by anyone but the owner of this account";
    BOTS_CANNOT = Forbidden 20001 "bots_cannot" "Bots cannot use this endpoint";
    ONLY_BOTS_CAN = Forbidden 20002 "only_bots_can" "Only bots can use this endpoint";
    SLOWMODE = RateLimited 20016 "slowmode" "This action cannot be performed due to slowmode rate limit";
    MAX_GUILDS = Invalid 30001 "max_guilds" "Maximum number of guilds reached (200)";
    MAX_PINS = Invalid 30003 "max_pins" "Maximum number of pins reached for the channel (250)";
    MAX_ROLES = Invalid 30005 "max_roles" "Maximum number of guild roles reached (250)";
    MAX_EMOJIS = Invalid 30008 "max_emojis" "Maximum number of server emojis reached (50)";
    MAX_ANIMATED_EMOJIS = Invalid 30018 "max_animated_emojis" "Maximum number of animated emojis reached (50)";
    MAX_APPLICATION_EMOJIS = Invalid 30008 "max_application_emojis"
        "Maximum number of application emojis reached (2000)";
    MAX_STICKERS = Invalid 30039 "max_stickers" "Maximum number of stickers reached (5)";
    FILE_TOO_LARGE = Invalid 50045 "file_too_large" "File uploaded exceeds the maximum size";
    INVALID_STICKER_FILE = Invalid 50046 "invalid_sticker_file" "Invalid asset";
    INVALID_STICKER = Invalid 50081 "invalid_sticker" "Invalid sticker sent";
    MAX_REACTIONS = Invalid 30010 "max_reactions" "Maximum number of reactions reached (20)";
    MAX_CHANNELS = Invalid 30013 "max_channels" "Maximum number of guild channels reached (500)";
    MAX_DAILY_COMMANDS = Invalid 30034 "max_daily_commands"
        "Max number of daily application command creates has been reached (200)";
    MAX_INVITES = Invalid 30016 "max_invites" "Maximum number of invites reached (1000)";
    MAX_OVERWRITES = Invalid 30060 "max_overwrites" "Maximum number of channel permission overwrites reached (500)";
    BANNED = Forbidden 40007 "banned" "The user is banned from this guild";
    INVITES_PAUSED = Forbidden 0 "invites_paused" "Invites are currently paused for this server. Please try again later.";
    NOT_IN_VOICE = Invalid 40032 "not_in_voice" "Target user is not connected to voice.";
    ALREADY_ACKNOWLEDGED = Invalid 40060 "already_acknowledged" "Interaction has already been acknowledged";
    MISSING_ACCESS = Forbidden 50001 "missing_access" "Missing Access";
    NOT_IN_DIRECT = Forbidden 50003 "not_in_direct" "Cannot execute action on a DM channel";
    NOT_AUTHOR = Forbidden 50005 "not_author" "Cannot edit a message authored by another user";
    CANNOT_SEND_TO_USER = Forbidden 50007 "cannot_send_to_user" "Cannot send messages to this user";
    NO_TEXT_CHANNEL = Invalid 50008 "no_text_channel" "Cannot send messages in a non-text channel";
    MISSING_PERMISSIONS = Forbidden 50013 "missing_permissions" "Missing Permissions";
    INVALID_BULK_COUNT = Invalid 50016 "invalid_bulk_count"
        "Provided too few or too many messages to delete. Must provide at least 2 and at most 100 messages";
    SYSTEM_MESSAGE = Forbidden 50021 "system_message" "Cannot execute action on a system message";
    INVALID_CHANNEL_TYPE = Invalid 50024 "invalid_channel_type" "Cannot execute action on this channel type";
    INVALID_ACCESS_TOKEN = Invalid 50025 "invalid_access_token" "Invalid OAuth2 access token provided";
    INVALID_WEBHOOK_TOKEN = Unauthenticated 50027 "invalid_webhook_token" "Invalid Webhook Token";
    INVALID_ROLE = Invalid 50028 "invalid_role" "Invalid role";
    INVALID_RECIPIENTS = Invalid 50033 "invalid_recipients" "Invalid Recipient(s)";
    TOO_OLD = Invalid 50034 "too_old" "You can only bulk delete messages that are under 14 days old.";
    NEEDS_OWNER = Invalid 0 "job_needs_owner"
        "Such a job needs a guild (guild_id) and somebody in whose name it is done (user_id)";
    RIGHT_LOST = Forbidden 0 "job_right_lost" "Whoever asked for this job may not do that any more";
    NOT_REMEMBERED = NotFound 0 "not_remembered" "Nothing is remembered of this member";
    NOBODY_BANNED = Invalid 500000 "nobody_banned" "Failed to ban users";
}
