// @ts-check
// Entries of the audit log in words.

import { namesOf } from "./permissions.js";

/** What was done, by action type. English; translated together with text.js. @type {Record<number, string>} */
export const ACTIONS = {
  1: "changed the guild", 10: "created the channel", 11: "changed the channel", 12: "deleted the channel", 13: "added permissions to", 14: "changed the permissions of", 15: "removed permissions from",
  20: "kicked", 21: "pruned members", 22: "banned", 23: "lifted the ban of", 24: "changed the member", 25: "changed the roles of", 28: "added the bot", 30: "created the role", 31: "changed the role", 32: "deleted the role",
  40: "created an invite", 41: "changed an invite", 42: "revoked an invite", 50: "created a webhook", 51: "changed a webhook", 52: "deleted a webhook", 60: "added an emoji", 61: "changed an emoji", 62: "deleted an emoji",
  72: "deleted a message of", 73: "deleted many messages in", 74: "pinned a message of", 75: "unpinned a message of", 110: "started a thread", 111: "changed a thread", 112: "deleted a thread",
};

/** @param {import("../app.js").App} app @param {import("../types.js").Guild} guild @param {any} entry */
export function auditText(app, guild, entry) {
  const id = entry.target_id;
  const user = app.store.users.get(id);
  const changed = (entry.changes ?? []).find((/** @type {any} */ change) => change.key === "name");
  if (id === guild.id && entry.action_type === 1) return `${ACTIONS[1]} ${guild.name}`;
  const name = (user && app.store.nameOf(user, guild.id)) ?? app.store.channels.get(id)?.name ?? guild.roles.get(id)?.name ?? changed?.new_value ?? changed?.old_value ?? "";
  return `${ACTIONS[entry.action_type] ?? `did something (${entry.action_type})`} ${typeof name === "string" ? name : ""}`;
}

/** Keys that say nothing to people, or are said already. */
const SILENT = new Set(["id", "type", "position", "icon_hash", "avatar_hash", "flags", "colors"]);

/** @param {import("../app.js").App} app @param {import("../types.js").Guild} guild @param {string} key @param {any} value */
function shown(app, guild, key, value) {
  if (value === null || value === undefined || value === "") return "–";
  if (/permissions|^allow$|^deny$/.test(key)) return namesOf(BigInt(value)).join(", ") || "–";
  if (key === "color") return `#${Number(value).toString(16).padStart(6, "0")}`;
  if (Array.isArray(value)) return value.map((part) => part?.name ?? String(part?.id ?? part)).join(", ");
  if (typeof value === "object") return JSON.stringify(value);
  const known = /_id$/.test(key) ? (app.store.channels.get(value)?.name ?? guild.roles.get(value)?.name) : undefined;
  return known ?? String(value);
}

/** What an entry changed, one line each. @param {import("../app.js").App} app @param {import("../types.js").Guild} guild @param {any} entry @returns {string[]} */
export function auditDetails(app, guild, entry) {
  // What something was made with is worth a line only where it is not nothing.
  const says = (/** @type {any} */ change) => change.old_value !== undefined || (Array.isArray(change.new_value) ? change.new_value.length > 0 : Boolean(change.new_value));
  const changes = (entry.changes ?? []).filter((/** @type {any} */ change) => !SILENT.has(change.key) && says(change));
  return changes.map((/** @type {any} */ change) => {
    const words = change.key === "$add" ? "+" : change.key === "$remove" ? "−" : change.key.replaceAll("_", " ");
    const [before, after] = [shown(app, guild, change.key, change.old_value), shown(app, guild, change.key, change.new_value)];
    return change.old_value === undefined ? `${words}: ${after}` : `${words}: ${before} → ${after}`;
  });
}
