// @ts-check
// The editor of permission bits: for each of them deny, neither, or allow.

import { h } from "../dom.js";
import { permissionNames } from "../permission-names.js";
import { text } from "../text.js";

/** @typedef {"deny" | "neutral" | "allow"} State */
/** @typedef {{allow: bigint, deny: bigint}} Bits */

/** Permissions that mean nothing in a single channel. */
const GUILD_ONLY = new Set([1, 2, 3, 5, 7, 26, 27, 30, 40]);
const SIGNS = /** @type {Record<State, string>} */ ({ deny: "✕", neutral: "–", allow: "✓" });

/**
 * @param {object} options
 * @param {{allow: string, deny: string}} options.initial
 * @param {bigint} options.mine what I have: nobody gives or takes what they lack
 * @param {boolean} [options.frozen] whether nothing may be changed
 * @param {boolean} [options.channel] whether it is about one channel, where some permissions mean nothing
 * @param {State[]} [options.states]
 * @param {() => void} [options.changed]
 */
export function permissionSwitches({ initial, mine, frozen = false, channel = false, states = ["deny", "neutral", "allow"], changed }) {
  const bits = { allow: BigInt(initial.allow), deny: BigInt(initial.deny) };
  const words = channel ? text.channels : text.roles;

  /** @param {[number, string]} entry */
  const row = ([bit, label]) => {
    const mask = 1n << BigInt(bit);
    const now = bits.allow & mask ? "allow" : bits.deny & mask ? "deny" : "neutral";
    const name = `switch-${bit}-${Math.random().toString(36).slice(2, 7)}`;
    const one = (/** @type {State} */ state) => {
      const radio = h("input", { type: "radio", name, checked: state === now, disabled: frozen || !(mine & mask) });
      radio.addEventListener("change", () => {
        bits.allow = state === "allow" ? bits.allow | mask : bits.allow & ~mask;
        bits.deny = state === "deny" ? bits.deny | mask : bits.deny & ~mask;
        changed?.();
      });
      return h("label", { class: `switch ${state}`, title: words[state] }, radio, h("span", { "aria-hidden": "true" }, SIGNS[state]), h("span", { class: "visually-hidden" }, words[state]));
    };
    return h("fieldset", { class: "switch-row" }, h("legend", {}, label), h("span", { class: "switches" }, states.map(one)));
  };
  const groups = permissionNames.map(([heading, entries]) => {
    const shown = channel ? entries.filter(([bit]) => !GUILD_ONLY.has(bit)) : entries;
    return shown.length ? h("section", { class: "permission-group", "aria-label": heading }, h("h4", {}, heading), shown.map(row)) : null;
  });
  return { element: h("div", { class: "permissions" }, groups), value: () => ({ allow: String(bits.allow), deny: String(bits.deny) }) };
}

/** The names of permissions. @param {bigint} bits */
export const namesOf = (bits) => permissionNames.flatMap(([, entries]) => entries).filter(([bit]) => bits & (1n << BigInt(bit))).map(([, label]) => label);
