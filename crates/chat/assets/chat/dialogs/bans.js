// @ts-check
// The page of bans: who may not come back, why, and taking it back.

import { avatar } from "../avatar.js";
import { fill, h } from "../dom.js";
import { text } from "../text.js";
import { attempt, sentence } from "../toast.js";
import { confirmDialog } from "./dialog.js";

/** @typedef {import("../app.js").App} App */
/** @typedef {import("../types.js").Guild} Guild */
/** @typedef {{user: import("../types.js").User, reason: string | null}} Ban */

const PAGE = 100;

/** @param {App} app @param {Guild} guild @param {HTMLElement} panel */
export function bansPanel(app, guild, panel) {
  const filter = h("input", { class: "input", type: "search", placeholder: text.composer.filter, "aria-label": text.composer.filter });
  const list = h("ul", { class: "entries" });
  const foot = h("div", { class: "load-more", role: "status" });
  /** @type {Ban[]} */
  let all = [];

  /** @param {Ban} ban */
  const lift = async ({ user }) => {
    if (!(await confirmDialog({ title: text.guilds.unban, body: text.guilds.unbanSure(user.username), action: text.guilds.unban }))) return;
    if (!(await attempt(async () => (await app.rest.delete(`/guilds/${guild.id}/bans/${user.id}`), true)))) return;
    all = all.filter((ban) => ban.user.id !== user.id);
    draw();
  };
  const draw = () => {
    const word = filter.value.trim().toLowerCase();
    const shown = all.filter(({ user, reason }) => [user.username, user.global_name, reason].some((part) => part?.toLowerCase().includes(word)));
    const row = (/** @type {Ban} */ ban) =>
      h(
        "li",
        { class: "entry" },
        avatar(ban.user, ban.user.username),
        h("span", { class: "member-text" }, h("strong", {}, ban.user.global_name || ban.user.username), h("span", { class: "mood" }, [ban.user.username, ban.reason].filter(Boolean).join(" · "))),
        h("button", { type: "button", class: "button small", "aria-label": `${text.guilds.unban}: ${ban.user.username}`, on: { click: () => lift(ban) } }, text.guilds.unban),
      );
    fill(list, shown.length ? shown.map(row) : h("li", { class: "empty" }, all.length ? text.composer.noChoices : text.guilds.noBans));
    filter.hidden = all.length < 8;
  };
  const load = async () => {
    fill(foot, h("span", { class: "hint" }, text.loading));
    try {
      /** @type {Ban[]} */
      const page = await app.rest.get(`/guilds/${guild.id}/bans?limit=${PAGE}&after=${all.at(-1)?.user.id ?? 0}`);
      all = [...all, ...page];
      fill(foot, page.length === PAGE ? h("button", { type: "button", class: "button small", on: { click: load } }, text.more) : null);
      draw();
    } catch (error) {
      fill(foot, h("p", { class: "notice bad" }, sentence(error)), h("button", { type: "button", class: "button small", on: { click: load } }, text.retry));
    }
  };
  fill(panel, filter, list, foot);
  filter.addEventListener("input", draw);
  filter.hidden = true;
  load();
}
