// @ts-check
// A small set of emojis: a picker, names for completion, and what counts as nothing but emojis.

import { h } from "./dom.js";
import { float } from "./menu.js";
import { text } from "./text.js";

/** @typedef {{face: string, names: string[], picture?: string}} Face what one picks: the text that is written, and what it looks like if that is a picture */

/** A guild's own emojis, as they are picked. @param {import("./types.js").Guild | null | undefined} guild @returns {Face[]} */
export const emojisOf = (guild) =>
  (guild?.emojis ?? []).map((emoji) => ({ face: `<${emoji.animated ? "a" : ""}:${emoji.name}:${emoji.id}>`, names: [(emoji.name ?? "").toLowerCase()], picture: `/emojis/${emoji.id}.png` }));

/** Emojis with the words one would look for. */
const TABLE = `😀 grin|😄 smile|😁 beam|😆 laugh|😂 joy tears|🤣 rofl|🙂 slight_smile|😉 wink|😊 blush|😍 heart_eyes|😘 kiss|😋 yum|😎 cool sunglasses|🤔 thinking|🤨 raised_eyebrow|😐 neutral|🙄 roll_eyes|😏 smirk|😴 sleep|😢 cry|😭 sob|😤 huff|😠 angry|😡 rage|🥺 pleading|😱 scream|😳 flushed|🥳 party_face|🤯 mind_blown|🤗 hug|🤫 shush|🤐 zipper|😇 angel|🤓 nerd|😬 grimace|🥲 smiling_tear|👍 thumbsup yes|👎 thumbsdown no|👌 ok_hand|✌️ victory peace|🤞 crossed_fingers|🤝 handshake|👏 clap|🙌 raised_hands|🙏 pray thanks|💪 muscle strong|👋 wave hello|👀 eyes|🧠 brain|❤️ heart love|🧡 orange_heart|💛 yellow_heart|💚 green_heart|💙 blue_heart|💜 purple_heart|🖤 black_heart|💔 broken_heart|💯 hundred|✨ sparkles|⭐ star|🔥 fire|🎉 tada party|🎂 cake birthday|🎁 gift|🏆 trophy|🥇 first medal|🚀 rocket|⚡ zap|☀️ sun|🌙 moon|🌈 rainbow|❄️ snow|🌲 tree|🌸 blossom|🍀 clover luck|🐛 bug|🐱 cat|🐶 dog|🦊 fox|🐻 bear|🐼 panda|🐸 frog|🐧 penguin|🦀 crab rust|🐍 snake python|☕ coffee|🍵 tea|🍺 beer|🍕 pizza|🍎 apple|🍪 cookie|✅ check done|❌ cross|⚠️ warning|❓ question|❗ exclamation|🔒 lock|🔑 key|🔧 wrench|🔨 hammer|⚙️ gear|💡 idea bulb|📌 pin|📎 paperclip|📝 memo|📅 calendar|📈 chart_up|📉 chart_down|💬 speech|🔔 bell|🎵 music|🎮 game|🎲 dice|📷 camera|💻 computer laptop|🏠 house home|🌍 earth world|⏰ alarm clock|➕ plus|➖ minus|🆗 ok|🆕 new`;

/** @type {Face[]} */
export const emojis = TABLE.split("|").map((entry) => {
  const [face = "", ...names] = entry.split(" ");
  return { face, names };
});

const ONLY = /^(?:\s*(?:\p{Extended_Pictographic}(?:\uFE0F|\u200D|\p{Emoji_Modifier}|\p{Extended_Pictographic})*|\p{Regional_Indicator}{2}|<a?:\w+:\d+>)){1,12}\s*$/u;

/** Whether a text is a few emojis and nothing else; those are drawn large. @param {string} content */
export const jumbo = (content) => content.length < 200 && ONLY.test(content);

const RECENT = "emoji:recent";

/** @returns {string[]} */
function recent() {
  try {
    return JSON.parse(localStorage.getItem(RECENT) ?? "[]");
  } catch {
    return [];
  }
}

/** @param {string} face */
function remember(face) {
  try {
    localStorage.setItem(RECENT, JSON.stringify([face, ...recent().filter((entry) => entry !== face)].slice(0, 16)));
  } catch {
    // only a convenience
  }
}

/**
 * Opens the picker at an element.
 * @param {Element} anchor
 * @param {(face: string) => void} picked
 * @param {Face[]} [own] those of the guild, before all others
 */
export function pickEmoji(anchor, picked, own = []) {
  const search = h("input", { class: "input", type: "search", placeholder: text.composer.emoji, "aria-label": text.composer.emoji });
  const grid = h("div", { class: "emoji-grid", role: "listbox", "aria-label": text.composer.emoji });
  const panel = h("div", { class: "emoji-picker" }, search, grid);
  const choose = (/** @type {string} */ face) => {
    remember(face);
    panel.hidePopover();
    picked(face);
  };
  const draw = () => {
    const query = search.value.trim().toLowerCase();
    const order = recent();
    const rank = (/** @type {string} */ face) => (order.includes(face) ? order.indexOf(face) : 99);
    const found = [...own, ...emojis].filter((entry) => entry.names.some((name) => name.includes(query))).sort((a, b) => rank(a.face) - rank(b.face));
    grid.replaceChildren(
      ...found.map((entry, index) =>
        h("button", { type: "button", role: "option", tabindex: index ? "-1" : "0", "aria-label": entry.names[0]?.replaceAll("_", " "), title: `:${entry.names[0]}:`, on: { click: () => choose(entry.face) } }, entry.picture ? h("img", { src: entry.picture, alt: "", loading: "lazy" }) : entry.face),
      ),
    );
  };
  search.addEventListener("input", draw);
  search.addEventListener("keydown", (event) => {
    const first = /** @type {HTMLElement | null} */ (grid.querySelector("button"));
    if (event.key === "Enter" && first) first.click();
    else if (event.key === "ArrowDown" && first) first.focus();
    else return;
    event.preventDefault();
  });
  grid.addEventListener("keydown", (event) => {
    const all = [...grid.querySelectorAll("button")];
    const columns = Math.max(1, all.filter((item) => item.offsetTop === all[0]?.offsetTop).length);
    const here = all.indexOf(/** @type {HTMLButtonElement} */ (document.activeElement));
    const step = /** @type {Record<string, number>} */ ({ ArrowRight: 1, ArrowLeft: -1, ArrowDown: columns, ArrowUp: -columns })[event.key];
    if (!step) return;
    event.preventDefault();
    if (here + step < 0) search.focus();
    else all[here + step]?.focus();
  });
  draw();
  float(panel, anchor, "below");
  search.focus();
}
