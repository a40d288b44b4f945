// @ts-check
// Where the chat starts: joins store, REST and gateway, mounts the views.

import { mountComposer } from "./composer.js";
import { mountConnection } from "./connection.js";
import { mountModals } from "./dialogs/modal.js";
import { apply } from "./events.js";
import { mountFriends } from "./friends.js";
import { Gateway } from "./gateway.js";
import { mountHeader } from "./header.js";
import { mountMembers } from "./memberlist.js";
import { mountMessages } from "./messages.js";
import { mountNavigation, open } from "./navigate.js";
import { mountProfiles } from "./profile.js";
import { mountRail } from "./rail.js";
import { mountReads } from "./reads.js";
import { Rest } from "./rest.js";
import { mountSearch } from "./search.js";
import { mountSidebar } from "./sidebar.js";
import { mountStatus } from "./status.js";
import { Store } from "./store.js";
import { mountTyping } from "./typing.js";

/**
 * @typedef {object} App
 * @property {Store} store
 * @property {Rest} rest
 * @property {Gateway} gateway
 * @property {(guild: string | null, channel?: string | null) => void} open
 * @property {((channel: string, message: string) => void)} [jump] shows one message, loading around it
 * @property {((message: import("./types.js").Message) => void)} [replyTo]
 * @property {((message: import("./types.js").Message) => void)} [editMessage]
 * @property {(() => void)} [focusComposer]
 * @property {(() => void)} [editLast]
 * @property {(() => void)} [readUp] the open channel counts as read, and its end is shown
 * @property {((anchor: Element, user: string, guild: string | null) => void)} [showProfile]
 */

const store = new Store();
const rest = new Rest(document.body.dataset.api ?? "/api/v10");
const socketUrl = new URL("/gateway", location.href);
socketUrl.protocol = location.protocol === "https:" ? "wss:" : "ws:";

const gateway = new Gateway(
  socketUrl.href,
  (name, data) => {
    apply(store, name, data);
    if (name === "READY") settle([...store.guilds.values()].some((guild) => guild.unavailable));
    else if (name === "GUILD_CREATE" && !store.ready && ![...store.guilds.values()].some((guild) => guild.unavailable)) settle(false);
  },
  (state, retryAt) => {
    store.connection = { state, retryAt };
    store.emit("connection");
    if (state === "signed-out") location.assign(`/login?next=${encodeURIComponent(location.pathname)}`);
  },
);

/** @type {ReturnType<typeof setTimeout> | undefined} */
let patience;

/** After READY the guilds arrive one by one; a guild that stays away must not hold up the rest. @param {boolean} more */
function settle(more) {
  clearTimeout(patience);
  if (more) {
    patience = setTimeout(() => settle(false), 4000);
    return;
  }
  store.ready = true;
  document.body.dataset.ready = "true";
  store.emit("guilds", {});
  store.emit("selection");
}

/** @type {App} */
const app = { store, rest, gateway, open: (guild, channel = null) => open(app, guild, channel) };

mountNavigation(app);
for (const mount of [mountConnection, mountRail, mountSidebar, mountHeader, mountMessages, mountComposer, mountTyping, mountMembers, mountFriends, mountStatus, mountProfiles, mountSearch, mountModals, mountReads]) {
  mount(app);
}
document.getElementById("loading-note")?.remove();
gateway.connect();
