// @ts-check
// The line above the messages: where one is, what it is about, and what can be done with it.

import { byId, fill, h, icon, iconButton, perFrame } from "./dom.js";
import { showPins } from "./dialogs/pins.js";
import { addPeople, conversationMenu } from "./groups.js";
import { channelIcon } from "./sidebar.js";
import { text } from "./text.js";
import { isNarrow, toggleMembers } from "./memberlist.js";
import { openSearch } from "./search.js";

/** @param {import("./app.js").App} app */
export function mountHeader(app) {
  const { store } = app;
  const header = byId("header");
  const draw = perFrame(() => {
    if (!store.ready) return;
    const { channel, guild } = store;
    const menu = iconButton("menu", text.drawer.open, () => (document.body.dataset.drawer = document.body.dataset.drawer === "channels" ? "" : "channels"), { class: "drawer-button" });
    const title = channel ? store.titleOf(channel) : guild ? guild.name : text.friends.title;
    const other = channel?.type === 1 ? channel.recipients?.[0] : undefined;
    const topic = channel?.topic || (other ? store.moodOf(other.id) : "");
    document.title = `${channel && guild ? `#${title} · ${guild.name}` : title} · ${document.body.dataset.site ?? "Guildhall"}`;
    dispatchEvent(new Event("titled"));
    fill(
      header,
      menu,
      h("h1", { class: "where" }, channel ? (other ? h("span", { class: "at", "aria-hidden": "true" }, "@") : channelIcon(channel)) : icon(guild ? "hash" : "members"), h("span", {}, title)),
      topic ? h("p", { class: "topic", title: topic }, topic) : null,
      h(
        "div",
        { class: "header-actions", role: "toolbar", "aria-label": text.more },
        iconButton("search", `${text.search.title} (Ctrl+K)`, () => openSearch(app)),
        channel ? iconButton("pin", text.messages.pins, (event) => showPins(app, channel, /** @type {Element} */ (event.currentTarget))) : null,
        channel && !guild ? iconButton("user-plus", text.groups.add, () => addPeople(app, channel)) : null,
        channel && !guild ? iconButton("more", text.groups.menu, (event) => conversationMenu(app, channel, /** @type {Element} */ (event.currentTarget)), { "aria-haspopup": "menu" }) : null,
        channel && (guild || channel.type === 3)
          ? iconButton("members", text.drawer.members, () => toggleMembers(), { class: "members-button", "aria-pressed": String(document.body.dataset.members !== "hidden" && !isNarrow()) })
          : null,
      ),
    );
  });
  store.on(["selection", "channels", "guilds", "presences", "ready"], draw);
  addEventListener("members-toggled", draw);
}
