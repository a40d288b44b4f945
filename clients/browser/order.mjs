// The order of channels and roles, what roles give and take, and who may do what in one channel.

import { channel, message, say, shots, step } from "./stage.mjs";

/** @param {import("./stage.mjs").Cast} cast */
export default async function ({ ada, bela, guild }) {
  const names = (page) => page.locator(".sidebar-body .row-link .row-name").allInnerTexts();
  const follow = async (page, wanted) => {
    const start = Date.now();
    for (let now = ""; now !== wanted; now = (await names(page)).join(" ")) {
      if (Date.now() - start > 8000) throw new Error(`wanted ${wanted}, but it is ${now}`);
      await page.waitForTimeout(50);
    }
  };
  const make = async (name) => {
    await ada.getByRole("button", { name: new RegExp(`^${guild}: Guild menu`) }).click();
    await ada.getByRole("menuitem", { name: "Create channel" }).click();
    await ada.getByRole("dialog").getByLabel("Name").fill(name);
    await ada.getByRole("dialog").getByRole("button", { name: "Create" }).click();
    await ada.getByRole("heading", { level: 1, name }).waitFor();
  };
  /** Drags with the pointer, as a hand does. */
  const drag = async (from, to, part) => {
    const [a, b] = [await from.boundingBox(), await to.boundingBox()];
    await ada.mouse.move(a.x + 60, a.y + a.height / 2);
    await ada.mouse.down();
    await ada.mouse.move(a.x + 64, a.y + a.height / 2 + 4);
    await ada.mouse.move(b.x + 60, b.y + b.height * part, { steps: 6 });
    if (shots) await ada.screenshot({ path: `${shots}/drag.png` });
    await ada.mouse.up();
  };
  const row = (page, name) => page.locator(".sidebar .row").filter({ has: page.getByText(name, { exact: true }) });
  const settings = async (tab) => {
    await ada.getByRole("button", { name: new RegExp(`^${guild}: Guild menu`) }).click();
    await ada.getByRole("menuitem", { name: "Guild settings" }).click();
    await ada.getByRole("tab", { name: tab }).click();
  };

  await step("she drags a channel before another, and he sees the new order", async () => {
    await ada.bringToFront();
    await ada.getByRole("button", { name: new RegExp(`^${guild}`) }).first().click();
    await bela.getByRole("button", { name: new RegExp(`^${guild}`) }).first().click();
    await make("archive");
    await follow(bela, "workshop archive general General");
    await drag(row(ada, "archive"), row(ada, "workshop"), 0.2);
    await follow(ada, "archive workshop general General");
    await follow(bela, "archive workshop general General");
  });

  await step("she drags it into a category, and moves it by keyboard and menu", async () => {
    await drag(row(ada, "archive"), ada.locator(".category", { hasText: "Text channels" }), 0.5);
    await follow(bela, "workshop general archive General");
    await row(ada, "archive").getByRole("link").focus();
    await ada.keyboard.press("Control+Shift+ArrowUp");
    await follow(bela, "workshop archive general General");
    await row(ada, "archive").click({ button: "right" });
    await ada.getByRole("menuitem", { name: "Move up" }).click();
    await follow(bela, "workshop archive general General");
    await ada.locator(".category", { hasText: "Voice channels" }).click({ button: "right" });
    await ada.getByRole("menuitem", { name: "Move up" }).click();
    await follow(bela, "workshop archive General general");
  });

  await step("an order that the server refuses is taken back", async () => {
    await ada.route("**/guilds/*/channels", (route) => (route.request().method() === "PATCH" ? route.fulfill({ status: 403, json: { code: 50013, message: "Missing Permissions" } }) : route.continue()));
    await follow(ada, "workshop archive General general");
    await ada.waitForTimeout(300); // the server's own word of the last move redraws the list
    await drag(row(ada, "archive"), row(ada, "general"), 0.9);
    await ada.getByText("It stays where it was. Missing Permissions").waitFor();
    await follow(ada, "workshop archive General general");
    await ada.unroute("**/guilds/*/channels");
  });

  await step("roles are dragged, give and take away", async () => {
    await settings("Roles");
    for (const name of ["Scribes", "Quiet"]) {
      await ada.getByRole("button", { name: "New role" }).click();
      await ada.waitForFunction(() => document.querySelector(".role-editor [name=name]")?.value === "new role");
      await ada.getByRole("dialog").getByRole("textbox", { name: "Name" }).fill(name);
      await ada.getByRole("dialog").getByRole("button", { name: "Save" }).click();
      await ada.locator(".role-column .row", { hasText: name }).waitFor();
    }
    await drag(ada.locator(".role-column .row", { hasText: "Quiet" }), ada.locator(".role-column .row").first(), 0.2);
    await ada.waitForFunction(() => document.querySelector(".role-column .row-name")?.textContent === "Quiet");
    const sending = ada.getByRole("group", { name: "Send messages", exact: true });
    await sending.getByLabel("Take away").check({ force: true });
    if (shots) await ada.screenshot({ path: `${shots}/role.png` });
    await ada.getByRole("dialog").getByRole("button", { name: "Save" }).click();
    await ada.getByText("Saved.").first().waitFor();
    await ada.keyboard.press("Escape");
    await ada.locator(".members .member", { hasText: "Béla" }).click();
    await ada.getByRole("dialog", { name: /Profile/ }).getByRole("button", { name: "More" }).click();
    await ada.getByRole("menuitem", { name: "Edit roles" }).click();
    await ada.getByRole("dialog").getByLabel("Quiet").check();
    await ada.getByRole("dialog").getByRole("button", { name: "Save" }).click();
    await channel(bela, "workshop").click();
    await bela.getByText("You may not write in this channel.").waitFor();
  });

  await step("in one channel he may write all the same", async () => {
    await channel(ada, "workshop").click();
    await row(ada, "workshop").getByRole("button", { name: /Channel settings/ }).click();
    await ada.getByRole("tab", { name: "Permissions" }).click();
    await ada.getByLabel("Add role or member").selectOption({ label: "Béla" });
    await ada.getByRole("group", { name: "Send messages", exact: true }).getByLabel("Allow").check({ force: true });
    if (shots) await ada.screenshot({ path: `${shots}/overwrites.png` });
    await ada.getByRole("dialog").getByRole("button", { name: "Save" }).click();
    await ada.getByText("Saved.").first().waitFor();
    await ada.keyboard.press("Escape");
    await say(bela, "My voice is back");
    await message(ada, "My voice is back").waitFor();
  });

  await step("who would lock themselves out is asked first", async () => {
    await settings("Roles");
    await ada.locator(".role-column .row-link", { hasText: "Scribes" }).click();
    await ada.getByRole("group", { name: "Manage roles", exact: true }).getByLabel("Grant").check({ force: true });
    await ada.getByRole("dialog").getByRole("button", { name: "Save" }).click();
    await ada.getByText("Saved.").first().waitFor();
    await ada.keyboard.press("Escape");
    await ada.locator(".members .member", { hasText: "Béla" }).click();
    await ada.getByRole("dialog", { name: /Profile/ }).getByRole("button", { name: "More" }).click();
    await ada.getByRole("menuitem", { name: "Edit roles" }).click();
    await ada.getByRole("dialog").getByLabel("Scribes").check();
    await ada.getByRole("dialog").getByLabel("Quiet").uncheck();
    await ada.getByRole("dialog").getByRole("button", { name: "Save" }).click();
    await bela.getByRole("button", { name: new RegExp(`^${guild}: Guild menu`) }).click();
    await bela.getByRole("menuitem", { name: "Guild settings" }).click();
    if (await bela.locator(".role-column .row", { hasText: "Quiet" }).getAttribute("draggable")) throw new Error("he could move a role above his own");
    await bela.locator(".role-column .row-link", { hasText: "Scribes" }).click();
    await bela.getByRole("group", { name: "Manage roles", exact: true }).getByLabel("Neither").check({ force: true });
    await bela.getByRole("dialog").getByRole("button", { name: "Save" }).click();
    const warning = bela.getByRole("dialog", { name: "You would lock yourself out" });
    await warning.getByText("Manage roles").waitFor();
    if (shots) await bela.screenshot({ path: `${shots}/lockout.png` });
    await warning.getByRole("button", { name: "Cancel" }).click();
    await warning.waitFor({ state: "detached" });
    if (await bela.getByText("Saved.").count()) throw new Error("it was saved all the same");
    await bela.keyboard.press("Escape");
  });
}
