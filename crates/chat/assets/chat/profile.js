// @ts-check
// The card of one person, and what can be done with them.

import { avatar, badge, tint } from "./avatar.js";
import { appsMenu } from "./actions.js";
import { USED } from "./commands.js";
import { banMember, changeNickname, editRoles, endTimeout, kickMember, timeoutMember } from "./dialogs/member.js";
import { h, iconButton, icon } from "./dom.js";
import { mayRemove, removePerson } from "./groups.js";
import { float, showMenu } from "./menu.js";
import { markup } from "./markup.js";
import { namesIn } from "./message.js";
import { P, inGuild, isTimedOut, outranks, rolesOf } from "./permissions.js";
import { text } from "./text.js";
import { dateOnly, fullStamp, idDate } from "./time.js";
import { attempt, copy } from "./toast.js";
import { openDirect, setRelationship } from "./friends.js";

/** @typedef {import("./app.js").App} App */
/** @typedef {import("./types.js").User} User */
/** @typedef {import("./types.js").Guild} Guild */

/** @param {App} app @param {User} user @param {Guild | null} guild @param {DOMRect} anchor @returns {import("./menu.js").Entry[]} */
function entries(app, user, guild, anchor) {
  const { store } = app;
  const me = user.id === store.me.id;
  const relation = store.relationships.get(user.id)?.type;
  const member = guild?.members.get(user.id);
  const bits = guild ? inGuild(guild, store.me.id) : 0n;
  const above = guild ? outranks(guild, store.me.id, user.id) : false;
  const name = store.nameOf(user, guild?.id);
  const nick = Boolean(member) && Boolean(me ? bits & (P.CHANGE_NICKNAME | P.MANAGE_NICKNAMES) : above && bits & P.MANAGE_NICKNAMES);
  return [
    !me && !user.bot && !relation && { label: text.friends.addFriend, icon: "user-plus", run: () => setRelationship(app, user, 1) },
    relation === 3 && { label: text.friends.accept, icon: "check", run: () => setRelationship(app, user, 1) },
    relation === 1 && { label: text.friends.unfriend, icon: "close", run: () => setRelationship(app, user, 0) },
    !me && relation !== 2 && { label: text.friends.block, icon: "ban", run: () => setRelationship(app, user, 2) },
    relation === 2 && { label: text.friends.unblock, icon: "check", run: () => setRelationship(app, user, 0) },
    store.channel && Boolean(store.mayIn(store.channel) & P.USE_COMMANDS) && { label: text.composer.apps, icon: "bot", run: () => void appsMenu(app, USED.PERSON, user.id, anchor) },
    { label: text.messages.copyId, icon: "copy", run: () => copy(user.id) },
    mayRemove(app, user) && { label: text.groups.remove, icon: "exit", danger: true, run: () => void removePerson(app, user) },
    guild && member && "line",
    nick && guild && { label: text.members.changeNickname, icon: "edit", run: () => changeNickname(app, guild, user) },
    guild && member && Boolean(bits & P.MANAGE_ROLES) && { label: text.members.editRoles, icon: "shield", run: () => editRoles(app, guild, user) },
    guild && member && above && Boolean(bits & P.MODERATE) && (isTimedOut(member, Date.now())
      ? { label: text.members.endTimeout, icon: "clock", run: () => endTimeout(app, guild, user) }
      : { label: text.members.timeout, icon: "clock", run: () => timeoutMember(app, guild, user, name) }),
    guild && member && above && Boolean(bits & P.KICK) && { label: text.members.kick, icon: "exit", danger: true, run: () => kickMember(app, guild, user, name) },
    guild && above && Boolean(bits & P.BAN) && { label: text.members.ban, icon: "ban", danger: true, run: () => banMember(app, guild, user, name) },
  ];
}

/** @param {App} app @param {User} user @param {Guild | null} guild */
function card(app, user, guild) {
  const { store } = app;
  const name = store.nameOf(user, guild?.id);
  const member = guild?.members.get(user.id);
  const mood = store.moodOf(user.id);
  const roles = guild && member ? rolesOf(guild, member) : [];
  const me = user.id === store.me.id;
  const panel = h("div", { class: "profile", role: "dialog", "aria-label": `${text.members.profile}: ${name}` });
  const more = iconButton("more", text.more, (event) => {
    const spot = /** @type {Element} */ (event.currentTarget).getBoundingClientRect();
    showMenu(spot, entries(app, user, guild, spot), name);
  }, { "aria-haspopup": "menu" });
  const message = h("button", { type: "button", class: "button primary", on: { click: () => (panel.hidePopover(), openDirect(app, user.id)) } }, icon("message"), text.members.message);
  panel.append(
    h("div", { class: "profile-head" }, avatar(user, name, store.statusOf(user.id)), h("div", { class: "profile-actions" }, me || user.bot ? null : message, more)),
    h("h2", {}, tint(h("span", {}, name), roles.find((role) => role.color)?.color ?? 0), badge(user)),
    h("p", { class: "muted small" }, user.username),
    mood ? h("p", { class: "profile-mood" }, mood) : h("span", {}),
  );
  if (isTimedOut(member, Date.now())) panel.append(h("p", { class: "problem" }, text.members.timedOut(fullStamp(new Date(member?.communication_disabled_until ?? 0)))));
  const about = h("section", { hidden: true }, h("h3", {}, text.members.about));
  panel.append(about);
  const showBio = (/** @type {string | null | undefined} */ bio) => {
    if (!bio || !about.hidden) return;
    about.hidden = false;
    about.append(h("div", { class: "markup" }, markup(bio, namesIn(app, guild?.id))));
  };
  showBio(user.bio);
  if (!user.bot) app.rest.get(`/users/${user.id}/profile`).then((profile) => showBio(profile?.user_profile?.bio ?? profile?.user?.bio), () => {});
  if (roles.length) {
    panel.append(h("section", {}, h("h3", {}, text.members.roles), h("ul", { class: "role-list" }, roles.map((role) => h("li", {}, h("i", { class: "swatch", style: { "--role": role.color ? `#${role.color.toString(16).padStart(6, "0")}` : "var(--offline)" } }), role.name)))));
  }
  panel.append(
    h(
      "dl",
      { class: "facts" },
      member?.joined_at ? [h("dt", {}, text.members.joined), h("dd", {}, dateOnly(new Date(member.joined_at)))] : null,
      h("dt", {}, text.members.since),
      h("dd", {}, dateOnly(idDate(user.id))),
    ),
  );
  return panel;
}

/** @param {App} app */
export function mountProfiles(app) {
  const { store } = app;
  app.showProfile = async (anchor, id, guildId) => {
    const guild = guildId ? (store.guilds.get(guildId) ?? null) : null;
    if (!store.users.has(id)) {
      const user = await attempt(() => app.rest.get(`/users/${id}`));
      if (!user) return;
      store.learn(user);
    }
    const user = store.users.get(id);
    if (!user || !anchor.isConnected) return;
    const panel = card(app, user, guild);
    float(panel, anchor, "beside");
    panel.querySelector("button")?.focus();
  };
  // Names and mentions anywhere in the page.
  document.addEventListener("click", (event) => {
    const target = event.target instanceof Element ? event.target.closest('[data-kind="user"]') : null;
    if (target instanceof HTMLElement && target.dataset.id) app.showProfile?.(target, target.dataset.id, store.selected.guild);
  });
}
