// @ts-check
// What an invite leads to, before one follows it: in messages and where a code is entered.

import { guildIcon } from "./avatar.js";
import { fill, h } from "./dom.js";
import { text } from "./text.js";
import { attempt } from "./toast.js";

/** @typedef {import("./app.js").App} App */

/** Invites that were asked for, so that a list of messages does not ask again and again. @type {Map<string, Promise<any>>} */
const known = new Map();

/** The code of an address of ours. @param {string} address */
export function codeOf(address) {
  const url = URL.canParse(address) ? new URL(address) : null;
  return url?.origin === location.origin ? (/^\/invite\/([\w-]+)$/.exec(url.pathname)?.[1] ?? null) : null;
}

/** The codes of the invites in a text. @param {string} content */
export const codesIn = (content) => [...new Set((content.match(/https?:\/\/[^\s<>]+/g) ?? []).map(codeOf).filter((code) => code !== null))].slice(0, 3);

/** @param {App} app @param {string} code */
function ask(app, code) {
  let asked = known.get(code);
  if (!asked) {
    asked = app.rest.get(`/invites/${encodeURIComponent(code)}?with_counts=true`);
    known.set(code, asked);
    asked.catch(() => setTimeout(() => known.delete(code), 10_000));
  }
  return asked;
}

/**
 * @param {App} app
 * @param {string} code
 * @param {boolean} [joins] whether the card has a button to join
 */
export function inviteCard(app, code, joins = true) {
  // Whoever is about to join wants to know how it is now.
  if (!joins) known.delete(code);
  const card = h("div", { class: "invite-card", "aria-busy": "true" }, h("span", { class: "hint" }, text.loading));
  ask(app, code).then(
    (invite) => {
      const { guild } = invite;
      const inside = app.store.guilds.has(guild.id);
      const open = () => app.open(guild.id);
      const join = async () => {
        if ((await attempt(() => app.rest.post(`/invites/${encodeURIComponent(code)}`))) === undefined) return;
        known.delete(code);
        arrive(app, guild.id);
      };
      const counts = [text.invites.present(invite.approximate_presence_count ?? 0), text.invites.members(invite.approximate_member_count ?? 0)].join(" · ");
      fill(card, guildIcon(guild), h("span", { class: "member-text" }, h("strong", {}, guild.name), guild.description ? h("span", { class: "mood" }, guild.description) : null, h("span", { class: "mood" }, counts)));
      if (joins) card.append(h("button", { type: "button", class: `button small ${inside ? "" : "primary"}`, on: { click: inside ? open : join } }, inside ? text.invites.open : text.guilds.join));
    },
    () => fill(card, h("span", { class: "hint" }, text.invites.invalid)),
  ).finally(() => card.removeAttribute("aria-busy"));
  return card;
}

/** Opens a guild as soon as the gateway has told of it. @param {App} app @param {string} guild */
export function arrive(app, guild) {
  const ready = () => app.store.guilds.has(guild) && !app.store.guilds.get(guild)?.unavailable;
  if (ready()) return app.open(guild);
  const watch = () => {
    if (!ready()) return;
    app.store.watchers.get("guilds")?.delete(watch);
    app.open(guild);
  };
  app.store.on("guilds", watch);
}
