// @ts-check
// Making an invite link.

import { fill, h, icon } from "../dom.js";
import { P } from "../permissions.js";
import { text } from "../text.js";
import { copy, sentence } from "../toast.js";
import { control, dialog } from "./dialog.js";

/** @param {import("../app.js").App} app @param {import("../types.js").Guild} guild */
export function inviteDialog(app, guild) {
  const { store } = app;
  const channels = store.visibleChannels(guild).flatMap((group) => group.channels).filter((channel) => channel.type === 0 || channel.type === 5);
  const channel = channels.find((entry) => entry.id === store.selected.channel && store.mayIn(entry) & P.CREATE_INVITE) ?? channels.find((entry) => store.mayIn(entry) & P.CREATE_INVITE) ?? channels[0];
  const link = h("input", { class: "input", readonly: true, "aria-label": text.invites.link, id: "invite-link", on: { focus: () => link.select() } });
  const button = h("button", { type: "button", class: "button primary", on: { click: () => copy(link.value) } }, icon("copy"), text.invites.copy);
  const problem = h("p", { class: "problem", role: "alert" });
  const age = control({ name: "age", label: text.invites.expires, type: "select", options: /** @type {any} */ (text.invites.ages), value: "604800" });
  const uses = control({ name: "uses", label: text.invites.uses, type: "select", options: /** @type {any} */ (text.invites.limits), value: "0" });
  let turn = 0;
  const make = async () => {
    const mine = ++turn;
    problem.textContent = "";
    link.setAttribute("aria-busy", "true");
    try {
      const invite = await app.rest.post(`/channels/${channel?.id}/invites`, { max_age: Number(age.value), max_uses: Number(uses.value), unique: uses.value !== "0" });
      // An answer to what was chosen before comes too late.
      if (mine === turn) link.value = `${location.origin}/invite/${invite.code}`;
    } catch (error) {
      if (mine === turn) problem.textContent = sentence(error);
    } finally {
      if (mine === turn) link.removeAttribute("aria-busy");
    }
  };
  age.addEventListener("change", make);
  uses.addEventListener("change", make);
  const options = h("div", { class: "pair" }, h("label", { class: "field" }, h("span", { class: "label" }, text.invites.expires), age), h("label", { class: "field" }, h("span", { class: "label" }, text.invites.uses), uses));
  const body = h("div", {});
  fill(body, h("p", { class: "muted" }, text.invites.intro), h("div", { class: "add-line" }, link, button), problem, options);
  dialog({ title: `${text.invites.title}: ${guild.name}`, content: [body], narrow: true });
  button.focus();
  make();
}
