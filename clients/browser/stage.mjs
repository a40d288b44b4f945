// What the chapters of the story stand on: the browser, its people, the steps and how they are counted.

import { chromium } from "playwright-core";
import { Buffer } from "node:buffer";
import { createRequire } from "node:module";
import { mkdirSync, readFileSync } from "node:fs";
import process from "node:process";

export const base = (process.env.GUILDHALL_URL ?? "http://127.0.0.1:8080").replace(/\/$/, "");
export const shots = process.env.SHOTS ?? "";
export const stamp = Date.now().toString(36);
export const password = `correct horse ${stamp}`;
/** How long a thing may take to come about, in milliseconds. */
export const LIMIT = Number(process.env.LIMIT ?? 10_000);

/** A picture of 3 x 2 pixels. */
export const picture = Buffer.from("iVBORw0KGgoAAAANSUhEUgAAAAMAAAACCAIAAAASFvFNAAAAFElEQVR4nGP8z8Dwn4GBgYEBSgMAI/kCAaRmjwIAAAAASUVORK5CYII=", "base64");

if (shots) mkdirSync(shots, { recursive: true });
export const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox", "--disable-dev-shm-usage"] });
export const failures = [];
export const pages = [];
export let number = 0;

/** Runs one step; what fails is noted, and the story goes on, unless everything later rests on this one. */
export async function step(name, work, essential = false) {
  number++;
  const start = Date.now();
  try {
    await work();
    console.log(`ok ${number} - ${name} (${Date.now() - start} ms)`);
  } catch (error) {
    failures.push(name);
    console.log(`not ok ${number} - ${name}\n    ${String(error.message).split("\n").slice(0, 6).join("\n    ")}`);
    if (shots) for (const [index, page] of pages.entries()) await page.screenshot({ path: `${shots}/failure-${number}-${index}.png` }).catch(() => {});
    // What this step left open must not be in the way of the next.
    for (const page of pages) await page.evaluate(() => document.querySelectorAll("dialog[open]").forEach((box) => box.close())).catch(() => {});
    if (essential) {
      console.log("\nwithout this the story cannot go on");
      await browser.close();
      process.exit(1);
    }
  }
}

/** Serves scripts and styles from the folder ASSETS instead of from the binary, so that one tries a change without building. */
async function fromFolder(context) {
  const folder = process.env.ASSETS;
  if (!folder) return;
  await context.route("**/assets/chat/**", (route) => {
    const path = new URL(route.request().url()).pathname.replace(/^\/assets\//, "").replace(/\.[0-9a-f]{16}(\.\w+)$/, "$1");
    return route.fulfill({ path: `${folder}/${path}`, contentType: path.endsWith(".css") ? "text/css" : "text/javascript" });
  });
}

/** A browser of one's own, whose errors count as failures. */
export async function person(name, viewport, mobile = false) {
  const context = await browser.newContext({ viewport, isMobile: mobile, hasTouch: mobile, locale: "en-GB", baseURL: base });
  await fromFolder(context);
  const page = await context.newPage();
  page.setDefaultTimeout(LIMIT);
  page.on("pageerror", (error) => failures.push(`${name}: script error: ${error.message}`) && console.log(`# ${name}: ${error.stack}`));
  page.on("console", (message) => message.type() === "error" && /Content Security Policy|Refused to/.test(message.text()) && failures.push(`${name}: ${message.text()}`));
  pages.push(page);
  return page;
}

export async function register(page, name) {
  await page.getByLabel("Username").fill(`${name.normalize("NFD").replace(/[^A-Za-z]/g, "").toLowerCase()}_${stamp}`);
  await page.getByLabel(/Display name/).fill(name);
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Create the account" }).click();
}

export const composer = (page) => page.getByRole("textbox", { name: "Message", exact: true });
export const message = (page, text) => page.locator("li.message", { hasText: text }).last();
export const channel = (page, name) => page.getByRole("link", { name: new RegExp(`^${name}`) });

export async function say(page, text) {
  await composer(page).fill(text);
  await composer(page).press("Enter");
}

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** Throws what axe finds wrong with a page. The policy of the page lets no script in, so it comes by the debugger. */
export async function accessible(page, name) {
  const devtools = await page.context().newCDPSession(page);
  const run = (expression) => devtools.send("Runtime.evaluate", { expression, awaitPromise: true, returnByValue: true });
  await run(axe);
  const { result, exceptionDetails } = await run("axe.run(document, { resultTypes: ['violations'] }).then((found) => JSON.stringify(found.violations.map((one) => [one.id, one.nodes.map((node) => node.target.join(' '))])))");
  await devtools.detach();
  if (exceptionDetails) throw new Error(`axe did not run on ${name}: ${exceptionDetails.text}`);
  const violations = JSON.parse(result.value);
  if (shots) await page.screenshot({ path: `${shots}/${name}.png`, fullPage: true });
  if (violations.length) throw new Error(`${name}: ${JSON.stringify(violations)}`);
}

/** @typedef {{ada: import("playwright-core").Page, bela: import("playwright-core").Page, guild: string}} Cast */
