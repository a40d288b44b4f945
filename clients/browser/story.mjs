// The person's story, in real browsers: two people meet in a guild and see each other's doings live.
//
//   GUILDHALL_URL   where the server is, default http://127.0.0.1:8080; registration has to be open
//   CHROMIUM        the browser, default /usr/bin/chromium
//   SHOTS           a folder for screenshots of failures (and of the end), default none
//
// Prints one line per step and ends with 1 when a step failed.

import { chromium } from "playwright-core";
import { Buffer } from "node:buffer";
import { mkdirSync } from "node:fs";
import process from "node:process";

const base = (process.env.GUILDHALL_URL ?? "http://127.0.0.1:8080").replace(/\/$/, "");
const shots = process.env.SHOTS ?? "";
const stamp = Date.now().toString(36);
const password = `correct horse ${stamp}`;
const LIMIT = 10_000;

/** A picture of 3 x 2 pixels. */
const picture = Buffer.from("iVBORw0KGgoAAAANSUhEUgAAAAMAAAACCAIAAAASFvFNAAAAFElEQVR4nGP8z8Dwn4GBgYEBSgMAI/kCAaRmjwIAAAAASUVORK5CYII=", "base64");

if (shots) mkdirSync(shots, { recursive: true });
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox", "--disable-dev-shm-usage"] });
const failures = [];
const pages = [];
let number = 0;

/** Runs one step; what fails is noted, and the story goes on, unless everything later rests on this one. */
async function step(name, work, essential = false) {
  number++;
  const start = Date.now();
  try {
    await work();
    console.log(`ok ${number} - ${name} (${Date.now() - start} ms)`);
  } catch (error) {
    failures.push(name);
    console.log(`not ok ${number} - ${name}\n    ${String(error.message).split("\n").slice(0, 6).join("\n    ")}`);
    if (shots) for (const [index, page] of pages.entries()) await page.screenshot({ path: `${shots}/failure-${number}-${index}.png` }).catch(() => {});
    if (essential) {
      console.log("\nwithout this the story cannot go on");
      await browser.close();
      process.exit(1);
    }
  }
}

/** A browser of one's own, whose errors count as failures. */
async function person(name, viewport, mobile = false) {
  const context = await browser.newContext({ viewport, isMobile: mobile, hasTouch: mobile, locale: "en-GB", baseURL: base });
  const page = await context.newPage();
  page.setDefaultTimeout(LIMIT);
  page.on("pageerror", (error) => failures.push(`${name}: script error: ${error.message}`) && console.log(`# ${name}: ${error.stack}`));
  page.on("console", (message) => message.type() === "error" && /Content Security Policy|Refused to/.test(message.text()) && failures.push(`${name}: ${message.text()}`));
  pages.push(page);
  return page;
}

async function register(page, name) {
  await page.getByLabel("Username").fill(`${name.normalize("NFD").replace(/[^A-Za-z]/g, "").toLowerCase()}_${stamp}`);
  await page.getByLabel(/Display name/).fill(name);
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Create the account" }).click();
}

const composer = (page) => page.getByRole("textbox", { name: "Message", exact: true });
const message = (page, text) => page.locator("li.message", { hasText: text }).last();
const channel = (page, name) => page.getByRole("link", { name: new RegExp(`^${name}`) });

async function say(page, text) {
  await composer(page).fill(text);
  await composer(page).press("Enter");
}

const guild = `Story ${stamp}`;
const ada = await person("Ada", { width: 1280, height: 800 });
const bela = await person("Béla", { width: 1280, height: 800 });
let invite = "";

await step("a stranger sees what this is and registers", async () => {
  await ada.goto("/");
  await ada.getByRole("link", { name: "Create an account" }).first().click();
  await register(ada, "Ada");
  await ada.waitForURL(/\/channels\/@me/);
  await ada.getByRole("heading", { name: "Friends" }).waitFor();
}, true);

await step("a wrong password and an unknown name are told the same", async () => {
  const words = [];
  for (const [name, secret] of [[`ada_${stamp}`, "wrong password"], [`nobody_${stamp}`, "wrong password"]]) {
    const page = await browser.newPage({ baseURL: base });
    await page.goto("/login");
    await page.getByLabel("Username").fill(name);
    await page.getByLabel("Password").fill(secret);
    await page.getByRole("button", { name: "Sign in" }).click();
    words.push(await page.locator("main .problem, main [role=alert]").first().innerText({ timeout: LIMIT }));
    await page.close();
  }
  if (!words[0] || words[0] !== words[1]) throw new Error(`told differently: ${words.join(" / ")}`);
});

