// @ts-check
// How each gateway event changes the store.

import { byId } from "./time.js";

/** @typedef {import("./store.js").Store} Store */
/** @typedef {import("./types.js").GuildData} GuildData */
/** @typedef {import("./types.js").Member} Member */
/** @typedef {import("./types.js").Message} Message */
/** @typedef {import("./types.js").Reaction} Reaction */
/** @typedef {import("./types.js").Emoji} Emoji */

/** @param {Store} store @param {GuildData} data */
function putGuild(store, data) {
  const old = store.guilds.get(data.id);
  if (data.unavailable && !data.name) {
    if (old) old.unavailable = true;
    else store.guilds.set(data.id, { id: data.id, name: "…", icon: null, owner_id: "0", member_count: 0, unavailable: true, roles: new Map(), members: new Map() });
    return;
  }
  const guild = {
    ...old,
    ...data,
    unavailable: false,
    member_count: data.member_count ?? old?.member_count ?? 0,
    roles: data.roles ? new Map(data.roles.map((role) => [role.id, role])) : (old?.roles ?? new Map()),
    members: old?.members ?? new Map(),
  };
  const { channels, threads, presences, ...kept } = guild;
  store.guilds.set(data.id, /** @type {import("./types.js").Guild} */ (kept));
  for (const channel of [...(channels ?? []), ...(threads ?? [])]) {
    store.channels.set(channel.id, { ...channel, guild_id: data.id });
  }
  if (data.members) kept.members = new Map(store.membersAsked.has(data.id) ? kept.members : []);
  for (const member of data.members ?? []) putMember(store, data.id, member);
  for (const presence of presences ?? []) store.presences.set(presence.user.id, presence);
}

/** @param {Store} store @param {string} guild @param {Member} member */
function putMember(store, guild, member) {
  const user = member.user;
  if (!user) return;
  store.learn(user);
  const members = store.guilds.get(guild)?.members;
  members?.set(user.id, { ...members.get(user.id), ...member });
}

/** @param {Store} store @param {string} guild */
function dropGuild(store, guild) {
  store.guilds.delete(guild);
  for (const channel of store.channels.values()) if (channel.guild_id === guild) store.channels.delete(channel.id);
}

/** @param {Emoji} a @param {Emoji} b */
const sameEmoji = (a, b) => (a.id ? a.id === b.id : a.name === b.name && !b.id);

/** @param {Store} store @param {any} data @param {number} step */
function react(store, data, step) {
  const message = store.message(data.channel_id, data.message_id);
  if (!message) return;
  const mine = data.user_id === store.me.id;
  const old = (message.reactions ?? []).find((entry) => sameEmoji(entry.emoji, data.emoji));
  if (old && mine && old.me === step > 0) return; // already counted when the button was pressed
  const next = { emoji: data.emoji, count: (old?.count ?? 0) + step, me: mine ? step > 0 : (old?.me ?? false) };
  const others = (message.reactions ?? []).map((entry) => (entry === old ? next : entry));
  if (!old) others.push(next);
  message.reactions = others.filter((entry) => entry.count > 0);
  store.emit("messages", { channel: message.channel_id, changed: message.id });
}

/** Whether a message is meant for me: by name, by a role, with everybody, or between us. @param {Store} store @param {Message} message @param {import("./types.js").Channel} [channel] */
export function callsMe(store, message, channel) {
  const roles = store.guilds.get(channel?.guild_id ?? "")?.members.get(store.me.id)?.roles ?? [];
  return Boolean(message.mention_everyone || message.mentions?.some((user) => user.id === store.me.id) || message.mention_roles?.some((role) => roles.includes(role)) || channel?.type === 1 || channel?.type === 3);
}

/** @param {Store} store @param {Message} message */
function arrive(store, message) {
  store.learn(message.author);
  for (const user of message.mentions ?? []) store.learn(user);
  if (message.guild_id && message.member) putMember(store, message.guild_id, { ...message.member, user: message.author });
  const log = store.logs.get(message.channel_id);
  const pending = message.nonce === undefined ? undefined : log?.items.find((item) => item.pending && item.nonce === String(message.nonce));
  if (log?.loaded && log.atEnd) store.put(message, pending?.id);
  const channel = store.channels.get(message.channel_id);
  const ephemeral = Boolean((message.flags ?? 0) & 64);
  if (channel && !ephemeral) channel.last_message_id = message.id;
  store.typing.get(message.channel_id)?.delete(message.author.id);
  if (!ephemeral && message.author.id !== store.me.id && callsMe(store, message, channel)) {
    store.mentions.set(message.channel_id, (store.mentions.get(message.channel_id) ?? 0) + 1);
  }
  store.emit("messages", { channel: message.channel_id, created: message });
  store.emit("typing", { channel: message.channel_id });
  store.emit("reads", { channel: message.channel_id });
}

