// @ts-check
// The keyboard and the pointer's second button on messages.

import { messageKey, messageMenu } from "./actions.js";

/** @param {import("./app.js").App} app @param {HTMLElement} scroller @param {HTMLElement} list @param {() => string} shown the open channel */
export function mountMessageKeys(app, scroller, list, shown) {
  const { store } = app;
  const all = () => /** @type {HTMLElement[]} */ ([...list.querySelectorAll("li.message")]);

  list.addEventListener("keydown", (event) => {
    const item = event.target instanceof HTMLElement && event.target.matches("li.message") ? event.target : null;
    if (!item) return;
    if (event.key === "ArrowUp" || event.key === "ArrowDown") {
      event.preventDefault();
      move(item, event.key === "ArrowUp" ? -1 : 1);
    } else if (event.key === "Escape") {
      app.readUp?.();
      app.focusComposer?.();
    } else {
      const message = store.message(shown(), item.dataset.id ?? "");
      if (message && !message.pending && messageKey(app, message, event, item)) event.preventDefault();
    }
  });
  list.addEventListener("contextmenu", (event) => {
    // The browser's own menu stays for links, pictures and selected text.
    if (event.target instanceof Element && event.target.closest("a, img, input, textarea")) return;
    if (!getSelection()?.isCollapsed) return;
    const item = event.target instanceof Element ? event.target.closest("li.message") : null;
    const message = item instanceof HTMLElement ? store.message(shown(), item.dataset.id ?? "") : undefined;
    if (!message || message.pending) return;
    event.preventDefault();
    messageMenu(app, message, new DOMRect(event.clientX, event.clientY, 0, 0));
  });

  /** @param {HTMLElement} from @param {number} step */
  const move = (from, step) => {
    const messages = all();
    const next = messages[messages.indexOf(from) + step];
    if (next) {
      next.focus({ preventScroll: true });
      next.scrollIntoView({ block: "nearest" });
    } else if (step > 0) app.focusComposer?.();
  };
  // The list is one tab stop: its last message.
  scroller.addEventListener("focus", () => all().at(-1)?.focus({ preventScroll: true }));
}