await step("she creates a guild", async () => {
  await ada.getByRole("button", { name: "Create or join a guild" }).click();
  await ada.getByRole("dialog").getByLabel("Name").fill(guild);
  await ada.keyboard.press("Enter");
  await ada.getByRole("button", { name: `${guild}: Guild menu` }).waitFor();
  await channel(ada, "general").first().waitFor();
}, true);

await step("she makes an invite link", async () => {
  await ada.getByRole("button", { name: `${guild}: Guild menu` }).click();
  await ada.getByRole("menuitem", { name: "Invite people" }).click();
  await ada.waitForFunction(() => document.querySelector("#invite-link")?.value.includes("/invite/"));
  invite = await ada.locator("#invite-link").inputValue();
  await ada.keyboard.press("Escape");
}, true);

await step("somebody opens the link, registers, comes back and joins", async () => {
  await bela.goto(invite);
  await bela.getByRole("heading", { name: guild }).waitFor();
  await bela.getByText(/invites you to/).waitFor();
  await bela.getByRole("link", { name: "Create an account" }).click();
  await register(bela, "Béla");
  await bela.getByRole("button", { name: `Join ${guild}` }).click();
  await bela.getByRole("button", { name: new RegExp(`^${guild}: Guild menu`) }).waitFor();
}, true);

await step("both see each other in the member list, present", async () => {
  await ada.locator(".members .member", { hasText: "Béla" }).waitFor();
  await ada.locator(".members .member", { hasText: "Béla" }).locator(".dot.online").waitFor();
  await bela.locator(".members .member", { hasText: "Ada" }).locator(".dot.online").waitFor();
});

await step("she creates a channel, and he sees it appear", async () => {
  await ada.getByRole("button", { name: `${guild}: Guild menu` }).click();
  await ada.getByRole("menuitem", { name: "Create channel" }).click();
  await ada.getByRole("dialog").getByLabel("Name").fill("Workshop");
  await ada.getByRole("dialog").getByRole("button", { name: "Create" }).click();
  await ada.getByRole("heading", { name: "workshop" }).first().waitFor();
  await channel(bela, "workshop").waitFor();
}, true);

await step("she creates a role and gives it to him", async () => {
  await ada.getByRole("button", { name: `${guild}: Guild menu` }).click();
  await ada.getByRole("menuitem", { name: "Guild settings" }).click();
  await ada.getByRole("tab", { name: "Roles" }).click();
  await ada.getByRole("button", { name: "New role" }).click();
  await ada.getByRole("dialog").getByRole("textbox", { name: "Name" }).fill("Mapmakers");
  await ada.getByRole("dialog").getByLabel("Show its members separately").check();
  await ada.getByRole("dialog").getByRole("button", { name: "Save" }).click();
  await ada.getByText("Saved.").waitFor();
  await ada.keyboard.press("Escape");
  await ada.locator(".members .member", { hasText: "Béla" }).click();
  await ada.getByRole("dialog", { name: /Profile/ }).getByRole("button", { name: "More" }).click();
  await ada.getByRole("menuitem", { name: "Edit roles" }).click();
  await ada.getByRole("dialog").getByLabel("Mapmakers").check();
  await ada.getByRole("dialog").getByRole("button", { name: "Save" }).click();
  await bela.getByRole("heading", { name: /Mapmakers — 1/ }).waitFor();
});

await step("she writes, he sees it live, and that somebody is typing", async () => {
  await channel(bela, "workshop").click();
  await bela.getByRole("heading", { name: "workshop" }).first().waitFor();
  await composer(ada).pressSequentially("Welcome to the **workshop**, `friend`", { delay: 15 });
  await bela.locator("#typing.active", { hasText: "Ada" }).waitFor();
  await composer(ada).press("Enter");
  await message(bela, "Welcome to the workshop").locator("strong", { hasText: "workshop" }).waitFor();
});

await step("he answers with a reply, and she sees it", async () => {
  await message(bela, "Welcome to the workshop").hover();
  await message(bela, "Welcome to the workshop").getByRole("button", { name: "Reply" }).click();
  await say(bela, "Glad to be here");
  await message(ada, "Glad to be here").locator(".reply-line", { hasText: "Welcome to the workshop" }).waitFor();
});

