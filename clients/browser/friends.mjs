// Friends and direct messages.

import { message, say, stamp, step } from "./stage.mjs";

/** @param {import("./stage.mjs").Cast} cast */
export default async function ({ ada, bela }) {
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
}
