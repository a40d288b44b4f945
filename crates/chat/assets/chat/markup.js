// @ts-check
// The chat's markup (Discord's subset of Markdown) as DOM nodes. Nothing here ever parses HTML.

import { h } from "./dom.js";
import { text } from "./text.js";
import { fullStamp, styled } from "./time.js";

/**
 * @typedef {object} Names how ids become names; what is unknown stays an id
 * @property {(id: string) => string | undefined} user
 * @property {(id: string) => {name: string, color: number} | undefined} role
 * @property {(id: string) => {name: string, href: string} | undefined} channel
 */
/** @typedef {(match: RegExpExecArray, names: Names, depth: number) => Node} Rule */

/** Only these may become links. @param {string} url */
function safeUrl(url) {
  try {
    const parsed = new URL(url);
    return ["https:", "http:", "mailto:"].includes(parsed.protocol) ? parsed.href : null;
  } catch {
    return null;
  }
}

/** @param {string} url @param {(Node | string)[]} label */
function link(url, label) {
  const href = safeUrl(url);
  if (!href) return h("span", {}, label);
  const own = href.startsWith(`${location.origin}/channels/`) || href.startsWith(`${location.origin}/invite/`);
  return h("a", own ? { href } : { href, target: "_blank", rel: "noopener noreferrer nofollow ugc" }, label);
}

/** @param {string} body */
function spoiler(body, /** @type {Names} */ names, /** @type {number} */ depth) {
  const hidden = h("span", { class: "spoiler", role: "button", tabindex: "0", "aria-label": text.messages.spoiler, "aria-expanded": "false" }, h("span", { class: "spoiler-text" }, inline(body, names, depth)));
  const show = () => {
    hidden.classList.add("shown");
    for (const name of ["role", "tabindex", "aria-label", "aria-expanded"]) hidden.removeAttribute(name);
  };
  hidden.addEventListener("click", show);
  hidden.addEventListener("keydown", (event) => (event.key === "Enter" || event.key === " ") && !hidden.classList.contains("shown") && (event.preventDefault(), show()));
  return hidden;
}

/** @param {string} tag @returns {Rule} */
const wrap = (tag) => (match, names, depth) => h(/** @type {any} */ (tag), {}, inline(/** @type {string} */ (match[1]), names, depth));

