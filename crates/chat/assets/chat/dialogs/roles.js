// @ts-check
// The roles of a guild: order, colour, what each gives and takes away.

import { fill, h, icon, iconButton } from "../dom.js";
import { sortable } from "../drag.js";
import { listedRoles, moveRole } from "../order.js";
import { inGuild } from "../permissions.js";
import { text } from "../text.js";
import { attempt, toast } from "../toast.js";
import { confirmDialog, labelled, showProblems, valuesOf } from "./dialog.js";
import { beforeRole } from "./lockout.js";
import { permissionSwitches } from "./permissions.js";

/** @typedef {import("../app.js").App} App */
/** @typedef {import("../types.js").Guild} Guild */
/** @typedef {import("../types.js").Role} Role */

/** @param {number} color */
const hex = (color) => `#${color.toString(16).padStart(6, "0")}`;

/** @param {App} app @param {string} guildId @param {HTMLElement} panel */
export function rolesPanel(app, guildId, panel) {
  const list = h("div", { class: "role-column" });
  const editor = h("div", { class: "role-editor" });
  let chosen = "";
  const guild = () => /** @type {Guild} */ (app.store.guilds.get(guildId));
  const sorted = () => listedRoles(guild());
  const mayEdit = (/** @type {Role} */ role) => {
    const me = app.store.me.id;
    if (guild().owner_id === me) return true;
    const top = Math.max(0, ...(guild().members.get(me)?.roles ?? []).map((id) => guild().roles.get(id)?.position ?? 0));
    return role.position < top;
  };

  const drawList = () => {
    const roles = sorted();
    const make = h("button", { type: "button", class: "button small block", on: { click: create } }, icon("plus"), text.roles.create);
    const items = roles.map((role, index) => {
      const everyone = role.id === guildId;
      const above = roles[index - 1];
      const below = roles[index + 1];
      const up = !everyone && above && mayEdit(above) && mayEdit(role);
      const down = !everyone && below && below.id !== guildId && mayEdit(role);
      const move = (/** @type {number} */ place) => moveRole(app, guild(), role, place);
      return h(
        "li",
        { class: "row", data: { drag: role.id }, draggable: !everyone && mayEdit(role) ? "true" : null },
        h("button", { type: "button", class: "row-link", "aria-current": role.id === chosen ? "true" : null, on: { click: () => ((chosen = role.id), drawList(), drawEditor()) } }, h("i", { class: "swatch", style: { "--role": role.color ? hex(role.color) : "var(--offline)" } }), h("span", { class: "row-name" }, role.name)),
        up ? iconButton("arrow-up", `${text.moveUp}: ${role.name}`, () => move(index - 1), { class: "row-action" }) : null,
        down ? iconButton("arrow-down", `${text.moveDown}: ${role.name}`, () => move(index + 1), { class: "row-action" }) : null,
      );
    });
    const focused = list.contains(document.activeElement) ? document.activeElement?.getAttribute("aria-label") : null;
    fill(list, make, h("ul", {}, items));
    if (focused) /** @type {HTMLElement | null} */ (list.querySelector(`[aria-label="${CSS.escape(focused)}"]`))?.focus();
  };

  const create = async () => {
    const role = await attempt(() => app.rest.post(`/guilds/${guildId}/roles`, { name: text.roles.newName }));
    if (!role) return;
    guild().roles.set(role.id, role);
    chosen = role.id;
    drawList();
    drawEditor();
    /** @type {HTMLInputElement | null} */ (editor.querySelector("input[name=name]"))?.select();
  };

  const drawEditor = () => {
    const role = guild().roles.get(chosen);
    if (!role) return fill(editor, h("p", { class: "empty" }, text.roles.choose));
    fill(editor, roleForm(app, guild(), role, mayEdit(role)));
  };

  const watch = () => {
    if (!panel.isConnected || !list.isConnected) {
      app.store.watchers.get("guilds")?.delete(watch);
      return;
    }
    drawList();
    if (!guild().roles.has(chosen) && chosen) {
      chosen = "";
      drawEditor();
    }
  };
  sortable(list, {
    rows: "[data-drag]",
    sides: (dragged, row) => {
      const target = guild().roles.get(row.dataset.drag ?? "");
      if (!target || !guild().roles.has(dragged)) return [];
      if (target.id === guildId) return ["before"];
      // Right below the lowest role that is out of reach there is still a place.
      return mayEdit(target) ? ["before", "after"] : ["after"];
    },
    drop: (dragged, target, side) => {
      const role = guild().roles.get(dragged);
      const others = sorted().filter((other) => other.id !== dragged);
      const at = others.findIndex((other) => other.id === target) + (side === "after" ? 1 : 0);
      if (role) moveRole(app, guild(), role, at);
    },
  });
  fill(panel, h("div", { class: "two-columns" }, list, editor));
  drawList();
  drawEditor();
  app.store.on("guilds", watch);
}

