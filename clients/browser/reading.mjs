// What has been read, in all of one's windows.

import { channel, composer, message, say, shots, step } from "./stage.mjs";

/** @param {import("./stage.mjs").Cast} cast */
export default async function ({ ada, bela, guild }) {
  const row = (page, name) => page.locator(".sidebar .row", { hasText: name });
  const rail = (page) => page.locator(".rail li", { has: page.getByRole("button", { name: new RegExp(`^${guild}`) }) });
  const other = await bela.context().newPage();

  await step("a message that names him marks the channel and the guild in all of his windows", async () => {
    await channel(ada, "workshop").click();
    await channel(bela, "general").first().click();
    await other.goto("/channels/@me");
    await composer(ada).pressSequentially("Could @bel");
    await ada.getByRole("option", { name: /Béla/ }).first().waitFor();
    await composer(ada).press("Enter");
    await composer(ada).pressSequentially("have a look?");
    await composer(ada).press("Enter");
    await row(bela, "workshop").locator(".count", { hasText: "1" }).waitFor();
    await rail(other).locator(".count", { hasText: "1" }).waitFor();
    await other.waitForFunction(() => document.title.startsWith("(1) "));
  });

  await step("the server remembers what is unread", async () => {
    await other.reload();
    await rail(other).locator(".count", { hasText: "1" }).waitFor();
    await rail(bela).locator(".count", { hasText: "1" }).waitFor();
  });

  await step("reading in one window clears the mark in the other", async () => {
    await bela.bringToFront();
    await channel(bela, "workshop").click();
    await message(bela, "have a look?").waitFor();
    await rail(other).locator(".count").waitFor({ state: "detached" });
    await other.waitForFunction(() => !document.title.startsWith("("));
  });

  await step("many new messages are counted, the first is a press away, Escape has read them", async () => {
    await channel(bela, "general").first().click();
    await ada.bringToFront();
    for (let n = 1; n <= 24; n++) await say(ada, `Note ${n}\nwith a second line`);
    await message(ada, "Note 24").and(ada.locator(":not(.pending)")).waitFor();
    await row(bela, "workshop").and(bela.locator(".unread")).waitFor();
    await bela.bringToFront();
    await channel(bela, "workshop").click();
    await bela.locator(".unread-bar", { hasText: "24 new messages since" }).waitFor();
    if (shots) await bela.screenshot({ path: `${shots}/unread.png` });
    await bela.getByRole("button", { name: /24 new messages/ }).click();
    await bela.waitForFunction(() => {
      const box = document.querySelector(".divider.new")?.getBoundingClientRect();
      return box && box.top > 0 && box.bottom < innerHeight;
    });
    await bela.keyboard.press("Escape");
    await bela.locator(".unread-bar").waitFor({ state: "hidden" });
    await bela.locator(".divider.new").waitFor({ state: "detached" });
  });

  await step("he marks a message unread, to come back to it", async () => {
    await message(bela, "Note 23").focus();
    await bela.keyboard.press("Enter");
    await bela.getByRole("menuitem", { name: "Mark unread" }).click();
    await bela.locator(".unread-bar", { hasText: "2 new messages" }).waitFor();
    await rail(other).and(other.locator(".unread")).waitFor();
    await bela.getByRole("button", { name: new RegExp(`^${guild}: Guild menu`) }).click();
    await bela.getByRole("menuitem", { name: "Mark as read" }).click();
    await rail(other).and(other.locator(":not(.unread)")).waitFor();
  });
  await other.close();
}
