// @ts-check
// Who may do what in one channel.

import { fill, h } from "../dom.js";
import { text } from "../text.js";
import { attempt, toast } from "../toast.js";
import { beforeOverwrites } from "./lockout.js";
import { permissionSwitches } from "./permissions.js";

/** @typedef {import("../app.js").App} App */
/** @typedef {import("../types.js").Guild} Guild */
/** @typedef {import("../types.js").Overwrite} Overwrite */

/** @param {App} app @param {string} channelId @param {Guild} guild @param {HTMLElement} panel @param {string} [chosen] */
export function overwritesPanel(app, channelId, guild, panel, chosen = guild.id) {
  const { store } = app;
  const channel = store.channels.get(channelId);
  if (!channel) return;
  const overwrites = channel.permission_overwrites ?? [];
  const nameOf = (/** @type {Overwrite} */ entry) => {
    if (entry.type === 0) return guild.roles.get(entry.id)?.name ?? entry.id;
    const user = store.users.get(entry.id);
    return user ? store.nameOf(user, guild.id) : entry.id;
  };
  /** @type {Overwrite[]} */
  const listed = [{ id: guild.id, type: 0, allow: "0", deny: "0" }, ...overwrites.filter((entry) => entry.id !== guild.id)];
  const missing = {
    roles: [...guild.roles.values()].filter((role) => !listed.some((entry) => entry.id === role.id)),
    members: [...guild.members.keys()].map((id) => store.users.get(id)).filter((user) => user !== undefined).filter((user) => !listed.some((entry) => entry.id === user.id)),
  };
  const isNew = !listed.some((entry) => entry.id === chosen);
  if (isNew) listed.push({ id: chosen, type: guild.roles.has(chosen) ? 0 : 1, allow: "0", deny: "0" });
  const show = (/** @type {string} */ id) => overwritesPanel(app, channelId, guild, panel, id);

  const target = h("select", { class: "input" }, listed.map((entry) => h("option", { value: entry.id, selected: entry.id === chosen }, nameOf(entry))));
  target.addEventListener("change", () => show(target.value));
  const add = h(
    "select",
    { class: "input" },
    h("option", { value: "" }, "—"),
    h("optgroup", { label: text.members.roles }, missing.roles.map((role) => h("option", { value: role.id }, role.name))),
    h("optgroup", { label: text.members.list }, missing.members.slice(0, 200).map((user) => h("option", { value: user.id }, store.nameOf(user, guild.id)))),
  );
  add.addEventListener("change", () => add.value && show(add.value));

  const entry = overwrites.find((candidate) => candidate.id === chosen) ?? listed.find((candidate) => candidate.id === chosen);
  const save = h("button", { type: "button", class: "button primary", disabled: true }, text.save);
  const switches = permissionSwitches({ initial: entry ?? { allow: "0", deny: "0" }, mine: store.mayIn(channel), channel: true, changed: () => (save.disabled = false) });
  save.addEventListener("click", async () => {
    const body = { ...switches.value(), type: entry?.type ?? 0 };
    const after = [...overwrites.filter((candidate) => candidate.id !== chosen), { id: chosen, ...body }];
    if (!(await beforeOverwrites(app, guild, channel, after))) return;
    save.disabled = true;
    if ((await attempt(async () => (await app.rest.put(`/channels/${channelId}/permissions/${chosen}`, body), true))) && save.isConnected) toast(text.saved);
    else save.disabled = false;
  });
  const exists = overwrites.some((candidate) => candidate.id === chosen) && chosen !== guild.id;
  const remove = async () => {
    if (!(await beforeOverwrites(app, guild, channel, overwrites.filter((candidate) => candidate.id !== chosen)))) return;
    if (await attempt(async () => (await app.rest.delete(`/channels/${channelId}/permissions/${chosen}`), true))) setTimeout(() => panel.isConnected && show(guild.id), 150);
  };
  fill(
    panel,
    h("div", { class: "pair" }, h("label", { class: "field" }, h("span", { class: "label" }, text.channels.overwriteFor), target), h("label", { class: "field" }, h("span", { class: "label" }, text.channels.addOverwrite), add)),
    switches.element,
    h("footer", { class: "dialog-foot sticky" }, exists ? h("button", { type: "button", class: "button danger", on: { click: remove } }, text.remove) : null, h("span", { class: "spacer" }), save),
  );
}
