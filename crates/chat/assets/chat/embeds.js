// @ts-check
// What hangs below a message's text: files and embeds; buttons and menus are in components.js.

import { h, icon } from "./dom.js";
import { inline, markup } from "./markup.js";
import { text } from "./text.js";
import { fileSize, stamp } from "./time.js";
import { showImage } from "./dialogs/image.js";

/** @typedef {import("./types.js").Attachment} Attachment */
/** @typedef {import("./types.js").Embed} Embed */
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

/** A picture of a component; nothing when it may not be shown. @param {import("./types.js").Media | undefined} media @param {string} alt */
export function picture(media, alt) {
  const url = pictureUrl(media?.proxy_url ?? media?.url);
  return url ? image(url, alt, media?.width, media?.height) : null;
}

/** @param {string} url @param {string} name @param {number} [size] in bytes */
export function fileLink(url, name, size) {
  return h(
    "a",
    { class: "file", href: fileUrl(url), download: name, target: "_blank", rel: "noopener" },
    icon("file"),
    h("span", { class: "file-name" }, name),
    size === undefined ? null : h("span", { class: "file-size" }, fileSize(size)),
    icon("download"),
  );
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
  else view = fileLink(url, file.filename, file.size);
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
