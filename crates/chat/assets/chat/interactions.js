// @ts-check
// What one does with an application: commands, components, forms, suggestions; and what became of it.

import { text } from "./text.js";
import { localId } from "./time.js";
import { attempt } from "./toast.js";

/** @typedef {import("./app.js").App} App */
/** @typedef {import("./types.js").Message} Message */
/** @typedef {import("./types.js").Component} Component */
/** @typedef {{nonce: string, failed: boolean, choices?: {name: string, value: string | number}[]}} Answer what the gateway told */
/** @typedef {"answered" | "failed" | "refused"} Outcome answered; not answered in time; not even taken by the server, which was shown */

/** The server gives an application 3 s; beyond this many milliseconds no word of it will come. */
const PATIENCE = 10_000;

/** Kinds of interactions. */
const KIND = { COMMAND: 2, COMPONENT: 3, SUGGEST: 4, MODAL: 5 };

/**
 * Sends an interaction and waits for what its application makes of it.
 * @param {App} app
 * @param {Record<string, any> & {channel_id: string}} body
 * @param {File[]} [files]
 * @returns {Promise<{outcome: Outcome, choices?: Answer["choices"]}>}
 */
async function interact(app, body, files = []) {
  const nonce = localId();
  const channel = app.store.channels.get(body.channel_id);
  const payload = { ...body, guild_id: channel?.guild_id, session_id: app.store.sessionId, nonce };
  /** @type {(answer: Answer | null) => void} */
  let settle = () => {};
  const told = new Promise((/** @type {(answer: Answer | null) => void} */ resolve) => (settle = resolve));
  const watch = (/** @type {Answer} */ answer) => String(answer.nonce) === nonce && settle(answer);
  app.store.on("interaction", watch);
  const timer = setTimeout(() => settle(null), PATIENCE);
  try {
    const send = async () => (await (files.length ? app.rest.upload("/interactions", payload, files, () => {}) : app.rest.post("/interactions", payload)), true);
    if (!(await attempt(send))) return { outcome: "refused" };
    const answer = await told;
    return { outcome: answer && !answer.failed ? "answered" : "failed", choices: answer?.choices };
  } finally {
    clearTimeout(timer);
    app.store.watchers.get("interaction")?.delete(watch);
  }
}

/**
 * Runs a command. Until the application answers, and if it does not, a line that only this person sees says so.
 * @param {App} app
 * @param {{application: string, bot: import("./types.js").User | undefined, name: string}} entry
 * @param {{application_id: string, data: Record<string, any>}} body
 * @param {File[]} [files]
 * @returns {Promise<boolean>} whether the server took it
 */
export async function run(app, entry, body, files) {
  const channel = app.store.channel?.id;
  if (!channel) return false;
  const id = localId();
  /** @type {Message} */
  const note = {
    id, channel_id: channel, type: 20, content: "", timestamp: new Date().toISOString(), edited_timestamp: null, mentions: [], attachments: [], embeds: [],
    author: entry.bot ?? { id: body.application_id, username: entry.application, bot: true },
    flags: 64 | 128,
    interaction: { name: entry.name, user: app.store.me },
    pending: { state: "sending", files: [] },
  };
  app.store.put(note);
  app.store.emit("messages", { channel, created: note });
  const { outcome } = await interact(app, { type: KIND.COMMAND, channel_id: channel, ...body }, files);
  if (outcome === "failed") {
    note.flags = 64;
    note.pending = undefined;
    note.failure = text.composer.noAnswer(entry.application);
    app.store.emit("messages", { channel, changed: id });
  } else {
    app.store.drop(channel, id);
    app.store.emit("messages", { channel, removed: id });
  }
  return outcome !== "refused";
}

/** Asks an application what could be entered. @param {App} app @param {{application_id: string, channel_id: string, data: Record<string, any>}} body */
export async function suggestions(app, body) {
  const { outcome, choices } = await interact(app, { type: KIND.SUGGEST, ...body });
  return outcome === "answered" ? (choices ?? []) : null;
}

/** A button or a menu of a message was used. @param {App} app @param {Message} message @param {Component} component @param {string[]} [values] */
export async function press(app, message, component, values) {
  if (message.using) return;
  const tell = () => app.store.emit("messages", { channel: message.channel_id, changed: message.id });
  message.using = component.custom_id;
  message.failure = undefined;
  tell();
  const { outcome } = await interact(app, {
    type: KIND.COMPONENT,
    application_id: message.application_id ?? message.author.id,
    channel_id: message.channel_id,
    message_id: message.id,
    message_flags: message.flags ?? 0,
    data: { component_type: component.type, custom_id: component.custom_id, ...(values ? { values } : {}) },
  });
  message.using = undefined;
  if (outcome === "failed") message.failure = text.composer.noAnswer(message.author.global_name || message.author.username);
  tell();
}

/** Submits a form that an application showed. @param {App} app @param {import("./types.js").Modal} modal @param {any[]} components */
export async function submit(app, modal, components) {
  const { outcome } = await interact(app, {
    type: KIND.MODAL,
    application_id: modal.application.id,
    channel_id: modal.channel_id,
    data: { id: modal.id, custom_id: modal.custom_id, components },
  });
  return outcome;
}
