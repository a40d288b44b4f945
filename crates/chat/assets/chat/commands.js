// @ts-check
// Commands of applications: which there are here, and how one is sent to its application.

import { run, suggestions } from "./interactions.js";

/** @typedef {import("./app.js").App} App */
/** @typedef {import("./types.js").Command} Command */
/** @typedef {import("./types.js").Option} Option */
/** @typedef {import("./types.js").User} User */
/**
 * @typedef {object} Invocable one thing that can be run: a command or one of its subcommands
 * @property {string} name with the names of group and subcommand, separated by spaces
 * @property {string} description
 * @property {string} application
 * @property {User | undefined} bot
 * @property {Command} command
 * @property {string[]} path names of group and subcommand
 * @property {Option[]} options
 */

const FRESH = 60_000;
/** @type {Map<string, {at: number, list: Promise<Invocable[]>}>} */
const cache = new Map();

/** Subcommand and group; everything else is a value. */
const isSub = (/** @type {Option} */ option) => option.type === 1 || option.type === 2;

/** @param {Command} command @param {string} application @param {User | undefined} bot @returns {Invocable[]} */
function flatten(command, application, bot) {
  const base = { application, bot, command };
  const subs = (command.options ?? []).filter(isSub);
  if (!subs.length) return [{ ...base, name: command.name, description: command.description, path: [], options: command.options ?? [] }];
  return subs.flatMap((sub) => {
    const inner = sub.type === 2 ? (sub.options ?? []).map((leaf) => ({ leaf, path: [sub.name, leaf.name] })) : [{ leaf: sub, path: [sub.name] }];
    return inner.map(({ leaf, path }) => ({ ...base, name: [command.name, ...path].join(" "), description: leaf.description, path, options: leaf.options ?? [] }));
  });
}

/** Where commands are used: written, on a person, on a message. */
export const USED = { WRITTEN: 1, PERSON: 2, MESSAGE: 3 };

/** The commands of the open channel. @param {App} app @param {number} [kind] one of `USED` @returns {Promise<Invocable[]>} */
export async function commandsFor(app, kind = USED.WRITTEN) {
  return (await everyCommand(app)).filter((entry) => (entry.command.type ?? USED.WRITTEN) === kind);
}

/** @param {App} app @returns {Promise<Invocable[]>} */
function everyCommand(app) {
  const { channel, guild } = app.store;
  if (!channel) return Promise.resolve([]);
  const key = guild?.id ?? channel.id;
  const known = cache.get(key);
  if (known && Date.now() - known.at < FRESH) return known.list;
  const path = guild ? `/guilds/${guild.id}/application-command-index` : `/channels/${channel.id}/application-command-index`;
  const list = app.rest.get(path).then(
    (index) => {
      const applications = new Map((index.applications ?? []).map((/** @type {any} */ entry) => [entry.id, entry]));
      /** @type {Command[]} */
      const commands = index.application_commands ?? [];
      return commands.flatMap((command) => {
        const owner = applications.get(command.application_id);
        return flatten(command, owner?.name ?? "", owner?.bot ?? app.store.users.get(command.application_id));
      });
    },
    () => {
      cache.delete(key);
      return [];
    },
  );
  cache.set(key, { at: Date.now(), list });
  return list;
}

/**
 * The `data` of a command's interaction.
 * @param {Invocable} entry
 * @param {any[]} values
 */
function dataOf(entry, values) {
  let options = values;
  for (const [index, name] of [...entry.path].reverse().entries()) {
    const group = entry.path.length === 2 && index === 1;
    options = [{ type: group ? 2 : 1, name, options }];
  }
  const { command } = entry;
  return { id: command.id, name: command.name, type: command.type ?? USED.WRITTEN, version: command.version, options };
}

/** @typedef {{name: string, type: number, value: string | number | boolean, focused?: boolean}} Value */

/**
 * Runs a command. Files are named by the values of options by their place in the list.
 * @param {App} app
 * @param {Invocable} entry
 * @param {Value[]} values
 * @param {File[]} files
 */
export function invoke(app, entry, values, files) {
  const attachments = files.map((file, index) => ({ id: String(index), filename: file.name }));
  return run(app, entry, { application_id: entry.command.application_id, data: { ...dataOf(entry, values), ...(files.length ? { attachments } : {}) } }, files);
}

/** Runs a command on a person or a message. @param {App} app @param {Invocable} entry @param {string} target */
export function invokeOn(app, entry, target) {
  return run(app, entry, { application_id: entry.command.application_id, data: { ...dataOf(entry, []), target_id: target } });
}

/** What the application proposes for the option that is marked as focused. @param {App} app @param {Invocable} entry @param {Value[]} values */
export function suggest(app, entry, values) {
  return suggestions(app, { application_id: entry.command.application_id, channel_id: app.store.channel?.id ?? "", data: dataOf(entry, values) });
}
