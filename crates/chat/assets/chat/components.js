// @ts-check
// Buttons, menus and the layouts around them, below a message or in a form.

import { channelsHere, peopleHere, rolesHere } from "./command-fields.js";
import { choose } from "./dialogs/choose.js";
import { h, icon } from "./dom.js";
import { fileLink, picture } from "./embeds.js";
import { markup } from "./markup.js";
import { text } from "./text.js";

/** @typedef {import("./app.js").App} App */
/** @typedef {import("./types.js").Component} Component */
/** @typedef {import("./markup.js").Names} Names */
/**
 * @typedef {object} Around what components need to know of the message they are in
 * @property {App} app
 * @property {Names} names
 * @property {string | undefined} using the custom id of the component that is being used
 * @property {(component: Component, values?: string[]) => void} press
 */

const KIND = { ROW: 1, BUTTON: 2, TEXT_SELECT: 3, USERS: 5, ROLES: 6, MENTIONABLES: 7, CHANNELS: 8, SECTION: 9, TEXT: 10, THUMBNAIL: 11, GALLERY: 12, FILE: 13, SEPARATOR: 14, CONTAINER: 17 };
const MENUS = new Set([KIND.TEXT_SELECT, KIND.USERS, KIND.ROLES, KIND.MENTIONABLES, KIND.CHANNELS]);

/** @param {import("./types.js").Emoji | undefined} emoji */
const face = (emoji) => (emoji?.name && !emoji.id ? `${emoji.name} ` : "");

/** @param {Component} entry @param {Around} around */
function button(entry, around) {
  if (entry.style === 5) {
    return /^https?:/.test(entry.url ?? "") ? h("a", { class: "button small", href: entry.url, target: "_blank", rel: "noopener noreferrer nofollow" }, face(entry.emoji), entry.label, icon("link")) : null;
  }
  const kind = { 1: "primary", 3: "good", 4: "danger" }[entry.style ?? 2] ?? "";
  const busy = around.using === entry.custom_id && entry.custom_id !== undefined;
  return h("button", { type: "button", class: `button small ${kind}`, disabled: entry.disabled || around.using !== undefined, "aria-busy": busy ? "true" : null, on: { click: () => around.press(entry) } }, face(entry.emoji), entry.label);
}

/** @param {App} app @param {Component} entry @returns {import("./combobox.js").Choice[]} */
function choicesOf(app, entry) {
  switch (entry.type) {
    case KIND.USERS:
      return peopleHere(app);
    case KIND.ROLES:
      return rolesHere(app);
    case KIND.MENTIONABLES:
      return [...peopleHere(app), ...rolesHere(app)];
    case KIND.CHANNELS:
      return channelsHere(app, entry.channel_types);
    default:
      return (entry.options ?? []).map((option) => ({ value: option.value, label: face(option.emoji) + option.label, detail: option.description }));
  }
}

/**
 * A menu: a list that opens where one of a few texts is chosen, a dialog where it is several, people, roles or channels.
 * @param {App} app
 * @param {Component} entry
 * @param {(values: string[]) => void} done
 * @param {boolean} [disabled]
 * @returns {HTMLElement}
 */
export function menu(app, entry, done, disabled = false) {
  const label = entry.placeholder || text.composer.choose;
  const most = entry.max_values ?? 1;
  const off = disabled || Boolean(entry.disabled);
  if (entry.type === KIND.TEXT_SELECT && most === 1) {
    const select = h("select", { class: "input menu-select", "aria-label": label, disabled: off }, h("option", { value: "" }, label), choicesOf(app, entry).map((choice) => h("option", { value: choice.value, title: choice.detail, selected: entry.options?.find((option) => option.value === choice.value)?.default }, choice.label)));
    select.addEventListener("change", () => done(select.value ? [select.value] : []));
    return select;
  }
  /** @type {string[]} */
  let chosen = [...(entry.options ?? []).filter((option) => option.default).map((option) => option.value), ...(entry.default_values ?? []).map((value) => value.id)];
  const words = () => choicesOf(app, entry).filter((choice) => chosen.includes(choice.value)).map((choice) => choice.label).join(", ") || label;
  const shown = h("span", { class: "menu-words" }, words());
  const open = async () => {
    const values = await choose({ title: label, choices: choicesOf(app, entry), chosen, min: entry.min_values ?? 1, max: most });
    if (!values) return;
    chosen = values;
    shown.textContent = words();
    done(values);
  };
  return h("button", { type: "button", class: "input menu-select", "aria-haspopup": "dialog", "aria-label": `${label}: ${words()}`, disabled: off, on: { click: open } }, shown, icon("chevron-down"));
}

/** @param {Component} entry @param {Around} around @returns {HTMLElement | null} */
function one(entry, around) {
  if (MENUS.has(entry.type)) return menu(around.app, entry, (values) => around.press(entry, values), around.using !== undefined);
  switch (entry.type) {
    case KIND.BUTTON:
      return button(entry, around);
    case KIND.ROW:
      return h("div", { class: "components" }, (entry.components ?? []).map((inner) => one(inner, around)));
    case KIND.TEXT:
      return h("div", { class: "markup" }, markup(entry.content ?? "", around.names));
    case KIND.SECTION:
      return h("div", { class: "component-section" }, h("div", {}, (entry.components ?? []).map((inner) => one(inner, around))), entry.accessory ? one(entry.accessory, around) : null);
    case KIND.THUMBNAIL:
      return picture(entry.media, entry.description ?? "");
    case KIND.GALLERY:
      return h("div", { class: "component-gallery" }, (entry.items ?? []).map((item) => picture(item.media, item.description ?? "")));
    case KIND.FILE:
      return fileLink(entry.file?.url ?? "", entry.file?.name ?? text.messages.attachment);
    case KIND.SEPARATOR:
      return h("hr", { class: entry.divider === false ? "gap" : "" });
    case KIND.CONTAINER: {
      const box = h("div", { class: "component-container" }, (entry.components ?? []).map((inner) => one(inner, around)));
      if (entry.accent_color) box.style.setProperty("--edge", `#${entry.accent_color.toString(16).padStart(6, "0")}`);
      return box;
    }
    default:
      return null;
  }
}

/** Everything that an application put below a message. @param {Component[]} entries @param {Around} around */
export const components = (entries, around) => entries.map((entry) => one(entry, around));
