// @ts-check
// The pinned messages of a channel.

import { fill, h } from "../dom.js";
import { float, place } from "../menu.js";
import { markup } from "../markup.js";
import { namesIn } from "../message.js";
import { text } from "../text.js";
import { stamp } from "../time.js";
import { sentence } from "../toast.js";

/** @param {import("../app.js").App} app @param {import("../types.js").Channel} channel @param {Element} anchor */
export async function showPins(app, channel, anchor) {
  const list = h("div", { class: "pins-list", tabindex: "-1" }, h("p", { class: "empty" }, text.loading));
  const panel = h("div", { class: "pins", role: "dialog", "aria-label": text.messages.pins }, h("h2", {}, text.messages.pins), list);
  float(panel, anchor, "below");
  list.focus();
  try {
    const answer = await app.rest.get(`/channels/${channel.id}/messages/pins`);
    /** @type {import("../types.js").Message[]} */
    const messages = Array.isArray(answer) ? answer : (answer.items ?? []).map((/** @type {any} */ item) => item.message);
    fill(
      list,
      messages.length
        ? messages.map((message) =>
            h(
              "button",
              { type: "button", class: "pin-entry", on: { click: () => (panel.hidePopover(), app.jump?.(channel.id, message.id)) } },
              h("span", { class: "byline" }, h("strong", {}, app.store.nameOf(message.author, channel.guild_id)), h("time", {}, stamp(new Date(message.timestamp)))),
              h("div", { class: "markup", inert: true }, message.content ? markup(message.content, namesIn(app, channel.guild_id)) : text.messages.attachment),
            ),
          )
        : h("p", { class: "empty" }, text.messages.noPins),
    );
    place(panel, anchor.getBoundingClientRect(), "below");
  } catch (error) {
    fill(list, h("p", { class: "notice bad" }, sentence(error)));
  }
}
