// @ts-check
// Going somewhere by name: Ctrl+K.

import { avatar, guildIcon } from "./avatar.js";
import { fill, h } from "./dom.js";
import { dialog } from "./dialogs/dialog.js";
import { openDirect } from "./friends.js";
import { channelIcon } from "./sidebar.js";
import { TEXTUAL } from "./store.js";
import { text } from "./text.js";

/** @typedef {{name: string, detail: string, face: Node, weight: number, go: () => void}} Place */

/** @param {import("./app.js").App} app @returns {Place[]} */
function places(app) {
  const { store } = app;
  /** @type {Place[]} */
  const out = [];
  for (const guild of store.guilds.values()) {
    if (guild.unavailable) continue;
    out.push({ name: guild.name, detail: "", face: guildIcon(guild), weight: 1, go: () => app.open(guild.id) });
    for (const channel of store.visibleChannels(guild).flatMap((group) => group.channels)) {
      if (TEXTUAL.has(channel.type)) out.push({ name: channel.name ?? "", detail: guild.name, face: channelIcon(channel), weight: guild.id === store.selected.guild ? 3 : 2, go: () => app.open(guild.id, channel.id) });
    }
  }
  for (const channel of store.directChannels()) if (channel.type === 3) out.push({ name: store.titleOf(channel), detail: "", face: channelIcon(channel), weight: 2, go: () => app.open(null, channel.id) });
  for (const user of store.users.values()) {
    if (user.id !== store.me.id) out.push({ name: store.nameOf(user, store.selected.guild), detail: user.username, face: avatar(user, user.username, store.statusOf(user.id)), weight: 1, go: () => openDirect(app, user.id) });
  }
  return out;
}

/** @param {import("./app.js").App} app */
export function openSearch(app) {
  if (document.querySelector("dialog[open]")) return;
  const field = h("input", { class: "input", type: "search", placeholder: text.search.hint, "aria-label": text.search.title, role: "combobox", "aria-expanded": "true", "aria-controls": "places" });
  const list = h("ul", { class: "places", id: "places", role: "listbox" });
  const box = dialog({ title: text.search.title, content: [field, list], narrow: true });
  const all = places(app);
  /** @type {Place[]} */
  let found = [];
  let active = 0;
  const draw = () => {
    const query = field.value.trim().toLowerCase();
    const score = (/** @type {Place} */ place) => (place.name.toLowerCase().startsWith(query) ? 10 : 0) + place.weight;
    found = all.filter((place) => place.name.toLowerCase().includes(query)).sort((a, b) => score(b) - score(a)).slice(0, 12);
    fill(
      list,
      found.length
        ? found.map((place, index) => h("li", { role: "option", id: `place-${index}`, "aria-selected": String(index === active), on: { click: () => go(index) } }, place.face, h("span", { class: "suggestion-name" }, place.name), h("span", { class: "suggestion-detail" }, place.detail)))
        : h("li", { class: "empty" }, text.search.empty),
    );
    field.setAttribute("aria-activedescendant", `place-${active}`);
  };
  const go = (/** @type {number} */ index) => {
    box.close();
    found[index]?.go();
  };
  field.addEventListener("input", () => ((active = 0), draw()));
  field.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      active = (active + (event.key === "ArrowDown" ? 1 : -1) + found.length) % Math.max(1, found.length);
      draw();
    } else if (event.key === "Enter") {
      event.preventDefault();
      go(active);
    }
  });
  draw();
}

/** @param {import("./app.js").App} app */
export function mountSearch(app) {
  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
      event.preventDefault();
      openSearch(app);
    }
  });
}
