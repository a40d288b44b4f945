// @ts-check
// A field with a list of proposals that are looked up while one types.

import { fill, h } from "./dom.js";
import { place } from "./menu.js";
import { text } from "./text.js";

/** @typedef {{value: string, label: string, detail?: string, face?: Node | string}} Choice */

/** A pause in typing that is worth a question, in milliseconds. */
const PAUSE = 250;
let made = 0;

/**
 * @param {object} options
 * @param {(query: string) => Choice[] | Promise<Choice[] | null>} options.source what fits; null when nobody answered
 * @param {boolean} options.free whether any text is a value, or only what was picked
 * @param {boolean} [options.slow] whether to wait for a pause in typing
 * @param {Record<string, any>} [options.props] attributes of the field
 */
export function combobox({ source, free, slow = false, props = {} }) {
  const id = `combo-${++made}`;
  const field = h("input", { class: "input", type: "text", role: "combobox", autocomplete: "off", "aria-expanded": "false", "aria-autocomplete": "list", "aria-controls": id, ...props });
  const list = h("ul", { class: "suggestions", id, role: "listbox", "aria-label": text.composer.suggestions, popover: "manual" });
  /** @type {Choice[]} */
  let found = [];
  /** @type {Choice | null} */
  let picked = null;
  let active = -1;
  let turn = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;

  const isOpen = () => list.matches(":popover-open");
  const close = () => {
    turn++;
    clearTimeout(timer);
    if (isOpen()) list.hidePopover();
    active = -1;
    field.setAttribute("aria-expanded", "false");
    field.removeAttribute("aria-activedescendant");
  };
  /** @param {number} index */
  const take = (index) => {
    picked = found[index] ?? null;
    if (picked) field.value = picked.label;
    close();
    field.dispatchEvent(new Event("picked"));
  };
  /** @param {string} [note] */
  const draw = (note) => {
    if (!isOpen()) list.showPopover();
    field.setAttribute("aria-expanded", "true");
    const option = (/** @type {Choice} */ entry, /** @type {number} */ index) =>
      h(
        "li",
        { id: `${id}-${index}`, role: "option", "aria-selected": String(index === active), on: { pointerdown: (/** @type {Event} */ event) => (event.preventDefault(), take(index)) } },
        entry.face ? h("span", { class: "suggestion-face" }, entry.face) : null,
        h("span", { class: "suggestion-name" }, entry.label),
        entry.detail ? h("span", { class: "suggestion-detail" }, entry.detail) : null,
      );
    fill(list, note ? h("li", { class: "suggestion-note", role: "status" }, note) : found.map(option));
    if (active >= 0) field.setAttribute("aria-activedescendant", `${id}-${active}`);
    else field.removeAttribute("aria-activedescendant");
    const box = field.getBoundingClientRect();
    list.style.setProperty("width", `${box.width}px`);
    place(list, box, "below");
    list.children[active]?.scrollIntoView({ block: "nearest" });
  };
  const look = async () => {
    const mine = ++turn;
    const answer = source(picked ? "" : field.value.trim());
    if (answer instanceof Promise && !isOpen()) draw(text.composer.searching);
    const choices = await answer;
    if (mine !== turn || document.activeElement !== field) return;
    found = choices ?? [];
    active = !free && found.length && field.value ? 0 : -1;
    draw(choices === null ? text.composer.noAnswer("") : found.length ? undefined : text.composer.noChoices);
  };
  const ask = () => {
    clearTimeout(timer);
    timer = setTimeout(look, slow ? PAUSE : 0);
  };
  field.addEventListener("input", () => ((picked = null), ask()));
  field.addEventListener("focus", ask);
  field.addEventListener("click", () => !isOpen() && ask());
  field.addEventListener("blur", close);
  field.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    if (step) {
      event.preventDefault();
      if (!isOpen()) return ask();
      active = found.length ? (active + step + found.length) % found.length : -1;
      if (found.length) draw();
    } else if (event.key === "Enter" && isOpen() && active >= 0) {
      event.preventDefault();
      take(active);
    } else if (event.key === "Enter" && !free && !picked && field.value.trim()) {
      // Faster than the list: what fits best is meant.
      event.preventDefault();
      look().then(() => found.length && take(0));
    } else if (event.key === "Tab" && isOpen() && active >= 0) take(active);
    else if (event.key === "Escape" && isOpen()) {
      event.stopPropagation();
      close();
    }
  });

  return {
    element: h("div", { class: "combobox" }, field, list),
    field,
    /** What was picked or, if any text will do, written; empty when nothing was. */
    value: () => picked?.value ?? (free ? field.value.trim() : ""),
    /** Whether something was written that is not among the proposals. */
    astray: () => !free && !picked && field.value.trim() !== "",
  };
}
