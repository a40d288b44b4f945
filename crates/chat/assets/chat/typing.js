// @ts-check
// Who is typing here, shown under the messages.

import { byId } from "./dom.js";
import { text } from "./text.js";

/** @param {import("./app.js").App} app */
export function mountTyping({ store }) {
  const line = byId("typing");
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  const draw = () => {
    clearTimeout(timer);
    const channel = store.channel;
    const who = channel ? store.typing.get(channel.id) : undefined;
    const now = Date.now();
    for (const [user, until] of who ?? []) if (until <= now) who?.delete(user);
    const names = [...(who?.keys() ?? [])].map((id) => store.users.get(id)).filter((user) => user !== undefined).map((user) => store.nameOf(user, channel?.guild_id));
    line.textContent = names.length ? text.composer.typing(names) : "";
    line.classList.toggle("active", names.length > 0);
    if (who?.size) timer = setTimeout(draw, Math.max(200, Math.min(...who.values()) - now));
  };
  store.on(["typing", "selection"], draw);
}
