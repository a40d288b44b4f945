// @ts-check
// The page of friends: who is there, open requests, blocks, adding somebody.

import { avatar } from "./avatar.js";
import { byId, fill, h, icon, iconButton, perFrame } from "./dom.js";
import { text } from "./text.js";
import { attempt, toast } from "./toast.js";

/** @typedef {import("./app.js").App} App */
/** @typedef {import("./types.js").User} User */
/** @typedef {import("./types.js").Relationship} Relationship */

/** Opens the conversation with somebody, starting it if there is none. @param {App} app @param {string} user */
export async function openDirect(app, user) {
  const known = app.store.directChannels().find((channel) => channel.type === 1 && channel.recipients?.[0]?.id === user);
  if (known) return app.open(null, known.id);
  const channel = await attempt(() => app.rest.post("/users/@me/channels", { recipient_id: user }));
  if (!channel) return;
  app.store.channels.set(channel.id, { ...app.store.channels.get(channel.id), ...channel });
  app.store.emit("channels", { guild: null, channel: channel.id });
  app.open(null, channel.id);
}

/** @param {App} app @param {User} user @param {0 | 1 | 2} type 1 to befriend or accept, 2 to block, 0 to end either */
export async function setRelationship(app, user, type) {
  const path = `/users/@me/relationships/${user.id}`;
  const asked = type === 1 && app.store.relationships.get(user.id)?.type !== 3;
  const done = await attempt(async () => (await (type ? app.rest.put(path, type === 2 ? { type } : {}) : app.rest.delete(path)), true));
  if (done && asked) toast(text.friends.sent(user.username));
  if (done) refresh(app);
}

/** For servers that do not tell of it over the gateway. @param {App} app */
async function refresh(app) {
  try {
    const all = await app.rest.get("/users/@me/relationships");
    if (!Array.isArray(all)) return;
    app.store.relationships = new Map(all.map((entry) => [entry.id, entry]));
    for (const entry of all) app.store.learn(entry.user);
    app.store.emit("relationships");
  } catch {
    // the list stays as it was
  }
}

/** @typedef {"online" | "all" | "pending" | "blocked" | "add"} Tab */

/** @param {App} app */
export function mountFriends(app) {
  const { store } = app;
  const page = byId("friends");
  /** @type {Tab} */
  let tab = "online";

  /** @param {Relationship} entry */
  const row = (entry) => {
    const { user } = entry;
    const name = store.nameOf(user, null);
    const status = store.statusOf(user.id);
    const detail = entry.type === 3 ? text.friends.incoming : entry.type === 4 ? text.friends.outgoing : entry.type === 2 ? user.username : store.moodOf(user.id) || text.status[/** @type {"online"} */ (status)] || text.status.offline;
    return h(
      "li",
      { class: "friend" },
      h("button", { type: "button", class: "friend-face", data: { kind: "user", id: user.id } }, avatar(user, name, entry.type === 1 ? status : null), h("span", { class: "member-text" }, h("strong", {}, name), h("span", { class: "mood" }, detail))),
      entry.type === 1 && iconButton("message", `${text.members.message}: ${name}`, () => openDirect(app, user.id)),
      entry.type === 3 && iconButton("check", `${text.friends.accept}: ${name}`, () => setRelationship(app, user, 1)),
      entry.type === 3 && iconButton("close", `${text.friends.decline}: ${name}`, () => setRelationship(app, user, 0)),
      entry.type === 4 && iconButton("close", `${text.friends.withdraw}: ${name}`, () => setRelationship(app, user, 0)),
      entry.type === 1 && iconButton("trash", `${text.friends.unfriend}: ${name}`, () => setRelationship(app, user, 0)),
      entry.type === 2 && h("button", { type: "button", class: "button small", on: { click: () => setRelationship(app, user, 0) } }, text.friends.unblock),
    );
  };

  const adding = () => {
    const field = h("input", { class: "input", name: "username", required: true, autocomplete: "off", autocapitalize: "none", spellcheck: "false", "aria-label": text.friends.username, placeholder: text.friends.username });
    const form = h("form", { class: "add-friend" }, h("p", {}, text.friends.addIntro), h("div", { class: "add-line" }, field, h("button", { type: "submit", class: "button primary" }, text.friends.sendRequest)));
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const username = field.value.trim().replace(/^@/, "");
      if (!username) return;
      const done = await attempt(async () => (await app.rest.post("/users/@me/relationships", { username, discriminator: null }), true));
      if (!done) return;
      toast(text.friends.sent(username));
      field.value = "";
      refresh(app);
    });
    return form;
  };

  const draw = perFrame(() => {
    const here = store.ready && !store.selected.guild && !store.selected.channel;
    page.hidden = !here;
    byId("no-channel").hidden = !(store.ready && store.selected.guild && !store.channel);
    if (!here) return;
    if (tab === "add" && page.querySelector(".add-friend")) return drawTabs();
    fill(page, h("div", { class: "tabs", role: "tablist", "aria-label": text.friends.title }), h("div", { role: "tabpanel", class: "friend-panel" }));
    drawTabs();
    const panel = /** @type {HTMLElement} */ (page.querySelector(".friend-panel"));
    if (tab === "add") {
      fill(panel, adding());
      return;
    }
    const all = [...store.relationships.values()].filter((entry) => entry.user);
    const wanted = all.filter((entry) => (tab === "pending" ? entry.type >= 3 : tab === "blocked" ? entry.type === 2 : entry.type === 1 && (tab === "all" || store.statusOf(entry.user.id) !== "offline")));
    wanted.sort((a, b) => store.nameOf(a.user, null).localeCompare(store.nameOf(b.user, null)));
    fill(panel, wanted.length ? h("ul", { class: "friend-list" }, wanted.map(row)) : h("div", { class: "empty big" }, icon("members"), h("p", {}, text.friends.empty[tab]), tab === "blocked" || tab === "pending" ? null : h("button", { type: "button", class: "button primary", on: { click: () => choose("add") } }, text.friends.tabs.add)));
  });

  const drawTabs = () => {
    const pending = [...store.relationships.values()].filter((entry) => entry.type === 3).length;
    const bar = /** @type {HTMLElement | null} */ (page.querySelector(".tabs"));
    if (!bar) return;
    const keys = /** @type {Tab[]} */ (Object.keys(text.friends.tabs));
    const focused = bar.contains(document.activeElement);
    fill(bar, keys.map((key) => h("button", { type: "button", role: "tab", class: key === "add" ? "tab add" : "tab", "aria-selected": String(key === tab), tabindex: key === tab ? "0" : "-1", on: { click: () => choose(key) } }, text.friends.tabs[key], key === "pending" && pending ? h("span", { class: "count" }, pending) : null)));
    if (focused) /** @type {HTMLElement | null} */ (bar.querySelector('[aria-selected="true"]'))?.focus();
    bar.onkeydown = (event) => {
      const step = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
      if (step) choose(keys[(keys.indexOf(tab) + step + keys.length) % keys.length] ?? "online");
    };
  };

  /** @param {Tab} next */
  const choose = (next) => {
    tab = next;
    page.querySelector(".add-friend")?.remove();
    draw();
    if (next === "add") requestAnimationFrame(() => page.querySelector("input")?.focus());
  };

  store.on(["selection", "relationships", "presences", "ready", "channels", "guilds"], draw);
}
