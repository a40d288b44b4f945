// On a small screen.

import { LIMIT, channel, message, pages, say, shots, step } from "./stage.mjs";

/** @param {import("./stage.mjs").Cast} cast */
export default async function ({ bela, guild }) {
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
}
