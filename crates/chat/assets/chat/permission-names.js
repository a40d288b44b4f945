// @ts-check
// The permission bits in words, apart from text.js for its length; translated together with it.

/** Names of the permission bits, grouped as the dialogs show them. */
export const permissionNames = /** @type {[string, [number, string][]][]} */ ([
  ["General", [[10, "See channels"], [4, "Manage channels"], [28, "Manage roles"], [5, "Manage guild"], [7, "See the audit log"], [29, "Manage webhooks"], [30, "Manage emojis"], [0, "Create invites"], [26, "Change own nickname"], [27, "Change nicknames of others"], [3, "Administrator"]]],
  ["Members", [[1, "Kick members"], [2, "Ban members"], [40, "Time members out"]]],
  ["Text", [[11, "Send messages"], [38, "Send messages in threads"], [35, "Create public threads"], [36, "Create private threads"], [14, "Embed links"], [15, "Attach files"], [6, "Add reactions"], [18, "Use emojis from elsewhere"], [17, "Mention @everyone and all roles"], [13, "Manage messages"], [51, "Pin messages"], [34, "Manage threads"], [16, "Read message history"], [12, "Send text-to-speech"], [31, "Use commands"], [52, "Skip slow mode"]]],
  ["Voice", [[20, "Connect"], [21, "Speak"], [9, "Stream"], [22, "Mute members"], [23, "Deafen members"], [24, "Move members"]]],
]);
