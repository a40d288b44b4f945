// @ts-check
// What has been read: marks that move while one reads, are sent to the server, and come back from one's other windows.

import { P } from "./permissions.js";
import { TEXTUAL } from "./store.js";
import { byId } from "./time.js";
import { attempt } from "./toast.js";

/** @typedef {import("./app.js").App} App */
/** @typedef {import("./types.js").Channel} Channel */

/** Reading on moves the mark again and again; the server hears of it once in so many milliseconds. */
const PAUSE = 700;
/** As many channels as the server takes in one request. */
const BATCH = 100;

/** What is read here and not yet told, by channel. @type {Map<string, string>} */
const untold = new Map();
/** @type {ReturnType<typeof setTimeout> | undefined} */
let timer;

/** @param {App} app @param {boolean} [leaving] the page goes away, and the request has to outlive it */
function tell(app, leaving = false) {
  clearTimeout(timer);
  timer = undefined;
  const marks = [...untold];
  untold.clear();
  for (let at = 0; at < marks.length; at += BATCH) {
    const part = marks.slice(at, at + BATCH);
    const [channel, message] = part[0] ?? ["", ""];
    const path = part.length === 1 ? `/channels/${channel}/messages/${message}/ack` : "/read-states/ack-bulk";
    const body = part.length === 1 ? { token: null } : { read_states: part.map(([id, last]) => ({ channel_id: id, message_id: last, read_state_type: 0 })) };
    if (leaving) fetch(app.rest.base + path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body), keepalive: true });
    // A mark that was not taken is sent with the next one; nothing is worth a word to the reader.
    else app.rest.post(path, body).catch(() => part.forEach(([id, last]) => untold.has(id) || untold.set(id, last)));
  }
}

/** Marks everything in some channels as read. @param {App} app @param {Channel[]} channels */
export function markRead(app, channels) {
  const { store } = app;
  let changed = false;
  for (const channel of channels) {
    const last = channel.last_message_id;
    if (!last || !TEXTUAL.has(channel.type) || !(store.isUnread(channel) || store.mentions.has(channel.id))) continue;
    store.reads.set(channel.id, last);
    store.mentions.delete(channel.id);
    untold.set(channel.id, last);
    changed = true;
  }
  if (!changed) return;
  timer ??= setTimeout(() => tell(app), PAUSE);
  store.emit("reads", {});
}

/** Everything in a guild. @param {App} app @param {string} guild */
export const markGuildRead = (app, guild) => markRead(app, [...app.store.channels.values()].filter((channel) => channel.guild_id === guild));

/** Puts the mark before a message, to come back to it later. @param {App} app @param {import("./types.js").Message} message */
export function markUnread(app, message) {
  untold.delete(message.channel_id);
  const before = String(BigInt(message.id) - 1n);
  return attempt(() => app.rest.post(`/channels/${message.channel_id}/messages/${before}/ack`, { manual: true }));
}

/** The unread state of a guild, or of conversations: what its button shows. @param {App} app @param {string | null} guild */
export function marksOf({ store }, guild) {
  const channels = guild ? [...store.channels.values()].filter((channel) => channel.guild_id === guild && store.mayIn(channel) & P.VIEW_CHANNEL) : store.directChannels();
  return { unread: channels.some((channel) => store.isUnread(channel)), mentions: channels.reduce((sum, channel) => sum + (store.mentions.get(channel.id) ?? 0), 0) };
}

/** @param {App} app */
export function mountReads(app) {
  const { store } = app;
  addEventListener("pagehide", () => untold.size && tell(app, true));
  // One's other windows have read on, or put the mark back.
  store.on("reads", (detail) => {
    const told = untold.get(detail.acked?.channel ?? "");
    if (told && byId(told, detail.acked.message) <= 0) untold.delete(detail.acked.channel);
  });
  const total = () => {
    const guilds = [...store.guilds.keys()].map((guild) => marksOf(app, guild).mentions);
    return guilds.reduce((sum, mentions) => sum + mentions, marksOf(app, null).mentions);
  };
  // The number in the tab's title, which the header writes.
  const draw = () => {
    const count = store.ready ? total() : 0;
    document.title = (count ? `(${count > 99 ? "99+" : count}) ` : "") + document.title.replace(/^\(\d+\+?\) /, "");
  };
  store.on(["reads", "channels", "guilds", "ready"], draw);
  addEventListener("titled", draw);
}
