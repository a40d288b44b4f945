// @ts-check
// Dates for people, and the dates inside ids.

import { text } from "./text.js";

const EPOCH = 1_420_070_400_000n;
const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
const day = new Intl.DateTimeFormat(undefined, { weekday: "long", day: "numeric", month: "long", year: "numeric" });
const short = new Intl.DateTimeFormat(undefined, { dateStyle: "short", timeStyle: "short" });
const date = new Intl.DateTimeFormat(undefined, { dateStyle: "medium" });
const full = new Intl.DateTimeFormat(undefined, { dateStyle: "full", timeStyle: "short" });
const long = new Intl.DateTimeFormat(undefined, { dateStyle: "long", timeStyle: "short" });
const longDate = new Intl.DateTimeFormat(undefined, { dateStyle: "long" });
const numeric = new Intl.DateTimeFormat(undefined, { dateStyle: "short" });
const exact = new Intl.DateTimeFormat(undefined, { timeStyle: "medium" });
const relative = new Intl.RelativeTimeFormat(undefined, { numeric: "auto" });

/** @param {Date} a @param {Date} b */
export const sameDay = (a, b) => a.toDateString() === b.toDateString();

/** Hours and minutes. @param {Date} when */
export const hours = (when) => clock.format(when);

/** The heading between two days. @param {Date} when */
export function dayName(when) {
  const now = new Date();
  if (sameDay(when, now)) return text.days.today;
  if (sameDay(when, new Date(now.getTime() - 86_400_000))) return text.days.yesterday;
  return day.format(when);
}

/** Beside an author: the time today, otherwise the day too. @param {Date} when */
export const stamp = (when) => (sameDay(when, new Date()) ? clock.format(when) : short.format(when));

/** @param {Date} when */
export const fullStamp = (when) => full.format(when);

/** @param {Date} when */
export const dateOnly = (when) => date.format(when);

/** "in 5 minutes", "2 days ago". @param {Date} when */
export function fromNow(when) {
  const seconds = (when.getTime() - Date.now()) / 1000;
  const steps = /** @type {[Intl.RelativeTimeFormatUnit, number][]} */ ([["year", 31_536_000], ["month", 2_592_000], ["day", 86_400], ["hour", 3600], ["minute", 60]]);
  for (const [unit, size] of steps) {
    if (Math.abs(seconds) >= size) return relative.format(Math.round(seconds / size), unit);
  }
  return relative.format(Math.round(seconds), "second");
}

/** Discord's `<t:unix:style>`. @param {Date} when @param {string} style */
export function styled(when, style) {
  switch (style) {
    case "t": return clock.format(when);
    case "T": return exact.format(when);
    case "d": return numeric.format(when);
    case "D": return longDate.format(when);
    case "F": return full.format(when);
    case "R": return fromNow(when);
    default: return long.format(when);
  }
}

/** When an id was made. @param {string} id */
export const idDate = (id) => new Date(Number((BigInt(id) >> 22n) + EPOCH));

/** The first id of a moment. @param {Date} when */
export const idAt = (when) => String((BigInt(when.getTime()) - EPOCH) << 22n);

let counter = 0n;
/** An id for a message that the server has not seen: sorts after what is there, and serves as its nonce. */
export const localId = () => String(((BigInt(Date.now()) - EPOCH) << 22n) | (counter++ & 0xfffn));

/** Order of two ids. @param {string} a @param {string} b */
export const byId = (a, b) => (a.length - b.length) || (a < b ? -1 : a > b ? 1 : 0);

/** @param {number} bytes */
export function fileSize(bytes) {
  const units = ["B", "kB", "MB", "GB"];
  let unit = 0;
  while (bytes >= 1000 && unit < units.length - 1) {
    bytes /= 1000;
    unit++;
  }
  return `${bytes < 10 && unit ? bytes.toFixed(1) : Math.round(bytes)} ${units[unit]}`;
}
