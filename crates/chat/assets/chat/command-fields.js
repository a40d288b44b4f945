// @ts-check
// One field for each option of a command, by its type.

import { avatar } from "./avatar.js";
import { combobox } from "./combobox.js";
import { h, icon } from "./dom.js";
import { channelIcon } from "./sidebar.js";
import { text } from "./text.js";

/** @typedef {import("./app.js").App} App */
/** @typedef {import("./types.js").Option} Option */
/** @typedef {import("./combobox.js").Choice} Choice */
/**
 * @typedef {object} Entered a field of an option
 * @property {HTMLElement} element
 * @property {HTMLInputElement | HTMLSelectElement} field what is focused
 * @property {() => string} raw what was entered; empty when nothing was
 * @property {() => string} problem why that will not do; empty when it will
 * @property {() => File | null} file
 */

/** Option types. */
export const KIND = { STRING: 3, INTEGER: 4, BOOLEAN: 5, USER: 6, CHANNEL: 7, ROLE: 8, MENTIONABLE: 9, NUMBER: 10, ATTACHMENT: 11 };

const MOST = 25;

/** @param {Choice[]} all @param {string} query */
function fitting(all, query) {
  const word = query.toLowerCase().replace(/^[@#]/, "");
  return all.filter((choice) => choice.label.toLowerCase().includes(word) || choice.detail?.toLowerCase().includes(word)).slice(0, MOST);
}

/** The people of the open place. @param {App} app @returns {Choice[]} */
export function peopleHere({ store }) {
  const { guild, channel } = store;
  const users = guild ? [...guild.members.keys()].map((id) => store.users.get(id)) : [store.me, ...(channel?.recipients ?? [])];
  const known = users.filter((user) => user !== undefined);
  return known.map((user) => ({ value: user.id, label: store.nameOf(user, guild?.id), detail: user.username, face: avatar(user, user.username) })).sort((a, b) => a.label.localeCompare(b.label));
}

/** @param {App} app @returns {Choice[]} */
export function rolesHere({ store }) {
  return [...(store.guild?.roles.values() ?? [])].sort((a, b) => b.position - a.position).map((role) => ({ value: role.id, label: role.name.startsWith("@") ? role.name : `@${role.name}`, face: icon("shield") }));
}

/** @param {App} app @param {number[] | undefined} types all when there are none @returns {Choice[]} */
export function channelsHere({ store }, types) {
  const all = store.guild ? store.visibleChannels(store.guild).flatMap((group) => [...(group.category ? [group.category] : []), ...group.channels]) : [];
  return all.filter((channel) => !types?.length || types.includes(channel.type)).map((channel) => ({ value: channel.id, label: `#${channel.name}`, face: channelIcon(channel) }));
}

/** @param {App} app @param {Option} option @returns {((query: string) => Choice[]) | null} */
function lookup(app, option) {
  if (option.choices?.length) return (query) => fitting((option.choices ?? []).map((choice) => ({ value: String(choice.value), label: choice.name })), query);
  switch (option.type) {
    case KIND.USER:
      return (query) => fitting(peopleHere(app), query);
    case KIND.CHANNEL:
      return (query) => fitting(channelsHere(app, option.channel_types), query);
    case KIND.ROLE:
      return (query) => fitting(rolesHere(app), query);
    case KIND.MENTIONABLE:
      return (query) => fitting([...peopleHere(app), ...rolesHere(app)], query);
    default:
      return null;
  }
}

/** @param {HTMLInputElement | HTMLSelectElement} field @returns {Entered} */
function plain(field) {
  return { element: field, field, raw: () => field.value.trim(), problem: () => (field.checkValidity() ? "" : field.validationMessage), file: () => null };
}

/**
 * @param {App} app
 * @param {Option} option
 * @param {(option: Option, query: string) => Promise<Choice[] | null>} propose asks the application
 * @returns {Entered}
 */
export function optionField(app, option, propose) {
  if (option.type === KIND.ATTACHMENT) {
    const field = h("input", { class: "input", type: "file" });
    return { element: field, field, raw: () => field.files?.[0]?.name ?? "", problem: () => "", file: () => field.files?.[0] ?? null };
  }
  const source = lookup(app, option);
  if (source || option.autocomplete) {
    const free = !source;
    const box = combobox({ source: source ?? ((query) => propose(option, query)), free, slow: free, props: { maxlength: option.max_length, inputmode: option.type === KIND.INTEGER ? "numeric" : option.type === KIND.NUMBER ? "decimal" : null } });
    const wrong = () => (box.astray() ? text.composer.noChoices : "");
    return { element: box.element, field: box.field, raw: box.value, problem: wrong, file: () => null };
  }
  if (option.type === KIND.BOOLEAN) {
    return plain(h("select", { class: "input" }, option.required ? null : h("option", { value: "" }, "—"), h("option", { value: "true" }, text.composer.yes), h("option", { value: "false" }, text.composer.no)));
  }
  if (option.type === KIND.INTEGER || option.type === KIND.NUMBER) {
    return plain(h("input", { class: "input", type: "number", step: option.type === KIND.INTEGER ? "1" : "any", min: option.min_value, max: option.max_value }));
  }
  return plain(h("input", { class: "input", type: "text", minlength: option.min_length, maxlength: option.max_length ?? 6000, autocomplete: "off" }));
}

/** A text as the option's type wants it. @param {Option} option @param {string} raw @returns {string | number | boolean} */
export function typed(option, raw) {
  if (option.type === KIND.INTEGER || option.type === KIND.NUMBER) return Number.isFinite(Number(raw)) ? Number(raw) : raw;
  return option.type === KIND.BOOLEAN ? raw === "true" : raw;
}
