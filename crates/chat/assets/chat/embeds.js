// @ts-check
// What hangs below a message's text: files, embeds, buttons.

import { h, icon } from "./dom.js";
import { inline, markup } from "./markup.js";
import { text } from "./text.js";
import { fileSize, stamp } from "./time.js";
import { showImage } from "./dialogs/image.js";

/** @typedef {import("./types.js").Attachment} Attachment */
/** @typedef {import("./types.js").Embed} Embed */
/** @typedef {import("./types.js").Component} Component */
/** @typedef {import("./markup.js").Names} Names */

const WIDEST = 440;
const HIGHEST = 320;

/** Our own files are asked for where the page came from, whatever name the server knows itself by. @param {string} url */
function fileUrl(url) {
  const parsed = new URL(url, location.href);
  return parsed.pathname.startsWith("/attachments/") ? parsed.pathname + parsed.search : parsed.href;
}

/** Only what a browser may load as a picture. @param {string | undefined} url */
function pictureUrl(url) {
  if (!url) return null;
  try {
    const parsed = new URL(fileUrl(url), location.href);
    return parsed.protocol === "https:" || parsed.origin === location.origin ? parsed.href : null;
  } catch {
    return null;
  }
}

/** Room for a picture before it has arrived. @param {number | null | undefined} width @param {number | null | undefined} height */
function box(width, height) {
  if (!width || !height) return {};
  const scale = Math.min(1, WIDEST / width, HIGHEST / height);
  return { width: Math.round(width * scale), height: Math.round(height * scale) };
}

/** @param {string} source @param {string} alt @param {number | null | undefined} width @param {number | null | undefined} height @param {string} [original] */
function image(source, alt, width, height, original = source) {
  const picture = h("img", { src: source, alt, loading: "lazy", decoding: "async", ...box(width, height) });
  const open = () => showImage(original, alt, width ?? 0, height ?? 0);
  return h("button", { type: "button", class: "picture", "aria-label": text.messages.image(alt), on: { click: open } }, picture);
}

/** @param {Attachment} file */
export function attachment(file) {
  const kind = file.content_type?.split("/")[0];
  const url = fileUrl(file.url);
  const hidden = file.filename.startsWith("SPOILER_");
  /** @type {HTMLElement} */
  let view;
  if (kind === "image" && file.width) view = image(pictureUrl(file.proxy_url) ?? url, file.description || file.filename, file.width, file.height, url);
  else if (kind === "video") view = h("video", { controls: true, preload: "metadata", src: url, class: "video", "aria-label": file.filename });
  else if (kind === "audio") view = h("div", { class: "file audio" }, h("span", {}, file.filename), h("audio", { controls: true, preload: "none", src: url }));
  else {
    view = h(
      "a",
      { class: "file", href: url, download: file.filename, target: "_blank", rel: "noopener" },
      icon("file"),
      h("span", { class: "file-name" }, file.filename),
      h("span", { class: "file-size" }, fileSize(file.size)),
      icon("download"),
    );
  }
  if (!hidden) return view;
  const cover = h("button", { type: "button", class: "button small veil-button" }, text.messages.spoiler);
  const veil = h("div", { class: "veil" }, view, cover);
  cover.addEventListener("click", () => veil.classList.add("shown"));
  return veil;
}

/** @param {string | undefined} url @param {(Node | string)[]} label */
function maybeLink(url, label) {
  return url && /^https?:/.test(url) ? h("a", { href: url, target: "_blank", rel: "noopener noreferrer nofollow ugc" }, label) : h("span", {}, label);
}

/** @param {Embed} data @param {Names} names */
export function embed(data, names) {
  const view = h("article", { class: "embed" });
  if (data.color !== undefined && data.color !== null) view.style.setProperty("--edge", `#${data.color.toString(16).padStart(6, "0")}`);
  const main = h("div", { class: "embed-main" });
  if (data.provider?.name) main.append(h("div", { class: "embed-provider" }, data.provider.name));
  if (data.author) {
    const face = pictureUrl(data.author.icon_url);
    main.append(h("div", { class: "embed-author" }, face ? h("img", { src: face, alt: "", width: 22, height: 22 }) : null, maybeLink(data.author.url, [data.author.name])));
  }
  if (data.title) main.append(h("div", { class: "embed-title" }, maybeLink(data.url, inline(data.title, names))));
  if (data.description) main.append(h("div", { class: "markup" }, markup(data.description, names)));
  if (data.fields?.length) {
    main.append(
      h("dl", { class: "embed-fields" }, data.fields.map((field) => h("div", { class: field.inline ? "inline" : "" }, h("dt", {}, inline(field.name, names)), h("dd", { class: "markup" }, markup(field.value, names))))),
    );
  }
  const picture = pictureUrl(data.image?.proxy_url ?? data.image?.url);
  if (picture) main.append(image(picture, data.title ?? text.messages.attachment, data.image?.width, data.image?.height));
  if (data.footer || data.timestamp) {
    const face = pictureUrl(data.footer?.icon_url);
    const words = [data.footer?.text, data.timestamp ? stamp(new Date(data.timestamp)) : null].filter(Boolean).join(" · ");
    main.append(h("div", { class: "embed-footer" }, face ? h("img", { src: face, alt: "", width: 18, height: 18 }) : null, h("span", {}, words)));
  }
  view.append(main);
  const thumb = pictureUrl(data.thumbnail?.proxy_url ?? data.thumbnail?.url);
  if (thumb) view.append(h("img", { class: "embed-thumb", src: thumb, alt: "", loading: "lazy" }));
  return view;
}

/**
 * Rows of buttons and selects.
 * @param {Component[]} rows
 * @param {(component: Component, values?: string[]) => void} press
 * @param {Names} names
 * @returns {HTMLElement[]}
 */
export function components(rows, press, names) {
  return rows.map((row) => {
    if (row.type === 10) return h("div", { class: "markup" }, markup(row.content ?? "", names));
    return h("div", { class: "components" }, (row.components ?? []).map((entry) => one(entry, press)));
  });
}

/** @param {Component} entry @param {(component: Component, values?: string[]) => void} press */
function one(entry, press) {
  const face = entry.emoji?.name && !entry.emoji.id ? `${entry.emoji.name} ` : "";
  if (entry.type === 2 && entry.style === 5 && /^https?:/.test(entry.url ?? "")) {
    return h("a", { class: "button small", href: entry.url, target: "_blank", rel: "noopener noreferrer nofollow" }, face, entry.label, icon("link"));
  }
  if (entry.type === 2) {
    const kind = entry.style === 1 || entry.style === 3 ? "primary" : entry.style === 4 ? "danger" : "";
    return h("button", { type: "button", class: `button small ${kind}`, disabled: entry.disabled, on: { click: () => press(entry) } }, face, entry.label);
  }
  if (entry.type === 3) {
    const label = entry.placeholder ?? text.composer.suggestions;
    const select = h("select", { class: "input", "aria-label": label, disabled: entry.disabled }, h("option", { value: "" }, label), (entry.options ?? []).map((option) => h("option", { value: option.value, selected: option.default }, option.label)));
    select.addEventListener("change", () => select.value && press(entry, [select.value]));
    return select;
  }
  return null;
}