await step("he edits with the keyboard alone", async () => {
  await composer(bela).press("ArrowUp");
  const field = bela.getByRole("textbox", { name: "Edit message" });
  await field.fill("Very glad to be here");
  await field.press("Enter");
  await message(ada, "Very glad to be here").getByText("(edited)").waitFor();
});

await step("she reacts, he joins in, the count is two", async () => {
  await message(ada, "Very glad").focus();
  await ada.keyboard.press("+");
  await ada.getByRole("searchbox", { name: "Emoji" }).fill("tada");
  await ada.keyboard.press("Enter");
  await message(bela, "Very glad").locator(".reaction", { hasText: "🎉" }).click();
  await message(ada, "Very glad").locator(".reaction", { hasText: "2" }).waitFor();
});

await step("she uploads a picture, and he sees it", async () => {
  await ada.locator("#composer input[type=file]").setInputFiles({ name: "map.png", mimeType: "image/png", buffer: picture });
  await ada.locator(".tray", { hasText: "map.png" }).waitFor();
  await say(ada, "The map");
  const shown = message(bela, "The map").locator(".picture img");
  await shown.waitFor();
  await bela.waitForFunction(() => [...document.querySelectorAll(".picture img")].some((image) => image.complete && image.naturalWidth === 3));
});

await step("she deletes a message, and it is gone for him", async () => {
  await say(ada, "A slip of the pen");
  await message(bela, "A slip of the pen").waitFor();
  await message(ada, "A slip of the pen").and(ada.locator(":not(.pending)")).focus();
  await ada.keyboard.press("Delete");
  await ada.getByRole("dialog").getByRole("button", { name: "Delete", exact: true }).click();
  await bela.locator("li.message", { hasText: "A slip of the pen" }).waitFor({ state: "detached" });
});

await step("she pins a message", async () => {
  await message(ada, "Very glad to be here").focus();
  await ada.keyboard.press("p");
  await message(bela, "Very glad to be here").locator(".pinned").waitFor({ state: "attached" });
  await bela.getByRole("button", { name: "Pinned messages" }).click();
  await bela.locator(".pin-entry", { hasText: "Very glad to be here" }).waitFor();
  await bela.keyboard.press("Escape");
});

await step("a message elsewhere marks its channel unread", async () => {
  await channel(ada, "general").first().click();
  await say(ada, "Over here");
  await message(ada, "Over here").waitFor();
  await bela.locator(".row.unread", { hasText: "general" }).waitFor();
  await channel(bela, "general").first().click();
  await message(bela, "Over here").waitFor();
  await bela.locator(".row.unread", { hasText: "general" }).waitFor({ state: "detached" });
});

await step("the server's refusal is shown, with a way to try again", async () => {
  await bela.route("**/channels/*/messages", (route) => (route.request().method() === "POST" ? route.abort() : route.continue()));
  await say(bela, "Into the void");
  await message(bela, "Into the void").getByText("Not sent.").waitFor();
  await bela.unroute("**/channels/*/messages");
  await message(bela, "Into the void").getByRole("button", { name: "Try again" }).click();
  await message(ada, "Into the void").waitFor();
});

await step("a lost connection is resumed without a gap or a repeat", async () => {
  await bela.context().setOffline(true);
  await bela.evaluate(() => dispatchEvent(new Event("offline")));
  await bela.getByText("You are offline").waitFor();
  for (const word of ["one", "two", "three"]) await say(ada, `While away: ${word}`);
  await message(ada, "While away: three").and(ada.locator(":not(.pending)")).waitFor();
  await bela.context().setOffline(false);
  await bela.evaluate(() => dispatchEvent(new Event("online")));
  await message(bela, "While away: three").waitFor();
  const count = await bela.locator("li.message", { hasText: "While away:" }).count();
  if (count !== 3) throw new Error(`expected 3 messages, found ${count}`);
  await bela.locator("#connection").waitFor({ state: "hidden" });
});

