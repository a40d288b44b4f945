// @ts-check
// A last word before somebody takes from themselves what they would need to take it back.

import { ALL, P, inChannel, inGuild } from "../permissions.js";
import { text } from "../text.js";
import { confirmDialog } from "./dialog.js";
import { namesOf } from "./permissions.js";

/** @typedef {import("../app.js").App} App */
/** @typedef {import("../types.js").Guild} Guild */
/** @typedef {import("../types.js").Role} Role */
/** @typedef {import("../types.js").Channel} Channel */
/** @typedef {import("../types.js").Overwrite} Overwrite */

/** @param {bigint} lost @returns {Promise<boolean>} whether to go on */
async function sure(lost) {
  if (!lost) return true;
  return confirmDialog({ title: text.roles.lockTitle, body: text.roles.lockSure(namesOf(lost)), action: text.roles.lockAnyway, danger: true });
}

/** What I need to undo a change of roles. */
const KEYS = P.ADMINISTRATOR | P.MANAGE_ROLES | P.MANAGE_GUILD | P.VIEW_CHANNEL;
/** What I need to undo a change in a channel. */
const CHANNEL_KEYS = P.VIEW_CHANNEL | P.MANAGE_ROLES | P.MANAGE_CHANNELS;

/** Before a role is changed. @param {App} app @param {Guild} guild @param {Role} changed */
export function beforeRole(app, guild, changed) {
  const me = app.store.me.id;
  if (guild.owner_id === me) return Promise.resolve(true);
  const before = inGuild(guild, me);
  const after = inGuild({ ...guild, roles: new Map(guild.roles).set(changed.id, changed) }, me);
  return sure((before === ALL ? ALL : before) & ~after & KEYS);
}

/** Before the overwrites of a channel are changed. @param {App} app @param {Guild} guild @param {Channel} channel @param {Overwrite[]} overwrites */
export function beforeOverwrites(app, guild, channel, overwrites) {
  const me = app.store.me.id;
  if (guild.owner_id === me) return Promise.resolve(true);
  return sure(inChannel(guild, channel, me) & ~inChannel(guild, { ...channel, permission_overwrites: overwrites }, me) & CHANNEL_KEYS);
}
