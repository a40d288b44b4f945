// Keeping order, and parting.

import { channel, message, say, shots, step } from "./stage.mjs";

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

  /** Opens what can be done with him. */
  const him = async (action) => {
    await ada.locator(".members .member", { hasText: "Béla" }).click();
    await ada.getByRole("dialog", { name: /Profile/ }).getByRole("button", { name: "More" }).click();
    await ada.getByRole("menuitem", { name: action, exact: true }).click();
  };
  const settings = async (tab) => {
    await ada.getByRole("button", { name: new RegExp(`^${guild}: Guild menu`) }).click();
    await ada.getByRole("menuitem", { name: "Guild settings" }).click();
    await ada.getByRole("tab", { name: tab }).click();
  };
  const comeBack = async () => {
    await bela.getByRole("button", { name: "Create or join a guild" }).click();
    const dialog = bela.getByRole("dialog");
    await dialog.getByLabel("Invite link or code").fill(invite);
    return dialog;
  };
  let invite = "";

  await step("she ends his time-out", async () => {
    await him("End time-out");
    await bela.getByText("You are timed out").waitFor({ state: "hidden" });
  });

  await step("an invite in a message is a card that says where it leads", async () => {
    await ada.getByRole("button", { name: new RegExp(`^${guild}: Guild menu`) }).click();
    await ada.getByRole("menuitem", { name: "Invite people" }).click();
    await ada.getByRole("dialog").getByLabel("Number of uses").selectOption({ label: "5" });
    await ada.waitForFunction(() => document.querySelector("#invite-link:not([aria-busy])")?.value.includes("/invite/"));
    invite = await ada.locator("#invite-link").inputValue();
    await ada.keyboard.press("Escape");
    await say(ada, `Come: ${invite}`);
    await message(bela, "Come:").locator(".invite-card", { hasText: guild }).getByRole("button", { name: "Open" }).waitFor();
    if (shots) await bela.screenshot({ path: `${shots}/invite-card.png` });
  });

  await step("she removes him with a reason, and he comes back by the invite", async () => {
    await him("Kick");
    await ada.getByRole("dialog").getByLabel("Reason").fill("Too loud");
    await ada.getByRole("dialog").getByRole("button", { name: "Kick" }).click();
    await bela.getByRole("button", { name: `${guild}: Guild menu` }).waitFor({ state: "detached" });
    const dialog = await comeBack();
    await dialog.locator(".invite-card", { hasText: guild }).getByText(/\d members?$/).waitFor();
    await dialog.getByRole("button", { name: "Join" }).click();
    await bela.getByRole("button", { name: new RegExp(`^${guild}: Guild menu`) }).waitFor();
  });

  await step("she bans him, finds him on the page of bans, and lets him back", async () => {
    await him("Ban");
    await ada.getByRole("dialog").getByLabel("Reason").fill("Still too loud");
    await ada.getByRole("dialog").getByRole("button", { name: "Ban" }).click();
    await bela.getByRole("button", { name: `${guild}: Guild menu` }).waitFor({ state: "detached" });
    const dialog = await comeBack();
    await dialog.getByRole("button", { name: "Join" }).click();
    await dialog.getByText(/banned/).waitFor();
    await bela.keyboard.press("Escape");
    await settings("Bans");
    await ada.locator(".entry", { hasText: "Still too loud" }).waitFor();
    if (shots) await ada.screenshot({ path: `${shots}/bans.png` });
    await ada.locator(".entry", { hasText: "Still too loud" }).getByRole("button", { name: /^Lift ban/ }).click();
    await ada.getByRole("dialog", { name: "Lift ban" }).getByRole("button", { name: "Lift ban" }).click();
    await ada.getByText("Nobody is banned.").waitFor();
  });

  await step("the audit log tells it all, by person and by deed", async () => {
    await ada.getByRole("tab", { name: "Audit log" }).click();
    await ada.locator(".entry", { hasText: "lifted the ban of" }).waitFor();
    await ada.getByLabel("What was done").selectOption({ label: "kicked" });
    await ada.locator(".entry", { hasText: "Too loud" }).waitFor();
    if ((await ada.locator(".tab-panel .entry").count()) !== 1) throw new Error("other deeds are shown too");
    await ada.getByLabel("What was done").selectOption({ label: "created the channel" });
    await ada.locator(".entry", { hasText: "workshop" }).getByText(/change/).first().click();
    await ada.locator(".entry details[open]", { hasText: "name: workshop" }).waitFor();
    if (shots) await ada.screenshot({ path: `${shots}/audit.png` });
    await ada.keyboard.press("Escape");
  });

  await step("an invite is counted, and gone when she revokes it", async () => {
    await (await comeBack()).getByRole("button", { name: "Join" }).click();
    await bela.getByRole("button", { name: new RegExp(`^${guild}: Guild menu`) }).waitFor();
    await settings("Invites");
    const code = invite.split("/").pop();
    const entry = ada.locator(".entry", { hasText: code });
    await entry.getByText("used 2 of 5 times").waitFor();
    if (shots) await ada.screenshot({ path: `${shots}/invites.png` });
    await entry.getByRole("button", { name: /^Revoke/ }).click();
    await entry.waitFor({ state: "detached" });
    await ada.keyboard.press("Escape");
    const stranger = await bela.context().newPage();
    await stranger.goto(invite);
    await stranger.getByText("This invite is not valid").waitFor();
    await stranger.close();
  });

  await step("he leaves the guild", async () => {
    await bela.getByRole("button", { name: `${guild}: Guild menu` }).click();
    await bela.getByRole("menuitem", { name: "Leave guild" }).click();
    await bela.getByRole("dialog").getByRole("button", { name: "Leave guild" }).click();
    await bela.waitForURL(/@me/);
    await ada.locator(".members .member", { hasText: "Béla" }).waitFor({ state: "detached" });
  });
}
