// @ts-check
// The column of channels of a guild, or of conversations when no guild is open.

import { avatar } from "./avatar.js";
import { byId, fill, h, icon, iconButton, perFrame, rove } from "./dom.js";
import { editChannel } from "./dialogs/channel.js";
import { guildMenu } from "./dialogs/guild-menu.js";
import { channelKey, channelMenu } from "./channel-menu.js";
import { sortable } from "./drag.js";
import { conversationMenu, leaveGroup, newGroup } from "./groups.js";
import { pathOf } from "./navigate.js";
import { dropChannel } from "./order.js";
import { P } from "./permissions.js";
import { text } from "./text.js";
import { attempt } from "./toast.js";

/** @typedef {import("./types.js").Channel} Channel */
/** @typedef {import("./types.js").Guild} Guild */

/** @param {Channel} channel */
export function channelIcon(channel) {
  const names = /** @type {Record<number, string>} */ ({ 2: "volume", 5: "megaphone", 10: "thread", 11: "thread", 12: "thread", 13: "volume", 15: "forum" });
  return icon(names[channel.type] ?? "hash");
}

/** @param {import("./app.js").App} app */
export function mountSidebar(app) {
  const { store } = app;
  const head = byId("sidebar-head");
  const body = byId("sidebar-body");
  const settle = rove(body, ".row-link, .category-toggle");
  /** @type {Set<string>} */
  const folded = new Set();

  /** @param {Channel} channel @param {Guild | null} guild */
  const row = (channel, guild) => {
    const current = store.selected.channel === channel.id;
    const unread = !current && store.isUnread(channel);
    const mentions = current ? 0 : (store.mentions.get(channel.id) ?? 0);
    const title = store.titleOf(channel);
    const person = channel.type === 1 ? channel.recipients?.[0] : undefined;
    const face = guild ? channelIcon(channel) : person ? avatar(person, title, store.statusOf(person.id)) : icon("members");
    const edits = guild && Boolean(store.mayIn(channel) & P.MANAGE_CHANNELS) && channel.type < 10;
    const close = () => (channel.type === 3 ? leaveGroup(app, channel) : attempt(() => app.rest.delete(`/channels/${channel.id}`)));
    const leaving = channel.type === 3 ? text.groups.leave : text.friends.closeDm;
    return h(
      "li",
      { data: { drag: channel.id }, draggable: edits ? "true" : null, class: `row ${unread ? "unread" : ""} ${channel.type >= 10 && channel.type <= 12 ? "thread" : ""}` },
      h(
        "a",
        { class: "row-link", draggable: "false", href: pathOf(guild?.id ?? null, channel.id), "aria-current": current ? "page" : null },
        face,
        h("span", { class: "row-name" }, title),
        unread ? h("span", { class: "visually-hidden" }, `, ${text.channels.unread}`) : null,
        mentions ? h("span", { class: "count" }, mentions) : null,
      ),
      edits ? iconButton("settings", `${text.channels.editTitle}: ${title}`, () => editChannel(app, channel), { class: "row-action" }) : null,
      guild ? null : iconButton("close", `${leaving}: ${title}`, close, { class: "row-action" }),
    );
  };

  /** @param {Guild} guild @param {{category: Channel | null, channels: Channel[]}} group */
  const section = (guild, { category, channels }) => {
    const shut = category !== null && folded.has(category.id);
    const shown = shut ? channels.filter((channel) => channel.id === store.selected.channel || store.isUnread(channel)) : channels;
    const list = h("ul", { "aria-label": category?.name ?? text.channels.list }, shown.map((channel) => row(channel, guild)));
    if (!category) return [list];
    const toggle = h(
      "button",
      { type: "button", class: "category-toggle", "aria-expanded": String(!shut), on: { click: () => ((shut ? folded.delete(category.id) : folded.add(category.id)), draw()) } },
      icon("chevron-down"),
      h("span", {}, category.name),
    );
    const manages = Boolean(store.mayIn(category) & P.MANAGE_CHANNELS);
    const edit = manages && iconButton("settings", `${text.channels.editTitle}: ${category.name}`, () => editChannel(app, category), { class: "row-action" });
    const add = manages && iconButton("plus", `${text.channels.createIn}: ${category.name}`, () => editChannel(app, null, guild, category.id), { class: "row-action" });
    return [h("div", { class: "category row", data: { drag: category.id }, draggable: manages ? "true" : null }, toggle, edit, add), list];
  };

  /** @param {Guild} guild */
  const drawGuild = (guild) => {
    const menu = h(
      "button",
      { type: "button", class: "guild-name", "aria-haspopup": "menu", "aria-label": `${guild.name}: ${text.guilds.menu}`, on: { click: (/** @type {Event} */ event) => guildMenu(app, guild, /** @type {Element} */ (event.currentTarget)) } },
      h("span", {}, guild.name),
      icon("chevron-down"),
    );
    fill(head, menu);
    if (guild.unavailable) return fill(body, h("p", { class: "empty" }, text.guilds.unavailable));
    const groups = store.visibleChannels(guild);
    const none = groups.every((group) => !group.channels.length);
    fill(body, groups.flatMap((group) => section(guild, group)), none ? h("p", { class: "empty" }, text.guilds.emptyTitle) : null);
    if (none && store.may(guild) & P.MANAGE_CHANNELS) body.append(h("button", { type: "button", class: "button block", on: { click: () => editChannel(app, null, guild) } }, text.channels.create));
  };

  const drawDirect = () => {
    fill(head, h("h2", { class: "guild-name" }, h("span", {}, text.friends.direct)), iconButton("plus", text.groups.create, () => newGroup(app)));
    const friends = h(
      "a",
      { class: "row-link", href: pathOf(null, null), "aria-current": store.selected.channel ? null : "page" },
      icon("members"),
      h("span", { class: "row-name" }, text.friends.title),
    );
    const channels = store.directChannels();
    fill(body, h("ul", {}, h("li", { class: "row" }, friends)), h("ul", { "aria-label": text.friends.direct }, channels.map((channel) => row(channel, null))), channels.length ? null : h("p", { class: "empty" }, text.friends.noDirect));
  };

  /** The channel of a row. @param {Event} event */
  const channelOf = (event) => {
    const row = event.target instanceof Element ? event.target.closest("[data-drag]") : null;
    return row instanceof HTMLElement ? store.channels.get(row.dataset.drag ?? "") : undefined;
  };
  body.addEventListener("contextmenu", (event) => {
    const channel = channelOf(event);
    if (!channel) return;
    event.preventDefault();
    // The menu key has no pointer; the menu then opens at the row.
    const row = /** @type {Element} */ (event.target);
    const spot = event.clientX || event.clientY ? new DOMRect(event.clientX, event.clientY, 0, 0) : row.getBoundingClientRect();
    if (channel.guild_id) channelMenu(app, channel, spot);
    else conversationMenu(app, channel, spot);
  });
  body.addEventListener("keydown", (event) => {
    const channel = channelOf(event);
    if (channel?.guild_id && channelKey(app, channel, event)) event.preventDefault();
  });
  sortable(body, {
    rows: "[data-drag]",
    sides: (dragged, row) => {
      const target = store.channels.get(row.dataset.drag ?? "");
      const moving = store.channels.get(dragged);
      if (!target || !moving) return [];
      if (moving.type === 4) return target.type === 4 ? ["before", "after"] : [];
      return target.type === 4 ? ["inside"] : ["before", "after"];
    },
    drop: (dragged, target, side) => {
      const [moving, place] = [store.channels.get(dragged), store.channels.get(target)];
      if (moving && place) dropChannel(app, moving, place, side);
    },
  });

  const draw = perFrame(() => {
    if (!store.ready) return;
    const focused = body.contains(document.activeElement) ? document.activeElement?.getAttribute("href") : null;
    const scroll = body.scrollTop;
    if (store.guild) drawGuild(store.guild);
    else drawDirect();
    body.scrollTop = scroll;
    settle();
    if (focused) /** @type {HTMLElement | null} */ (body.querySelector(`a[href="${CSS.escape(focused)}"]`) ?? body.querySelector(`a[href="${focused}"]`))?.focus();
  });
  store.on(["guilds", "channels", "selection", "reads", "ready", "relationships"], draw);
  store.on(["presences", "members"], () => !store.selected.guild && draw());
  store.on("members", (detail) => detail.user === store.me.id && draw());
}
