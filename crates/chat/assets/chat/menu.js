// @ts-check
// Menus that open at a button or a pointer: arrow keys, first letters, Escape; focus returns to where it was.

import { h, icon } from "./dom.js";

/** @typedef {{label: string, icon?: string, danger?: boolean, checked?: boolean, run: () => void} | "line" | false | null | undefined} Entry */

/** @type {HTMLElement | null} */
let open = null;

/** Puts something beside an anchor, inside the window. @param {HTMLElement} panel @param {DOMRect} anchor @param {"below" | "beside"} side */
export function place(panel, anchor, side) {
  const box = panel.getBoundingClientRect();
  const edge = 8;
  let left = side === "below" ? anchor.left : anchor.right + edge;
  let top = side === "below" ? anchor.bottom + 4 : anchor.top;
  if (side === "below" && top + box.height > innerHeight - edge) top = anchor.top - box.height - 4;
  if (side === "beside" && left + box.width > innerWidth - edge) left = anchor.left - box.width - edge;
  panel.style.left = `${Math.max(edge, Math.min(left, innerWidth - box.width - edge))}px`;
  panel.style.top = `${Math.max(edge, Math.min(top, innerHeight - box.height - edge))}px`;
}

/** A box that floats above the page until something else is pressed. @param {HTMLElement} panel @param {Element | DOMRect} anchor @param {"below" | "beside"} side @param {() => void} [closed] */
export function float(panel, anchor, side, closed) {
  open?.hidePopover();
  const before = /** @type {HTMLElement | null} */ (document.activeElement);
  panel.popover = "auto";
  panel.classList.add("floating");
  const home = before?.closest("dialog") ?? document.body;
  home.append(panel);
  panel.showPopover();
  place(panel, anchor instanceof Element ? anchor.getBoundingClientRect() : anchor, side);
  const trigger = anchor instanceof HTMLElement ? anchor : null;
  trigger?.setAttribute("aria-expanded", "true");
  open = panel;
  panel.addEventListener("toggle", (event) => {
    if (/** @type {ToggleEvent} */ (event).newState !== "closed") return;
    const inside = panel.contains(document.activeElement) || document.activeElement === document.body;
    panel.remove();
    trigger?.removeAttribute("aria-expanded");
    if (open === panel) open = null;
    if (inside && before?.isConnected) before.focus();
    closed?.();
  });
  return panel;
}

/** Whether a pointer's button or a finger is down. */
let pressed = false;
addEventListener("pointerdown", () => (pressed = true), true);
for (const end of ["pointerup", "pointercancel"]) addEventListener(end, () => (pressed = false), true);

/**
 * @param {Element | DOMRect} anchor
 * @param {Entry[]} entries
 * @param {string} label what the menu is about
 * @returns {void}
 */
export function showMenu(anchor, entries, label) {
  // The second button opens a menu while it is down; letting go of it must not count as a press beside the menu.
  if (pressed) return addEventListener("pointerup", () => setTimeout(() => showMenu(anchor, entries, label)), { once: true });
  const menu = h("div", { class: "menu", role: "menu", "aria-label": label });
  for (const entry of entries) {
    if (!entry) continue;
    if (entry === "line") {
      menu.append(h("hr", {}));
      continue;
    }
    const role = entry.checked === undefined ? "menuitem" : "menuitemradio";
    const item = h(
      "button",
      { type: "button", role, tabindex: "-1", class: entry.danger ? "danger" : "", "aria-checked": entry.checked === undefined ? null : String(entry.checked) },
      entry.icon ? icon(entry.icon) : null,
      h("span", {}, entry.label),
      entry.checked ? icon("check", "mark") : null,
    );
    item.addEventListener("click", () => {
      menu.hidePopover();
      entry.run();
    });
    menu.append(item);
  }
  menu.addEventListener("keydown", (event) => walk(menu, event));
  float(menu, anchor, "below");
  /** @type {HTMLElement | null} */ (menu.querySelector("button"))?.focus();
}

/** @param {HTMLElement} menu @param {KeyboardEvent} event */
function walk(menu, event) {
  const items = [...menu.querySelectorAll("button")];
  const here = items.indexOf(/** @type {HTMLButtonElement} */ (document.activeElement));
  /** @type {HTMLButtonElement | undefined} */
  let next;
  if (event.key === "ArrowDown") next = items[(here + 1) % items.length];
  else if (event.key === "ArrowUp") next = items[(here - 1 + items.length) % items.length];
  else if (event.key === "Home") next = items[0];
  else if (event.key === "End") next = items.at(-1);
  else if (event.key === "Tab") menu.hidePopover();
  else if (event.key.length === 1) next = [...items.slice(here + 1), ...items].find((item) => item.textContent?.toLowerCase().startsWith(event.key.toLowerCase()));
  if (!next) return;
  event.preventDefault();
  next.focus();
}
