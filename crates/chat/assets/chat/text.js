// @ts-check
// Every English word that the chat shows, in one place, so that it can be translated.

const plural = new Intl.PluralRules("en");
/** @param {number} n @param {string} one @param {string} many */
const count = (n, one, many) => `${n.toLocaleString("en")} ${plural.select(n) === "one" ? one : many}`;

export const text = {
  ok: "OK",
  cancel: "Cancel",
  close: "Close",
  save: "Save",
  saved: "Saved.",
  create: "Create",
  remove: "Delete",
  edit: "Edit",
  add: "Add",
  more: "More",
  copied: "Copied.",
  loading: "Loading…",
  none: "None",
  retry: "Try again",
  dismiss: "Dismiss",
  moveUp: "Move up",
  moveDown: "Move down",

  errors: {
    network: "The server could not be reached. Check your connection.",
    /** @param {number} status */
    status: (status) => `The server answered with error ${status}.`,
    unknown: "Something went wrong here. Reload the page if it goes on.",
  },

  connection: {
    connecting: "Connecting…",
    /** @param {number} seconds */
    waiting: (seconds) => (seconds > 0 ? `Connection lost. Trying again in ${seconds} s…` : "Connecting…"),
    offline: "You are offline. Messages appear when the network is back.",
    now: "Try now",
    back: "Connected again.",
  },

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
    noInvites: "There are no invites.",
    noAudit: "Nothing has been recorded yet.",
    unban: "Lift ban",
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
    overwriteFor: "Permissions of",
    addOverwrite: "Add role or member",
    inherit: "Inherit",
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

  messages: {
    log: "Messages",
    start: "The beginning",
    /** @param {string} name */
    startOf: (name) => `This is where ${name} begins. Say something.`,
    edited: "(edited)",
    new: "New",
    /** @param {number} n */
    newBelow: (n) => (n ? count(n, "new message", "new messages") : "To the latest"),
    jump: "Jump to the latest",
    reply: "Reply",
    react: "Add reaction",
    pin: "Pin",
    unpin: "Unpin",
    copyText: "Copy text",
    copyLink: "Copy link",
    copyId: "Copy id",
    actions: "Message actions",
    deleteTitle: "Delete message",
    deleteSure: "Delete this message? It disappears for everybody.",
    deletedReply: "The message has been deleted.",
    sending: "Sending…",
    failed: "Not sent.",
    onlyYou: "Only you can see this.",
    thinking: "is thinking…",
    /** @param {string} user @param {string} name */
    used: (user, name) => `${user} used /${name}`,
    attachment: "Attachment",
    /** @param {string} name */
    image: (name) => `Image: ${name}`,
    spoiler: "Spoiler: press to show",
    pins: "Pinned messages",
    noPins: "Nothing is pinned here.",
    /** @param {string} who @param {string} what */
    announce: (who, what) => `${who}: ${what}`,
    /** @param {string} emoji @param {number} n */
    reaction: (emoji, n) => `${emoji}, ${count(n, "reaction", "reactions")}`,
    editing: "Edit message",
    editHint: "Enter saves, Escape cancels.",
    system: /** @type {Record<number, (who: string, what: string) => string>} */ ({
      1: (who) => `${who} added somebody to the group.`,
      2: (who) => `${who} left the group.`,
      4: (who, what) => `${who} renamed the channel: ${what}`,
      6: (who) => `${who} pinned a message.`,
      7: (who) => `${who} joined. Welcome!`,
      18: (who, what) => `${who} started a thread: ${what}`,
    }),
    unsupported: "This kind of message is not shown here yet.",
  },

  composer: {
    /** @param {string} name */
    placeholder: (name) => `Message ${name}`,
    label: "Message",
    send: "Send",
    attach: "Upload files",
    emoji: "Emoji",
    drop: "Drop files to upload them",
    /** @param {string} name */
    replyingTo: (name) => `Replying to ${name}`,
    mention: "Notify them",
    stopReply: "Stop replying",
    removeFile: "Remove file",
    readOnly: "You may not write in this channel.",
    timedOut: "You are timed out and cannot write for now.",
    /** @param {number} n */
    tooLong: (n) => `${n} characters too many`,
    tooMany: "At most 10 files in one message.",
    /** @param {string} name @param {string} max */
    tooLarge: (name, max) => `${name} is larger than ${max}.`,
    /** @param {string[]} names */
    typing: (names) =>
      names.length === 1 ? `${names[0]} is typing…` : names.length <= 3 ? `${names.slice(0, -1).join(", ")} and ${names.at(-1)} are typing…` : "Several people are typing…",
    suggestions: "Suggestions",
    commands: "Commands",
    people: "People",
    noCommands: "No commands here",
    optional: "optional",
    run: "Run",
    command: "Command",
    missing: "is missing",
    yes: "True",
    no: "False",
    commandFailed: "The application did not answer.",
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
    /** @param {number} n @param {number} max */
    used: (n, max) => (max ? `used ${n} of ${max} times` : `used ${count(n, "time", "times")}`),
    never: "never ends",
    goneTitle: "This invite is not valid",
    gone: "It may have ended, been used up, or been revoked. Ask for a new one.",
    /** @param {string} name */
    from: (name) => `${name} invites you to`,
    /** @param {number} n */
    members: (n) => count(n, "member", "members"),
    /** @param {string} name */
    joinName: (name) => `Join ${name}`,
    /** @param {string} when */
    until: (when) => `ends ${when}`,
  },

  friends: {
    title: "Friends",
    tabs: { online: "Online", all: "All", pending: "Pending", blocked: "Blocked", add: "Add friend" },
    direct: "Direct messages",
    addIntro: "You can add somebody by their user name.",
    username: "User name",
    sendRequest: "Send request",
    /** @param {string} name */
    sent: (name) => `Request sent to ${name}.`,
    accept: "Accept",
    decline: "Decline",
    withdraw: "Withdraw",
    unfriend: "Remove friend",
    block: "Block",
    unblock: "Unblock",
    incoming: "wants to be friends",
    outgoing: "request sent",
    empty: { online: "No friend is online right now.", all: "No friends here yet. Add somebody by their user name.", pending: "No open requests.", blocked: "Nobody is blocked." },
    noDirect: "No conversations yet.",
    closeDm: "Close conversation",
    addFriend: "Add friend",
  },

  status: {
    title: "Your status",
    online: "Online",
    idle: "Away",
    dnd: "Do not disturb",
    invisible: "Invisible",
    offline: "Offline",
    custom: "What is going on?",
    clear: "Clear",
    settings: "Account settings",
    theme: "Light or dark",
    signOut: "Sign out",
  },

  search: { title: "Go to", hint: "Channel, guild or person", empty: "Nothing by that name." },
  drawer: { open: "Show channels", members: "Show members", hideMembers: "Hide members" },
  days: { today: "Today", yesterday: "Yesterday" },
};
