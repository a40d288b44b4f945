// @ts-check
// What can be done with a channel of a guild from its row: by the pointer's second button or the keyboard.

import { editChannel } from "./dialogs/channel.js";
import { showMenu } from "./menu.js";
import { pathOf } from "./navigate.js";
import { stepChannel } from "./order.js";
import { P } from "./permissions.js";
import { markRead } from "./reads.js";
import { text } from "./text.js";
import { copy } from "./toast.js";

/** @typedef {import("./app.js").App} App */
/** @typedef {import("./types.js").Channel} Channel */

/** @param {App} app @param {Channel} channel @param {Element | DOMRect} anchor */
export function channelMenu(app, channel, anchor) {
  const { store } = app;
  const manages = Boolean(store.mayIn(channel) & P.MANAGE_CHANNELS) && !(channel.type >= 10 && channel.type <= 12);
  const inside = channel.type === 4 ? [...store.channels.values()].filter((other) => other.parent_id === channel.id) : [channel];
  showMenu(
    anchor,
    [
      { label: text.messages.markRead, icon: "check", run: () => markRead(app, inside) },
      channel.type !== 4 && { label: text.messages.copyLink, icon: "link", run: () => void copy(`${location.origin}${pathOf(channel.guild_id ?? null, channel.id)}`) },
      { label: text.messages.copyId, icon: "copy", run: () => void copy(channel.id) },
      manages && "line",
      manages && { label: text.channels.editTitle, icon: "settings", run: () => editChannel(app, channel) },
      manages && { label: text.moveUp, icon: "arrow-up", run: () => void stepChannel(app, channel, -1) },
      manages && { label: text.moveDown, icon: "arrow-down", run: () => void stepChannel(app, channel, 1) },
    ],
    channel.name ?? "",
  );
}

/**
 * The keys of a row: the menu's, and Ctrl with Shift and the arrows to move it.
 * @param {App} app
 * @param {Channel} channel
 * @param {KeyboardEvent} event
 * @returns {boolean} whether the key meant something
 */
export function channelKey(app, channel, event) {
  const step = event.ctrlKey && event.shiftKey ? (event.key === "ArrowUp" ? -1 : event.key === "ArrowDown" ? 1 : 0) : 0;
  if (!step || !(app.store.mayIn(channel) & P.MANAGE_CHANNELS)) return false;
  stepChannel(app, channel, step);
  return true;
}
