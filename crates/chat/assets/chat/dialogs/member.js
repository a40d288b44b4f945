// @ts-check
// What moderators do with a member: nickname, roles, kick, ban, time-out.

import { h } from "../dom.js";
import { outranks } from "../permissions.js";
import { text } from "../text.js";
import { attempt } from "../toast.js";
import { formDialog } from "./dialog.js";

/** @typedef {import("../app.js").App} App */
/** @typedef {import("../types.js").Guild} Guild */
/** @typedef {import("../types.js").User} User */

/** @type {import("./dialog.js").Field} */
const reason = { name: "reason", label: text.members.reason, hint: text.members.reasonHint, maxlength: 400 };

/** @param {Guild} guild @param {User} user */
const path = (guild, user) => `/guilds/${guild.id}/members/${user.id}`;

/** @param {App} app @param {Guild} guild @param {User} user */
export function changeNickname(app, guild, user) {
  const target = user.id === app.store.me.id ? `/guilds/${guild.id}/members/@me` : path(guild, user);
  const value = guild.members.get(user.id)?.nick ?? "";
  return formDialog({ title: text.members.changeNickname, fields: [{ name: "nick", label: text.members.nickname, value, maxlength: 32, hint: user.username }], action: text.save, save: ({ nick }) => app.rest.patch(target, { nick: nick.trim() || null }) });
}

/** @param {App} app @param {Guild} guild @param {User} user */
export function editRoles(app, guild, user) {
  const mine = guild.members.get(user.id)?.roles ?? [];
  const { me } = app.store;
  const top = Math.max(0, ...(guild.members.get(me.id)?.roles ?? []).map((id) => guild.roles.get(id)?.position ?? 0));
  const roles = [...guild.roles.values()].filter((role) => role.id !== guild.id).sort((a, b) => b.position - a.position);
  const allowed = (/** @type {import("../types.js").Role} */ role) => !role.managed && (guild.owner_id === me.id || role.position < top);
  const boxes = roles.map((role) => h("label", { class: "check" }, h("input", { type: "checkbox", name: `role:${role.id}`, checked: mine.includes(role.id), disabled: !allowed(role) }), h("i", { class: "swatch", style: { "--role": role.color ? `#${role.color.toString(16).padStart(6, "0")}` : "var(--offline)" } }), h("span", {}, role.name)));
  return formDialog({
    title: `${text.members.editRoles}: ${app.store.nameOf(user, guild.id)}`,
    fields: [],
    extra: boxes.length ? boxes : [h("p", { class: "empty" }, text.none)],
    action: text.save,
    save: (values) => app.rest.patch(path(guild, user), { roles: roles.filter((role) => values[`role:${role.id}`]).map((role) => role.id) }),
  });
}

/** @param {App} app @param {Guild} guild @param {User} user @param {string} name */
export function kickMember(app, guild, user, name) {
  return formDialog({ title: `${text.members.kick}: ${name}`, intro: text.members.kickSure(name), fields: [reason], action: text.members.kick, danger: true, save: (values) => app.rest.delete(path(guild, user), values.reason) });
}

/** @param {App} app @param {Guild} guild @param {User} user @param {string} name */
export function banMember(app, guild, user, name) {
  return formDialog({
    title: `${text.members.ban}: ${name}`,
    intro: text.members.banSure(name),
    fields: [{ name: "history", label: text.members.deleteHistory, type: "select", options: /** @type {any} */ (text.members.histories), value: "0" }, reason],
    action: text.members.ban,
    danger: true,
    save: (values) => app.rest.send("PUT", `/guilds/${guild.id}/bans/${user.id}`, { delete_message_seconds: Number(values.history) }, values.reason),
  });
}

/** @param {App} app @param {Guild} guild @param {User} user @param {string} name */
export function timeoutMember(app, guild, user, name) {
  return formDialog({
    title: `${text.members.timeout}: ${name}`,
    fields: [{ name: "seconds", label: text.members.duration, type: "select", options: /** @type {any} */ (text.members.durations), value: "600" }, reason],
    action: text.members.timeout,
    danger: true,
    save: (values) => app.rest.patch(path(guild, user), { communication_disabled_until: new Date(Date.now() + Number(values.seconds) * 1000).toISOString() }, values.reason),
  });
}

/** @param {App} app @param {Guild} guild @param {User} user */
export const endTimeout = (app, guild, user) => outranks(guild, app.store.me.id, user.id) && attempt(() => app.rest.patch(path(guild, user), { communication_disabled_until: null }));
