// @ts-check
// Fetching messages: the latest page, older and newer ones, the surroundings of one.

import { text } from "./text.js";
import { byId } from "./time.js";
import { sentence } from "./toast.js";

/** @typedef {import("./app.js").App} App */
/** @typedef {import("./types.js").Message} Message */

const PAGE = 50;
/** A log does not grow beyond this; what is trimmed is fetched again when somebody scrolls there. */
const MOST = 400;

/** @param {App} app @param {string} channel @param {string} query @returns {Promise<Message[]>} oldest first */
async function fetchPage(app, channel, query) {
  /** @type {Message[]} */
  const page = await app.rest.get(`/channels/${channel}/messages?limit=${PAGE}${query}`);
  for (const message of page) {
    app.store.learn(message.author);
    for (const user of message.mentions ?? []) app.store.learn(user);
  }
  return page.sort((a, b) => byId(a.id, b.id));
}

/**
 * Runs one fetch at a time for a channel and tells the views before and after.
 * @param {App} app
 * @param {string} channel
 * @param {(log: import("./store.js").Log) => Promise<void>} work
 */
async function once(app, channel, work) {
  const log = app.store.log(channel);
  if (log.loading) return;
  log.loading = true;
  log.error = null;
  app.store.emit("messages", { channel });
  try {
    await work(log);
  } catch (error) {
    log.error = sentence(error) || text.errors.unknown;
  } finally {
    log.loading = false;
    app.store.emit("messages", { channel });
  }
}

/** The latest page. @param {App} app @param {string} channel */
export function loadLatest(app, channel) {
  return once(app, channel, async (log) => {
    // What arrives while the page is under way belongs behind it.
    log.atEnd = true;
    log.loaded = true;
    const before = new Set(log.items.filter((item) => !item.pending).map((item) => item.id));
    try {
      const page = await fetchPage(app, channel, "");
      const kept = log.items.filter((item) => item.pending || !before.has(item.id));
      log.items = page;
      for (const item of kept) app.store.put(item);
      log.atStart = page.length < PAGE;
    } catch (error) {
      log.loaded = false;
      throw error;
    }
  });
}

/** @param {App} app @param {string} channel */
export function loadOlder(app, channel) {
  return once(app, channel, async (log) => {
    const first = log.items.find((item) => !item.pending);
    if (!first || log.atStart) return;
    const page = await fetchPage(app, channel, `&before=${first.id}`);
    for (const message of page) app.store.put(message);
    log.atStart = page.length < PAGE;
    if (log.items.length > MOST) {
      log.items = log.items.slice(0, MOST);
      log.atEnd = false;
    }
  });
}

/** @param {App} app @param {string} channel */
export function loadNewer(app, channel) {
  return once(app, channel, async (log) => {
    const last = log.items.findLast((item) => !item.pending);
    if (!last || log.atEnd) return;
    const page = await fetchPage(app, channel, `&after=${last.id}`);
    log.atEnd = page.length < PAGE;
    for (const message of page) app.store.put(message);
    if (log.items.length > MOST) {
      log.items = log.items.slice(-MOST);
      log.atStart = false;
    }
  });
}

/** @param {App} app @param {string} channel @param {string} message */
export function loadAround(app, channel, message) {
  return once(app, channel, async (log) => {
    const page = await fetchPage(app, channel, `&around=${message}`);
    log.items = page;
    log.loaded = true;
    log.atStart = false;
    const last = app.store.channels.get(channel)?.last_message_id;
    log.atEnd = !last || page.some((item) => byId(item.id, last) >= 0);
  });
}

/** Forgets old messages when nobody looks at them. @param {App} app @param {string} channel */
export function trim(app, channel) {
  const log = app.store.log(channel);
  if (log.items.length <= MOST || !log.atEnd) return;
  log.items = log.items.slice(-PAGE * 2);
  log.atStart = false;
}
