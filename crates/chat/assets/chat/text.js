// @ts-check
// Every English word that the chat shows, here and in the two files beside it (text-structure.js, permission-names.js), so
// that it can be translated.

import { count, structure } from "./text-structure.js";

export const text = {
  ...structure,
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

  messages: {
    log: "Messages",
    /** @param {string} name */
    startOf: (name) => `This is where ${name} begins. Say something.`,
    /** @param {string} name */
    startWith: (name) => `This is the beginning of your conversation with ${name}.`,
    edited: "(edited)",
    new: "New",
    /** @param {number} n */
    newBelow: (n) => (n ? count(n, "new message", "new messages") : "To the latest"),
    jump: "Jump to the latest",
    /** @param {number} n @param {boolean} more @param {string} when */
    newSince: (n, more, when) => `${more ? `${n}+ new messages` : count(n, "new message", "new messages")} since ${when}`,
    toFirst: "Jump to the first new message",
    markRead: "Mark as read",
    markUnread: "Mark unread",
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
    /** @param {number} n */
    tooShort: (n) => `at least ${n} characters`,
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
    missing: "this is needed",
    yes: "True",
    no: "False",
    /** @param {string} name */
    noAnswer: (name) => `${name || "The application"} did not answer in time.`,
    searching: "Asking the application…",
    noChoices: "Nothing fits.",
    file: "Choose a file",
    apps: "Apps",
    submit: "Submit",
    choose: "Choose",
    /** @param {number} n @param {number} max */
    chosen: (n, max) => `${n} of ${max} chosen`,
    filter: "Filter",
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

  groups: {
    create: "New group",
    intro: "Choose friends to talk with, up to nine.",
    start: "Create group",
    noFriends: "No friends to choose here. Add some first.",
    add: "Add people",
    menu: "Conversation menu",
    name: "Name of the group",
    rename: "Rename group",
    leave: "Leave group",
    /** @param {string} name */
    leaveSure: (name) => `Leave ${name}? Somebody in it has to bring you back.`,
    remove: "Remove from the group",
    /** @param {string} name */
    removeSure: (name) => `Take ${name} out of this group?`,
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
