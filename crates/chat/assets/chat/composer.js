// @ts-check
// Where one writes: keys, drafts, replies, files, the way to the completions and to slash commands.

import { autosize } from "./autosize.js";
import { mountCommandForm } from "./command-form.js";
import { mountCompletion } from "./complete.js";
import { byId, fill, h, icon, iconButton } from "./dom.js";
import { emojisOf, pickEmoji } from "./emoji.js";
import { send } from "./outbox.js";
import { P, isTimedOut } from "./permissions.js";
import { TEXTUAL } from "./store.js";
import { text } from "./text.js";
import { mountUploads } from "./uploads.js";

/** @typedef {import("./types.js").Message} Message */

const LONGEST = 2000;
/** The indicator lasts ten seconds at the other end, so it is renewed a little earlier, in milliseconds. */
const TYPING_EVERY = 8000;

/** @param {import("./app.js").App} app */
export function mountComposer(app) {
  const { store } = app;
  const root = byId("composer");
  const field = h("textarea", { id: "composer-field", rows: "1", "aria-label": text.composer.label, autocomplete: "off", enterkeyhint: "send", "aria-autocomplete": "list" });
  const fit = autosize(field);
  const above = h("div", { class: "composer-above" });
  const meter = h("span", { class: "meter", role: "status" });
  const picker = h("input", { type: "file", multiple: true, hidden: true, "aria-hidden": "true", tabindex: "-1" });
  const attachButton = iconButton("attach", text.composer.attach, () => picker.click());
  const emojiButton = iconButton("smile", text.composer.emoji, () => pickEmoji(emojiButton, insert, emojisOf(store.guild)));
  const sendButton = iconButton("send", text.composer.send, () => submit(), { class: "send-button" });
  const box = h("div", { class: "composer-box" }, attachButton, field, meter, emojiButton, sendButton, picker);
  const barred = h("p", { class: "composer-barred", role: "status" });
  fill(root, above, box, barred);

  /** @type {Map<string, {content: string, reply: Message | null, notify: boolean}>} */
  const drafts = new Map();
  /** @type {Message | null} */
  let reply = null;
  let notify = true;
  let current = "";
  let typedAt = 0;

  const uploads = mountUploads(app, above, root);
  const commandForm = mountCommandForm(app, root, box, () => field.focus());
  const completion = mountCompletion(app, field, root, (command) => {
    setText("");
    commandForm.open(command);
  });

  /** @param {string} value */
  const insert = (value) => {
    field.focus();
    field.setRangeText(value, field.selectionStart, field.selectionEnd, "end");
    field.dispatchEvent(new Event("input"));
  };
  /** @param {string} value */
  const setText = (value) => {
    field.value = value;
    fit();
    measure();
  };
  const measure = () => {
    const left = LONGEST - [...field.value].length;
    meter.textContent = left < 0 ? text.composer.tooLong(-left) : left < 200 ? String(left) : "";
    meter.classList.toggle("over", left < 0);
  };

  const replyBar = h("div", { class: "reply-bar", hidden: true });
  above.prepend(replyBar);
  const drawReply = () => {
    replyBar.hidden = !reply;
    if (!reply) return;
    const ping = h("label", { class: "check" }, h("input", { type: "checkbox", checked: notify, on: { change: (/** @type {any} */ event) => (notify = event.target.checked) } }), text.composer.mention);
    fill(replyBar, icon("reply"), h("span", {}, text.composer.replyingTo(store.nameOf(reply.author, store.channel?.guild_id))), reply.author.id === store.me.id ? null : ping, iconButton("close", text.composer.stopReply, stopReply));
  };
  const stopReply = () => {
    reply = null;
    drawReply();
    field.focus();
  };

  const submit = () => {
    const content = completion.translate(field.value).trim();
    const files = uploads.files();
    if (!store.channel || (!content && !files.length) || [...content].length > LONGEST || box.hidden) return;
    send(app, store.channel.id, { content, files, reply, notify });
    reply = null;
    notify = true;
    drawReply();
    uploads.clear();
    setText("");
    typedAt = 0;
    field.focus();
  };

  const tellTyping = () => {
    if (!store.channel || !field.value.trim() || field.value.startsWith("/") || Date.now() - typedAt < TYPING_EVERY) return;
    typedAt = Date.now();
    app.rest.post(`/channels/${store.channel.id}/typing`).catch(() => {});
  };

  field.addEventListener("input", () => {
    measure();
    tellTyping();
  });
  field.addEventListener("keydown", (event) => {
    if (event.isComposing || completion.key(event)) return;
    if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      submit();
    } else if (event.key === "ArrowUp" && !field.value) {
      event.preventDefault();
      app.editLast?.();
    } else if (event.key === "Escape") {
      if (reply) stopReply();
      else app.readUp?.();
    }
  });
  field.addEventListener("paste", (event) => {
    const files = [...(event.clipboardData?.files ?? [])];
    if (!files.length) return;
    event.preventDefault();
    uploads.add(files);
  });
  picker.addEventListener("change", () => {
    uploads.add([...(picker.files ?? [])]);
    picker.value = "";
    field.focus();
  });
  // Typing anywhere writes here, as one expects of a chat.
  document.addEventListener("keydown", (event) => {
    const target = event.target;
    if (event.ctrlKey || event.metaKey || event.altKey || event.key.length !== 1 || event.key === " ") return;
    if (!(target === document.body || (target instanceof Element && target.matches("#messages, .rail-button, .row-link")))) return;
    if (!box.hidden && store.channel) field.focus();
  });

  const select = () => {
    const channel = store.channel;
    const id = channel?.id ?? "";
    if (id !== current) {
      if (current) drafts.set(current, { content: field.value, reply, notify });
      current = id;
      const draft = drafts.get(id);
      reply = draft?.reply ?? null;
      notify = draft?.notify ?? true;
      typedAt = 0;
      uploads.clear();
      commandForm.close();
      setText(draft?.content ?? "");
      drawReply();
      if (channel && matchMedia("(pointer: fine)").matches && !document.querySelector("dialog[open]")) field.focus({ preventScroll: true });
    }
    root.hidden = !channel || !TEXTUAL.has(channel.type);
    if (!channel) return;
    const bits = store.mayIn(channel);
    const may = Boolean(bits & P.SEND_MESSAGES);
    box.hidden = !may || commandForm.isOpen();
    barred.hidden = may;
    barred.textContent = isTimedOut(store.guild?.members.get(store.me.id), Date.now()) ? text.composer.timedOut : text.composer.readOnly;
    attachButton.hidden = !(bits & P.ATTACH_FILES);
    fit();
    const name = store.titleOf(channel);
    field.placeholder = text.composer.placeholder(channel.guild_id ? `#${name}` : `@${name}`);
  };
  store.on(["selection", "channels", "guilds", "ready"], select);
  store.on("members", (detail) => detail.user === store.me.id && select());

  app.replyTo = (message) => {
    reply = message;
    notify = true;
    drawReply();
    field.focus();
  };
  app.focusComposer = () => {
    if (!box.hidden) field.focus();
  };
}
