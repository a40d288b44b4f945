// Two halls and one browser: whoever has an account at the first signs in with it at the second, which knows the first
// as an OpenID Connect provider.
//
// The second can only be started when the first has registered it. So this says on standard output, in one line of JSON,
// who it is registered as, and goes on when it reads a line.
//
//   FIRST_URL=http://127.0.0.1:8080 SECOND_URL=http://localhost:8081 CHROMIUM=/usr/bin/chromium node halls.mjs

import process from "node:process";
import { createInterface } from "node:readline";
import { chromium } from "playwright-core";
import { check, step, summary } from "./steps.mjs";

const first = process.env.FIRST_URL;
// Another host name: cookies do not tell ports apart, and for a browser these are two sites.
const second = process.env.SECOND_URL;
const password = "correct horse battery";
const label = "The first hall";

const launched = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox", "--disable-dev-shm-usage"] });
const refusedByPolicy = [];

async function browser() {
  const context = await launched.newContext();
  const page = await context.newPage();
  page.on("console", (message) => {
    if (/Content Security Policy/i.test(message.text())) refusedByPolicy.push(message.text());
  });
  return page;
}

async function register(page, base, name) {
  await page.goto(`${base}/register`);
  await page.locator("#username").fill(name);
  await page.locator("#password").fill(password);
  await page.locator("#password").press("Enter");
  await page.waitForURL((url) => url.pathname !== "/register");
}

/** Who the browser is at a hall; nothing if nobody. */
async function me(page, base) {
  const { cookies } = await page.context().storageState();
  const session = cookies.find(({ name, domain }) => name === "guildhall_session" && domain === new URL(base).hostname);
  if (!session) return undefined;
  const answer = await fetch(`${base}/api/v10/users/@me`, { headers: { authorization: session.value } });
  return answer.ok ? answer.json() : undefined;
}

/** From the second hall's sign-in page to the first. */
async function leave(page) {
  await page.goto(`${second}/login?next=/settings`);
  await page.getByRole("link", { name: `Sign in with ${label}` }).click();
}

const owner = await browser();
const registered = await step("the second hall is registered at the first one's portal", async () => {
  await register(owner, first, "owner");
  await owner.goto(`${first}/developers`);
  await owner.locator("#name").fill("The second hall");
  await owner.getByRole("button", { name: "Create", exact: true }).click();
  const id = (await owner.locator("p code").first().textContent()).trim();
  await owner.goto(`${first}/developers/${id}`);
  await owner.locator("#redirect_uris").fill(`${second}/login/with/first/callback`);
  await owner.locator('form[action$="/client"] button[type="submit"]').click();
  await owner.getByRole("button", { name: "New secret" }).click();
  return { client_id: id, client_secret: (await owner.locator(".notice .secret").textContent()).trim(), label };
});

if (registered) {
  const lines = createInterface({ input: process.stdin });
  console.log(JSON.stringify(registered));
  await new Promise((ready, gone) => {
    lines.once("line", ready);
    lines.once("close", () => gone(new Error("the second hall did not start")));
  });
  lines.close();

  const ada = await browser();
  await step("whoever says no at the first hall is nobody at the second", async () => {
    await register(ada, first, "ada");
    await leave(ada);
    await ada.getByText("The second hall").first().waitFor();
    check(ada.url().startsWith(first), `the first hall's question, not ${ada.url()}`);
    await ada.getByRole("button", { name: "Not now", exact: true }).click();
    await ada.waitForURL((url) => url.href.startsWith(second));
    check(!(await me(ada, second)), "nobody");
  });
  const there = await step("whoever allows it comes back signed in, by the same name", async () => {
    await leave(ada);
    await ada.getByRole("button", { name: "Allow", exact: true }).click();
    await ada.waitForURL(`${second}/settings`);
    const [here, there] = [await me(ada, first), await me(ada, second)];
    check(there?.username === "ada" && there.id !== here.id, `an account of its own called ada, not ${JSON.stringify(there)}`);
    return there;
  });
  await step("the second hall says how they came in", async () => {
    await ada.goto(`${second}/settings/security`);
    await ada.locator("td", { hasText: label }).waitFor();
  });
  await step("the next time nobody asks, and it is the same account", async () => {
    await ada.context().clearCookies({ domain: new URL(second).hostname });
    check(!(await me(ada, second)), "nobody");
    await leave(ada);
    await ada.waitForURL(`${second}/settings`);
    check((await me(ada, second))?.id === there?.id, "the same account");
  });
  await step("who is a stranger at the first hall signs in there on the way", async () => {
    const stranger = await browser();
    await leave(stranger);
    await stranger.waitForURL((url) => url.href.startsWith(`${first}/login`));
    await stranger.locator("#username").fill("ada");
    await stranger.locator("#password").fill(password);
    await stranger.locator("#password").press("Enter");
    await stranger.waitForURL(`${second}/settings`);
    check((await me(stranger, second))?.id === there?.id, "the same account");
  });
  await step("no page asked the browser for what its policy forbids", async () => {
    check(refusedByPolicy.length === 0, refusedByPolicy.join("\n"));
  });
}
await launched.close();
process.exit(summary());