/** Tried in order at every place where one could begin. @type {[RegExp, Rule][]} */
const rules = [
  [/\\([^A-Za-z0-9\s])/y, (match) => document.createTextNode(match[1] ?? "")],
  // The whole run of backticks or none: trying its parts would take a long run cubic time.
  [/(?<!`)(`{1,6})(?!`)([^]*?[^`])\1(?!`)/y, (match) => h("code", {}, (match[2] ?? "").replace(/^ (?=`)|(?<=`) $/g, ""))],
  [/\*\*(?=\S)([^]+?\S?)\*\*(?!\*)/y, wrap("strong")],
  [/__(?=\S)([^]+?)__(?!_)/y, wrap("u")],
  [/~~(?=\S)([^]+?)~~/y, wrap("s")],
  [/\|\|([^]+?)\|\|/y, (match, names, depth) => spoiler(match[1] ?? "", names, depth)],
  [/\*(?=[^\s*])((?:\*\*[^]*?\*\*|[^*])+?)(?<!\s)\*(?!\*)/y, wrap("em")],
  [/(?<![A-Za-z0-9])_(?=\S)((?:__[^]*?__|[^_])+?)_(?![A-Za-z0-9_])/y, wrap("em")],
  [/<(https?:\/\/[^\s<>]+)>/y, (match) => link(match[1] ?? "", [match[1] ?? ""])],
  [/\[([^\]\n]+)\]\(<?(https?:\/\/[^\s<>)]+)>?\)/y, (match, names, depth) => link(match[2] ?? "", inline(match[1] ?? "", names, depth))],
  [/https?:\/\/[^\s<>]*[^\s<>.,:;"'\])|*_~!?]/y, (match) => link(match[0], [match[0]])],
  [/<@!?(\d{1,20})>/y, (match, names) => mention("user", match[1] ?? "", `@${names.user(match[1] ?? "") ?? match[1]}`)],
  [/<@&(\d{1,20})>/y, (match, names) => roleMention(match[1] ?? "", names)],
  [/<#(\d{1,20})>/y, (match, names) => channelMention(match[1] ?? "", names)],
  [/<\/([^:>\n]{1,110}):\d{1,20}>/y, (match) => h("span", { class: "mention" }, `/${match[1]}`)],
  [/<(a?):(\w{1,32}):(\d{1,20})>/y, (match) => customEmoji(match[2] ?? "", match[3] ?? "", Boolean(match[1]))],
  [/<t:(-?\d{1,13})(?::([tTdDfFR]))?>/y, (match) => timestamp(Number(match[1]), match[2] ?? "f")],
  [/@(everyone|here)\b/y, (match) => h("span", { class: "mention" }, match[0])],
];
const FIRST = /[\\`*_~|<[h@]/;

/** @param {string} kind @param {string} id @param {string} label */
function mention(kind, id, label) {
  return h("button", { type: "button", class: "mention", data: { kind, id } }, label);
}

/** @param {string} id @param {Names} names */
function roleMention(id, names) {
  const role = names.role(id);
  const node = h("span", { class: "mention" }, `@${role?.name ?? id}`);
  if (role?.color) node.style.setProperty("--role", `#${role.color.toString(16).padStart(6, "0")}`);
  return node;
}

/** @param {string} id @param {Names} names */
function channelMention(id, names) {
  const channel = names.channel(id);
  return channel ? h("a", { class: "mention", href: channel.href }, `#${channel.name}`) : h("span", { class: "mention" }, "#?");
}

/** @param {string} name @param {string} id @param {boolean} animated */
function customEmoji(name, id, animated) {
  return h("img", { class: "emoji", src: `/emojis/${id}.${animated ? "gif" : "png"}`, alt: `:${name}:`, title: `:${name}:`, loading: "lazy" });
}

/** @param {number} seconds @param {string} style */
function timestamp(seconds, style) {
  const when = new Date(seconds * 1000);
  if (Number.isNaN(when.getTime())) return document.createTextNode(`<t:${seconds}>`);
  return h("time", { class: "moment", datetime: when.toISOString(), title: fullStamp(when) }, styled(when, style));
}

/**
 * Text inside one block.
 * @param {string} source
 * @param {Names} names
 * @param {number} [depth] nesting so far; deep nesting stays text
 * @returns {(Node | string)[]}
 */
export function inline(source, names, depth = 0) {
  /** @type {(Node | string)[]} */
  const out = [];
  let plain = "";
  let at = 0;
  scan: while (at < source.length) {
    const letter = /** @type {string} */ (source[at]);
    if (depth < 8 && FIRST.test(letter)) {
      for (const [pattern, build] of rules) {
        pattern.lastIndex = at;
        const match = pattern.exec(source);
        if (!match) continue;
        if (plain) out.push(plain);
        plain = "";
        out.push(build(match, names, depth + 1));
        at += match[0].length;
        continue scan;
      }
    }
    plain += letter;
    at++;
  }
  if (plain) out.push(plain);
  return out;
}

/** @param {string} line */
const isQuote = (line) => line === ">" || line.startsWith("> ");
const ITEM = /^(\s*)([-*]|\d{1,4}\.)\s+(.+)$/;

/** @param {string[]} lines all of them items @param {Names} names */
function list(lines, names) {
  const ordered = /^\s*\d/.test(lines[0] ?? "");
  const element = h(ordered ? "ol" : "ul", ordered ? { start: String(parseInt(lines[0] ?? "1", 10)) } : {});
  for (const line of lines) {
    const match = ITEM.exec(line);
    if (match) element.append(h("li", (match[1]?.length ?? 0) >= 2 ? { class: "inner" } : {}, inline(match[3] ?? "", names)));
  }
  return element;
}

/** @param {string} source @param {Names} names @param {boolean} inQuote @returns {(Node | string)[]} */
function blocks(source, names, inQuote) {
  /** @type {(Node | string)[]} */
  const out = [];
  const lines = source.split("\n");
  /** @type {string[]} */
  let paragraph = [];
  const flush = () => {
    if (paragraph.length) out.push(h("div", { class: "lines" }, inline(paragraph.join("\n"), names)));
    paragraph = [];
  };
  const take = (/** @type {number} */ from, /** @type {(line: string) => boolean} */ test) => {
    let to = from;
    while (to < lines.length && test(/** @type {string} */ (lines[to]))) to++;
    return lines.slice(from, to);
  };
  for (let i = 0; i < lines.length; ) {
    const line = /** @type {string} */ (lines[i]);
    const heading = /^(#{1,3}|-#)\s+(.+)$/.exec(line);
    if (!inQuote && line.startsWith(">>> ")) {
      flush();
      out.push(h("blockquote", {}, blocks([line.slice(4), ...lines.slice(i + 1)].join("\n"), names, true)));
      break;
    } else if (!inQuote && isQuote(line)) {
      flush();
      const quoted = take(i, isQuote);
      out.push(h("blockquote", {}, blocks(quoted.map((entry) => entry.slice(2)).join("\n"), names, true)));
      i += quoted.length;
    } else if (heading) {
      flush();
      const level = heading[1] === "-#" ? "subtext" : `heading heading-${heading[1]?.length}`;
      out.push(h("div", { class: level }, inline(heading[2] ?? "", names)));
      i++;
    } else if (ITEM.test(line)) {
      flush();
      const items = take(i, (entry) => ITEM.test(entry));
      out.push(list(items, names));
      i += items.length;
    } else {
      paragraph.push(line);
      i++;
    }
  }
  flush();
  return out;
}

const FENCE = /```(?:([A-Za-z0-9+#.-]{0,20})\n)?([^]*?)```/g;

/**
 * A whole message: code blocks first, everything else between them.
 * @param {string} source
 * @param {Names} names
 * @returns {(Node | string)[]}
 */
export function markup(source, names) {
  /** @type {(Node | string)[]} */
  const out = [];
  let at = 0;
  for (const match of source.matchAll(FENCE)) {
    const code = (match[2] ?? "").replace(/^\n|\n$/g, "");
    if (!code.trim()) continue;
    const before = source.slice(at, match.index).replace(/\n$/, "");
    if (before.trim()) out.push(...blocks(before, names, false));
    out.push(h("pre", { tabindex: "0" }, h("code", match[1] ? { data: { language: match[1] } } : {}, code)));
    at = match.index + match[0].length;
  }
  const rest = source.slice(at).replace(/^\n/, at ? "" : "\n");
  if (rest.trim()) out.push(...blocks(rest, names, false));
  return out;
}

/** Without markup, for one-line previews. @param {string} source @param {Names} names */
export function plain(source, names) {
  const holder = h("div", {}, inline(source.replace(/```[^\n`]*\n?/g, " "), names));
  return (holder.textContent ?? "").replace(/\s+/g, " ").trim();
}