/** @param {App} app @param {Guild} guild @param {Role} role @param {boolean} editable */
function roleForm(app, guild, role, editable) {
  const everyone = role.id === guild.id;
  const switches = permissionSwitches({
    initial: { allow: role.permissions, deny: role.denied_permissions ?? "0" },
    mine: inGuild(guild, app.store.me.id),
    frozen: !editable,
    // What everybody has is where all begins: there is nothing yet to take away.
    states: everyone ? ["neutral", "allow"] : ["deny", "neutral", "allow"],
  });
  const save = h("button", { type: "submit", class: "button primary", disabled: !editable }, text.save);
  const remove = async () => {
    if (await confirmDialog({ title: text.roles.remove, body: text.roles.removeSure(role.name), action: text.roles.remove, danger: true })) await attempt(() => app.rest.delete(`/guilds/${guild.id}/roles/${role.id}`));
  };
  const form = h(
    "form",
    { novalidate: true },
    everyone ? h("p", { class: "muted" }, text.roles.everyone) : labelled({ name: "name", label: text.roles.name, value: role.name, required: true, maxlength: 100, disabled: !editable }),
    role.managed ? h("p", { class: "muted" }, text.roles.managed) : null,
    everyone ? null : h("div", { class: "pair" }, labelled({ name: "color", label: text.roles.color, type: "color", value: hex(role.color || 0x99a1ab), disabled: !editable }), labelled({ name: "noColor", label: text.roles.noColor, type: "checkbox", value: !role.color, disabled: !editable })),
    everyone ? null : labelled({ name: "hoist", label: text.roles.hoist, type: "checkbox", value: role.hoist, disabled: !editable }),
    everyone ? null : labelled({ name: "mentionable", label: text.roles.mentionable, type: "checkbox", value: role.mentionable, disabled: !editable }),
    h("h3", {}, text.roles.permissions),
    everyone ? null : h("p", { class: "hint" }, text.roles.switchHint),
    switches.element,
    h("p", { class: "problem form-problem", role: "alert" }),
    h("footer", { class: "dialog-foot sticky" }, everyone || role.managed || !editable ? null : h("button", { type: "button", class: "button danger", on: { click: remove } }, text.roles.remove), h("span", { class: "spacer" }), save),
  );
  const color = /** @type {HTMLInputElement | null} */ (form.querySelector("[name=color]"));
  color?.addEventListener("input", () => {
    const none = /** @type {HTMLInputElement | null} */ (form.querySelector("[name=noColor]"));
    if (none) none.checked = false;
  });
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const values = valuesOf(form);
    const body = everyone ? {} : { name: values.name, color: values.noColor ? 0 : parseInt(values.color.slice(1), 16), hoist: values.hoist, mentionable: values.mentionable };
    const { allow, deny } = switches.value();
    const bits = { permissions: allow, ...(everyone ? {} : { denied_permissions: deny }) };
    if (!(await beforeRole(app, guild, { ...role, ...bits }))) return;
    save.disabled = true;
    try {
      await app.rest.patch(`/guilds/${guild.id}/roles/${role.id}`, { ...body, ...bits });
      showProblems(form, null);
      toast(text.saved);
    } catch (error) {
      showProblems(form, error);
    } finally {
      save.disabled = false;
    }
  });
  return form;
}
