// @ts-check
// Editing a message in its place.

import { h } from "./dom.js";
import { remove } from "./actions.js";
import { edit } from "./outbox.js";
import { renderMessage } from "./message.js";
import { text } from "./text.js";
import { autosize } from "./autosize.js";

/**
 * The message with a field instead of its content.
 * @param {import("./app.js").App} app
 * @param {import("./types.js").Message} message
 * @param {boolean} grouped
 * @param {(focus: boolean) => void} done
 */
export function startEdit(app, message, grouped, done) {
  const item = renderMessage(app, message, grouped);
  item.classList.add("editing");
  const field = h("textarea", { class: "input", rows: "1", "aria-label": text.messages.editing, maxlength: "4000" });
  field.value = message.content;
  autosize(field);
  const save = async () => {
    const content = field.value.trim();
    if (!content && !message.attachments.length) return remove(app, message);
    if (content === message.content) return done(true);
    field.disabled = true;
    if (await edit(app, message, content)) done(true);
    else {
      field.disabled = false;
      field.focus();
    }
  };
  field.addEventListener("keydown", (event) => {
    event.stopPropagation();
    if (event.key === "Escape") done(true);
    else if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      save();
    }
  });
  const buttons = h(
    "div",
    { class: "edit-actions" },
    h("button", { type: "button", class: "button small primary", on: { click: save } }, text.save),
    h("button", { type: "button", class: "button small quiet", on: { click: () => done(true) } }, text.cancel),
    h("span", { class: "hint" }, text.messages.editHint),
  );
  item.querySelector(".content")?.replaceChildren(h("div", { class: "edit-box" }, field, buttons));
  item.querySelector(".tools")?.remove();
  requestAnimationFrame(() => {
    field.focus();
    field.setSelectionRange(field.value.length, field.value.length);
    item.scrollIntoView({ block: "nearest" });
  });
  return item;
}
