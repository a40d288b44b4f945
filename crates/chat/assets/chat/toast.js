// @ts-check
// Short notes at the edge: what failed, in the server's words, and what worked.

import { byId, h, iconButton } from "./dom.js";
import { RestError } from "./rest.js";
import { text } from "./text.js";

const LIFE = 6000;

/** @param {string} message @param {"good" | "bad"} [kind] */
export function toast(message, kind = "good") {
  const note = h("div", { class: `toast ${kind}` }, h("span", {}, message));
  const gone = () => note.remove();
  note.append(iconButton("close", text.dismiss, gone));
  const shelf = byId("toasts");
  // The same word twice is no news.
  for (const old of shelf.children) if (old.querySelector("span")?.textContent === message) old.remove();
  shelf.append(note);
  // A dialog lies above the page; the shelf has to lie above the dialog.
  if (shelf.popover !== undefined) {
    if (shelf.matches(":popover-open")) shelf.hidePopover();
    shelf.showPopover();
  }
  let timer = setTimeout(gone, LIFE);
  note.addEventListener("pointerenter", () => clearTimeout(timer));
  note.addEventListener("pointerleave", () => (timer = setTimeout(gone, LIFE / 2)));
  while (shelf.children.length > 4) shelf.firstElementChild?.remove();
}

/** The sentence that describes any failure. @param {unknown} error */
export function sentence(error) {
  if (error instanceof RestError) return error.sentence;
  console.error(error);
  return text.errors.unknown;
}

/**
 * Runs something and shows what went wrong.
 * @template T
 * @param {() => Promise<T>} work
 * @returns {Promise<T | undefined>}
 */
export async function attempt(work) {
  try {
    return await work();
  } catch (error) {
    toast(sentence(error), "bad");
    return undefined;
  }
}

/** @param {string} value */
export async function copy(value) {
  await attempt(async () => {
    await navigator.clipboard.writeText(value);
    toast(text.copied);
  });
}
