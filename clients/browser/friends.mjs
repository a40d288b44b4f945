// Friends and direct messages.

import { composer, message, pages, person, register, say, shots, stamp, step } from "./stage.mjs";

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

  const cleo = await person("Cleo", { width: 1280, height: 800 });
  const row = (page, name) => page.locator(".sidebar .row", { hasText: name });
  const api = (page, method, path, body) => page.evaluate(([method, path, body]) => fetch(`/api/v10${path}`, { method, headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) }).then((answer) => answer.ok || answer.text()), [method, path, body]);

  await step("she starts a group with two friends and gives it a name", async () => {
    await cleo.goto("/register");
    await register(cleo, "Cleo");
    await cleo.waitForURL(/\/channels\/@me/);
    await api(cleo, "POST", "/users/@me/relationships", { username: `ada_${stamp}` });
    await ada.bringToFront();
    await ada.getByRole("button", { name: /^Friends and direct messages/ }).click();
    await ada.locator(".sidebar").getByRole("link", { name: "Friends" }).click();
    await ada.getByRole("tab", { name: /Pending/ }).click();
    await ada.getByRole("button", { name: /^Accept: Cleo/ }).click();
    await ada.getByRole("tab", { name: "All" }).click();
    await ada.locator(".friend", { hasText: "Cleo" }).waitFor();
    await ada.getByRole("button", { name: "New group" }).click();
    const dialog = ada.getByRole("dialog", { name: "New group" });
    await dialog.getByRole("checkbox", { name: /Béla/ }).check();
    await dialog.getByRole("checkbox", { name: /Cleo/ }).check();
    if (shots) await ada.screenshot({ path: `${shots}/group-new.png` });
    await dialog.getByRole("button", { name: "Create group" }).click();
    await ada.getByRole("heading", { name: /Béla, Cleo|Cleo, Béla/ }).first().waitFor();
    await ada.getByRole("button", { name: "Conversation menu" }).click();
    await ada.getByRole("menuitem", { name: "Rename group" }).click();
    await ada.getByRole("dialog").getByLabel("Name of the group").fill("Picnic");
    await ada.getByRole("dialog").getByRole("button", { name: "Save" }).click();
    await row(bela, "Picnic").waitFor();
    await say(ada, "Who brings the bread?");
    await row(cleo, "Picnic").and(cleo.locator(".unread")).waitFor();
    await row(cleo, "Picnic").locator("a").click();
    await message(cleo, "Who brings the bread?").waitFor();
    if (shots) await cleo.screenshot({ path: `${shots}/group.png` });
  });

  await step("she takes somebody out and brings them back, and another leaves", async () => {
    await ada.locator(".members .member", { hasText: "Béla" }).click();
    await ada.getByRole("dialog", { name: /Profile/ }).getByRole("button", { name: "More" }).click();
    await ada.getByRole("menuitem", { name: "Remove from the group" }).click();
    await ada.getByRole("dialog").getByRole("button", { name: "Remove from the group" }).click();
    await row(bela, "Picnic").waitFor({ state: "detached" });
    await cleo.locator(".members .member", { hasText: "Béla" }).waitFor({ state: "detached" });
    await ada.getByRole("button", { name: "Add people" }).click();
    await ada.getByRole("dialog").getByRole("checkbox", { name: /Béla/ }).check();
    await ada.getByRole("dialog").getByRole("button", { name: "Add", exact: true }).click();
    await row(bela, "Picnic").waitFor();
    await cleo.getByRole("button", { name: "Conversation menu" }).click();
    await cleo.getByRole("menuitem", { name: "Leave group" }).click();
    await cleo.getByRole("dialog").getByRole("button", { name: "Leave group" }).click();
    await row(cleo, "Picnic").waitFor({ state: "detached" });
    await ada.locator(".members .member", { hasText: "Cleo" }).waitFor({ state: "detached" });
  });

  await step("somebody who is blocked cannot write, and is heard again when that is over", async () => {
    await row(bela, "Ada").locator("a").click();
    await row(ada, "Béla").locator("a").click();
    await message(ada, "Between you and me").locator(".face").click();
    await ada.keyboard.press("Escape");
    const block = async (label) => {
      await ada.getByRole("heading", { name: "Béla" }).first().waitFor();
      await ada.locator(".sidebar").getByRole("link", { name: "Friends" }).click();
      await ada.getByRole("tab", { name: label === "Block" ? "All" : "Blocked" }).click();
      await ada.locator(".friend-face", { hasText: "Béla" }).click();
      await ada.getByRole("dialog", { name: /Profile/ }).getByRole("button", { name: "More" }).click();
      await ada.getByRole("menuitem", { name: label, exact: true }).click();
    };
    await block("Block");
    await ada.getByRole("tab", { name: "Blocked" }).click();
    await ada.locator(".friend", { hasText: "Béla" }).waitFor();
    await composer(bela).fill("Are you there?");
    await composer(bela).press("Enter");
    await message(bela, "Are you there?").getByText("Not sent.").waitFor();
    await ada.getByRole("button", { name: "Unblock" }).click();
    await ada.locator(".friend", { hasText: "Béla" }).waitFor({ state: "detached" });
    await message(bela, "Are you there?").getByRole("button", { name: "Try again" }).click();
    await row(ada, "Béla").and(ada.locator(".unread")).waitFor();
  });
  await cleo.context().close();
  pages.splice(pages.indexOf(cleo), 1);
}
