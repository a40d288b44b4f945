// @ts-check
// The list of messages: keeps its place while things come and go above and below, pages in both directions.

import { byId, fill, h, icon, perFrame } from "./dom.js";
import { startEdit } from "./inline-edit.js";
import { loadAround, loadLatest, loadNewer, loadOlder, trim } from "./history.js";
import { plain } from "./markup.js";
import { mountMessageKeys } from "./message-keys.js";
import { continues, namesIn, renderMessage } from "./message.js";
import { markRead } from "./reads.js";
import { skeleton } from "./skeleton.js";
import { text } from "./text.js";
import { byId as byAge, dayName, sameDay } from "./time.js";
import { unreadBar } from "./unread-bar.js";

/** @typedef {import("./app.js").App} App */
/** @typedef {import("./types.js").Message} Message */

/** Closer to the end than this counts as being there, in pixels. */
const NEAR = 80;
/** Closer to the start than this fetches more, in pixels. */
const AHEAD = 600;

/** @param {App} app */
export function mountMessages(app) {
  const { store } = app;
  const scroller = byId("messages");
  const list = byId("message-list");
  const status = byId("message-status");
  const jumpButton = byId("jump");
  const live = byId("announcer");
  /** @type {Map<string, {node: HTMLElement, grouped: boolean}>} */
  let drawn = new Map();
  /** @type {Set<string>} */
  const dirty = new Set();
  let shown = "";
  let following = true;
  let behind = 0;
  /** @type {string | null} the last message read before this channel was opened */
  let readMark = null;
  /** Somebody put the mark back by hand: it does not move by itself until they come again. */
  let held = false;
  /** @type {string | null} */
  let wanted = null;
  /** @type {string | null} */
  let editing = null;
  /** The channel whose messages the server has drawn; they stay until the same are loaded. */
  let served = list.dataset.served ?? "";
  scroller.scrollTop = scroller.scrollHeight;

  const atBottom = () => scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < NEAR;

  /** @param {string} label @param {string} kind */
  const divider = (label, kind) => h("li", { class: `divider ${kind}` }, h("span", {}, label));

  /** @param {import("./store.js").Log} log @returns {HTMLElement[]} */
  const rows = (log) => {
    /** @type {HTMLElement[]} */
    const out = [];
    const next = new Map();
    let marked = false;
    log.items.forEach((message, index) => {
      const above = log.items[index - 1];
      const when = new Date(message.timestamp);
      const newDay = !above || !sameDay(new Date(above.timestamp), when);
      if (newDay) out.push(divider(dayName(when), "day"));
      const unread = !marked && readMark !== null && byAge(message.id, readMark) > 0 && message.author.id !== store.me.id;
      if (unread) {
        marked = true;
        if (above) out.push(divider(text.messages.new, "new"));
      }
      const grouped = !newDay && !unread && continues(above, message);
      const old = drawn.get(message.id);
      const keep = old && old.grouped === grouped && !dirty.has(message.id);
      const node = keep ? old.node : message.id === editing ? startEdit(app, message, grouped, stopEdit) : renderMessage(app, message, grouped);
      if (old && !keep && old.node.contains(document.activeElement) && message.id !== editing) queueMicrotask(() => node.focus({ preventScroll: true }));
      next.set(message.id, { node, grouped });
      out.push(node);
    });
    drawn = next;
    dirty.clear();
    return out;
  };

  /** Brings the list's children in line, moving as little as possible. @param {HTMLElement[]} nodes */
  const reconcile = (nodes) => {
    const wanted = new Set(nodes);
    for (const child of [...list.children]) if (!wanted.has(/** @type {HTMLElement} */ (child))) child.remove();
    let cursor = list.firstElementChild;
    for (const node of nodes) {
      if (node === cursor) cursor = cursor.nextElementSibling;
      else list.insertBefore(node, cursor);
    }
  };

  /** @param {import("./store.js").Log} log */
  const drawStatus = (log) => {
    const channel = store.channel;
    if (log.error) return fill(status, h("div", { class: "notice bad" }, h("p", {}, log.error), h("button", { type: "button", class: "button small", on: { click: () => (log.loaded ? loadOlder(app, shown) : loadLatest(app, shown)) } }, text.retry)));
    if (!log.loaded || log.loading) return fill(status, skeleton(log.loaded ? 2 : 8));
    if (!log.atStart || !channel) return fill(status);
    const title = store.titleOf(channel);
    fill(status, h("div", { class: "beginning" }, icon(channel.guild_id ? "hash" : "message"), h("h2", {}, channel.guild_id ? `#${title}` : title), h("p", {}, channel.topic || (channel.guild_id ? text.messages.startOf(title) : text.messages.startWith(title)))));
  };

  const draw = perFrame(() => {
    const { channel } = store;
    if (!store.ready || !channel) return;
    const log = store.log(channel.id);
    if (served === channel.id && log.loading) return;
    served = "";
    const keepAt = following ? null : anchor();
    reconcile(log.loaded ? rows(log) : []);
    drawStatus(log);
    if (wanted && log.loaded && !log.loading) return reveal(wanted);
    if (following) scroller.scrollTop = scroller.scrollHeight;
    else if (keepAt) scroller.scrollTop += keepAt.node.getBoundingClientRect().top - keepAt.top;
    drawJump(log);
    const oldest = log.items[0];
    bar.draw(log.loaded ? readMark : null, log.items, log.atStart || (readMark !== null && oldest !== undefined && byAge(oldest.id, readMark) <= 0), store.me.id);
    watchEdges();
  });

  /** The first message in sight and where it is. */
  const anchor = () => {
    const edge = scroller.getBoundingClientRect().top;
    for (const { node } of drawn.values()) {
      const box = node.getBoundingClientRect();
      if (box.bottom > edge) return { node, top: box.top };
    }
    return null;
  };

  /** @param {import("./store.js").Log} log */
  const drawJump = (log) => {
    jumpButton.hidden = (following || atBottom()) && log.atEnd;
    fill(jumpButton, h("span", {}, text.messages.newBelow(behind)), icon("arrow-down"));
  };

  /** @param {string} id */
  const reveal = (id) => {
    wanted = null;
    // Where the mark itself is wanted, it may be gone: then what comes after it.
    const node = (drawn.get(id) ?? drawn.get(firstNew()?.id ?? ""))?.node;
    if (!node) return;
    following = false;
    node.scrollIntoView({ block: "center" });
    node.classList.add("flash");
    setTimeout(() => node.classList.remove("flash"), 2000);
    node.focus({ preventScroll: true });
    drawJump(store.log(shown));
  };

  const watchEdges = () => {
    const log = store.log(shown);
    if (!log.loaded || log.loading || log.error || !shown) return;
    if (scroller.scrollTop < AHEAD && !log.atStart) loadOlder(app, shown);
    else if (!log.atEnd && scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < AHEAD) loadNewer(app, shown);
  };

  const seen = () => {
    const channel = store.channels.get(shown);
    if (channel && following && !held && !document.hidden && document.hasFocus()) markRead(app, [channel]);
  };
  const firstNew = () => store.log(shown).items.find((item) => readMark !== null && byAge(item.id, readMark) > 0 && item.author.id !== store.me.id);
  const bar = unreadBar(scroller, {
    toFirst: () => {
      const log = store.log(shown);
      const first = log.items[0];
      if (readMark === null) return;
      const whole = log.atStart || (first && byAge(first.id, readMark) <= 0);
      wanted = (whole ? firstNew()?.id : null) ?? readMark;
      if (whole) draw();
      else loadAround(app, shown, readMark);
    },
    done: () => app.readUp?.(),
  });
  app.readUp = () => {
    const channel = store.channels.get(shown);
    readMark = null;
    held = false;
    if (channel) markRead(app, [channel]);
    toEnd();
  };

  scroller.addEventListener("scroll", perFrame(() => {
    const log = store.log(shown);
    following = atBottom() && log.atEnd;
    if (following) {
      behind = 0;
      seen();
    }
    drawJump(log);
    watchEdges();
  }), { passive: true });
  // Pictures and the keyboard of a phone change heights: whoever was at the end stays there.
  new ResizeObserver(() => following && (scroller.scrollTop = scroller.scrollHeight)).observe(list);
  new ResizeObserver(() => following && (scroller.scrollTop = scroller.scrollHeight)).observe(scroller);

  const toEnd = async () => {
    behind = 0;
    following = true;
    const log = store.log(shown);
    if (!log.atEnd) await loadLatest(app, shown);
    draw();
    app.focusComposer?.();
  };
  jumpButton.addEventListener("click", toEnd);

  /** @param {boolean} focus */
  const stopEdit = (focus) => {
    if (editing) dirty.add(editing);
    editing = null;
    draw();
    if (focus) app.focusComposer?.();
  };
  app.editMessage = (message) => {
    if (editing) dirty.add(editing);
    editing = message.id;
    dirty.add(message.id);
    draw();
  };
  app.editLast = () => {
    const last = store.log(shown).items.findLast((item) => item.author.id === store.me.id && !item.pending && (item.type === 0 || item.type === 19));
    if (last) app.editMessage?.(last);
  };
  app.jump = (channel, message) => {
    if (channel !== store.selected.channel) app.open(store.channels.get(channel)?.guild_id ?? null, channel);
    wanted = message;
    if (drawn.has(message) && channel === shown) reveal(message);
    else loadAround(app, channel, message);
  };

  mountMessageKeys(app, scroller, list, () => shown);

  const select = () => {
    const { channel } = store;
    if (channel?.id === shown) return;
    if (shown) trim(app, shown);
    shown = channel?.id ?? "";
    drawn = new Map();
    editing = null;
    behind = 0;
    following = true;
    held = false;
    bar.hide();
    scroller.hidden = !channel;
    jumpButton.hidden = true;
    if (served !== channel?.id) {
      served = "";
      fill(list);
      fill(status);
    }
    if (!channel || !store.ready) return;
    readMark = store.isUnread(channel) ? store.readUpTo(channel) : null;
    const log = store.log(channel.id);
    if (!log.loaded && !log.loading) loadLatest(app, channel.id);
    seen();
    draw();
  };

  store.on("reads", (detail) => {
    if (detail.acked?.channel !== shown || !detail.acked.manual) return;
    held = true;
    readMark = detail.acked.message;
    draw();
  });
  store.on("messages", (detail) => {
    const sender = detail.created?.author.id;
    const home = store.channels.get(detail.channel);
    if (sender === store.me.id && home && !detail.created.pending) markRead(app, [home]);
    if (detail.channel !== shown) return;
    if (detail.changed) dirty.add(detail.changed);
    const created = /** @type {Message | undefined} */ (detail.created);
    if (created) {
      const mine = created.author.id === store.me.id;
      if (mine) {
        readMark = null;
        held = false;
        if (created.pending) following = true;
      } else if (!following) behind++;
      else if (document.hidden || !document.hasFocus()) readMark ??= home ? store.readUpTo(home) : null;
      if (!mine) live.textContent = text.messages.announce(store.nameOf(created.author, created.guild_id), plain(created.content, namesIn(app, created.guild_id)) || text.messages.attachment);
      seen();
    }
    draw();
  });
  addEventListener("focus", seen);
  document.addEventListener("visibilitychange", seen);
  store.on(["selection", "channels"], select);
  store.on("ready", () => (shown = ""));
  // Names and colours may have changed anywhere.
  store.on(["members", "guilds", "me"], () => {
    for (const id of drawn.keys()) if (id !== editing) dirty.add(id);
    draw();
  });
}
