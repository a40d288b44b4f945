// @ts-check
// The fields of a slash command, in the composer's place.

import { optionField, typed } from "./command-fields.js";
import { invoke, suggest } from "./commands.js";
import { fill, h, icon, iconButton } from "./dom.js";
import { text } from "./text.js";

/** @typedef {import("./commands.js").Invocable} Invocable */
/** @typedef {import("./commands.js").Value} Value */
/** @typedef {import("./command-fields.js").Entered} Entered */
/** @typedef {import("./types.js").Option} Option */

/**
 * @param {import("./app.js").App} app
 * @param {HTMLElement} root
 * @param {HTMLElement} box the ordinary composer, hidden meanwhile
 * @param {() => void} back focuses it again
 */
export function mountCommandForm(app, root, box, back) {
  const form = h("form", { class: "command-form", hidden: true, novalidate: true });
  root.append(form);

  const close = () => {
    form.hidden = true;
    fill(form);
    box.hidden = false;
  };

  /** @param {Invocable} entry */
  const open = (entry) => {
    /** @type {Map<Option, Entered>} */
    const fields = new Map();
    const rows = h("div", { class: "command-fields" });
    const problem = h("p", { class: "problem", role: "alert" });
    const chips = h("div", { class: "chips" });
    const run = h("button", { type: "submit", class: "button primary" }, text.composer.run);

    /** What is entered so far, with the option that is being typed. @param {Option} option @param {string} query */
    const propose = async (option, query) => {
      /** @type {Value[]} */
      const values = [{ type: option.type, name: option.name, value: query, focused: true }];
      for (const [other, entered] of fields) if (other !== option && entered.raw() && !entered.file()) values.push({ type: other.type, name: other.name, value: typed(other, entered.raw()) });
      const choices = await suggest(app, entry, values);
      return choices && choices.map((choice) => ({ value: String(choice.value), label: choice.name }));
    };
    /** @param {Option} option */
    const show = (option) => {
      const entered = optionField(app, option, propose);
      const id = `option-${option.name}`;
      entered.field.id = id;
      entered.field.setAttribute("aria-describedby", `${id}-hint`);
      if (option.required) entered.field.setAttribute("aria-required", "true");
      entered.field.addEventListener("input", () => (entered.field.removeAttribute("aria-invalid"), (problem.textContent = "")));
      fields.set(option, entered);
      rows.append(h("div", { class: "command-field" }, h("label", { class: "label", for: id }, option.name, option.required ? h("span", { "aria-hidden": "true" }, " *") : null), entered.element, h("span", { class: "hint", id: `${id}-hint` }, option.description)));
      return entered.field;
    };
    for (const option of entry.options.filter((candidate) => candidate.required)) show(option);
    for (const option of entry.options.filter((candidate) => !candidate.required)) {
      const chip = h("button", { type: "button", class: "button small", title: option.description }, icon("plus"), option.name);
      chip.addEventListener("click", () => {
        chip.remove();
        show(option).focus();
      });
      chips.append(chip);
    }
    const head = h("div", { class: "command-head" }, icon("slash"), h("strong", {}, `/${entry.name}`), h("span", { class: "hint" }, `${entry.description} — ${entry.application}`), iconButton("close", text.cancel, () => (close(), back())));
    fill(form, head, rows, h("div", { class: "command-foot" }, chips, problem, run));
    form.setAttribute("aria-label", `${text.composer.command} /${entry.name}`);
    form.hidden = false;
    box.hidden = true;

    /** @returns {{values: Value[], files: File[]} | null} null when something is wrong, which is then shown */
    const collect = () => {
      /** @type {Value[]} */
      const values = [];
      /** @type {File[]} */
      const files = [];
      for (const [option, entered] of fields) {
        const raw = entered.raw();
        const why = entered.problem() || (!raw && option.required ? text.composer.missing : "");
        if (why) {
          problem.textContent = `${option.name}: ${why}`;
          entered.field.setAttribute("aria-invalid", "true");
          entered.field.focus();
          return null;
        }
        const file = entered.file();
        if (file) values.push({ type: option.type, name: option.name, value: String(files.push(file) - 1) });
        else if (raw) values.push({ type: option.type, name: option.name, value: typed(option, raw) });
      }
      return { values, files };
    };
    form.onsubmit = (event) => {
      event.preventDefault();
      const given = collect();
      if (!given) return;
      // Its own line in the conversation says how it goes on.
      invoke(app, entry, given.values, given.files);
      close();
      back();
    };
    const first = [...fields.values()][0];
    (first?.field ?? run).focus();
  };
  form.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    event.stopPropagation();
    close();
    back();
  });

  return { open, close, isOpen: () => !form.hidden };
}
