// @ts-check
// What can be done with a message, from the toolbar, the menu or the keyboard.

import { USED, commandsFor, invokeOn } from "./commands.js";
import { confirmDialog } from "./dialogs/dialog.js";
import { emojisOf, pickEmoji } from "./emoji.js";
import { showMenu } from "./menu.js";
import { pathOf } from "./navigate.js";
import { P } from "./permissions.js";
import { markUnread } from "./reads.js";
import { text } from "./text.js";
import { attempt, copy } from "./toast.js";

/** @typedef {import("./app.js").App} App */
/** @typedef {import("./types.js").Message} Message */
/** @typedef {import("./types.js").Emoji} Emoji */

/** @param {Emoji} emoji */
const emojiPath = (emoji) => encodeURIComponent(emoji.id ? `${emoji.name}:${emoji.id}` : (emoji.name ?? ""));

/** Adds my reaction or takes it away; the gateway's event draws it. @param {App} app @param {Message} message @param {Emoji} emoji */
export function toggleReaction(app, message, emoji) {
  const mine = message.reactions?.some((entry) => entry.me && (emoji.id ? entry.emoji.id === emoji.id : entry.emoji.name === emoji.name));
  const path = `/channels/${message.channel_id}/messages/${message.id}/reactions/${emojiPath(emoji)}/@me`;
  return attempt(() => (mine ? app.rest.delete(path) : app.rest.put(path)));
}

/** @param {App} app @param {Message} message @param {Element} anchor */
export function react(app, message, anchor) {
  const guild = app.store.guilds.get(app.store.channels.get(message.channel_id)?.guild_id ?? "");
  const picked = (/** @type {string} */ face) => {
    const [, name = face, id = null] = /^<a?:(\w+):(\d+)>$/.exec(face) ?? [];
    const old = message.reactions?.find((entry) => entry.me && (id ? entry.emoji.id === id : entry.emoji.name === name));
    if (!old) toggleReaction(app, message, { id, name });
  };
  pickEmoji(anchor, picked, emojisOf(guild));
}

/** @param {App} app @param {Message} message */
export async function remove(app, message) {
  if (!(await confirmDialog({ title: text.messages.deleteTitle, body: text.messages.deleteSure, action: text.remove, danger: true, quote: message.content }))) return;
  await attempt(() => app.rest.delete(`/channels/${message.channel_id}/messages/${message.id}`));
}

/** Which actions this person has on this message. @param {App} app @param {Message} message */
function rights(app, message) {
  const channel = app.store.channels.get(message.channel_id);
  const bits = channel ? app.store.mayIn(channel) : 0n;
  const mine = message.author.id === app.store.me.id;
  return {
    reply: Boolean(bits & P.SEND_MESSAGES),
    react: Boolean(bits & P.ADD_REACTIONS),
    edit: mine,
    remove: mine || Boolean(channel?.guild_id && bits & P.MANAGE_MESSAGES),
    apps: Boolean(bits & P.USE_COMMANDS),
    pin: Boolean(bits & P.PIN) || Boolean(bits & P.MANAGE_MESSAGES),
  };
}

/** @param {App} app @param {Message} message */
const togglePin = (app, message) =>
  attempt(() => (message.pinned ? app.rest.delete(`/channels/${message.channel_id}/pins/${message.id}`) : app.rest.put(`/channels/${message.channel_id}/pins/${message.id}`)));

/** The commands that applications have for a person or a message. @param {App} app @param {number} kind @param {string} target @param {Element | DOMRect} anchor */
export async function appsMenu(app, kind, target, anchor) {
  const place = anchor instanceof Element ? anchor.getBoundingClientRect() : anchor;
  const found = await commandsFor(app, kind);
  /** @type {import("./menu.js").Entry[]} */
  const entries = found.map((entry) => ({ label: `${entry.name} — ${entry.application}`, icon: "bot", run: () => void invokeOn(app, entry, target) }));
  showMenu(place, entries.length ? entries : [{ label: text.composer.noCommands, run: () => {} }], text.composer.apps);
}

/** @param {App} app @param {Message} message @param {Element | DOMRect} anchor @param {"react"} [straight] */
export function messageMenu(app, message, anchor, straight) {
  const may = rights(app, message);
  const spot = anchor instanceof Element ? anchor : (document.querySelector(`[data-id="${message.id}"]`) ?? document.body);
  if (straight === "react") return react(app, message, spot);
  const guild = app.store.channels.get(message.channel_id)?.guild_id ?? null;
  showMenu(
    anchor,
    [
      may.react && { label: text.messages.react, icon: "smile", run: () => react(app, message, spot) },
      may.reply && { label: text.messages.reply, icon: "reply", run: () => app.replyTo?.(message) },
      may.edit && { label: text.edit, icon: "edit", run: () => app.editMessage?.(message) },
      may.pin && { label: message.pinned ? text.messages.unpin : text.messages.pin, icon: "pin", run: () => togglePin(app, message) },
      { label: text.messages.markUnread, icon: "eye", run: () => void markUnread(app, message) },
      may.apps && { label: text.composer.apps, icon: "bot", run: () => void appsMenu(app, USED.MESSAGE, message.id, anchor) },
      { label: text.messages.copyText, icon: "copy", run: () => copy(message.content) },
      { label: text.messages.copyLink, icon: "link", run: () => copy(`${location.origin}${pathOf(guild, message.channel_id)}/${message.id}`) },
      { label: text.messages.copyId, icon: "copy", run: () => copy(message.id) },
      may.remove && "line",
      may.remove && { label: text.remove, icon: "trash", danger: true, run: () => remove(app, message) },
    ],
    text.messages.actions,
  );
}

/**
 * Keys on a focused message.
 * @param {App} app
 * @param {Message} message
 * @param {KeyboardEvent} event
 * @param {HTMLElement} element
 * @returns {boolean} whether the key meant something
 */
export function messageKey(app, message, event, element) {
  if (event.ctrlKey || event.metaKey || event.altKey) return false;
  const may = rights(app, message);
  switch (event.key) {
    case "Enter":
    case "ContextMenu":
      messageMenu(app, message, element.querySelector(".content") ?? element);
      return true;
    case "r":
      if (may.reply) app.replyTo?.(message);
      return may.reply;
    case "e":
      if (may.edit) app.editMessage?.(message);
      return may.edit;
    case "p":
      if (may.pin) togglePin(app, message);
      return may.pin;
    case "+":
      if (may.react) react(app, message, element);
      return may.react;
    case "Delete":
    case "Backspace":
      if (may.remove) remove(app, message);
      return may.remove;
    default:
      return false;
  }
}