/** @type {Record<string, (store: Store, data: any) => void>} */
const handlers = {
  READY(store, data) {
    store.me = data.user;
    store.learn(data.user);
    store.sessionId = data.session_id;
    store.settings = data.user_settings ?? {};
    store.guilds.clear();
    store.channels.clear();
    store.logs.clear();
    store.presences.clear();
    store.membersAsked.clear();
    for (const channel of data.private_channels ?? []) store.channels.set(channel.id, channel);
    store.relationships = new Map((data.relationships ?? []).map((/** @type {any} */ entry) => [entry.id, entry]));
    for (const entry of data.relationships ?? []) store.learn(entry.user);
    for (const channel of data.private_channels ?? []) for (const user of channel.recipients ?? []) store.learn(user);
    for (const presence of data.presences ?? []) store.presences.set(presence.user.id, presence);
    for (const guild of data.guilds ?? []) putGuild(store, guild);
    store.reads = new Map((data.read_state?.entries ?? []).map((/** @type {any} */ entry) => [entry.id, entry.last_message_id]));
    store.mentions = new Map((data.read_state?.entries ?? []).filter((/** @type {any} */ entry) => entry.mention_count).map((/** @type {any} */ entry) => [entry.id, entry.mention_count]));
    store.ready = false;
    store.emit("me");
    store.emit("ready");
  },
  RESUMED(store) {
    store.emit("guilds");
  },
  GUILD_CREATE(store, data) {
    putGuild(store, data);
    store.emit("guilds", { guild: data.id });
  },
  GUILD_UPDATE(store, data) {
    putGuild(store, data);
    store.emit("guilds", { guild: data.id });
  },
  GUILD_DELETE(store, data) {
    if (data.unavailable) putGuild(store, data);
    else dropGuild(store, data.id);
    store.emit("guilds", { guild: data.id });
  },
  GUILD_EMOJIS_UPDATE(store, data) {
    const guild = store.guilds.get(data.guild_id);
    if (guild) guild.emojis = data.emojis;
  },
  GUILD_ROLE_CREATE(store, data) {
    store.guilds.get(data.guild_id)?.roles.set(data.role.id, data.role);
    store.emit("guilds", { guild: data.guild_id });
  },
  GUILD_ROLE_UPDATE(store, data) {
    handlers.GUILD_ROLE_CREATE?.(store, data);
  },
  GUILD_ROLE_DELETE(store, data) {
    const guild = store.guilds.get(data.guild_id);
    guild?.roles.delete(data.role_id);
    for (const member of guild?.members.values() ?? []) member.roles = member.roles.filter((id) => id !== data.role_id);
    store.emit("guilds", { guild: data.guild_id });
  },
  CHANNEL_CREATE(store, data) {
    store.channels.set(data.id, { ...store.channels.get(data.id), ...data });
    for (const user of data.recipients ?? []) store.learn(user);
    store.emit("channels", { guild: data.guild_id ?? null, channel: data.id });
  },
  CHANNEL_UPDATE(store, data) {
    handlers.CHANNEL_CREATE?.(store, data);
  },
  CHANNEL_DELETE(store, data) {
    store.channels.delete(data.id);
    store.logs.delete(data.id);
    store.emit("channels", { guild: data.guild_id ?? null, channel: data.id });
  },
  GUILD_MEMBER_ADD(store, data) {
    const guild = store.guilds.get(data.guild_id);
    if (guild && !guild.members.has(data.user.id)) guild.member_count++;
    putMember(store, data.guild_id, data);
    store.emit("members", { guild: data.guild_id });
  },
  GUILD_MEMBER_UPDATE(store, data) {
    putMember(store, data.guild_id, data);
    store.emit("members", { guild: data.guild_id, user: data.user.id });
  },
  GUILD_MEMBER_REMOVE(store, data) {
    const guild = store.guilds.get(data.guild_id);
    if (guild?.members.delete(data.user.id)) guild.member_count--;
    store.emit("members", { guild: data.guild_id });
  },
  GUILD_MEMBERS_CHUNK(store, data) {
    for (const member of data.members) putMember(store, data.guild_id, member);
    for (const presence of data.presences ?? []) store.presences.set(presence.user.id, presence);
    store.emit("members", { guild: data.guild_id });
  },
  PRESENCE_UPDATE(store, data) {
    store.presences.set(data.user.id, data);
    store.emit("presences", { user: data.user.id });
  },
  USER_UPDATE(store, data) {
    store.learn(data);
    if (data.id === store.me.id) store.me = { ...store.me, ...data };
    store.emit("me");
  },
  USER_SETTINGS_UPDATE(store, data) {
    store.settings = { ...store.settings, ...data };
    store.emit("me");
  },
  MESSAGE_CREATE: arrive,
  MESSAGE_UPDATE(store, data) {
    const message = store.message(data.channel_id, data.id);
    if (!message) return;
    const me = message.reactions;
    Object.assign(message, data);
    // A broadcast message cannot know which reactions are mine.
    if (me && data.reactions) message.reactions = data.reactions.map((/** @type {Reaction} */ entry) => ({ ...entry, me: me.some((old) => old.me && sameEmoji(old.emoji, entry.emoji)) }));
    store.emit("messages", { channel: data.channel_id, changed: data.id });
  },
  MESSAGE_ACK(store, data) {
    const known = store.reads.get(data.channel_id);
    if (!data.manual && known && byId(known, data.message_id) > 0) return;
    store.reads.set(data.channel_id, data.message_id);
    if (data.mention_count) store.mentions.set(data.channel_id, data.mention_count);
    else store.mentions.delete(data.channel_id);
    store.emit("reads", { acked: { channel: data.channel_id, message: data.message_id, manual: Boolean(data.manual) } });
  },
  MESSAGE_DELETE(store, data) {
    store.drop(data.channel_id, data.id);
    for (const item of store.log(data.channel_id).items) if (item.referenced_message?.id === data.id) item.referenced_message = null;
    store.emit("messages", { channel: data.channel_id, removed: data.id });
  },
  MESSAGE_DELETE_BULK(store, data) {
    for (const id of data.ids) store.drop(data.channel_id, id);
    store.emit("messages", { channel: data.channel_id, removed: data.ids });
  },
  MESSAGE_REACTION_ADD: (store, data) => react(store, data, 1),
  MESSAGE_REACTION_REMOVE: (store, data) => react(store, data, -1),
  MESSAGE_REACTION_REMOVE_ALL(store, data) {
    const message = store.message(data.channel_id, data.message_id);
    if (message) message.reactions = [];
    store.emit("messages", { channel: data.channel_id, changed: data.message_id });
  },
  MESSAGE_REACTION_REMOVE_EMOJI(store, data) {
    const message = store.message(data.channel_id, data.message_id);
    if (message) message.reactions = (message.reactions ?? []).filter((entry) => !sameEmoji(entry.emoji, data.emoji));
    store.emit("messages", { channel: data.channel_id, changed: data.message_id });
  },
  TYPING_START(store, data) {
    if (data.user_id === store.me.id) return;
    const who = store.typing.get(data.channel_id) ?? new Map();
    who.set(data.user_id, Date.now() + 10_000);
    store.typing.set(data.channel_id, who);
    if (data.member) putMember(store, data.guild_id, data.member);
    store.emit("typing", { channel: data.channel_id });
  },
  RELATIONSHIP_ADD(store, data) {
    store.relationships.set(data.id, data);
    store.learn(data.user);
    store.emit("relationships");
  },
  RELATIONSHIP_UPDATE(store, data) {
    const old = store.relationships.get(data.id);
    if (old) store.relationships.set(data.id, { ...old, ...data });
    store.emit("relationships");
  },
  RELATIONSHIP_REMOVE(store, data) {
    store.relationships.delete(data.id);
    store.emit("relationships");
  },
  CHANNEL_RECIPIENT_ADD(store, data) {
    const channel = store.channels.get(data.channel_id);
    if (channel) channel.recipients = [...(channel.recipients ?? []).filter((user) => user.id !== data.user.id), data.user];
    store.emit("channels", { guild: null, channel: data.channel_id });
  },
  CHANNEL_RECIPIENT_REMOVE(store, data) {
    const channel = store.channels.get(data.channel_id);
    if (channel) channel.recipients = (channel.recipients ?? []).filter((user) => user.id !== data.user.id);
    store.emit("channels", { guild: null, channel: data.channel_id });
  },
  INTERACTION_FAILURE: (store, data) => store.emit("interaction", { nonce: data.nonce, failed: true }),
  APPLICATION_COMMAND_AUTOCOMPLETE_RESPONSE: (store, data) => store.emit("interaction", { nonce: data.nonce, failed: false, choices: data.choices }),
  INTERACTION_MODAL_CREATE: (store, data) => store.emit("modal", data),
  INTERACTION_SUCCESS: (store, data) => store.emit("interaction", { nonce: data.nonce, failed: false }),
};
for (const [alias, name] of [["THREAD_CREATE", "CHANNEL_CREATE"], ["THREAD_UPDATE", "CHANNEL_UPDATE"], ["THREAD_DELETE", "CHANNEL_DELETE"]]) {
  handlers[/** @type {string} */ (alias)] = /** @type {any} */ (handlers[/** @type {string} */ (name)]);
}

/** Applies one event; unknown ones are left alone. @param {Store} store @param {string} name @param {any} data */
export function apply(store, name, data) {
  handlers[name]?.(store, data);
}
