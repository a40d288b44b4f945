// @ts-check
// Choosing some out of many: people, roles, channels, options.

import { fill, h } from "../dom.js";
import { text } from "../text.js";
import { dialog } from "./dialog.js";

/** @typedef {import("../combobox.js").Choice} Choice */

/** More than this are found by filtering. */
const MOST = 100;

/**
 * @param {{title: string, intro?: string, choices: Choice[], chosen?: string[], min?: number, max?: number, action?: string, empty?: string}} options
 * @returns {Promise<string[] | null>} null when the dialog was closed instead
 */
export function choose({ title, intro, choices, chosen = [], min = 1, max = 1, action = text.composer.choose, empty = text.composer.noChoices }) {
  return new Promise((resolve) => {
    const picked = new Set(chosen.filter((value) => choices.some((choice) => choice.value === value)));
    /** @type {string[] | null} */
    let answer = null;
    const filter = h("input", { class: "input", type: "search", placeholder: text.composer.filter, "aria-label": text.composer.filter });
    const list = h("ul", { class: "choices", role: max > 1 ? "group" : "radiogroup", "aria-label": title });
    const count = h("span", { class: "hint", role: "status" });
    const submit = h("button", { type: "submit", class: "button primary" }, action);

    const measure = () => {
      count.textContent = max > 1 ? text.composer.chosen(picked.size, max) : "";
      submit.disabled = picked.size < min || picked.size > max;
      for (const box of list.querySelectorAll("input")) box.disabled = max > 1 && picked.size >= max && !box.checked;
    };
    /** @param {Choice} choice */
    const row = (choice) => {
      const box = h("input", { type: max > 1 ? "checkbox" : "radio", name: "choice", checked: picked.has(choice.value) });
      box.addEventListener("change", () => {
        if (max === 1) picked.clear();
        if (box.checked) picked.add(choice.value);
        else picked.delete(choice.value);
        measure();
      });
      return h("li", {}, h("label", { class: "choice" }, box, choice.face ? h("span", { class: "suggestion-face" }, choice.face) : null, h("span", { class: "suggestion-name" }, choice.label), choice.detail ? h("span", { class: "suggestion-detail" }, choice.detail) : null));
    };
    const draw = () => {
      const word = filter.value.trim().toLowerCase();
      const shown = choices.filter((choice) => choice.label.toLowerCase().includes(word) || choice.detail?.toLowerCase().includes(word)).slice(0, MOST);
      fill(list, shown.length ? shown.map(row) : h("li", { class: "empty" }, empty));
      measure();
    };
    filter.addEventListener("input", draw);
    const form = h("form", { class: "choose" }, intro ? h("p", { class: "muted" }, intro) : null, choices.length > 7 ? filter : null, list, h("footer", { class: "dialog-foot" }, count, h("span", { class: "spacer" }), h("button", { type: "button", class: "button quiet", on: { click: () => box.close() } }, text.cancel), submit));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      if (submit.disabled) return;
      answer = [...picked];
      box.close();
    });
    draw();
    const box = dialog({ title, content: [form], narrow: true, closed: () => resolve(answer) });
  });
}
