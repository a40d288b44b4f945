// @ts-check
// One message as a list item.

import { avatar, badge, tint } from "./avatar.js";
import { h, icon, iconButton } from "./dom.js";
import { components } from "./components.js";
import { attachment, embed } from "./embeds.js";
import { jumbo } from "./emoji.js";
import { codesIn, inviteCard } from "./invite-card.js";
import { markup, plain } from "./markup.js";
import { pathOf } from "./navigate.js";
import { rolesOf } from "./permissions.js";
import { text } from "./text.js";
import { fullStamp, hours, stamp } from "./time.js";
import { messageMenu, toggleReaction } from "./actions.js";
import { press } from "./interactions.js";
import { cancel, resend } from "./outbox.js";

/** @typedef {import("./app.js").App} App */
/** @typedef {import("./types.js").Message} Message */

export const EPHEMERAL = 64;
export const LOADING = 128;
/** Types that look like something a person said. */
const SPOKEN = new Set([0, 19, 20, 23]);

/** How ids in a text become names. @param {App} app @param {string | null | undefined} guild @returns {import("./markup.js").Names} */
export function namesIn({ store }, guild) {
  return {
    user(id) {
      const user = store.users.get(id);
      return user && store.nameOf(user, guild);
    },
    role: (id) => (guild ? store.guilds.get(guild)?.roles.get(id) : undefined),
    channel(id) {
      const channel = store.channels.get(id);
      return channel && { name: store.titleOf(channel), href: pathOf(channel.guild_id ?? null, id) };
    },
  };
}

/** Whether a message continues the one above it. @param {Message | undefined} above @param {Message} message */
export function continues(above, message) {
  return (
    above !== undefined && SPOKEN.has(above.type) && message.type === 0 && above.author.id === message.author.id && !message.message_reference && !message.interaction &&
    !((message.flags ?? 0) & EPHEMERAL) === !((above.flags ?? 0) & EPHEMERAL) &&
    Date.parse(message.timestamp) - Date.parse(above.timestamp) < 7 * 60_000
  );
}

/** @param {App} app @param {Message} message */
function authorName(app, message) {
  const guildId = app.store.channels.get(message.channel_id)?.guild_id ?? null;
  const guild = guildId ? app.store.guilds.get(guildId) : undefined;
  const name = h("button", { type: "button", class: "author", data: { kind: "user", id: message.author.id } }, app.store.nameOf(message.author, guildId));
  if (guild) {
    const roles = rolesOf(guild, guild.members.get(message.author.id));
    tint(name, roles.find((role) => role.color)?.color ?? 0);
  }
  return name;
}

/** @param {App} app @param {Message} message @param {import("./markup.js").Names} names */
function replyLine(app, message, names) {
  if (message.interaction?.name && message.interaction.user) {
    return h("div", { class: "reply-line" }, icon("slash"), h("span", {}, text.messages.used(app.store.nameOf(message.interaction.user, message.guild_id), message.interaction.name)));
  }
  if (message.type !== 19) return null;
  const target = message.referenced_message;
  if (!target) return h("div", { class: "reply-line" }, icon("reply"), h("span", {}, text.messages.deletedReply));
  const words = plain(target.content, names) || text.messages.attachment;
  return h(
    "button",
    { type: "button", class: "reply-line", on: { click: () => app.jump?.(message.channel_id, target.id) } },
    icon("reply"),
    h("strong", {}, app.store.nameOf(target.author, message.guild_id)),
    h("span", {}, words),
  );
}

/** @param {App} app @param {Message} message */
function reactions(app, message) {
  if (!message.reactions?.length) return null;
  const row = h("div", { class: "reactions" });
  for (const entry of message.reactions) {
    const face = entry.emoji.id ? h("img", { class: "emoji", src: `/emojis/${entry.emoji.id}.png`, alt: entry.emoji.name ?? "" }) : entry.emoji.name;
    const label = text.messages.reaction(entry.emoji.name ?? "", entry.count);
    const button = h("button", { type: "button", class: "reaction", "aria-pressed": String(entry.me), "aria-label": label, title: label, on: { click: () => toggleReaction(app, message, entry.emoji) } }, h("span", {}, face), h("span", { class: "reaction-count" }, entry.count));
    row.append(button);
  }
  return row;
}

/** @param {App} app @param {Message} message */
function pendingLine(app, message) {
  const pending = message.pending;
  if (!pending) return null;
  if (pending.state === "failed") {
    return h(
      "div",
      { class: "failed", role: "alert" },
      h("span", {}, `${text.messages.failed} ${pending.error ?? ""}`),
      h("button", { type: "button", class: "button small", on: { click: () => resend(app, message) } }, icon("retry"), text.retry),
      h("button", { type: "button", class: "button small quiet", on: { click: () => cancel(app, message) } }, text.remove),
    );
  }
  if (!pending.files.length) return null;
  const names = pending.files.map((file) => file.name).join(", ");
  return h("div", { class: "uploading" }, h("span", {}, names), h("progress", { max: 1, value: pending.progress ?? 0, "aria-label": text.messages.sending }));
}

