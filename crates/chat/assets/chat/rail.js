// @ts-check
// The narrow column of guilds.

import { guildIcon } from "./avatar.js";
import { byId, fill, h, icon, perFrame, rove } from "./dom.js";
import { createGuild } from "./dialogs/guild-create.js";
import { marksOf } from "./reads.js";
import { text } from "./text.js";
import { byId as byAge } from "./time.js";

/** @param {import("./app.js").App} app */
export function mountRail(app) {
  const { store } = app;
  const rail = byId("rail");
  const settle = rove(rail, ".rail-button");

  /** @param {string | null} guild */
  const marks = (guild) => {
    const { unread, mentions } = marksOf(app, guild);
    const pending = guild ? 0 : [...store.relationships.values()].filter((entry) => entry.type === 3).length;
    return { unread, mentions: mentions + pending };
  };

  /** @param {string} label @param {Node} face @param {boolean} current @param {() => void} action @param {{unread: boolean, mentions: number}} [mark] */
  const button = (label, face, current, action, mark) => {
    const state = mark?.mentions ? `, ${mark.mentions}` : mark?.unread ? `, ${text.channels.unread}` : "";
    return h(
      "li",
      { class: mark?.unread ? "unread" : "" },
      h("button", { type: "button", class: "rail-button", "aria-label": label + state, title: label, "aria-current": current ? "page" : null, on: { click: action } }, face),
      mark?.mentions ? h("span", { class: "count", "aria-hidden": "true" }, mark.mentions > 99 ? "99+" : mark.mentions) : null,
    );
  };

  const draw = perFrame(() => {
    const focused = rail.contains(document.activeElement) ? [...rail.querySelectorAll(".rail-button")].indexOf(/** @type {Element} */ (document.activeElement)) : -1;
    const guilds = [...store.guilds.values()].sort((a, b) => byAge(a.id, b.id));
    const list = h("ul", {});
    list.append(button(text.guilds.home, icon("message"), store.selected.guild === null, () => app.open(null), marks(null)), h("li", { class: "rule", "aria-hidden": "true" }));
    for (const guild of guilds) {
      list.append(button(guild.name, guildIcon(guild), store.selected.guild === guild.id, () => app.open(guild.id), marks(guild.id)));
    }
    list.append(button(text.guilds.create, icon("plus"), false, () => createGuild(app)));
    fill(rail, list);
    settle();
    if (focused >= 0) /** @type {HTMLElement | undefined} */ ([...rail.querySelectorAll(".rail-button")][focused])?.focus();
  });
  store.on(["guilds", "channels", "selection", "reads", "ready", "relationships"], draw);
  store.on("members", (detail) => detail.user === store.me.id && draw());
}
