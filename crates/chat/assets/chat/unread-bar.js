// @ts-check
// Above the messages: how many are new since when, the way to the first of them, and the end of all that.

import { fill, h, icon } from "./dom.js";
import { text } from "./text.js";
import { byId, idDate, stamp } from "./time.js";

/** @typedef {import("./types.js").Message} Message */

/**
 * @param {HTMLElement} before the bar is put in front of this
 * @param {{toFirst: () => void, done: () => void}} actions
 */
export function unreadBar(before, actions) {
  const words = h("button", { type: "button", class: "unread-words", title: text.messages.toFirst, on: { click: actions.toFirst } });
  const bar = h("div", { class: "unread-bar", role: "status", hidden: true }, words, h("button", { type: "button", class: "unread-done", on: { click: actions.done } }, text.messages.markRead, h("kbd", {}, "Esc")));
  before.before(bar);
  return {
    /**
     * @param {string | null} mark the last message read; null for nothing new
     * @param {Message[]} items what is loaded, oldest first
     * @param {boolean} whole whether everything since the mark is loaded
     * @param {string} me
     */
    draw(mark, items, whole, me) {
      const fresh = mark === null ? [] : items.filter((item) => byId(item.id, mark) > 0 && item.author.id !== me && !item.pending);
      bar.hidden = !fresh.length;
      if (mark === null || !fresh.length) return;
      const since = mark === "0" ? (fresh[0]?.id ?? mark) : mark;
      fill(words, icon("arrow-up"), h("span", {}, text.messages.newSince(fresh.length, !whole, stamp(idDate(since)))));
    },
    hide: () => (bar.hidden = true),
  };
}
