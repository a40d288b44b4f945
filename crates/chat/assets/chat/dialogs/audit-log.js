// @ts-check
// The page of the audit log: who did what to whom and why, by person and by kind of deed.

import { avatar } from "../avatar.js";
import { fill, h, icon } from "../dom.js";
import { text } from "../text.js";
import { fromNow, fullStamp, idDate } from "../time.js";
import { sentence } from "../toast.js";
import { ACTIONS, auditDetails, auditText } from "./audit.js";

/** @typedef {import("../app.js").App} App */
/** @typedef {import("../types.js").Guild} Guild */

const PAGE = 50;

/** @param {App} app @param {Guild} guild @param {any} entry */
function row(app, guild, entry) {
  const user = app.store.users.get(entry.user_id);
  const when = idDate(entry.id);
  const details = auditDetails(app, guild, entry);
  return h(
    "li",
    { class: "entry deed" },
    user ? avatar(user, user.username) : icon("shield"),
    h(
      "div",
      { class: "member-text" },
      h("span", {}, h("strong", {}, user ? app.store.nameOf(user, guild.id) : text.members.gone), ` ${auditText(app, guild, entry)}`),
      entry.reason ? h("span", { class: "mood" }, `“${entry.reason}”`) : null,
      h("time", { class: "mood", datetime: when.toISOString(), title: fullStamp(when) }, fromNow(when)),
      details.length ? h("details", { class: "mood" }, h("summary", {}, text.guilds.changes(details.length)), h("ul", {}, details.map((line) => h("li", {}, line)))) : null,
    ),
  );
}

/** @param {App} app @param {Guild} guild @param {HTMLElement} panel */
export function auditPanel(app, guild, panel) {
  const { store } = app;
  const people = [...guild.members.keys()].map((id) => store.users.get(id)).filter((user) => user !== undefined);
  people.sort((a, b) => store.nameOf(a, guild.id).localeCompare(store.nameOf(b, guild.id)));
  const who = h("select", { class: "input" }, h("option", { value: "" }, text.guilds.anybody), people.map((user) => h("option", { value: user.id }, store.nameOf(user, guild.id))));
  const what = h("select", { class: "input" }, h("option", { value: "" }, text.guilds.anything), Object.entries(ACTIONS).map(([type, words]) => h("option", { value: type }, words)));
  const list = h("ul", { class: "entries" });
  const foot = h("div", { class: "load-more", role: "status" });
  let last = "";
  let turn = 0;

  const load = async () => {
    const mine = ++turn;
    fill(foot, h("span", { class: "hint" }, text.loading));
    const query = new URLSearchParams({ limit: String(PAGE) });
    if (who.value) query.set("user_id", who.value);
    if (what.value) query.set("action_type", what.value);
    if (last) query.set("before", last);
    try {
      const log = await app.rest.get(`/guilds/${guild.id}/audit-logs?${query}`);
      if (mine !== turn) return;
      for (const user of log.users ?? []) store.learn(user);
      const entries = log.audit_log_entries ?? [];
      if (!entries.length && !last) list.append(h("li", { class: "empty" }, text.guilds.noAudit));
      for (const entry of entries) list.append(row(app, guild, entry));
      last = entries.at(-1)?.id ?? last;
      fill(foot, entries.length === PAGE ? h("button", { type: "button", class: "button small", on: { click: load } }, text.guilds.older) : null);
    } catch (error) {
      if (mine === turn) fill(foot, h("p", { class: "notice bad" }, sentence(error)), h("button", { type: "button", class: "button small", on: { click: load } }, text.retry));
    }
  };
  const again = () => {
    last = "";
    fill(list);
    load();
  };
  who.addEventListener("change", again);
  what.addEventListener("change", again);
  fill(panel, h("div", { class: "pair" }, h("label", { class: "field" }, h("span", { class: "label" }, text.guilds.byWhom), who), h("label", { class: "field" }, h("span", { class: "label" }, text.guilds.what), what)), list, foot);
  load();
}
