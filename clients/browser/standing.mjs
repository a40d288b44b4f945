// How one stands: online, away, not to be disturbed, and what one says beside it.

import { shots, step } from "./stage.mjs";

/** @param {import("./stage.mjs").Cast} cast */
export default async function ({ ada, bela, guild }) {
  const her = bela.locator(".members .member", { hasText: "Ada" });

  await step("her status and her words reach him and her other window at once", async () => {
    await ada.getByRole("button", { name: new RegExp(`^${guild}`) }).first().click();
    await bela.getByRole("button", { name: new RegExp(`^${guild}`) }).first().click();
    const other = await ada.context().newPage();
    await other.goto(ada.url());
    await other.getByRole("button", { name: /Your status/ }).waitFor();
    await ada.bringToFront();
    await ada.getByRole("button", { name: /Your status/ }).click();
    await ada.getByRole("menuitemradio", { name: "Do not disturb" }).click();
    await her.locator(".dot.dnd").waitFor();
    await other.getByRole("button", { name: /Do not disturb: Your status/ }).waitFor();
    await ada.getByRole("button", { name: /Your status/ }).click();
    await ada.getByRole("menuitem", { name: "What is going on?" }).click();
    await ada.getByRole("dialog").getByRole("textbox").fill("Drawing maps");
    await ada.getByRole("dialog").getByRole("button", { name: "Save" }).click();
    await her.getByText("Drawing maps").waitFor();
    await other.getByText("Drawing maps").first().waitFor();
    if (shots) await bela.screenshot({ path: `${shots}/status.png` });
    await other.close();
  });

  await step("who is invisible looks offline, and it lasts beyond a reload", async () => {
    await ada.getByRole("button", { name: /Your status/ }).click();
    await ada.getByRole("menuitemradio", { name: "Invisible" }).click();
    await her.locator(".dot.offline").waitFor();
    await ada.reload();
    await ada.getByRole("button", { name: /Your status/ }).click();
    await ada.locator('[role=menuitemradio][aria-checked="true"]', { hasText: "Invisible" }).waitFor();
    await ada.getByRole("menuitemradio", { name: "Online" }).click();
    await her.locator(".dot.online").waitFor();
    await ada.getByRole("button", { name: /Your status/ }).click();
    await ada.getByRole("menuitem", { name: "Clear" }).click();
    await her.getByText("Drawing maps").waitFor({ state: "detached" });
  });
}
