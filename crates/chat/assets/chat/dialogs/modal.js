// @ts-check
// The forms that applications open.

import { menu } from "../components.js";
import { h } from "../dom.js";
import { submit } from "../interactions.js";
import { markup } from "../markup.js";
import { namesIn } from "../message.js";
import { text } from "../text.js";
import { dialog } from "./dialog.js";

/** @typedef {import("../app.js").App} App */
/** @typedef {import("../types.js").Component} Component */
/** @typedef {{component: Component, focus: () => void, value: () => Record<string, any>, problem: () => string}} Input */

const ROW = 1;
const TEXT_INPUT = 4;
const TEXT = 10;
const LABEL = 18;

/** @param {Component} component @param {string} id @returns {Input & {element: HTMLElement}} */
function textInput(component, id) {
  const props = { class: "input", id, maxlength: component.max_length ?? 4000, placeholder: component.placeholder, "aria-required": component.required === false ? null : "true", "aria-describedby": `${id}-p` };
  const field = component.style === 2 ? h("textarea", { ...props, rows: "4" }) : h("input", { ...props, type: "text", autocomplete: "off" });
  field.value = typeof component.value === "string" ? component.value : "";
  const problem = () => {
    const length = [...field.value].length;
    if (!length) return component.required === false ? "" : text.composer.missing;
    return component.min_length && length < component.min_length ? text.composer.tooShort(component.min_length) : "";
  };
  return { component, element: field, focus: () => field.focus(), value: () => ({ type: TEXT_INPUT, custom_id: component.custom_id, value: field.value }), problem };
}

/** @param {App} app @param {Component} component @param {string} id @returns {Input & {element: HTMLElement}} */
function menuInput(app, component, id) {
  /** @type {string[]} */
  let values = (component.options ?? []).filter((option) => option.default).map((option) => option.value);
  const element = menu(app, component, (chosen) => (values = chosen));
  element.id = id;
  const least = component.required === false ? 0 : (component.min_values ?? 1);
  return { component, element, focus: () => element.focus(), value: () => ({ type: component.type, custom_id: component.custom_id, values }), problem: () => (values.length < least ? text.composer.missing : "") };
}

/** @param {App} app @param {import("../types.js").Modal} modal */
export function showModal(app, modal) {
  /** @type {Map<Component, Input>} what is asked for, by the row or label that it lies in */
  const inputs = new Map();
  let number = 0;
  /** @param {Component} outer */
  const field = (outer) => {
    if (outer.type === TEXT) return h("div", { class: "markup" }, markup(outer.content ?? "", namesIn(app, app.store.selected.guild)));
    const inner = outer.type === ROW ? outer.components?.[0] : outer.component;
    if (!inner) return null;
    const id = `modal-${++number}`;
    const input = inner.type === TEXT_INPUT ? textInput(inner, id) : menuInput(app, inner, id);
    inputs.set(outer, input);
    const needed = inner.required === false ? null : h("span", { "aria-hidden": "true" }, " *");
    return h("div", { class: "field" }, h("label", { for: id }, outer.label ?? inner.label ?? "", needed), outer.description ? h("p", { class: "hint" }, outer.description) : null, input.element, h("p", { class: "problem", id: `${id}-p` }));
  };
  const fields = modal.components.map(field);
  const send = h("button", { type: "submit", class: "button primary" }, text.composer.submit);
  const trouble = h("p", { class: "problem", role: "alert" });
  const form = h("form", { novalidate: true }, h("p", { class: "muted small" }, modal.application.name), fields, trouble, h("footer", { class: "dialog-foot" }, h("button", { type: "button", class: "button quiet", on: { click: () => box.close() } }, text.cancel), send));
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    /** @type {Input | null} */
    let wrong = null;
    for (const [index, input] of [...inputs.values()].entries()) {
      const why = input.problem();
      const slot = form.querySelector(`#modal-${index + 1}-p`);
      if (slot) slot.textContent = why;
      form.querySelector(`#modal-${index + 1}`)?.setAttribute("aria-invalid", String(Boolean(why)));
      if (why) wrong ??= input;
    }
    if (wrong) return wrong.focus();
    const values = [...inputs].map(([outer, input]) => (outer.type === LABEL ? { type: LABEL, component: input.value() } : { type: ROW, components: [input.value()] }));
    send.disabled = true;
    trouble.textContent = "";
    const outcome = await submit(app, modal, values);
    send.disabled = false;
    if (outcome === "answered") box.close();
    else if (outcome === "failed") trouble.textContent = text.composer.noAnswer(modal.application.name);
  });
  const box = dialog({ title: modal.title, content: [form], narrow: true });
}

/** @param {App} app */
export function mountModals(app) {
  app.store.on("modal", (modal) => showModal(app, modal));
}
