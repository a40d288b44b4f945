// @ts-check
// Files on their way into a message: chosen, pasted or dropped, shown before they are sent.

import { byId, fill, h, icon, iconButton } from "./dom.js";
import { text } from "./text.js";
import { fileSize } from "./time.js";
import { toast } from "./toast.js";

const MOST = 10;
const LARGEST = 25 * 1024 * 1024;

/**
 * @param {import("./app.js").App} app
 * @param {HTMLElement} above where the chosen files are listed
 * @param {HTMLElement} root the composer
 */
export function mountUploads(app, above, root) {
  /** @type {{file: File, preview: string | null}[]} */
  let chosen = [];
  const tray = h("ul", { class: "tray", hidden: true, "aria-label": text.composer.attach });
  above.append(tray);

  const draw = () => {
    tray.hidden = !chosen.length;
    fill(
      tray,
      chosen.map((entry, index) =>
        h(
          "li",
          {},
          entry.preview ? h("img", { src: entry.preview, alt: "" }) : icon("file"),
          h("span", { class: "file-name", title: entry.file.name }, entry.file.name),
          h("span", { class: "file-size" }, fileSize(entry.file.size)),
          iconButton("close", `${text.composer.removeFile}: ${entry.file.name}`, () => removeAt(index)),
        ),
      ),
    );
  };
  /** @param {number} index */
  const removeAt = (index) => {
    const [gone] = chosen.splice(index, 1);
    if (gone?.preview) URL.revokeObjectURL(gone.preview);
    draw();
    app.focusComposer?.();
  };
  /** @param {File[]} files */
  const add = (files) => {
    for (const file of files) {
      if (chosen.length >= MOST) {
        toast(text.composer.tooMany, "bad");
        break;
      }
      if (file.size > LARGEST) {
        toast(text.composer.tooLarge(file.name, fileSize(LARGEST)), "bad");
        continue;
      }
      chosen.push({ file, preview: file.type.startsWith("image/") ? URL.createObjectURL(file) : null });
    }
    draw();
    app.focusComposer?.();
  };

  const pane = byId("main");
  const veil = h("div", { class: "drop-veil", hidden: true }, icon("attach"), text.composer.drop);
  pane.append(veil);
  const carriesFiles = (/** @type {DragEvent} */ event) => Boolean(event.dataTransfer?.types.includes("Files")) && !root.hidden;
  pane.addEventListener("dragover", (event) => {
    if (!carriesFiles(event)) return;
    event.preventDefault();
    veil.hidden = false;
  });
  pane.addEventListener("dragleave", (event) => {
    if (!pane.contains(/** @type {Node | null} */ (event.relatedTarget))) veil.hidden = true;
  });
  pane.addEventListener("drop", (event) => {
    veil.hidden = true;
    if (!carriesFiles(event)) return;
    event.preventDefault();
    add([...(event.dataTransfer?.files ?? [])]);
  });

  return {
    add,
    files: () => chosen.map((entry) => entry.file),
    clear() {
      for (const entry of chosen) if (entry.preview) URL.revokeObjectURL(entry.preview);
      chosen = [];
      draw();
    },
  };
}
