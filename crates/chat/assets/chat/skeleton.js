// @ts-check
// Grey lines in the place of what is coming.

import { h } from "./dom.js";
import { text } from "./text.js";

/** @param {number} n */
export function skeleton(n) {
  const line = (/** @type {number} */ i) => h("div", { class: "skeleton" }, h("i", { class: "bone round" }), h("i", { class: "bone", style: { "--w": `${30 + ((i * 37) % 55)}%` } }));
  return h("div", { role: "status", "aria-label": text.loading, class: "skeletons" }, Array.from({ length: n }, (_, i) => line(i)));
}
