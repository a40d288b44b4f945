// @ts-check
// The column of members, by role and presence.

import { avatar, badge, tint } from "./avatar.js";
import { byId, fill, h, icon, perFrame, rove } from "./dom.js";
import { rolesOf } from "./permissions.js";
import { text } from "./text.js";

/** @typedef {import("./types.js").User} User */
/** @typedef {{user: User, name: string, color: number}} Entry */

/** More than this in one group are only counted. */
const MOST = 200;

/** On narrow screens the list is a drawer. */
export const isNarrow = () => matchMedia("(max-width: 1000px)").matches;

export function toggleMembers() {
  if (isNarrow()) document.body.dataset.drawer = document.body.dataset.drawer === "members" ? "" : "members";
  else document.body.dataset.members = document.body.dataset.members === "hidden" ? "" : "hidden";
  dispatchEvent(new Event("members-toggled"));
}

/** @param {import("./app.js").App} app */
export function mountMembers(app) {
  const { store } = app;
  const pane = byId("members");
  const settle = rove(pane, ".member");

  /** @param {import("./types.js").Guild} guild @returns {Map<string, Entry[]>} groups by heading, in order */
  const grouped = (guild) => {
    /** @type {Map<string, Entry[]>} */
    const groups = new Map();
    const hoisted = [...guild.roles.values()].filter((role) => role.hoist && role.id !== guild.id).sort((a, b) => b.position - a.position);
    for (const role of hoisted) groups.set(role.id, []);
    groups.set("online", []);
    groups.set("offline", []);
    for (const [id, member] of guild.members) {
      const user = store.users.get(id);
      if (!user) continue;
      const roles = rolesOf(guild, member);
      const entry = { user, name: store.nameOf(user, guild.id), color: roles.find((role) => role.color)?.color ?? 0 };
      const here = store.statusOf(id) !== "offline" && store.statusOf(id) !== "invisible";
      const home = here ? (roles.find((role) => role.hoist)?.id ?? "online") : "offline";
      groups.get(home)?.push(entry);
    }
    for (const list of groups.values()) list.sort((a, b) => a.name.localeCompare(b.name));
    return groups;
  };

  /** @param {Entry} entry @param {string} guild @param {string} owner */
  const row = (entry, guild, owner) => {
    const mood = store.moodOf(entry.user.id);
    const name = tint(h("span", { class: "member-name" }, entry.name), entry.color);
    return h(
      "li",
      {},
      h(
        "button",
        { type: "button", class: `member ${store.statusOf(entry.user.id) === "offline" ? "away" : ""}`, on: { click: (/** @type {Event} */ event) => app.showProfile?.(/** @type {Element} */ (event.currentTarget), entry.user.id, guild || null) } },
        avatar(entry.user, entry.name, store.statusOf(entry.user.id)),
        h("span", { class: "member-text" }, h("span", { class: "member-line" }, name, entry.user.id === owner ? h("span", { class: "crown", title: text.members.owner }, icon("crown")) : null, badge(entry.user)), mood ? h("span", { class: "mood" }, mood) : null),
      ),
    );
  };

  /** @param {string} heading @param {Entry[]} entries @param {string} guild @param {string} owner */
  const group = (heading, entries, guild, owner) =>
    h("section", {}, h("h2", {}, heading), h("ul", {}, entries.slice(0, MOST).map((entry) => row(entry, guild, owner))), entries.length > MOST ? h("p", { class: "hint" }, text.members.hidden(entries.length - MOST)) : null);

  const draw = perFrame(() => {
    const { guild, channel } = store;
    const people = channel?.type === 3 ? [store.me, ...(channel.recipients ?? [])] : null;
    pane.hidden = !people && !(guild && channel);
    document.body.classList.toggle("with-members", !pane.hidden);
    if (pane.hidden) return;
    const scroll = pane.scrollTop;
    const focused = [...pane.querySelectorAll(".member")].indexOf(/** @type {Element} */ (document.activeElement));
    if (people) {
      fill(pane, group(`${text.members.list} — ${people.length}`, people.map((user) => ({ user, name: store.nameOf(user, null), color: 0 })), "", channel?.owner_id ?? ""));
    } else if (guild) {
      const sections = [...grouped(guild)].filter(([, entries]) => entries.length).map(([key, entries]) => {
        const heading = key === "online" ? text.members.online(entries.length) : key === "offline" ? text.members.offline(entries.length) : text.members.role(guild.roles.get(key)?.name ?? "", entries.length);
        return group(heading, entries, guild.id, guild.owner_id);
      });
      fill(pane, sections);
    }
    pane.scrollTop = scroll;
    settle();
    if (focused >= 0) /** @type {HTMLElement | undefined} */ ([...pane.querySelectorAll(".member")][focused])?.focus({ preventScroll: true });
  });

  const ask = () => {
    const { guild } = store;
    if (!guild || guild.unavailable || store.membersAsked.has(guild.id) || store.connection.state !== "ready") return;
    store.membersAsked.add(guild.id);
    app.gateway.requestMembers(guild.id);
  };
  store.on(["selection", "guilds", "members", "presences", "channels", "ready"], draw);
  store.on(["selection", "guilds", "connection"], ask);
  byId("scrim").addEventListener("click", () => (document.body.dataset.drawer = ""));
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && document.body.dataset.drawer && !document.querySelector("dialog[open], .floating")) document.body.dataset.drawer = "";
  });
}
