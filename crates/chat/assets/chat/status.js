// @ts-check
// Oneself, at the foot of the channel column: name, status, settings.

import { avatar, statusDot } from "./avatar.js";
import { byId, fill, h, icon, iconButton, perFrame } from "./dom.js";
import { formDialog } from "./dialogs/dialog.js";
import { showMenu } from "./menu.js";
import { text } from "./text.js";

/** @typedef {"online" | "idle" | "dnd" | "invisible"} Status */
const CHOICES = /** @type {Status[]} */ (["online", "idle", "dnd", "invisible"]);

/** @returns {{status: Status, mood: string}} */
function saved() {
  try {
    const value = JSON.parse(localStorage.getItem("status") ?? "{}");
    return { status: CHOICES.includes(value.status) ? value.status : "online", mood: typeof value.mood === "string" ? value.mood : "" };
  } catch {
    return { status: "online", mood: "" };
  }
}

/** @param {import("./app.js").App} app */
export function mountStatus(app) {
  const { store } = app;
  const panel = byId("self");
  let current = saved();

  const announce = () => app.gateway.setPresence(current.status, current.mood ? [{ name: "Custom Status", type: 4, state: current.mood }] : []);
  /** @param {Partial<{status: Status, mood: string}>} change */
  const set = (change) => {
    current = { ...current, ...change };
    try {
      localStorage.setItem("status", JSON.stringify(current));
    } catch {
      // then it lasts as long as the page
    }
    announce();
    draw();
  };
  const askMood = async () => {
    const answer = await formDialog({ title: text.status.custom, fields: [{ name: "mood", label: text.status.custom, value: current.mood, maxlength: 128 }], action: text.save });
    if (answer) set({ mood: String(answer.mood).trim() });
  };
  const menu = (/** @type {Event} */ event) =>
    showMenu(
      /** @type {Element} */ (event.currentTarget),
      [
        ...CHOICES.map((status) => ({ label: text.status[status], checked: current.status === status, run: () => set({ status }) })),
        "line",
        { label: current.mood || text.status.custom, icon: "smile", run: askMood },
        current.mood ? { label: text.status.clear, icon: "close", run: () => set({ mood: "" }) } : null,
        "line",
        { label: text.members.profile, icon: "members", run: () => app.showProfile?.(panel, store.me.id, store.selected.guild) },
        { label: text.status.settings, icon: "settings", run: () => location.assign("/settings") },
        { label: text.status.signOut, icon: "exit", run: signOut },
      ],
      text.status.title,
    );

  const draw = perFrame(() => {
    if (!store.ready) return;
    const name = store.nameOf(store.me, null);
    const shown = store.connection.state === "ready" ? current.status : "offline";
    const face = avatar(store.me, name);
    face.append(statusDot(shown));
    fill(
      panel,
      h("button", { type: "button", class: "self-button", "aria-haspopup": "menu", "aria-label": `${name} ${current.mood || text.status[shown]}: ${text.status.title}`, on: { click: menu } }, face, h("span", { class: "member-text" }, h("strong", {}, name), h("span", { class: "mood" }, current.mood || text.status[shown]))),
      iconButton("contrast", text.status.theme, () => {}, { "data-theme-toggle": true }),
      h("a", { class: "icon-button", href: "/settings", "aria-label": text.status.settings, title: text.status.settings }, icon("settings")),
    );
  });
  announce();
  store.on(["me", "guilds", "connection"], draw);
}

/** A form, because signing out is a POST with the page's own origin. */
function signOut() {
  const form = h("form", { method: "post", action: "/logout", hidden: true });
  document.body.append(form);
  form.submit();
}
