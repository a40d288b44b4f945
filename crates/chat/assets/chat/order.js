// @ts-check
// The order of channels and roles: what a move means, shown at once, told to the server, and taken back when it refuses.

import { text } from "./text.js";
import { byId } from "./time.js";
import { sentence, toast } from "./toast.js";

/** @typedef {import("./app.js").App} App */
/** @typedef {import("./types.js").Channel} Channel */
/** @typedef {import("./types.js").Guild} Guild */
/** @typedef {import("./types.js").Role} Role */

/** Which run of channels one is listed in: text before voice, categories apart. @param {Channel} channel */
export const bucket = (channel) => (channel.type === 4 ? 2 : channel.type === 2 || channel.type === 13 ? 1 : 0);

/** @param {{position?: number, id: string}} a @param {{position?: number, id: string}} b */
const ascending = (a, b) => (a.position ?? 0) - (b.position ?? 0) || byId(a.id, b.id);

/** The channels that are counted together with one, in their order, as if it lay in that category. @param {App} app @param {Channel} channel @param {string | null} parent */
function peers(app, channel, parent) {
  const all = [...app.store.channels.values()].filter((other) => other.guild_id === channel.guild_id && !(other.type >= 10 && other.type <= 12));
  return all.filter((other) => bucket(other) === bucket(channel) && (other.parent_id ?? null) === parent && other.id !== channel.id).sort(ascending);
}

/**
 * Shows something at once and takes it back when the server does not agree.
 * @param {() => () => void} show does it and returns how to undo it
 * @param {() => Promise<unknown>} tell
 */
async function boldly(show, tell) {
  const undo = show();
  try {
    await tell();
  } catch (error) {
    undo();
    toast(`${text.channels.notMoved} ${sentence(error)}`, "bad");
  }
}

/**
 * Moves a channel to a place among its peers.
 * @param {App} app
 * @param {Channel} channel
 * @param {string | null} parent the category; null for none
 * @param {number} index
 */
export function moveChannel(app, channel, parent, index) {
  const { store } = app;
  const home = channel.guild_id ?? "";
  const order = peers(app, channel, parent);
  const at = Math.max(0, Math.min(index, order.length));
  if (at === place(app, channel) && parent === (channel.parent_id ?? null)) return Promise.resolve();
  order.splice(at, 0, channel);
  const show = () => {
    const before = order.map((other) => ({ id: other.id, position: other.position, parent_id: other.parent_id }));
    for (const [position, other] of order.entries()) store.channels.set(other.id, { ...other, position, parent_id: parent });
    store.emit("channels", { guild: home });
    return () => {
      for (const { id, ...old } of before) {
        const now = store.channels.get(id);
        if (now) store.channels.set(id, { ...now, ...old });
      }
      store.emit("channels", { guild: home });
    };
  };
  const body = { id: channel.id, position: at, ...(parent === (channel.parent_id ?? null) ? {} : { parent_id: parent }) };
  return boldly(show, () => app.rest.patch(`/guilds/${home}/channels`, [body]));
}

/** Which place a channel has among its peers. @param {App} app @param {Channel} channel */
function place(app, channel) {
  return peers(app, channel, channel.parent_id ?? null).filter((other) => ascending(other, channel) < 0).length;
}

/** One step up or down; beyond the end of a category into the next. @param {App} app @param {Channel} channel @param {-1 | 1} step */
export function stepChannel(app, channel, step) {
  const { store } = app;
  const parent = channel.parent_id ?? null;
  const here = place(app, channel);
  const last = peers(app, channel, parent).length;
  if (here + step >= 0 && here + step <= last) return moveChannel(app, channel, parent, here + step);
  if (channel.type === 4) return Promise.resolve();
  const categories = [...store.channels.values()].filter((other) => other.guild_id === channel.guild_id && other.type === 4).sort(ascending);
  const parents = [null, ...categories.map((category) => category.id)];
  const next = parents[parents.indexOf(parent) + step];
  if (next === undefined) return Promise.resolve();
  return moveChannel(app, channel, next, step > 0 ? 0 : peers(app, channel, next).length);
}

/**
 * Puts a channel before or after another one, or into a category.
 * @param {App} app
 * @param {Channel} channel
 * @param {Channel} target
 * @param {"before" | "after" | "inside"} side
 */
export function dropChannel(app, channel, target, side) {
  if (channel.id === target.id) return Promise.resolve();
  const parent = channel.type === 4 ? null : side === "inside" ? target.id : (target.parent_id ?? null);
  const order = peers(app, channel, parent);
  if (bucket(target) !== bucket(channel)) return moveChannel(app, channel, parent, side === "inside" || bucket(target) > bucket(channel) ? order.length : 0);
  const at = order.findIndex((other) => other.id === target.id);
  return moveChannel(app, channel, parent, at + (side === "after" ? 1 : 0));
}

/** The roles as they are listed: the highest first. @param {Guild} guild */
export const listedRoles = (guild) => [...guild.roles.values()].sort((a, b) => b.position - a.position || byId(a.id, b.id));

/** Moves a role to a place in the list. @param {App} app @param {Guild} guild @param {Role} role @param {number} index counted from the highest, without itself */
export function moveRole(app, guild, role, index) {
  const order = listedRoles(guild).filter((other) => other.id !== role.id);
  // Below everybody's role there is no place.
  const at = Math.max(0, Math.min(index, order.length - 1));
  order.splice(at, 0, role);
  const position = order.length - 1 - at;
  if (position === role.position) return Promise.resolve();
  const show = () => {
    const before = order.map((other) => [other, other.position]);
    for (const [place, other] of order.entries()) other.position = order.length - 1 - place;
    app.store.emit("guilds", { guild: guild.id });
    return () => {
      for (const [other, old] of /** @type {[Role, number][]} */ (before)) other.position = old;
      app.store.emit("guilds", { guild: guild.id });
    };
  };
  return boldly(show, () => app.rest.patch(`/guilds/${guild.id}/roles`, [{ id: role.id, position }]));
}
