// @ts-check
// Pictures of people and guilds; initials on a steady colour where there is none.

import { h } from "./dom.js";
import { text } from "./text.js";

/** @typedef {import("./types.js").User} User */

const HUES = [16, 42, 88, 142, 178, 206, 236, 276, 316, 344];

/** Ids made soon after each other should not look alike, so their digits are mixed. @param {string} id */
const hue = (id) => HUES[[...id].reduce((sum, digit) => (sum * 31 + Number(digit)) % 9973, 7) % HUES.length] ?? 16;

/** @param {string} name */
const initials = (name) =>
  name.split(/\s+/).filter(Boolean).slice(0, 2).map((word) => [...word][0]?.toUpperCase() ?? "").join("") || "?";

/** @param {string} id @param {string} name @param {string | null | undefined} url @param {string} kind */
function picture(id, name, url, kind) {
  const face = h("span", { class: `face ${kind}`, "aria-hidden": "true" });
  const letters = () => {
    face.textContent = initials(name);
    face.style.setProperty("--hue", String(hue(id)));
  };
  if (!url) letters();
  else face.append(h("img", { src: url, alt: "", loading: "lazy", on: { error: letters } }));
  return face;
}

/**
 * @param {User} user
 * @param {string} name
 * @param {string | null} [status] shown as a dot when given
 */
export function avatar(user, name, status = null) {
  const url = user.avatar ? `/avatars/${user.id}/${user.avatar}.png?size=96` : null;
  const face = picture(user.id, name, url, "person");
  if (status !== null) face.append(statusDot(status));
  return face;
}

/** @param {{id: string, name: string, icon?: string | null}} guild */
export function guildIcon(guild) {
  return picture(guild.id, guild.name, guild.icon ? `/icons/${guild.id}/${guild.icon}.png?size=96` : null, "guild");
}

/** @param {string} status */
export function statusDot(status) {
  const known = status === "online" || status === "idle" || status === "dnd" ? status : "offline";
  return h("span", { class: `dot ${known}`, title: text.status[known] });
}

/** @param {User} user */
export const badge = (user) => (user.bot ? h("span", { class: "badge" }, text.members.bot) : null);

/** The colour that a role gives a name, kept readable by the stylesheet. @param {HTMLElement} element @param {number} color */
export function tint(element, color) {
  if (!color) return element;
  element.classList.add("tinted");
  element.style.setProperty("--role", `#${color.toString(16).padStart(6, "0")}`);
  return element;
}
