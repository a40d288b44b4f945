// @ts-check
// The words of guilds, channels, roles, members and invites, mostly in dialogs; the rest is in text.js.

const plural = new Intl.PluralRules("en");
/** @param {number} n @param {string} one @param {string} many */
export const count = (n, one, many) => `${n.toLocaleString("en")} ${plural.select(n) === "one" ? one : many}`;

export const structure = {
  guilds: {
    rail: "Guilds",
    home: "Friends and direct messages",
    create: "Create or join a guild",
    createTitle: "Create a guild",
    createIntro: "A guild is one community: its channels, its roles, its people.",
    name: "Name",
    joinTitle: "Or join one",
    inviteField: "Invite link or code",
    join: "Join",
    settings: "Guild settings",
    tools: "Tools for many at once",
    invite: "Invite people",
    leave: "Leave guild",
    /** @param {string} name */
    leaveSure: (name) => `Leave ${name}? You can come back only with an invite.`,
    deleteGuild: "Delete guild",
    /** @param {string} name */
    deleteSure: (name) => `Delete ${name} with all its channels and messages? This cannot be undone. Type its name to confirm.`,
    description: "Description",
    icon: "Icon",
    iconHint: "A square picture, at most 1 MB.",
    systemChannel: "Channel for greetings",
    wrongName: "That is not its name.",
    unavailable: "This guild is not available right now.",
    emptyTitle: "No channels yet",
    emptyText: "There is nothing here that you may see.",
    menu: "Guild menu",
    tabs: { overview: "Overview", roles: "Roles", invites: "Invites", bans: "Bans", audit: "Audit log" },
    noBans: "Nobody is banned.",
    more: "Webhooks, emojis and stickers",
    noInvites: "There are no invites.",
    noAudit: "Nothing has been recorded yet.",
    unban: "Lift ban",
    /** @param {string} name */
    unbanSure: (name) => `Let ${name} come back? They need an invite to do so.`,
    anybody: "Anybody",
    anything: "Anything",
    byWhom: "Done by",
    what: "What was done",
    older: "Older entries",
    /** @param {number} n */
    changes: (n) => count(n, "change", "changes"),
    revoke: "Revoke",
  },
  channels: {
    list: "Channels",
    create: "Create channel",
    createIn: "Create channel here",
    editTitle: "Channel settings",
    name: "Name",
    type: "Type",
    parent: "Category",
    noParent: "No category",
    topic: "Topic",
    slowmode: "Slow mode",
    nsfw: "For adults only",
    permissions: "Permissions",
    remove: "Delete channel",
    /** @param {string} name */
    removeSure: (name) => `Delete ${name} and every message in it? This cannot be undone.`,
    types: /** @type {Record<number, string>} */ ({ 0: "Text", 2: "Voice", 4: "Category", 5: "Announcement", 15: "Forum" }),
    /** @param {number} seconds */
    slow: (seconds) => (seconds === 0 ? "Off" : seconds < 60 ? `${seconds} s` : seconds < 3600 ? `${seconds / 60} min` : `${seconds / 3600} h`),
    unread: "unread",
    notMoved: "It stays where it was.",
    overwriteFor: "Permissions of",
    addOverwrite: "Add role or member",
    neutral: "Inherit",
    allow: "Allow",
    deny: "Deny",
    voice: "Voice channels carry text here; there is no sound yet.",
  },
  roles: {
    create: "New role",
    newName: "new role",
    name: "Name",
    color: "Colour",
    noColor: "No colour",
    hoist: "Show its members separately",
    mentionable: "Anyone may mention it",
    permissions: "Permissions",
    remove: "Delete role",
    /** @param {string} name */
    removeSure: (name) => `Delete the role ${name}? Its members lose what it gave them.`,
    everyone: "Everybody in this guild",
    managed: "This role belongs to a bot.",
    choose: "Choose a role to edit it.",
    deny: "Take away",
    neutral: "Neither",
    allow: "Grant",
    switchHint: "✕ takes a permission away that lower roles grant, ✓ grants it, – leaves it as it is.",
    lockTitle: "You would lock yourself out",
    /** @param {string[]} names */
    lockSure: (names) => `With this you lose: ${names.join(", ")}. You may not be able to undo it yourself.`,
    lockAnyway: "Save anyway",
  },
  members: {
    list: "Members",
    /** @param {number} n */
    online: (n) => `Online — ${n}`,
    /** @param {number} n */
    offline: (n) => `Offline — ${n}`,
    /** @param {string} role @param {number} n */
    role: (role, n) => `${role} — ${n}`,
    /** @param {number} n */
    hidden: (n) => `and ${count(n, "other", "others")}`,
    owner: "Owner of the guild",
    gone: "Somebody who is gone",
    bot: "BOT",
    profile: "Profile",
    message: "Message",
    nickname: "Nickname",
    changeNickname: "Change nickname",
    roles: "Roles",
    editRoles: "Edit roles",
    kick: "Kick",
    ban: "Ban",
    timeout: "Time out",
    endTimeout: "End time-out",
    reason: "Reason",
    reasonHint: "It is kept in the audit log.",
    /** @param {string} name */
    kickSure: (name) => `Remove ${name} from the guild? They can come back with an invite.`,
    /** @param {string} name */
    banSure: (name) => `Ban ${name}? They are removed and cannot come back until the ban is lifted.`,
    deleteHistory: "Delete their messages of the last",
    histories: [["0", "nothing"], ["3600", "hour"], ["86400", "day"], ["604800", "week"]],
    duration: "For how long",
    durations: [["60", "1 minute"], ["300", "5 minutes"], ["600", "10 minutes"], ["3600", "1 hour"], ["86400", "1 day"], ["604800", "1 week"]],
    joined: "In the guild since",
    since: "Account since",
    /** @param {string} when */
    timedOut: (when) => `Timed out until ${when}`,
    about: "About",
    you: "That is you.",
  },
  invites: {
    title: "Invite people",
    intro: "Whoever opens this link can join.",
    link: "Invite link",
    copy: "Copy link",
    expires: "Ends after",
    uses: "Number of uses",
    ages: [["1800", "30 minutes"], ["3600", "1 hour"], ["86400", "1 day"], ["604800", "7 days"], ["0", "Never"]],
    limits: [["0", "No limit"], ["1", "1"], ["5", "5"], ["10", "10"], ["25", "25"], ["100", "100"]],
    renew: "New link",
    open: "Open",
    invalid: "This invite is not valid any more.",
    /** @param {number} n */
    present: (n) => `${n.toLocaleString("en")} online`,
    /** @param {number} n */
    members: (n) => count(n, "member", "members"),
    /** @param {number} n @param {number} max */
    used: (n, max) => (max ? `used ${n} of ${max} times` : `used ${count(n, "time", "times")}`),
    never: "never ends",
    /** @param {string} when */
    until: (when) => `ends ${when}`,
  },
};
