// @ts-check
// Creating, editing, moving and deleting a channel.

import { fill, h, icon } from "../dom.js";
import { stepChannel } from "../order.js";
import { P } from "../permissions.js";
import { text } from "../text.js";
import { attempt, toast } from "../toast.js";
import { confirmDialog, formDialog, labelled, showProblems, tabbedDialog, valuesOf } from "./dialog.js";
import { overwritesPanel } from "./overwrites.js";

/** @typedef {import("../app.js").App} App */
/** @typedef {import("../types.js").Channel} Channel */
/** @typedef {import("../types.js").Guild} Guild */

const SLOW = [0, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 21600];

/** @param {App} app @param {Guild} guild @returns {[string, string][]} */
function categories(app, guild) {
  const all = [...app.store.channels.values()].filter((channel) => channel.guild_id === guild.id && channel.type === 4);
  return [["", text.channels.noParent], ...all.map((channel) => /** @type {[string, string]} */ ([channel.id, channel.name ?? ""]))];
}

/**
 * @param {App} app
 * @param {Channel | null} channel null to create one
 * @param {Guild | null} [guild]
 * @param {string} [parent]
 */
export function editChannel(app, channel, guild = null, parent = "") {
  const home = guild ?? app.store.guilds.get(channel?.guild_id ?? "");
  if (!home) return;
  return channel ? settings(app, channel, home) : create(app, home, parent);
}

/** @param {App} app @param {Guild} guild @param {string} parent */
async function create(app, guild, parent) {
  /** @type {Channel | undefined} */
  let made;
  await formDialog({
    title: text.channels.create,
    fields: [
      { name: "name", label: text.channels.name, required: true, maxlength: 100 },
      { name: "type", label: text.channels.type, type: "select", options: [0, 5, 2, 15, 4].map((type) => [String(type), text.channels.types[type] ?? ""]), value: "0" },
      { name: "parent_id", label: text.channels.parent, type: "select", options: categories(app, guild), value: parent },
    ],
    action: text.create,
    save: async (values) => {
      const type = Number(values.type);
      const name = type === 4 || type === 2 ? values.name.trim() : values.name.trim().toLowerCase().replace(/\s+/g, "-");
      made = await app.rest.post(`/guilds/${guild.id}/channels`, { name, type, ...(values.parent_id && type !== 4 ? { parent_id: values.parent_id } : {}) });
    },
  });
  if (!made || made.type === 4) return;
  app.store.channels.set(made.id, { ...made, guild_id: guild.id });
  app.open(guild.id, made.id);
}

/** @param {App} app @param {Channel} channel @param {Guild} guild */
function settings(app, channel, guild) {
  const may = app.store.mayIn(channel);
  const tabs = [{ key: "overview", label: text.guilds.tabs.overview, draw: (/** @type {HTMLElement} */ panel, /** @type {HTMLDialogElement} */ box) => overview(app, channel, guild, panel, box) }];
  if (may & P.MANAGE_ROLES) tabs.push({ key: "permissions", label: text.channels.permissions, draw: (panel) => overwritesPanel(app, channel.id, guild, panel) });
  tabbedDialog({ title: `${text.channels.editTitle}: ${channel.name}`, tabs });
}

/** @param {App} app @param {Channel} channel @param {Guild} guild @param {HTMLElement} panel @param {HTMLDialogElement} box */
function overview(app, channel, guild, panel, box) {
  const category = channel.type === 4;
  const save = h("button", { type: "submit", class: "button primary" }, text.save);
  const remove = async () => {
    if (!(await confirmDialog({ title: text.channels.remove, body: text.channels.removeSure(channel.name ?? ""), action: text.channels.remove, danger: true }))) return;
    if ((await attempt(() => app.rest.delete(`/channels/${channel.id}`))) !== undefined) box.close();
  };
  const form = h(
    "form",
    { novalidate: true },
    labelled({ name: "name", label: text.channels.name, value: channel.name ?? "", required: true, maxlength: 100 }),
    category ? null : labelled({ name: "topic", label: text.channels.topic, type: "textarea", value: channel.topic ?? "", maxlength: 1024 }),
    category ? null : labelled({ name: "parent_id", label: text.channels.parent, type: "select", options: categories(app, guild), value: channel.parent_id ?? "" }),
    category ? null : labelled({ name: "rate_limit_per_user", label: text.channels.slowmode, type: "select", options: SLOW.map((seconds) => [String(seconds), text.channels.slow(seconds)]), value: channel.rate_limit_per_user ?? 0 }),
    category ? null : labelled({ name: "nsfw", label: text.channels.nsfw, type: "checkbox", value: channel.nsfw ?? false }),
    h("p", { class: "problem form-problem", role: "alert" }),
    h("footer", { class: "dialog-foot" }, h("button", { type: "button", class: "button danger", on: { click: remove } }, text.channels.remove), h("span", { class: "spacer" }), save),
  );
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    save.disabled = true;
    try {
      const values = valuesOf(form);
      await app.rest.patch(`/channels/${channel.id}`, category ? { name: values.name } : { ...values, topic: values.topic || null, parent_id: values.parent_id || null, rate_limit_per_user: Number(values.rate_limit_per_user) });
      showProblems(form, null);
      toast(text.saved);
    } catch (error) {
      showProblems(form, error);
    } finally {
      save.disabled = false;
    }
  });
  fill(panel, form, mover(app, channel));
}

/** Buttons that move a channel among its siblings. @param {App} app @param {Channel} channel */
function mover(app, channel) {
  const shift = (/** @type {-1 | 1} */ step) => stepChannel(app, app.store.channels.get(channel.id) ?? channel, step);
  return h("div", { class: "mover" }, h("button", { type: "button", class: "button small", on: { click: () => shift(-1) } }, icon("arrow-up"), text.moveUp), h("button", { type: "button", class: "button small", on: { click: () => shift(1) } }, icon("arrow-down"), text.moveDown));
}
