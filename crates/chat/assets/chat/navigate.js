// @ts-check
// Which guild and channel are open, the address that says so, and the way between them without a page load.

import { TEXTUAL } from "./store.js";

/** @typedef {import("./app.js").App} App */

/** @param {string} path @returns {{guild: string | null, channel: string | null}} */
function parse(path) {
  const [, , guild, channel] = path.split("/");
  return { guild: !guild || guild === "@me" ? null : guild, channel: channel || null };
}

/** @param {string | null} guild @param {string | null} channel */
export const pathOf = (guild, channel) => `/channels/${guild ?? "@me"}${channel ? `/${channel}` : ""}`;

/** The channel to show when only the guild is named: the last one seen here, else the first. @param {App} app @param {string} guild */
function favourite(app, guild) {
  const known = app.store.guilds.get(guild);
  if (!known || known.unavailable) return null;
  const visible = app.store.visibleChannels(known).flatMap((group) => group.channels).filter((channel) => TEXTUAL.has(channel.type));
  const last = sessionStorage.getItem(`last:${guild}`);
  return (visible.find((channel) => channel.id === last) ?? visible.find((channel) => channel.type === 0) ?? visible[0])?.id ?? null;
}

/**
 * Opens a place.
 * @param {App} app
 * @param {string | null} guild null for friends and direct messages
 * @param {string | null} [channel]
 * @param {{replace?: boolean, silent?: boolean}} [options]
 */
export function open(app, guild, channel = null, options = {}) {
  const { store } = app;
  const target = channel ?? (guild ? favourite(app, guild) : null);
  const changed = store.selected.guild !== guild || store.selected.channel !== target;
  store.selected = { guild, channel: target };
  const path = pathOf(guild, target);
  if (!options.silent && path !== location.pathname) history[options.replace ? "replaceState" : "pushState"](null, "", path);
  if (guild && target) sessionStorage.setItem(`last:${guild}`, target);
  document.body.dataset.drawer = "";
  if (changed) store.emit("selection");
}

/** @param {App} app */
export function mountNavigation(app) {
  const { store } = app;
  const { guild, channel } = parse(location.pathname);
  store.selected = { guild, channel };
  addEventListener("popstate", () => {
    const place = parse(location.pathname);
    open(app, place.guild, place.channel, { silent: true });
  });
  // Links to places inside the chat stay in the page.
  document.addEventListener("click", (event) => {
    const link = event.target instanceof Element ? event.target.closest("a[href]") : null;
    if (!(link instanceof HTMLAnchorElement) || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.defaultPrevented) return;
    if (link.origin !== location.origin || !link.pathname.startsWith("/channels/")) return;
    if (link.hash && link.pathname === location.pathname) return; // to a place in this page
    event.preventDefault();
    const [, , place, room, message] = link.pathname.split("/");
    open(app, place === "@me" ? null : (place ?? null), room ?? null);
    if (message) app.jump?.(room ?? "", message);
  });
  /** The open place may have gone, or its guild may only now have arrived. */
  const settle = () => {
    const { guild: here, channel: room } = store.selected;
    if (!store.ready) return;
    if (here && !store.guilds.has(here)) return open(app, null, null, { replace: true });
    if (room && !store.channels.has(room)) {
      const loading = here && store.guilds.get(here)?.unavailable;
      if (!loading) open(app, here, null, { replace: true });
    } else if (here && !room) open(app, here, null, { replace: true });
  };
  store.on(["guilds", "channels"], settle);
  document.addEventListener("keydown", (event) => event.altKey && (event.key === "ArrowUp" || event.key === "ArrowDown") && step(app, event));
}

/** Alt and the arrows walk through the channels; with Shift only through unread ones. @param {App} app @param {KeyboardEvent} event */
function step(app, event) {
  const { store } = app;
  event.preventDefault();
  const all = (store.guild ? store.visibleChannels(store.guild).flatMap((group) => group.channels) : store.directChannels()).filter((channel) => TEXTUAL.has(channel.type));
  const wanted = all.filter((channel) => !event.shiftKey || store.isUnread(channel) || channel.id === store.selected.channel);
  const here = wanted.findIndex((channel) => channel.id === store.selected.channel);
  const next = wanted[(here + (event.key === "ArrowUp" ? -1 : 1) + wanted.length) % wanted.length];
  if (next) open(app, store.selected.guild, next.id);
}