await step("no message can freeze the page or become more than text", async () => {
  const found = await ada.evaluate(async () => {
    const { markup } = await import("/assets/chat/markup.js");
    const names = { user: () => "U", role: () => ({ name: "R", color: 1 }), channel: () => ({ name: "c", href: "/x" }) };
    const parts = ["*", "**", "***a", "_", "__a", "`", "``a", "```", "||", "~~a", "[", "[a](", "<@", "> ", "- ", "https://", "*a **b", "||*_**~~", "\n> ", "@", "<t:1"];
    const alphabet = "*_~|`<>@#[]()\\ \nabh:/-1.!";
    const random = () => Array.from({ length: 120 }, () => alphabet[Math.floor(Math.random() * alphabet.length)]).join("");
    const evil = "<img src=x onerror=alert(1)> [x](javascript:alert(1)) <https://a.b/\"onclick=1>";
    const texts = [...parts.map((part) => part.repeat(4000 / part.length)), ...Array.from({ length: 1000 }, () => random() + evil)];
    for (const text of texts) {
      const start = performance.now();
      const holder = document.createElement("div");
      holder.append(...markup(text, names));
      if (performance.now() - start > 1000) return `slow: ${text.slice(0, 20)}`;
      if (holder.querySelector("img, script, iframe, style")) return `element from: ${text}`;
      for (const element of holder.querySelectorAll("*")) {
        for (const { name, value } of element.attributes) if (name.startsWith("on") || /javascript:/i.test(value)) return `attribute from: ${text}`;
      }
    }
    return "";
  });
  if (found) throw new Error(found);
});

await step("they become friends and talk directly", async () => {
  await bela.getByRole("button", { name: /^Friends and direct messages/ }).click();
  await bela.getByRole("tab", { name: "Add friend" }).click();
  await bela.getByRole("textbox", { name: "User name" }).fill(`ada_${stamp}`);
  await bela.keyboard.press("Enter");
  await ada.getByRole("button", { name: /^Friends and direct messages/ }).click();
  await ada.getByRole("tab", { name: /Pending/ }).click();
  await ada.getByRole("button", { name: /^Accept/ }).click();
  await ada.getByRole("tab", { name: "All" }).click();
  await ada.getByRole("button", { name: /^Message: Béla/ }).click();
  await say(ada, "Between you and me");
  await bela.locator(".sidebar .row.unread", { hasText: "Ada" }).locator("a").click();
  await message(bela, "Between you and me").waitFor();
});

await step("on a phone of 360 pixels nothing sticks out, and one can talk", async () => {
  const phone = await bela.context().newPage();
  pages.push(phone);
  phone.setDefaultTimeout(LIMIT);
  await phone.setViewportSize({ width: 360, height: 740 });
  await phone.goto("/channels/@me");
  await phone.getByRole("button", { name: "Show channels" }).click();
  await phone.getByRole("button", { name: new RegExp(`^${guild}`) }).first().click();
  await phone.getByRole("heading", { level: 1 }).waitFor();
  await phone.getByRole("button", { name: "Show channels" }).click();
  await channel(phone, "workshop").click();
  await message(phone, "Welcome to the workshop").waitFor();
  await say(phone, "From the tram");
  await message(phone, "From the tram").and(phone.locator(":not(.pending)")).waitFor();
  const width = await phone.evaluate(() => document.documentElement.scrollWidth);
  if (width > 360) throw new Error(`the page is ${width} pixels wide`);
  if (shots) await phone.screenshot({ path: `${shots}/phone.png` });
  await phone.close();
  pages.pop();
});

await step("she times him out, and his composer says so", async () => {
  await ada.getByRole("button", { name: new RegExp(`^${guild}`) }).first().click();
  await channel(ada, "workshop").click();
  await bela.getByRole("button", { name: new RegExp(`^${guild}`) }).first().click();
  await ada.locator(".members .member", { hasText: "Béla" }).click();
  await ada.getByRole("dialog", { name: /Profile/ }).getByRole("button", { name: "More" }).click();
  await ada.getByRole("menuitem", { name: "Time out", exact: true }).click();
  await ada.getByRole("dialog").getByRole("button", { name: "Time out" }).click();
  await bela.getByText("You are timed out").waitFor();
});

await step("he leaves the guild", async () => {
  await bela.getByRole("button", { name: `${guild}: Guild menu` }).click();
  await bela.getByRole("menuitem", { name: "Leave guild" }).click();
  await bela.getByRole("dialog").getByRole("button", { name: "Leave guild" }).click();
  await bela.waitForURL(/@me/);
  await ada.locator(".members .member", { hasText: "Béla" }).waitFor({ state: "detached" });
});

if (shots) for (const [index, page] of pages.entries()) await page.screenshot({ path: `${shots}/end-${index}.png` });
await browser.close();
if (failures.length) {
  console.log(`\n${failures.length} failed:\n  ${failures.join("\n  ")}`);
  process.exit(1);
}
console.log(`\nall ${number} steps passed`);
