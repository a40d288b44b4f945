// Two people register, meet in a guild, and give it its shape.

import { LIMIT, base, browser, channel, password, register, stamp, step } from "./stage.mjs";

/** @param {import("./stage.mjs").Cast} cast */
export default async function ({ ada, bela, guild }) {
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
      await page.getByRole("button", { name: "Sign in", exact: true }).click();
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
}
