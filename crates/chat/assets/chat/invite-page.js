// @ts-check
// The page behind an invite link: what one would join, and the button that does it.

import { byId } from "./dom.js";
import { Rest } from "./rest.js";
import { pathOf } from "./navigate.js";
import { text } from "./text.js";
import { sentence } from "./toast.js";

const card = byId("invite");
const code = encodeURIComponent(card.dataset.code ?? "");
const rest = new Rest("/api/v10");
const problem = byId("invite-problem");
const button = /** @type {HTMLButtonElement | null} */ (document.getElementById("invite-join"));

async function show() {
  const response = await fetch(`/api/v10/invites/${code}?with_counts=true`, { credentials: "same-origin" }).catch(() => null);
  const invite = await response?.json().catch(() => null);
  if (!response?.ok || !invite?.guild) {
    byId("invite-guild").textContent = text.invites.goneTitle;
    byId("invite-from").hidden = true;
    byId("invite-count").textContent = response && response.status < 500 ? text.invites.gone : text.errors.network;
    for (const action of card.querySelectorAll("button, .actions")) /** @type {HTMLElement} */ (action).hidden = true;
    return;
  }
  const { guild, inviter, channel } = invite;
  const count = invite.approximate_member_count;
  document.title = `${guild.name} · ${document.title}`;
  byId("invite-guild").textContent = guild.name;
  if (inviter) byId("invite-from").textContent = text.invites.from(inviter.global_name ?? inviter.username);
  if (guild.description) {
    byId("invite-about").textContent = guild.description;
    byId("invite-about").hidden = false;
  }
  byId("invite-count").textContent = [count === undefined ? "" : text.invites.members(count), channel?.name ? `#${channel.name}` : ""].filter(Boolean).join(" · ");
  if (!button) return;
  button.disabled = false;
  button.textContent = text.invites.joinName(guild.name);
  button.addEventListener("click", () => join(guild.id, channel?.id ?? null));
  button.focus();
}

/** @param {string} guild @param {string | null} channel */
async function join(guild, channel) {
  if (!button) return;
  button.disabled = true;
  problem.textContent = "";
  try {
    await rest.post(`/invites/${code}`);
    location.assign(pathOf(guild, channel));
  } catch (error) {
    problem.textContent = sentence(error);
    button.disabled = false;
  }
}

show();
