// @ts-check
// What this client knows. Events change it (events.js), views read it and redraw when a topic they watch changes.

import { inChannel, inGuild, P } from "./permissions.js";
import { byId, idAt } from "./time.js";

/** @typedef {import("./types.js").Guild} Guild */
/** @typedef {import("./types.js").Channel} Channel */
/** @typedef {import("./types.js").User} User */
/** @typedef {import("./types.js").Member} Member */
/** @typedef {import("./types.js").Message} Message */
/** @typedef {import("./types.js").Presence} Presence */
/** @typedef {import("./types.js").Relationship} Relationship */
/** @typedef {import("./types.js").Id} Id */
/** @typedef {"guilds" | "channels" | "members" | "presences" | "messages" | "typing" | "reads" | "relationships" | "me" | "connection" | "selection" | "ready" | "interaction" | "modal"} Topic */
/** @typedef {{items: Message[], atStart: boolean, atEnd: boolean, loaded: boolean, loading: boolean, error: string | null}} Log */

/** Channel types that hold messages. */
export const TEXTUAL = new Set([0, 1, 2, 3, 5, 10, 11, 12, 13]);

export class Store {
  constructor() {
    /** @type {User} */
    this.me = { id: "0", username: "" };
    /** @type {import("./types.js").Settings} */
    this.settings = {};
    /** @type {Map<Id, Guild>} */
    this.guilds = new Map();
    /** @type {Map<Id, Channel>} */
    this.channels = new Map();
    /** @type {Map<Id, User>} */
    this.users = new Map();
    /** @type {Map<Id, Presence>} */
    this.presences = new Map();
    /** @type {Map<Id, Relationship>} */
    this.relationships = new Map();
    /** @type {Map<Id, Log>} */
    this.logs = new Map();
    /** @type {Map<Id, Map<Id, number>>} who types where, until when (ms) */
    this.typing = new Map();
    /** @type {Map<Id, Id>} last message read, by channel */
    this.reads = new Map();
    /** @type {Map<Id, number>} unread mentions, by channel */
    this.mentions = new Map();
    /** @type {{guild: Id | null, channel: Id | null}} */
    this.selected = { guild: null, channel: null };
    /** @type {{state: import("./gateway.js").State, retryAt: number}} */
    this.connection = { state: "connecting", retryAt: 0 };
    this.sessionId = "";
    this.ready = false;
    /** @type {Set<Id>} guilds whose members have been asked for */
    this.membersAsked = new Set();
    /** @type {Map<Topic, Set<(detail: any) => void>>} */
    this.watchers = new Map();
  }

  /** @param {Topic | Topic[]} topics @param {(detail: any) => void} watcher */
  on(topics, watcher) {
    for (const topic of [topics].flat()) {
      const set = this.watchers.get(topic) ?? new Set();
      set.add(watcher);
      this.watchers.set(topic, set);
    }
  }

  /** @param {Topic} topic @param {any} [detail] */
  emit(topic, detail) {
    for (const watcher of this.watchers.get(topic) ?? []) watcher(detail);
  }

  // --- reading ---

  /** @returns {Guild | null} */
  get guild() {
    return this.selected.guild ? (this.guilds.get(this.selected.guild) ?? null) : null;
  }

  /** @returns {Channel | null} */
  get channel() {
    return this.selected.channel ? (this.channels.get(this.selected.channel) ?? null) : null;
  }

  /** What somebody is called here. @param {User} user @param {Id | null | undefined} guild */
  nameOf(user, guild) {
    const nick = guild ? this.guilds.get(guild)?.members.get(user.id)?.nick : null;
    const known = this.users.get(user.id) ?? user;
    return nick || this.relationships.get(user.id)?.nickname || known.global_name || known.username;
  }

  /** @param {Id} user */
  statusOf(user) {
    return this.presences.get(user)?.status ?? "offline";
  }

  /** The text of somebody's custom status. @param {Id} user */
  moodOf(user) {
    const activity = this.presences.get(user)?.activities?.find((entry) => entry.type === 4) ?? this.presences.get(user)?.activities?.[0];
    if (!activity) return "";
    return activity.type === 4 ? (activity.state ?? "") : activity.name;
  }

  /** @param {Channel} channel */
  titleOf(channel) {
    if (channel.name) return channel.name;
    return (channel.recipients ?? []).map((user) => this.nameOf(user, null)).join(", ") || "?";
  }

