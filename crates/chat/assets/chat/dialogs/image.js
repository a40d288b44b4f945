// @ts-check
// A picture at its full size.

import { h, iconButton } from "../dom.js";
import { text } from "../text.js";

/** @param {string} url @param {string} alt @param {number} width @param {number} height */
export function showImage(url, alt, width, height) {
  const box = h("dialog", { class: "lightbox", "aria-label": alt });
  box.append(
    h("img", { src: url, alt, width: width || null, height: height || null }),
    h("div", { class: "lightbox-foot" }, h("a", { href: url, target: "_blank", rel: "noopener noreferrer" }, alt), iconButton("close", text.close, () => box.close())),
  );
  box.addEventListener("click", (event) => event.target === box && box.close());
  box.addEventListener("close", () => box.remove());
  document.body.append(box);
  box.showModal();
}
