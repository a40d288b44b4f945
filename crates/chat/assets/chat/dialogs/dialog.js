// @ts-check
// Dialogs: a title, something inside, buttons. Built on <dialog>, which keeps the focus and closes on Escape.

import { fill, h, iconButton } from "../dom.js";
import { RestError } from "../rest.js";
import { text } from "../text.js";
import { sentence } from "../toast.js";

/**
 * @typedef {object} Field
 * @property {string} name
 * @property {string} label
 * @property {"text" | "textarea" | "select" | "checkbox" | "color" | "number" | "file"} [type]
 * @property {string | number | boolean} [value]
 * @property {[string, string][]} [options]
 * @property {string} [hint]
 * @property {boolean} [required]
 * @property {number} [maxlength]
 * @property {string} [accept]
 * @property {boolean} [disabled]
 */

/**
 * Opens a dialog.
 * @param {{title: string, content: (Node | string | null | false)[], wide?: boolean, narrow?: boolean, closed?: () => void}} options
 */
export function dialog(options) {
  const id = `dialog-${Math.random().toString(36).slice(2)}`;
  const box = h("dialog", { class: `dialog ${options.wide ? "wide" : ""} ${options.narrow ? "narrow" : ""}`, "aria-labelledby": id });
  box.append(h("header", { class: "dialog-head" }, h("h2", { id }, options.title), iconButton("close", text.close, () => box.close())), h("div", { class: "dialog-body" }, options.content));
  box.addEventListener("close", () => {
    box.remove();
    options.closed?.();
  });
  // A press on the backdrop is a press on the dialog itself; one that began inside (selecting text) is not.
  let began = false;
  box.addEventListener("pointerdown", (event) => (began = event.target === box));
  box.addEventListener("click", (event) => event.target === box && began && box.close());
  document.body.append(box);
  box.showModal();
  const first = /** @type {HTMLElement | null} */ (box.querySelector(".dialog-body input:not([type=hidden]):not([hidden]), .dialog-body textarea, .dialog-body select, .dialog-body button.primary"));
  first?.focus();
  return box;
}

/** @param {Field} field */
export function control(field) {
  const shared = { name: field.name, required: field.required, disabled: field.disabled };
  if (field.type === "select") return h("select", { ...shared, class: "input" }, (field.options ?? []).map(([value, label]) => h("option", { value, selected: String(field.value ?? "") === value }, label)));
  if (field.type === "textarea") return h("textarea", { ...shared, class: "input", rows: "3", maxlength: field.maxlength, value: field.value ?? "" });
  if (field.type === "checkbox") return h("input", { ...shared, type: "checkbox", checked: Boolean(field.value) });
  if (field.type === "file") return h("input", { ...shared, class: "input", type: "file", accept: field.accept });
  return h("input", { ...shared, class: field.type === "color" ? "color" : "input", type: field.type ?? "text", maxlength: field.maxlength, value: field.value ?? "", autocomplete: "off" });
}

/** A field with its label, hint and place for a problem. @param {Field} field */
export function labelled(field) {
  const input = control(field);
  const id = `f-${field.name}-${Math.random().toString(36).slice(2, 7)}`;
  input.id = id;
  const problem = h("p", { class: "problem", id: `${id}-p`, data: { problem: field.name } });
  input.setAttribute("aria-describedby", `${id}-p`);
  if (field.type === "checkbox") return h("div", { class: "field" }, h("label", { class: "check" }, input, h("span", {}, field.label)), problem);
  return h("div", { class: "field" }, h("label", { for: id }, field.label), input, field.hint ? h("p", { class: "hint" }, field.hint) : null, problem);
}

/** Puts the server's words at the fields they are about. @param {HTMLElement} form @param {unknown} error */
export function showProblems(form, error) {
  for (const slot of form.querySelectorAll("[data-problem]")) slot.textContent = "";
  for (const input of form.querySelectorAll("[aria-invalid]")) input.removeAttribute("aria-invalid");
  if (!error) return;
  /** @type {string[]} */
  const rest = [];
  const fields = error instanceof RestError ? Object.entries(error.fields) : [];
  for (const [path, message] of fields) {
    const name = path.split(".")[0] ?? "";
    const slot = form.querySelector(`[data-problem="${CSS.escape(name)}"]`);
    if (slot) {
      slot.textContent = message;
      form.querySelector(`[name="${CSS.escape(name)}"]`)?.setAttribute("aria-invalid", "true");
    } else rest.push(message);
  }
  const general = form.querySelector(".form-problem");
  if (general) general.textContent = fields.length ? rest.join(" ") : sentence(error);
  /** @type {HTMLElement | null} */ (form.querySelector("[aria-invalid]"))?.focus();
}

