// @ts-check
// Building blocks of the page. Text only ever becomes text nodes, so nothing a person writes can become markup.

/** @typedef {Node | string | number | null | undefined | false} Child */

const sprite = import.meta.resolve("/assets/icons.svg");

/**
 * Makes an element. Properties: `class`, `data: {}`, `on: {event: handler}`, `style: {}`, anything else an
 * attribute (true sets it empty; false, null and undefined leave it out).
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag
 * @param {Record<string, any>} [props]
 * @param {...(Child | Child[])} children
 * @returns {HTMLElementTagNameMap[K]}
 */
export function h(tag, props = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === null || value === undefined || value === false) continue;
    if (name === "class") element.className = value;
    else if (name === "data") Object.assign(element.dataset, value);
    else if (name === "on") for (const [event, handler] of Object.entries(value)) element.addEventListener(event, handler);
    else if (name === "style") for (const [key, entry] of Object.entries(value)) element.style.setProperty(key, String(entry));
    else if (name === "value") /** @type {any} */ (element).value = value;
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  append(element, children);
  return element;
}

/**
 * @param {ParentNode} parent
 * @param {(Child | Child[])[]} children
 */
export function append(parent, children) {
  for (const child of children.flat()) {
    if (child === null || child === undefined || child === false) continue;
    parent.append(child instanceof Node ? child : String(child));
  }
}

/**
 * Replaces everything inside an element.
 * @param {Element} parent
 * @param {...(Child | Child[])} children
 */
export function fill(parent, ...children) {
  parent.replaceChildren();
  append(parent, children);
}

/**
 * An icon of the sprite; it says nothing to a screen reader, so its button needs a label.
 * @param {string} name
 * @param {string} [extra] more classes
 */
export function icon(name, extra = "") {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("class", `icon ${extra}`);
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", `${sprite}#${name}`);
  svg.append(use);
  return svg;
}

/**
 * A square button with an icon and a label that is read and shown as a tip.
 * @param {string} name
 * @param {string} label
 * @param {(event: MouseEvent) => void} action
 * @param {Record<string, any>} [props]
 */
export function iconButton(name, label, action, props = {}) {
  const { class: extra = "", on = {}, ...rest } = props;
  return h(
    "button",
    { type: "button", class: `icon-button ${extra}`, "aria-label": label, title: label, on: { click: action, ...on }, ...rest },
    icon(name),
  );
}

/** Runs something at most once per frame, however often it is asked for. @param {() => void} work */
export function perFrame(work) {
  let waiting = false;
  return () => {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => {
      waiting = false;
      work();
    });
  };
}

/** An element that the server's shell contains. @param {string} id @returns {HTMLElement} */
export function byId(id) {
  const element = document.getElementById(id);
  if (!element) throw new Error(`the page has no #${id}`);
  return element;
}

/**
 * One tab stop for a list of things; arrow keys move inside it, Home and End go to its ends.
 * @param {HTMLElement} container
 * @param {string} selector
 * @param {{horizontal?: boolean}} [options]
 */
export function rove(container, selector, options = {}) {
  const items = () => /** @type {HTMLElement[]} */ ([...container.querySelectorAll(selector)].filter((item) => item.checkVisibility?.() ?? true));
  const settle = () => {
    const all = items();
    const current = all.find((item) => item === document.activeElement) ?? all.find((item) => item.hasAttribute("aria-current")) ?? all.find((item) => item.tabIndex === 0) ?? all[0];
    for (const item of all) item.tabIndex = item === current ? 0 : -1;
  };
  container.addEventListener("keydown", (event) => {
    const all = items();
    const here = all.indexOf(/** @type {HTMLElement} */ (document.activeElement));
    if (here < 0 || event.altKey || event.ctrlKey || event.metaKey) return;
    const keys = options.horizontal ? { ArrowRight: here + 1, ArrowLeft: here - 1 } : { ArrowDown: here + 1, ArrowUp: here - 1 };
    const target = /** @type {Record<string, number | undefined>} */ ({ ...keys, Home: 0, End: all.length - 1 })[event.key];
    const next = target === undefined ? undefined : all[Math.max(0, Math.min(all.length - 1, target))];
    if (!next) return;
    event.preventDefault();
    for (const item of all) item.tabIndex = item === next ? 0 : -1;
    next.focus();
  });
  return settle;
}