/** @param {App} app @param {Message} message @param {import("./markup.js").Names} names */
function body(app, message, names) {
  const flags = message.flags ?? 0;
  if (flags & LOADING) return [h("div", { class: "thinking" }, h("span", { class: "dots", "aria-hidden": "true" }, h("i"), h("i"), h("i")), h("span", {}, `${app.store.nameOf(message.author, message.guild_id)} ${text.messages.thinking}`))];
  const nodes = [];
  const edited = message.edited_timestamp ? h("span", { class: "edited", title: fullStamp(new Date(message.edited_timestamp)) }, ` ${text.messages.edited}`) : null;
  if (message.content) nodes.push(h("div", { class: `markup ${jumbo(message.content) ? "jumbo" : ""}` }, markup(message.content, names), edited));
  if (message.attachments?.length) nodes.push(h("div", { class: "attachments" }, message.attachments.map(attachment)));
  for (const sticker of message.sticker_items ?? []) nodes.push(h("img", { class: "sticker", src: `/stickers/${sticker.id}.png`, alt: sticker.name, title: sticker.name, loading: "lazy" }));
  for (const code of codesIn(message.content ?? "")) nodes.push(inviteCard(app, code));
  for (const entry of message.embeds ?? []) nodes.push(embed(entry, names));
  if (message.components?.length) nodes.push(...components(message.components, { app, names, using: message.using, press: (component, values) => press(app, message, component, values) }));
  if (message.failure) nodes.push(h("p", { class: "problem", role: "alert" }, message.failure));
  if (flags & EPHEMERAL) {
    const dismiss = () => {
      app.store.drop(message.channel_id, message.id);
      app.store.emit("messages", { channel: message.channel_id, removed: message.id });
    };
    nodes.push(h("div", { class: "ephemeral" }, icon("eye"), h("span", {}, text.messages.onlyYou), h("button", { type: "button", class: "link-button", on: { click: dismiss } }, text.dismiss)));
  }
  return nodes;
}

/**
 * @param {App} app
 * @param {Message} message
 * @param {boolean} grouped whether it continues the one above
 */
export function renderMessage(app, message, grouped) {
  const when = new Date(message.timestamp);
  const guild = app.store.channels.get(message.channel_id)?.guild_id;
  const names = namesIn(app, guild);
  const time = h("time", { datetime: message.timestamp, title: fullStamp(when) }, grouped ? hours(when) : stamp(when));
  if (!SPOKEN.has(message.type)) {
    const words = text.messages.system[message.type]?.(app.store.nameOf(message.author, guild), message.content) ?? message.content ?? text.messages.unsupported;
    return h("li", { class: "message system", tabindex: "-1", data: { id: message.id } }, icon(message.type === 7 ? "arrow-down" : message.type === 6 ? "pin" : "dot"), h("span", {}, words), time);
  }
  const about = app.store.me.id;
  const mentioned = message.author.id !== about && (message.mention_everyone || message.mentions?.some((user) => user.id === about) || message.mention_roles?.some((role) => app.store.guilds.get(guild ?? "")?.members.get(about)?.roles.includes(role)));
  const classes = ["message", grouped ? "grouped" : "", mentioned ? "mentioned" : "", message.pending ? "pending" : "", message.pending?.state === "failed" ? "unsent" : ""];
  const name = authorName(app, message);
  const item = h("li", { class: classes.filter(Boolean).join(" "), tabindex: "-1", data: { id: message.id }, "aria-busy": message.pending?.state === "sending" ? "true" : null });
  const reply = grouped ? null : replyLine(app, message, names);
  if (reply) item.append(reply);
  if (grouped) item.append(h("span", { class: "gutter" }, time, message.pinned ? icon("pin", "pinned") : null), h("span", { class: "visually-hidden" }, name.textContent));
  else item.append(h("span", { class: "gutter face-button", data: { kind: "user", id: message.author.id } }, avatar(message.author, name.textContent ?? "")), h("div", { class: "byline" }, name, badge(message.author), time, message.pinned ? icon("pin", "pinned") : null));
  item.append(h("div", { class: "content" }, body(app, message, names), reactions(app, message), pendingLine(app, message)));
  if (!message.pending && !((message.flags ?? 0) & EPHEMERAL)) item.append(toolbar(app, message));
  return item;
}

/** @param {App} app @param {Message} message */
function toolbar(app, message) {
  const menu = (/** @type {MouseEvent} */ event) => messageMenu(app, message, /** @type {Element} */ (event.currentTarget));
  return h(
    "div",
    { class: "tools" },
    iconButton("smile", text.messages.react, (event) => messageMenu(app, message, /** @type {Element} */ (event.currentTarget), "react"), { tabindex: "-1" }),
    iconButton("reply", text.messages.reply, () => app.replyTo?.(message), { tabindex: "-1" }),
    message.author.id === app.store.me.id ? iconButton("edit", text.edit, () => app.editMessage?.(message), { tabindex: "-1" }) : null,
    iconButton("more", text.messages.actions, menu, { tabindex: "-1", "aria-haspopup": "menu" }),
  );
}
