// @ts-check
// The banner that says how the connection is doing, and until when it waits.

import { byId, fill, h } from "./dom.js";
import { text } from "./text.js";
import { toast } from "./toast.js";

/** Shorter breaks than this are not worth a word, in milliseconds. */
const GRACE = 1200;

/** @param {import("./app.js").App} app */
export function mountConnection({ store, gateway }) {
  const banner = byId("connection");
  /** @type {ReturnType<typeof setInterval> | undefined} */
  let ticking;
  /** @type {number | null} */
  let lostAt = null;
  let wasReady = false;

  const draw = () => {
    const { state, retryAt } = store.connection;
    const show = state !== "ready" && lostAt !== null && Date.now() - lostAt > GRACE;
    banner.hidden = !show;
    if (!show) return;
    const seconds = Math.max(0, Math.ceil((retryAt - Date.now()) / 1000));
    const words = state === "offline" ? text.connection.offline : state === "waiting" ? text.connection.waiting(seconds) : text.connection.connecting;
    const now = state === "connecting" ? null : h("button", { type: "button", class: "button small", on: { click: () => gateway.retry() } }, text.connection.now);
    // The button must not be replaced under a finger every second.
    const label = banner.querySelector("span");
    if (label && Boolean(banner.querySelector("button")) === Boolean(now)) label.textContent = words;
    else fill(banner, h("span", {}, words), now);
  };
  store.on("connection", () => {
    const { state } = store.connection;
    clearInterval(ticking);
    if (state === "ready") {
      if (wasReady && lostAt !== null && Date.now() - lostAt > GRACE) toast(text.connection.back);
      wasReady = true;
      lostAt = null;
    } else {
      lostAt ??= Date.now();
      ticking = setInterval(draw, 500);
    }
    draw();
  });
}