/** @param {HTMLFormElement} form @returns {Record<string, any>} */
export function valuesOf(form) {
  /** @type {Record<string, any>} */
  const out = {};
  for (const element of form.elements) {
    if (!(element instanceof HTMLInputElement || element instanceof HTMLSelectElement || element instanceof HTMLTextAreaElement) || !element.name) continue;
    if (element instanceof HTMLInputElement && element.type === "checkbox") out[element.name] = element.checked;
    else if (element instanceof HTMLInputElement && element.type === "file") out[element.name] = element.files?.[0] ?? null;
    else out[element.name] = element.value;
  }
  return out;
}

/**
 * Asks for some values. With `save`, the dialog stays open while that fails and shows why.
 * @param {{title: string, intro?: string, fields: Field[], action: string, danger?: boolean, extra?: (Node | null)[], save?: (values: Record<string, any>) => Promise<unknown>}} options
 * @returns {Promise<Record<string, any> | null>} null when it was closed instead
 */
export function formDialog(options) {
  return new Promise((resolve) => {
    /** @type {Record<string, any> | null} */
    let answer = null;
    const submit = h("button", { type: "submit", class: `button ${options.danger ? "danger" : "primary"}` }, options.action);
    const cancel = h("button", { type: "button", class: "button quiet", on: { click: () => box.close() } }, text.cancel);
    const form = h(
      "form",
      { novalidate: true },
      options.intro ? h("p", { class: "muted" }, options.intro) : null,
      options.fields.map(labelled),
      options.extra ?? [],
      h("p", { class: "problem form-problem", role: "alert" }),
      h("footer", { class: "dialog-foot" }, cancel, submit),
    );
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const missing = [...form.elements].find((element) => element instanceof HTMLInputElement && element.required && !element.value.trim());
      if (missing instanceof HTMLElement) return missing.focus();
      const values = valuesOf(form);
      submit.disabled = true;
      try {
        await options.save?.(values);
        answer = values;
        box.close();
      } catch (error) {
        showProblems(form, error);
      } finally {
        submit.disabled = false;
      }
    });
    const box = dialog({ title: options.title, content: [form], narrow: true, closed: () => resolve(answer) });
  });
}

/**
 * Asks whether something is really meant.
 * @param {{title: string, body: string, action: string, danger?: boolean, quote?: string}} options
 * @returns {Promise<boolean>}
 */
export function confirmDialog(options) {
  return new Promise((resolve) => {
    let sure = false;
    const yes = h("button", { type: "button", class: `button ${options.danger ? "danger" : "primary"}`, on: { click: () => ((sure = true), box.close()) } }, options.action);
    const no = h("button", { type: "button", class: "button quiet", on: { click: () => box.close() } }, text.cancel);
    const quote = options.quote ? h("blockquote", { class: "quote" }, options.quote.slice(0, 300)) : null;
    const box = dialog({ title: options.title, content: [h("p", {}, options.body), quote, h("footer", { class: "dialog-foot" }, no, yes)], narrow: true, closed: () => resolve(sure) });
    yes.focus();
  });
}

/**
 * A dialog with tabs at its side.
 * @param {{title: string, tabs: {key: string, label: string, draw: (panel: HTMLElement, box: HTMLDialogElement) => void}[], start?: string}} options
 */
export function tabbedDialog(options) {
  const bar = h("div", { class: "side-tabs", role: "tablist", "aria-orientation": "vertical" });
  const panel = h("div", { class: "tab-panel", role: "tabpanel", tabindex: "-1" });
  const box = dialog({ title: options.title, content: [h("div", { class: "tabbed" }, bar, panel)], wide: true });
  const show = (/** @type {string} */ key) => {
    for (const button of bar.querySelectorAll("button")) {
      button.setAttribute("aria-selected", String(button.dataset.key === key));
      button.tabIndex = button.dataset.key === key ? 0 : -1;
    }
    fill(panel);
    panel.scrollTop = 0;
    options.tabs.find((tab) => tab.key === key)?.draw(panel, box);
  };
  for (const tab of options.tabs) bar.append(h("button", { type: "button", role: "tab", class: "side-tab", data: { key: tab.key }, on: { click: () => show(tab.key) } }, tab.label));
  bar.addEventListener("keydown", (event) => {
    const all = [...bar.querySelectorAll("button")];
    const here = all.indexOf(/** @type {HTMLButtonElement} */ (document.activeElement));
    const step = event.key === "ArrowDown" || event.key === "ArrowRight" ? 1 : event.key === "ArrowUp" || event.key === "ArrowLeft" ? -1 : 0;
    const next = step ? all[(here + step + all.length) % all.length] : undefined;
    if (!next) return;
    event.preventDefault();
    next.focus();
    next.click();
  });
  show(options.start ?? options.tabs[0]?.key ?? "");
  return box;
}

/** Reads a file as a data URL, as the API takes pictures. @param {File} file @returns {Promise<string>} */
export function dataUrl(file) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(String(reader.result));
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(file);
  });
}
