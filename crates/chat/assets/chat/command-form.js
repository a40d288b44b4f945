// @ts-check
// The fields of a slash command, in the composer's place.

import { invoke } from "./commands.js";
import { fill, h, icon, iconButton } from "./dom.js";
import { text } from "./text.js";

/** @typedef {import("./commands.js").Invocable} Invocable */
/** @typedef {import("./types.js").Option} Option */
/** @typedef {HTMLInputElement | HTMLSelectElement} Field */

/**
 * @param {import("./app.js").App} app
 * @param {HTMLElement} root
 * @param {HTMLElement} box the ordinary composer, hidden meanwhile
 * @param {() => void} back focuses it again
 */
export function mountCommandForm(app, root, box, back) {
  const { store } = app;
  const form = h("form", { class: "command-form", hidden: true, novalidate: true });
  root.append(form);

  /** @param {[string, string][]} entries @param {boolean} required */
  const choice = (entries, required) => h("select", { class: "input" }, required ? null : h("option", { value: "" }, "—"), entries.map(([value, label]) => h("option", { value }, label)));

  /** @param {Option} option @returns {Field} */
  const control = (option) => {
    const required = Boolean(option.required);
    if (option.choices?.length) return choice(option.choices.map((entry) => [String(entry.value), entry.name]), required);
    const people = () => [...(store.guild?.members.keys() ?? store.channel?.recipients?.map((user) => user.id) ?? [])].map((id) => store.users.get(id)).filter((user) => user !== undefined);
    const users = () => people().map((user) => /** @type {[string, string]} */ ([user.id, store.nameOf(user, store.guild?.id)])).sort((a, b) => a[1].localeCompare(b[1]));
    const roles = () => [...(store.guild?.roles.values() ?? [])].map((role) => /** @type {[string, string]} */ ([role.id, role.name]));
    switch (option.type) {
      case 4:
      case 10:
        return h("input", { class: "input", type: "number", step: option.type === 4 ? "1" : "any", min: option.min_value, max: option.max_value });
      case 5:
        return choice([["true", text.composer.yes], ["false", text.composer.no]], required);
      case 6:
        return choice(users(), required);
      case 7: {
        const all = store.guild ? store.visibleChannels(store.guild).flatMap((group) => [...(group.category ? [group.category] : []), ...group.channels]) : [];
        return choice(all.filter((channel) => !option.channel_types?.length || option.channel_types.includes(channel.type)).map((channel) => [channel.id, `#${channel.name}`]), required);
      }
      case 8:
        return choice(roles(), required);
      case 9:
        return choice([...users(), ...roles().map(([id, name]) => /** @type {[string, string]} */ ([id, `@${name}`]))], required);
      default:
        return h("input", { class: "input", type: "text", minlength: option.min_length, maxlength: option.max_length ?? 6000, autocomplete: "off" });
    }
  };

  /** @param {Option} option @param {string} raw */
  const typed = (option, raw) => (option.type === 4 || option.type === 10 ? Number(raw) : option.type === 5 ? raw === "true" : raw);

  const close = () => {
    form.hidden = true;
    fill(form);
    box.hidden = false;
  };

  /** @param {Invocable} entry */
  const open = (entry) => {
    /** @type {Map<Option, Field>} */
    const fields = new Map();
    const rows = h("div", { class: "command-fields" });
    const problem = h("p", { class: "problem", role: "alert" });
    /** @param {Option} option */
    const show = (option) => {
      const field = control(option);
      fields.set(option, field);
      const row = h("label", { class: "command-field" }, h("span", { class: "label" }, option.name, option.required ? " *" : ""), field, h("span", { class: "hint" }, option.description));
      rows.append(row);
      return field;
    };
    const optional = entry.options.filter((option) => !option.required);
    for (const option of entry.options.filter((candidate) => candidate.required)) show(option);
    const chips = h("div", { class: "chips" });
    for (const option of optional) {
      const chip = h("button", { type: "button", class: "button small", title: option.description }, icon("plus"), option.name);
      chip.addEventListener("click", () => {
        chip.remove();
        show(option).focus();
      });
      chips.append(chip);
    }
    const head = h("div", { class: "command-head" }, icon("slash"), h("strong", {}, `/${entry.name}`), h("span", { class: "hint" }, `${entry.description} — ${entry.application}`), iconButton("close", text.cancel, () => (close(), back())));
    const run = h("button", { type: "submit", class: "button primary" }, text.composer.run);
    fill(form, head, rows, h("div", { class: "command-foot" }, chips, problem, run));
    form.setAttribute("aria-label", `${text.composer.command} /${entry.name}`);
    form.hidden = false;
    box.hidden = true;
    form.onsubmit = async (event) => {
      event.preventDefault();
      const values = [];
      for (const [option, field] of fields) {
        const raw = field.value.trim();
        const wrong = field instanceof HTMLInputElement && !field.checkValidity();
        if (wrong || (!raw && option.required)) {
          problem.textContent = wrong ? `${option.name}: ${/** @type {HTMLInputElement} */ (field).validationMessage}` : `${option.name} ${text.composer.missing}.`;
          field.setAttribute("aria-invalid", "true");
          field.focus();
          return;
        }
        if (raw) values.push({ type: option.type, name: option.name, value: typed(option, raw) });
      }
      run.disabled = true;
      const sent = await invoke(app, entry, values);
      run.disabled = false;
      if (sent === undefined) return;
      close();
      back();
    };
    const first = [...fields.values()][0];
    (first ?? run).focus();
  };
  form.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    event.stopPropagation();
    close();
    back();
  });

  return { open, close, isOpen: () => !form.hidden };
}
