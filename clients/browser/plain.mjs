// What the server draws: readable before the scripts run, and without any.

import { base, browser, channel, message, say, shots, step } from "./stage.mjs";

/** @param {import("./stage.mjs").Cast} cast */
export default async function ({ ada, guild }) {
  await step("without scripts one reads, goes about and writes", async () => {
    await ada.bringToFront();
    await channel(ada, "workshop").click();
    await say(ada, "For those without scripts <b>");
    await message(ada, "For those without").and(ada.locator(":not(.pending)")).waitFor();
    const context = await browser.newContext({ javaScriptEnabled: false, storageState: await ada.context().storageState(), baseURL: base, viewport: { width: 1280, height: 800 } });
    const page = await context.newPage();
    await page.goto("/channels/@me");
    await page.getByRole("link", { name: guild }).click();
    await page.getByRole("link", { name: "workshop" }).click();
    await page.getByRole("heading", { level: 1, name: "workshop" }).waitFor();
    await page.getByText("For those without scripts <b>").waitFor();
    await page.getByRole("textbox", { name: "Message" }).fill("By a form\nin two lines");
    if (shots) await page.screenshot({ path: `${shots}/plain.png` });
    await page.getByRole("button", { name: "Send" }).click();
    await page.getByText("By a form").waitFor();
    await message(ada, "By a form").waitFor();
    await context.close();
  });

  await step("messages are there before the scripts, and stay while they take over", async () => {
    let let_go = () => {};
    const held = new Promise((resolve) => (let_go = resolve));
    await ada.route("**/assets/chat/app.*", async (route) => (await held, route.fallback()));
    await ada.reload({ waitUntil: "commit" });
    await message(ada, "By a form").waitFor();
    await ada.evaluate(() => {
      window.gone = false;
      new MutationObserver(() => (window.gone ||= !document.querySelector("li.message"))).observe(document.querySelector("#message-list"), { childList: true });
    });
    let_go();
    await ada.waitForFunction(() => document.body.dataset.ready === "true" && document.querySelector("li.message .tools"));
    if (await ada.evaluate(() => window.gone)) throw new Error("the messages were taken away in between");
    await ada.unroute("**/assets/chat/app.*");
  });
}
