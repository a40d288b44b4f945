// Keeping order, and parting.

import { channel, step } from "./stage.mjs";

/** @param {import("./stage.mjs").Cast} cast */
export default async function ({ ada, bela, guild }) {
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
}
