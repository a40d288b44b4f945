// @ts-check
// Editors of permission bits: check boxes for roles, three-way switches for channels.

import { h } from "../dom.js";
import { permissionNames } from "../permission-names.js";
import { text } from "../text.js";

/**
 * Check boxes for a role's permissions.
 * @param {string} initial
 * @param {bigint} mine what I have: nobody gives away what they lack
 * @param {boolean} frozen
 */
export function permissionBoxes(initial, mine, frozen) {
  let bits = BigInt(initial);
  const groups = permissionNames.map(([heading, entries]) =>
    h(
      "fieldset",
      { class: "permission-group" },
      h("legend", {}, heading),
      entries.map(([bit, label]) => {
        const mask = 1n << BigInt(bit);
        const box = h("input", { type: "checkbox", checked: Boolean(bits & mask), disabled: frozen || !(mine & mask) });
        box.addEventListener("change", () => (bits = box.checked ? bits | mask : bits & ~mask));
        return h("label", { class: "check" }, box, h("span", {}, label));
      }),
    ),
  );
  return { element: h("div", { class: "permissions" }, groups), value: () => String(bits) };
}

/** Permissions that mean nothing in a single channel. */
const GUILD_ONLY = new Set([1, 2, 3, 5, 7, 26, 27, 30, 40]);

/**
 * Inherit, allow or deny for each permission of a channel.
 * @param {{allow: string, deny: string}} initial
 * @param {() => void} changed
 */
export function overwriteSwitches(initial, changed) {
  let allow = BigInt(initial.allow);
  let deny = BigInt(initial.deny);
  const rows = permissionNames.flatMap(([, entries]) =>
    entries.filter(([bit]) => !GUILD_ONLY.has(bit)).map(([bit, label]) => {
      const mask = 1n << BigInt(bit);
      const state = allow & mask ? "allow" : deny & mask ? "deny" : "inherit";
      const name = `switch-${bit}-${Math.random().toString(36).slice(2, 7)}`;
      const one = (/** @type {"deny" | "inherit" | "allow"} */ value, /** @type {string} */ sign) => {
        const radio = h("input", { type: "radio", name, checked: state === value });
        radio.addEventListener("change", () => {
          allow = value === "allow" ? allow | mask : allow & ~mask;
          deny = value === "deny" ? deny | mask : deny & ~mask;
          changed();
        });
        return h("label", { class: `switch ${value}`, title: text.channels[value] }, radio, h("span", { "aria-hidden": "true" }, sign), h("span", { class: "visually-hidden" }, text.channels[value]));
      };
      return h("fieldset", { class: "switch-row" }, h("legend", {}, label), h("span", { class: "switches" }, one("deny", "✕"), one("inherit", "–"), one("allow", "✓")));
    }),
  );
  return { element: h("div", { class: "overwrites" }, rows), value: () => ({ allow: String(allow), deny: String(deny) }) };
}
