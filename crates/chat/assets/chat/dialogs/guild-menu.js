// @ts-check
// The menu under a guild's name.

import { showMenu } from "../menu.js";
import { P } from "../permissions.js";
import { markGuildRead } from "../reads.js";
import { text } from "../text.js";
import { attempt } from "../toast.js";
import { editChannel } from "./channel.js";
import { confirmDialog } from "./dialog.js";
import { guildSettings } from "./guild-settings.js";
import { inviteDialog } from "./invite.js";

/** @param {import("../app.js").App} app @param {import("../types.js").Guild} guild @param {Element} anchor */
export function guildMenu(app, guild, anchor) {
  const bits = app.store.may(guild);
  const has = (/** @type {bigint} */ bit) => Boolean(bits & bit);
  const owner = guild.owner_id === app.store.me.id;
  const settings = has(P.MANAGE_GUILD) || has(P.MANAGE_ROLES) || has(P.BAN) || has(P.VIEW_AUDIT_LOG);
  const leave = async () => {
    if (await confirmDialog({ title: text.guilds.leave, body: text.guilds.leaveSure(guild.name), action: text.guilds.leave, danger: true })) await attempt(() => app.rest.delete(`/users/@me/guilds/${guild.id}`));
  };
  showMenu(
    anchor,
    [
      { label: text.messages.markRead, icon: "check", run: () => markGuildRead(app, guild.id) },
      has(P.CREATE_INVITE) && { label: text.guilds.invite, icon: "user-plus", run: () => inviteDialog(app, guild) },
      has(P.MANAGE_CHANNELS) && { label: text.channels.create, icon: "plus", run: () => editChannel(app, null, guild) },
      settings && { label: text.guilds.settings, icon: "settings", run: () => guildSettings(app, guild) },
      (has(P.MANAGE_WEBHOOKS) || has(P.MANAGE_EXPRESSIONS)) && { label: text.guilds.more, icon: "smile", run: () => location.assign(`/guilds/${guild.id}/settings/${has(P.MANAGE_EXPRESSIONS) ? "emojis" : "webhooks"}`) },
      has(P.MANAGE_GUILD) && { label: text.guilds.tools, icon: "shield", run: () => location.assign(`/guilds/${guild.id}/tools`) },
      !owner && "line",
      !owner && { label: text.guilds.leave, icon: "exit", danger: true, run: leave },
      { label: text.messages.copyId, icon: "copy", run: () => navigator.clipboard.writeText(guild.id) },
    ],
    guild.name,
  );
}
