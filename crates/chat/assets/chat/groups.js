// @ts-check
// Conversations of several people: starting one, who is in it, its name, leaving it.

import { avatar } from "./avatar.js";
import { choose } from "./dialogs/choose.js";
import { confirmDialog, formDialog } from "./dialogs/dialog.js";
import { showMenu } from "./menu.js";
import { text } from "./text.js";
import { attempt, copy } from "./toast.js";

/** @typedef {import("./app.js").App} App */
/** @typedef {import("./types.js").Channel} Channel */
/** @typedef {import("./types.js").User} User */

/** As many people as the server lets into one group, oneself included. */
const MOST = 10;

/** Friends, as something to choose from. @param {App} app @param {string[]} except @returns {import("./combobox.js").Choice[]} */
function friends({ store }, except) {
  const all = [...store.relationships.values()].filter((entry) => entry.type === 1 && !except.includes(entry.user.id));
  const choices = all.map(({ user }) => ({ value: user.id, label: store.nameOf(user, null), detail: user.username, face: avatar(user, user.username, store.statusOf(user.id)) }));
  return choices.sort((a, b) => a.label.localeCompare(b.label));
}

/** @param {App} app @param {string[]} people */
async function start(app, people) {
  const channel = await attempt(() => app.rest.post("/users/@me/channels", { recipients: people }));
  if (!channel) return;
  app.store.channels.set(channel.id, { ...app.store.channels.get(channel.id), ...channel });
  app.store.emit("channels", { guild: null, channel: channel.id });
  app.open(null, channel.id);
}

/** Chooses friends and opens a conversation with them. @param {App} app */
export async function newGroup(app) {
  const people = await choose({ title: text.groups.create, intro: text.groups.intro, choices: friends(app, []), max: MOST - 1, action: text.groups.start, empty: text.groups.noFriends });
  if (people) await start(app, people);
}

/** Brings friends into a conversation; one of two people becomes a new group. @param {App} app @param {Channel} channel */
export async function addPeople(app, channel) {
  const here = (channel.recipients ?? []).map((user) => user.id);
  const people = await choose({ title: text.groups.add, choices: friends(app, here), max: MOST - 1 - here.length, action: text.add, empty: text.groups.noFriends });
  if (!people) return;
  if (channel.type === 1) return start(app, [...here, ...people]);
  for (const person of people) if ((await attempt(async () => (await app.rest.put(`/channels/${channel.id}/recipients/${person}`), true))) === undefined) return;
}

/** @param {App} app @param {Channel} channel */
const rename = (app, channel) =>
  formDialog({ title: text.groups.rename, fields: [{ name: "name", label: text.groups.name, value: channel.name ?? "", maxlength: 100 }], action: text.save, save: ({ name }) => app.rest.patch(`/channels/${channel.id}`, { name: name.trim() || null }) });

/** @param {App} app @param {Channel} channel */
export async function leaveGroup(app, channel) {
  if (!(await confirmDialog({ title: text.groups.leave, body: text.groups.leaveSure(app.store.titleOf(channel)), action: text.groups.leave, danger: true }))) return;
  await attempt(() => app.rest.delete(`/channels/${channel.id}`));
}

/** Whether I may take somebody out of the open group. @param {App} app @param {User} user */
export function mayRemove({ store }, user) {
  const { channel } = store;
  return channel?.type === 3 && channel.owner_id === store.me.id && user.id !== store.me.id && Boolean(channel.recipients?.some((other) => other.id === user.id));
}

/** @param {App} app @param {User} user */
export async function removePerson(app, user) {
  const { channel } = app.store;
  if (!channel || !(await confirmDialog({ title: text.groups.remove, body: text.groups.removeSure(app.store.nameOf(user, null)), action: text.groups.remove, danger: true }))) return;
  await attempt(() => app.rest.delete(`/channels/${channel.id}/recipients/${user.id}`));
}

/** @param {App} app @param {Channel} channel @param {Element | DOMRect} anchor */
export function conversationMenu(app, channel, anchor) {
  const group = channel.type === 3;
  const full = (channel.recipients?.length ?? 0) >= MOST - 1;
  showMenu(
    anchor,
    [
      !full && { label: text.groups.add, icon: "user-plus", run: () => void addPeople(app, channel) },
      group && { label: text.groups.rename, icon: "edit", run: () => void rename(app, channel) },
      { label: text.messages.copyId, icon: "copy", run: () => void copy(channel.id) },
      "line",
      group ? { label: text.groups.leave, icon: "exit", danger: true, run: () => void leaveGroup(app, channel) } : { label: text.friends.closeDm, icon: "close", run: () => void attempt(() => app.rest.delete(`/channels/${channel.id}`)) },
    ],
    app.store.titleOf(channel),
  );
}