  /** My permissions in a channel. @param {Channel} channel */
  mayIn(channel) {
    const guild = channel.guild_id ? this.guilds.get(channel.guild_id) : null;
    if (!guild) return P.VIEW_CHANNEL | P.SEND_MESSAGES | P.ATTACH_FILES | P.ADD_REACTIONS | P.READ_HISTORY | P.PIN | P.USE_COMMANDS;
    const isThread = channel.type >= 10 && channel.type <= 12;
    const judge = isThread ? (this.channels.get(channel.parent_id ?? "") ?? channel) : channel;
    const bits = inChannel(guild, judge, this.me.id);
    if (!isThread) return bits;
    return bits & P.SEND_IN_THREADS ? bits | P.SEND_MESSAGES : bits & ~P.SEND_MESSAGES;
  }

  /** My permissions in a guild. @param {Guild} guild */
  may(guild) {
    return inGuild(guild, this.me.id);
  }

  /** The channels of a guild that I may see, as the list shows them. @param {Guild} guild */
  visibleChannels(guild) {
    const all = [...this.channels.values()].filter((channel) => channel.guild_id === guild.id);
    const voice = (/** @type {Channel} */ channel) => Number(channel.type === 2 || channel.type === 13);
    const order = (/** @type {Channel} */ a, /** @type {Channel} */ b) => voice(a) - voice(b) || (a.position ?? 0) - (b.position ?? 0) || byId(a.id, b.id);
    const plain = all.filter((channel) => channel.type !== 4 && !(channel.type >= 10 && channel.type <= 12) && this.mayIn(channel) & P.VIEW_CHANNEL).sort(order);
    const manages = Boolean(this.may(guild) & P.MANAGE_CHANNELS);
    const categories = all.filter((channel) => channel.type === 4).sort(order);
    const threads = all.filter((channel) => channel.type >= 10 && channel.type <= 12 && !channel.thread_metadata?.archived);
    /** @type {{category: Channel | null, channels: Channel[]}[]} */
    const groups = [{ category: null, channels: plain.filter((channel) => !categories.some((category) => category.id === channel.parent_id)) }];
    for (const category of categories) {
      const channels = plain.filter((channel) => channel.parent_id === category.id);
      if (channels.length || (manages && this.mayIn(category) & P.VIEW_CHANNEL)) groups.push({ category, channels });
    }
    for (const group of groups) {
      group.channels = group.channels.flatMap((channel) => [channel, ...threads.filter((thread) => thread.parent_id === channel.id)]);
    }
    return groups;
  }

  /** Conversations, the latest first. */
  directChannels() {
    const direct = [...this.channels.values()].filter((channel) => channel.type === 1 || channel.type === 3);
    return direct.sort((a, b) => byId(b.last_message_id ?? b.id, a.last_message_id ?? a.id));
  }

  /** @param {Channel} channel */
  isUnread(channel) {
    const last = channel.last_message_id;
    if (!last || !TEXTUAL.has(channel.type)) return false;
    return byId(last, this.readUpTo(channel)) > 0;
  }

  /** The last message read. Who has no mark yet begins to read when they join. @param {Channel} channel @returns {Id} */
  readUpTo(channel) {
    const known = this.reads.get(channel.id);
    if (known) return known;
    const joined = this.guilds.get(channel.guild_id ?? "")?.members.get(this.me.id)?.joined_at;
    return joined ? idAt(new Date(joined)) : "0";
  }

  /** @param {Id} channel @returns {Log} */
  log(channel) {
    let log = this.logs.get(channel);
    if (!log) {
      log = { items: [], atStart: false, atEnd: true, loaded: false, loading: false, error: null };
      this.logs.set(channel, log);
    }
    return log;
  }

  /** @param {Id} channel @param {Id} message */
  message(channel, message) {
    return this.logs.get(channel)?.items.find((item) => item.id === message);
  }

  // --- writing, for events.js and the senders ---

  /** Puts a message where it belongs, or over the one it replaces. @param {Message} message @param {Id} [replaces] */
  put(message, replaces) {
    const log = this.log(message.channel_id);
    const rest = log.items.filter((item) => item.id !== message.id && item.id !== replaces);
    let at = rest.length;
    // What is still being sent stays at the end, whatever this computer's clock says.
    while (at > 0 && (byId(/** @type {Message} */ (rest[at - 1]).id, message.id) > 0 || (rest[at - 1]?.pending && !message.pending))) at--;
    rest.splice(at, 0, message);
    log.items = rest;
  }

  /** @param {Id} channel @param {Id} message */
  drop(channel, message) {
    const log = this.log(channel);
    log.items = log.items.filter((item) => item.id !== message);
  }

  /** @param {User | undefined} user */
  learn(user) {
    if (user?.username) this.users.set(user.id, { ...this.users.get(user.id), ...user });
  }
}
