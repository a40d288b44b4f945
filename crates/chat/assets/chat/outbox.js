// @ts-check
// Sending: a message is shown at once, confirmed by its nonce, and kept with a way to try again when it fails.

import { localId } from "./time.js";
import { attempt, sentence } from "./toast.js";

/** @typedef {import("./app.js").App} App */
/** @typedef {import("./types.js").Message} Message */

/**
 * @param {App} app
 * @param {string} channel
 * @param {{content: string, files: File[], reply?: Message | null, notify?: boolean}} draft
 */
export function send(app, channel, draft) {
  const id = localId();
  /** @type {Message} */
  const message = {
    id,
    channel_id: channel,
    author: app.store.me,
    type: draft.reply ? 19 : 0,
    content: draft.content,
    timestamp: new Date().toISOString(),
    edited_timestamp: null,
    mentions: draft.reply && draft.notify !== false ? [draft.reply.author] : [],
    attachments: [],
    embeds: [],
    nonce: id,
    referenced_message: draft.reply ?? undefined,
    message_reference: draft.reply ? { message_id: draft.reply.id } : undefined,
    pending: { state: "sending", files: draft.files, reply: draft.reply?.id, progress: 0 },
  };
  app.store.put(message);
  app.store.emit("messages", { channel, created: message });
  return deliver(app, message, draft.notify !== false);
}

/** @param {App} app @param {Message} message @param {boolean} notify */
async function deliver(app, message, notify) {
  const pending = /** @type {import("./types.js").Pending} */ (message.pending);
  const path = `/channels/${message.channel_id}/messages`;
  const payload = {
    content: message.content,
    nonce: message.nonce,
    enforce_nonce: true,
    message_reference: pending.reply ? { message_id: pending.reply } : undefined,
    allowed_mentions: pending.reply ? { parse: ["users", "roles", "everyone"], replied_user: notify } : undefined,
    attachments: pending.files.length ? pending.files.map((file, index) => ({ id: index, filename: file.name })) : undefined,
  };
  const changed = () => app.store.emit("messages", { channel: message.channel_id, changed: message.id });
  try {
    const progress = (/** @type {number} */ part) => {
      pending.progress = part;
      changed();
    };
    const sent = await (pending.files.length ? app.rest.upload(path, payload, pending.files, progress) : app.rest.post(path, payload));
    // Usually the gateway was faster, and the message is there already under its own id.
    const log = app.store.log(message.channel_id);
    if (log.items.some((item) => item.id === sent.id)) app.store.drop(message.channel_id, message.id);
    else app.store.put(sent, message.id);
    app.store.emit("messages", { channel: message.channel_id, created: sent });
  } catch (error) {
    if (!app.store.message(message.channel_id, message.id)) return; // it arrived after all
    pending.state = "failed";
    pending.error = sentence(error);
    changed();
  }
}

/** @param {App} app @param {Message} message */
export function resend(app, message) {
  if (!message.pending) return;
  message.pending.state = "sending";
  app.store.emit("messages", { channel: message.channel_id, changed: message.id });
  return deliver(app, message, true);
}

/** @param {App} app @param {Message} message */
export function cancel(app, message) {
  app.store.drop(message.channel_id, message.id);
  app.store.emit("messages", { channel: message.channel_id, removed: message.id });
}

/** @param {App} app @param {Message} message @param {string} content */
export async function edit(app, message, content) {
  const changed = await attempt(() => app.rest.patch(`/channels/${message.channel_id}/messages/${message.id}`, { content }));
  return changed !== undefined;
}
