// @ts-check
// Suggestions while writing: `/` commands, `@` people and roles, `#` channels, `:` emojis.

import { avatar } from "./avatar.js";
import { commandsFor } from "./commands.js";
import { fill, h, icon } from "./dom.js";
import { emojis, emojisOf } from "./emoji.js";
import { channelIcon } from "./sidebar.js";
import { text } from "./text.js";

/** @typedef {import("./commands.js").Invocable} Invocable */
/** @typedef {{label: string, detail?: string, face: Node | string, take: () => void}} Suggestion */

const MOST = 10;

/**
 * @param {import("./app.js").App} app
 * @param {HTMLTextAreaElement} field
 * @param {HTMLElement} root
 * @param {(command: Invocable) => void} chooseCommand
 */
export function mountCompletion(app, field, root, chooseCommand) {
  const { store } = app;
  const list = h("ul", { class: "suggestions", id: "suggestions", role: "listbox", "aria-label": text.composer.suggestions, hidden: true });
  root.prepend(list);
  field.setAttribute("aria-controls", "suggestions");
  /** @type {Suggestion[]} */
  let found = [];
  let active = 0;
  let asked = 0;
  /** What was picked in this message, so that names can become mentions. @type {Map<string, string>} */
  const picked = new Map();

  const close = () => {
    found = [];
    list.hidden = true;
    field.removeAttribute("aria-activedescendant");
  };
  const draw = () => {
    list.hidden = !found.length;
    fill(
      list,
      found.map((entry, index) =>
        h(
          "li",
          { id: `suggestion-${index}`, role: "option", "aria-selected": String(index === active), on: { pointerdown: (/** @type {Event} */ event) => (event.preventDefault(), (active = index), take()) } },
          h("span", { class: "suggestion-face" }, entry.face),
          h("span", { class: "suggestion-name" }, entry.label),
          entry.detail ? h("span", { class: "suggestion-detail" }, entry.detail) : null,
        ),
      ),
    );
    if (found.length) field.setAttribute("aria-activedescendant", `suggestion-${active}`);
    list.children[active]?.scrollIntoView({ block: "nearest" });
  };
  const take = () => {
    const entry = found[active];
    close();
    entry?.take();
  };
  /** @param {number} from @param {string} value */
  const replace = (from, value) => {
    field.setRangeText(`${value} `, from, field.selectionStart, "end");
    field.dispatchEvent(new Event("input"));
  };

  /** @param {string} query @param {number} from @returns {Suggestion[]} */
  const people = (query, from) => {
    const { guild, channel } = store;
    const users = guild ? [...guild.members.keys()].map((id) => store.users.get(id)) : [store.me, ...(channel?.recipients ?? [])];
    const matches = users.filter((user) => user !== undefined).map((user) => ({ user, name: store.nameOf(user, guild?.id) })).filter(({ user, name }) => name.toLowerCase().includes(query) || user.username.toLowerCase().includes(query));
    if (guild && query && matches.length < 3 && guild.members.size < guild.member_count) app.gateway.requestMembers(guild.id, query);
    matches.sort((a, b) => Number(b.name.toLowerCase().startsWith(query)) - Number(a.name.toLowerCase().startsWith(query)) || a.name.localeCompare(b.name));
    const found = matches.slice(0, MOST).map(({ user, name }) => ({
      label: name,
      detail: user.username,
      face: avatar(user, name, store.statusOf(user.id)),
      take: () => (picked.set(`@${user.username}`, `<@${user.id}>`), replace(from, `@${user.username}`)),
    }));
    const roles = [...(guild?.roles.values() ?? [])].filter((role) => role.id !== guild?.id && role.name.toLowerCase().includes(query));
    const more = roles.slice(0, 4).map((role) => ({ label: `@${role.name}`, face: icon("shield"), take: () => (picked.set(`@${role.name}`, `<@&${role.id}>`), replace(from, `@${role.name}`)) }));
    return [...found, ...more];
  };
  /** @param {string} query @param {number} from @returns {Suggestion[]} */
  const channels = (query, from) => {
    if (!store.guild) return [];
    const all = store.visibleChannels(store.guild).flatMap((group) => group.channels).filter((channel) => channel.name?.toLowerCase().includes(query));
    return all.slice(0, MOST).map((channel) => ({ label: channel.name ?? "", face: channelIcon(channel), take: () => (picked.set(`#${channel.name}`, `<#${channel.id}>`), replace(from, `#${channel.name}`)) }));
  };
  /** @param {string} query @param {number} from @returns {Suggestion[]} */
  const faces = (query, from) => {
    const matches = [...emojisOf(store.guild), ...emojis].flatMap((entry) => entry.names.filter((name) => name.startsWith(query)).slice(0, 1).map((name) => ({ name, entry })));
    return matches.slice(0, MOST).map(({ name, entry }) => ({ label: `:${name}:`, face: entry.picture ? h("img", { class: "emoji", src: entry.picture, alt: "" }) : entry.face, take: () => replace(from, entry.face) }));
  };
  /** @param {string} query */
  const commands = async (query) => {
    const turn = ++asked;
    const all = await commandsFor(app);
    if (turn !== asked || !field.value.startsWith("/")) return;
    const matches = all.filter((entry) => entry.name.toLowerCase().includes(query)).sort((a, b) => Number(b.name.startsWith(query)) - Number(a.name.startsWith(query)) || a.name.localeCompare(b.name));
    found = matches.slice(0, 25).map((entry) => ({
      label: `/${entry.name}`,
      detail: `${entry.description} — ${entry.application}`,
      face: entry.bot ? avatar(entry.bot, entry.application) : icon("slash"),
      take: () => chooseCommand(entry),
    }));
    active = 0;
    draw();
  };

  const update = () => {
    const before = field.value.slice(0, field.selectionStart);
    const slash = /^\/([\w-]*(?: [\w-]*){0,2})$/.exec(before);
    if (slash) return void commands((slash[1] ?? "").toLowerCase());
    asked++;
    const match = /(?:^|\s)([@#:])([\p{L}\p{N}_.-]{0,32})$/u.exec(before);
    const query = (match?.[2] ?? "").toLowerCase();
    if (!match || (match[1] === ":" && query.length < 2)) return close();
    const from = before.length - (match[2] ?? "").length - 1;
    found = match[1] === "@" ? people(query, from) : match[1] === "#" ? channels(query, from) : faces(query, from);
    active = 0;
    draw();
  };
  field.addEventListener("input", update);
  // A press on the list blurs first; a field that is written in again by then keeps its new list.
  field.addEventListener("blur", () => setTimeout(() => document.activeElement !== field && close(), 150));
  store.on("selection", () => (picked.clear(), close()));

  return {
    /** Names that were picked become the mentions they stand for. @param {string} content */
    translate(content) {
      for (const [name, value] of [...picked].sort((a, b) => b[0].length - a[0].length)) content = content.split(name).join(value);
      return content;
    },
    /** @param {KeyboardEvent} event @returns {boolean} whether it was for the list */
    key(event) {
      if (!found.length) return false;
      if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        active = (active + (event.key === "ArrowDown" ? 1 : -1) + found.length) % found.length;
        draw();
      } else if (event.key === "Tab" || (event.key === "Enter" && !event.shiftKey)) take();
      else if (event.key === "Escape") close();
      else return false;
      event.preventDefault();
      return true;
    },
  };
}
