// @ts-check
// Oneself, at the foot of the channel column: name, status, settings. The status is kept with the account, so that all of
// one's windows agree; others see it at once.

import { avatar, statusDot } from "./avatar.js";
import { byId, fill, h, icon, iconButton, perFrame } from "./dom.js";
import { formDialog } from "./dialogs/dialog.js";
import { showMenu } from "./menu.js";
import { text } from "./text.js";
import { attempt } from "./toast.js";

/** @typedef {"online" | "idle" | "dnd" | "invisible"} Status */
const CHOICES = /** @type {Status[]} */ (["online", "idle", "dnd", "invisible"]);
/** Who has touched nothing for so many milliseconds is away. */
const AWAY = 10 * 60_000;

/** @param {import("./app.js").App} app */
export function mountStatus(app) {
  const { store } = app;
  const panel = byId("self");
  const status = () => store.settings.status ?? "online";
  const mood = () => store.settings.custom_status?.text ?? "";

  /** Shows a choice at once and takes it back when it cannot be kept. @param {Partial<import("./types.js").Settings>} change */
  const set = async (change) => {
    const before = store.settings;
    store.settings = { ...before, ...change };
    store.emit("me");
    const kept = await attempt(() => app.rest.patch("/users/@me/settings", change));
    if (kept === undefined) store.settings = before;
    store.emit("me");
  };
  const askMood = async () => {
    const answer = await formDialog({ title: text.status.custom, fields: [{ name: "mood", label: text.status.custom, value: mood(), maxlength: 128 }], action: text.save });
    if (answer) set({ custom_status: answer.mood.trim() ? { text: answer.mood.trim() } : null });
  };
  const menu = (/** @type {Event} */ event) =>
    showMenu(
      /** @type {Element} */ (event.currentTarget),
      [
        ...CHOICES.map((choice) => ({ label: text.status[choice], checked: status() === choice, run: () => void set({ status: choice }) })),
        "line",
        { label: mood() || text.status.custom, icon: "smile", run: askMood },
        mood() ? { label: text.status.clear, icon: "close", run: () => void set({ custom_status: null }) } : null,
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
    const connected = store.connection.state === "ready";
    const shown = connected ? (away && status() === "online" ? "idle" : status()) : "offline";
    const face = avatar(store.me, name);
    face.append(statusDot(shown));
    fill(
      panel,
      h("button", { type: "button", class: "self-button", "aria-haspopup": "menu", "aria-label": `${name} ${mood() || text.status[shown]}: ${text.status.title}`, on: { click: menu } }, face, h("span", { class: "member-text" }, h("strong", {}, name), h("span", { class: "mood" }, mood() || text.status[shown]))),
      iconButton("contrast", text.status.theme, () => {}, { "data-theme-toggle": true }),
      h("a", { class: "icon-button", href: "/settings", "aria-label": text.status.settings, title: text.status.settings }, icon("settings")),
    );
  });

  let away = false;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  const touched = () => {
    clearTimeout(timer);
    timer = setTimeout(() => stay(true), AWAY);
    if (away) stay(false);
  };
  const stay = (/** @type {boolean} */ gone) => {
    away = gone;
    app.gateway.setPresence(gone ? "idle" : "online", []);
    draw();
  };
  for (const event of ["pointerdown", "pointermove", "keydown", "wheel"]) addEventListener(event, touched, { passive: true });
  touched();
  store.on(["me", "guilds", "connection"], draw);
}

/** A form, because signing out is a POST with the page's own origin. */
function signOut() {
  const form = h("form", { method: "post", action: "/logout", hidden: true });
  document.body.append(form);
  form.submit();
}
