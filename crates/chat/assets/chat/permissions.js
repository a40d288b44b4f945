// @ts-check
// What a member may do, computed as the server computes it, to know which buttons to show. The server decides.

/** Bits by name. */
export const P = {
  CREATE_INVITE: 1n << 0n,
  KICK: 1n << 1n,
  BAN: 1n << 2n,
  ADMINISTRATOR: 1n << 3n,
  MANAGE_CHANNELS: 1n << 4n,
  MANAGE_GUILD: 1n << 5n,
  ADD_REACTIONS: 1n << 6n,
  VIEW_AUDIT_LOG: 1n << 7n,
  VIEW_CHANNEL: 1n << 10n,
  SEND_MESSAGES: 1n << 11n,
  MANAGE_MESSAGES: 1n << 13n,
  ATTACH_FILES: 1n << 15n,
  READ_HISTORY: 1n << 16n,
  MENTION_EVERYONE: 1n << 17n,
  CHANGE_NICKNAME: 1n << 26n,
  MANAGE_NICKNAMES: 1n << 27n,
  MANAGE_ROLES: 1n << 28n,
  MANAGE_WEBHOOKS: 1n << 29n,
  MANAGE_EXPRESSIONS: 1n << 30n,
  USE_COMMANDS: 1n << 31n,
  SEND_IN_THREADS: 1n << 38n,
  MODERATE: 1n << 40n,
  PIN: 1n << 51n,
};

/** What owners and administrators have. */
export const ALL = (1n << 53n) - 1n;
/** What a timed-out member keeps. */
const TIMED_OUT = P.VIEW_CHANNEL | P.READ_HISTORY;

/** @typedef {import("./types.js").Guild} Guild */
/** @typedef {import("./types.js").Channel} Channel */
/** @typedef {import("./types.js").Member} Member */

/** @param {Member | undefined} member @param {number} now */
export function isTimedOut(member, now) {
  const until = member?.communication_disabled_until;
  return Boolean(until) && Date.parse(/** @type {string} */ (until)) > now;
}

/** Roles of a member from the highest to the lowest, without @everyone. @param {Guild} guild @param {Member | undefined} member */
export function rolesOf(guild, member) {
  const roles = (member?.roles ?? []).map((id) => guild.roles.get(id)).filter((role) => role !== undefined);
  return roles.sort((a, b) => b.position - a.position || (BigInt(a.id) < BigInt(b.id) ? -1 : 1));
}

/**
 * Permissions in the whole guild. Roles combine by ascending position: each removes what it denies, then grants.
 * @param {Guild} guild
 * @param {string} user
 */
export function inGuild(guild, user) {
  if (guild.owner_id === user) return ALL;
  const member = guild.members.get(user);
  const everyone = guild.roles.get(guild.id);
  let allowed = BigInt(everyone?.permissions ?? 0);
  for (const role of rolesOf(guild, member).reverse()) {
    allowed = (allowed & ~BigInt(role.denied_permissions ?? 0)) | BigInt(role.permissions);
  }
  if (allowed & P.ADMINISTRATOR) return ALL;
  return isTimedOut(member, Date.now()) ? allowed & TIMED_OUT : allowed;
}

/**
 * Permissions in one channel; a thread is judged by its parent's overwrites.
 * @param {Guild} guild
 * @param {Channel} channel the channel, or the parent of a thread
 * @param {string} user
 */
export function inChannel(guild, channel, user) {
  let allowed = inGuild(guild, user);
  if (allowed === ALL) return ALL;
  const member = guild.members.get(user);
  const overwrites = channel.permission_overwrites ?? [];
  const apply = (/** @type {bigint} */ deny, /** @type {bigint} */ allow) => (allowed = (allowed & ~deny) | allow);
  const everyone = overwrites.find((entry) => entry.id === guild.id);
  if (everyone) apply(BigInt(everyone.deny), BigInt(everyone.allow));
  const roles = new Set(member?.roles ?? []);
  const mine = overwrites.filter((entry) => entry.type === 0 && roles.has(entry.id));
  apply(mine.reduce((bits, entry) => bits | BigInt(entry.deny), 0n), mine.reduce((bits, entry) => bits | BigInt(entry.allow), 0n));
  const own = overwrites.find((entry) => entry.type === 1 && entry.id === user);
  if (own) apply(BigInt(own.deny), BigInt(own.allow));
  if (!(allowed & P.VIEW_CHANNEL)) return 0n;
  return isTimedOut(member, Date.now()) ? allowed & TIMED_OUT : allowed;
}

/** Whether `user` stands above `target` in the guild's order. @param {Guild} guild @param {string} user @param {string} target */
export function outranks(guild, user, target) {
  if (user === target || target === guild.owner_id) return false;
  if (user === guild.owner_id) return true;
  const top = (/** @type {string} */ id) => rolesOf(guild, guild.members.get(id))[0]?.position ?? 0;
  return top(user) > top(target);
}
