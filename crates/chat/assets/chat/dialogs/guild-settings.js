// @ts-check
// The settings of a guild, for those who may change some of them.

import { guildIcon } from "../avatar.js";
import { fill, h, icon, iconButton } from "../dom.js";
import { P } from "../permissions.js";
import { RestError } from "../rest.js";
import { text } from "../text.js";
import { fromNow } from "../time.js";
import { attempt, copy, sentence, toast } from "../toast.js";
import { dataUrl, formDialog, labelled, showProblems, tabbedDialog, valuesOf } from "./dialog.js";
import { auditPanel } from "./audit-log.js";
import { bansPanel } from "./bans.js";
import { rolesPanel } from "./roles.js";

/** @typedef {import("../app.js").App} App */
/** @typedef {import("../types.js").Guild} Guild */
/** @typedef {import("../types.js").Invite} Invite */

/** @param {App} app @param {Guild} guild */
export function guildSettings(app, guild) {
  const bits = app.store.may(guild);
  const tabs = [
    { key: "overview", need: P.MANAGE_GUILD, draw: (/** @type {HTMLElement} */ panel, /** @type {HTMLDialogElement} */ box) => overview(app, guild, panel, box) },
    { key: "roles", need: P.MANAGE_ROLES, draw: (/** @type {HTMLElement} */ panel) => rolesPanel(app, guild.id, panel) },
    { key: "invites", need: P.MANAGE_GUILD, draw: (/** @type {HTMLElement} */ panel) => load(panel, () => app.rest.get(`/guilds/${guild.id}/invites`), (list) => invites(app, guild, list, panel)) },
    { key: "bans", need: P.BAN, draw: (/** @type {HTMLElement} */ panel) => bansPanel(app, guild, panel) },
    { key: "audit", need: P.VIEW_AUDIT_LOG, draw: (/** @type {HTMLElement} */ panel) => auditPanel(app, guild, panel) },
  ].filter((tab) => bits & tab.need);
  tabbedDialog({ title: `${text.guilds.settings}: ${guild.name}`, tabs: tabs.map((tab) => ({ ...tab, label: text.guilds.tabs[/** @type {"roles"} */ (tab.key)] })) });
}

/** @template T @param {HTMLElement} panel @param {() => Promise<T>} fetch @param {(data: T) => Node} view */
async function load(panel, fetch, view) {
  fill(panel, h("p", { class: "empty", role: "status" }, text.loading));
  try {
    fill(panel, view(await fetch()));
  } catch (error) {
    fill(panel, h("p", { class: "notice bad" }, sentence(error)));
  }
}

/** @param {App} app @param {Guild} guild @param {HTMLElement} panel @param {HTMLDialogElement} box */
function overview(app, guild, panel, box) {
  const save = h("button", { type: "submit", class: "button primary" }, text.save);
  const channels = app.store.visibleChannels(guild).flatMap((group) => group.channels).filter((channel) => channel.type === 0);
  const remove = async () => {
    const sure = await formDialog({
      title: text.guilds.deleteGuild,
      intro: text.guilds.deleteSure(guild.name),
      fields: [{ name: "name", label: text.guilds.name, required: true }],
      action: text.guilds.deleteGuild,
      danger: true,
      save: async ({ name }) => {
        if (name.trim() !== guild.name) throw new RestError(0, 0, text.guilds.wrongName);
        await app.rest.delete(`/guilds/${guild.id}`);
      },
    });
    if (sure) box.close();
  };
  const form = h(
    "form",
    { novalidate: true },
    h("div", { class: "guild-head" }, guildIcon(guild), labelled({ name: "icon", label: text.guilds.icon, type: "file", accept: "image/png,image/jpeg,image/gif,image/webp", hint: text.guilds.iconHint })),
    labelled({ name: "name", label: text.guilds.name, value: guild.name, required: true, maxlength: 100 }),
    labelled({ name: "description", label: text.guilds.description, type: "textarea", value: guild.description ?? "", maxlength: 300 }),
    labelled({ name: "system_channel_id", label: text.guilds.systemChannel, type: "select", options: [["", text.none], ...channels.map((channel) => /** @type {[string, string]} */ ([channel.id, `#${channel.name}`]))], value: guild.system_channel_id ?? "" }),
    h("p", { class: "problem form-problem", role: "alert" }),
    h("footer", { class: "dialog-foot" }, guild.owner_id === app.store.me.id ? h("button", { type: "button", class: "button danger", on: { click: remove } }, text.guilds.deleteGuild) : null, h("span", { class: "spacer" }), save),
  );
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    save.disabled = true;
    try {
      const { icon: file, ...values } = valuesOf(form);
      await app.rest.patch(`/guilds/${guild.id}`, { ...values, description: values.description || null, system_channel_id: values.system_channel_id || null, ...(file ? { icon: await dataUrl(file) } : {}) });
      showProblems(form, null);
      toast(text.saved);
    } catch (error) {
      showProblems(form, error);
    } finally {
      save.disabled = false;
    }
  });
  fill(panel, form);
}

/** @param {App} app @param {Guild} guild @param {Invite[]} list @param {HTMLElement} panel */
function invites(app, guild, list, panel) {
  if (!list.length) return h("p", { class: "empty" }, text.guilds.noInvites);
  const revoke = async (/** @type {string} */ code, /** @type {Element} */ row) => {
    if ((await attempt(() => app.rest.delete(`/invites/${code}`))) === undefined) return;
    row.remove();
    if (!panel.querySelector(".entry")) fill(panel, h("p", { class: "empty" }, text.guilds.noInvites));
  };
  return h(
    "ul",
    { class: "entries" },
    list.map((invite) => {
      const words = [invite.inviter ? app.store.nameOf(invite.inviter, guild.id) : "", invite.channel ? `#${invite.channel.name}` : "", text.invites.used(invite.uses ?? 0, invite.max_uses ?? 0), invite.expires_at ? text.invites.until(fromNow(new Date(invite.expires_at))) : text.invites.never];
      const row = h("li", { class: "entry" }, icon("link"), h("span", { class: "member-text" }, h("code", {}, invite.code), h("span", { class: "mood" }, words.filter(Boolean).join(" · "))));
      row.append(iconButton("copy", `${text.invites.copy}: ${invite.code}`, () => copy(`${location.origin}/invite/${invite.code}`)), h("button", { type: "button", class: "button small", "aria-label": `${text.guilds.revoke}: ${invite.code}`, on: { click: () => revoke(invite.code, row) } }, text.guilds.revoke));
      return row;
    }),
  );
}
